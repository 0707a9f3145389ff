"""The training loop of lesson 5 in several processes, on one machine or on many: docs/scale.md.

torchrun --standalone --nproc-per-node=2 -m tools.distributed FOLDER [--epochs 6] [--factors 50]

FOLDER is what `tools.parts` writes. Each process holds a part of the train ratings and the whole
model. After each batch the gradients of all are averaged, so that all take the same step. Prints a
line of JSON, and writes the model's numbers to FOLDER/model.npz.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from collab_lib import DotProduct
from collab_lib.training import default_batch_size, train_epochs
from tools.benchmarks.workers import peak_mb
from tools.parts import load_part


def weight_decay_for(n_ratings: int) -> float:
    """The weight decay that keeps the pull on a user as strong as it is in the lessons.

    The loss is a mean over the ratings, so the more there are, the less each user's weigh in it,
    and the same decay is worth more imaginary ratings (lesson 6). Up to the 80,000 of the lessons
    it is the default of `train_model`; from there on decay times ratings stays the same.
    """
    return min(3e-4, 3e-4 * 80_000 / n_ratings)


def train(folder: Path, n_epochs: int, n_factors: int) -> dict:
    """Train the dot model together with the other processes; the RMSE, and what each needed."""
    rank, n_processes = dist.get_rank(), dist.get_world_size()
    own, valid = load_part(folder / "train", rank, n_processes), load_part(folder / "valid")
    mean = own.ratings.mean()
    dist.all_reduce(mean)
    start, cpu_start = time.perf_counter(), time.process_time()
    model = DotProduct(own.n_users, own.n_movies, n_factors, mean=mean.item() / n_processes, seed=0)
    together = DistributedDataParallel(model, gradient_as_bucket_view=True)
    # One step is computed from as many ratings as in one process, a part of them in each.
    n_ratings = len(own) * n_processes
    epochs = train_epochs(
        together,
        own,
        valid,
        n_epochs,
        weight_decay=weight_decay_for(n_ratings),
        batch_size=default_batch_size(n_ratings) // n_processes,
        seed=42 + rank,
    )
    found = {"processes": n_processes, "rmse": [epoch.valid_rmse for epoch in epochs]}
    if rank == 0:
        np.savez(folder / "model.npz", **{k: v.numpy() for k, v in model.state_dict().items()})
    cost = [time.perf_counter() - start, time.process_time() - cpu_start, peak_mb()]
    costs = [torch.zeros(3) for _ in range(n_processes)]
    dist.all_gather(costs, torch.tensor(cost))
    seconds, cpu_seconds, peaks = torch.stack(costs).T.tolist()
    return found | {"seconds": max(seconds), "cpu_seconds": cpu_seconds, "peak_mb": peaks}


def main() -> None:
    options = argparse.ArgumentParser(prog="torchrun -m tools.distributed")
    options.add_argument("folder", type=Path)
    options.add_argument("--epochs", type=int, default=6)
    options.add_argument("--factors", type=int, default=50)
    options = options.parse_args()
    dist.init_process_group("gloo")
    found = train(options.folder, options.epochs, options.factors)
    if dist.get_rank() == 0:
        print(json.dumps(found))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
