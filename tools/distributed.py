"""The training loop of lesson 5 in several processes, on one machine or on many: docs/scale.md.

torchrun --standalone --nproc-per-node=2 -m tools.distributed FOLDER [--epochs 6]

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

N_FACTORS = 50


def train(folder: Path, n_epochs: int) -> dict:
    """Train the dot model together with the other processes; the RMSE, and what each needed."""
    rank, n_processes = dist.get_rank(), dist.get_world_size()
    own, valid = load_part(folder / "train", rank, n_processes), load_part(folder / "valid")
    mean = own.ratings.mean()
    dist.all_reduce(mean)
    start, cpu_start = time.perf_counter(), time.process_time()
    model = DotProduct(own.n_users, own.n_movies, N_FACTORS, mean=mean.item() / n_processes, seed=0)
    together = DistributedDataParallel(model, gradient_as_bucket_view=True)
    # One step is computed from as many ratings as in one process, a part of them in each.
    batch_size = default_batch_size(len(own) * n_processes) // n_processes
    epochs = train_epochs(together, own, valid, n_epochs, batch_size=batch_size, seed=42 + rank)
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
    options = options.parse_args()
    dist.init_process_group("gloo")
    found = train(options.folder, options.epochs)
    if dist.get_rank() == 0:
        print(json.dumps(found))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
