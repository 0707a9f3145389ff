"""Two processes train as one does that sees both parts of the ratings: tools/distributed.py."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from collab_lib import DotProduct, Ratings, train_model
from collab_lib.training import default_batch_size
from tools.benchmarks import scaling
from tools.benchmarks.workers import ROOT
from tools.parts import load_part, store

N_EPOCHS, N_FACTORS = 2, 50


@dataclass(frozen=True)
class TwoParts(Ratings):
    """The first part as `Ratings`, whose batches go through a second one at the same time."""

    second: Ratings

    def batches(self, batch_size, generator):
        # The second process starts with the next seed, and goes on from there in later epochs.
        other = self.second.__dict__.setdefault("drawn", torch.Generator().manual_seed(43))
        first = super().batches(batch_size, generator)
        for batches in zip(first, self.second.batches(batch_size, other), strict=True):
            indices, ratings = zip(*batches, strict=True)
            yield torch.cat(indices), torch.cat(ratings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """20,000 ratings of a known world, stored: 18,001 to train, which two can't share evenly."""
    made, _ = scaling.with_tastes(scaling.synthetic(20_001, n_users=300, n_movies=200))
    folder = tmp_path_factory.mktemp("ratings")
    for name, part in zip(("train", "valid"), made.split(valid=0.1, seed=1), strict=True):
        store(part, folder / name)
    return folder


def run(folder: Path, n_processes: int) -> tuple[dict, dict[str, np.ndarray]]:
    """What `torchrun` prints, and the numbers of the model that it wrote."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={n_processes}", "-m", "tools.distributed", str(folder)]
    done = subprocess.run(
        [*command, f"--epochs={N_EPOCHS}", f"--factors={N_FACTORS}"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    with np.load(folder / "model.npz", allow_pickle=False) as numbers:
        return json.loads(done.stdout.splitlines()[-1]), dict(numbers)


def trained_here(train: Ratings, folder: Path, mean: float, batch_size: int):
    """The RMSE after each epoch and the numbers of a model that one process trains here."""
    model = DotProduct(train.n_users, train.n_movies, N_FACTORS, mean=mean, seed=0)
    valid = load_part(folder / "valid")
    history = train_model(model, train, valid, N_EPOCHS, batch_size=batch_size)
    numbers = {name: number.numpy() for name, number in model.state_dict().items()}
    return [epoch.valid_rmse for epoch in history], numbers


def test_one_process_is_the_loop_of_the_lessons(folder):
    found, numbers = run(folder, 1)
    train = load_part(folder / "train")
    rmses, expected = trained_here(train, folder, train.ratings.mean().item(), batch_size=1024)
    assert found["rmse"] == pytest.approx(rmses, abs=1e-6)
    assert all(numbers[name] == pytest.approx(expected[name], abs=1e-5) for name in expected)


def test_two_processes_train_as_one_that_has_both_parts(folder):
    found, numbers = run(folder, 2)
    assert found["processes"] == 2 == len(found["cpu_seconds"]) == len(found["peak_mb"])

    first, second = (load_part(folder / "train", rank, 2) for rank in (0, 1))
    both = TwoParts(**first.__dict__, second=second)
    mean = torch.cat([first.ratings, second.ratings]).mean().item()
    rmses, expected = trained_here(both, folder, mean, batch_size=512)
    assert found["rmse"] == pytest.approx(rmses, abs=1e-4)
    assert all(numbers[name] == pytest.approx(expected[name], abs=2e-3) for name in expected)

    # A process that hears nothing of the other is far from that: the tolerance says something.
    alone, _ = trained_here(first, folder, mean, batch_size=512)
    assert abs(alone[-1] - rmses[-1]) > 0.003


def test_the_parts_are_equal_and_disjoint_and_hold_all_but_a_few(folder):
    whole = load_part(folder / "train")
    assert len(whole) == 18_001
    parts = [load_part(folder / "train", rank, 4) for rank in range(4)]
    assert [len(part) for part in parts] == [4_500] * 4
    for name in ("indices", "ratings", "timestamps"):
        together = torch.cat([getattr(part, name) for part in parts])
        assert together.equal(getattr(whole, name)[:18_000])
    assert all((part.user_ids == whole.user_ids).all() for part in parts)
    assert default_batch_size(4 * len(parts[0])) == 1024
    with pytest.raises(ValueError, match="fewer ratings than there are processes"):
        load_part(folder / "train", 0, 20_000)


def test_an_edition_is_stored_as_the_lessons_split_it(tmp_path, ratings):
    command = [sys.executable, "-m", "tools.parts", "ml-latest-small-2016", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    for name, part in zip(("train", "valid"), ratings.split(seed=42), strict=True):
        stored = load_part(tmp_path / name)
        assert stored.indices.equal(part.indices) and stored.ratings.equal(part.ratings)
        assert (stored.titles == part.titles).all()
