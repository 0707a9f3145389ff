"""Lesson 6: the dot model for many weight decays, widths and seeds, watched epoch by epoch."""

import random
from itertools import product

import torch

from collab_lib import Ratings, evaluate, load_collab, regularised_biases
from collab_lib.lessons.weight_decay.overfitting import watch_training

SPLIT_SEED = 42
SEEDS = (0, 1, 2)
N_FACTORS = (5, 20, 50, 100)
WEIGHT_DECAYS = (0, 1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 3e-3, 1e-2)
N_EPOCHS = 12


def compute() -> dict:
    """Every combination on one split of the bundled edition: RMSEs in stars, sizes of weights."""
    # On a machine that does other things too, two threads spend their time waiting for each other.
    torch.set_num_threads(1)
    train, valid = _split()
    return {
        "split_seed": SPLIT_SEED,
        "baseline_rmse": round(evaluate(regularised_biases(train), valid).rmse, 4),
        "n_epochs": N_EPOCHS,
        "runs": [
            {
                "n_factors": k,
                "weight_decay": decay,
                "seed": seed,
                **_run(train, valid, k, decay, seed),
            }
            for k, decay, seed in product(N_FACTORS, WEIGHT_DECAYS, SEEDS)
        ],
    }


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """Two random runs once more: (what, stored, recomputed, how far they may lie apart)."""
    train, valid = _split()
    checks = []
    for run in rng.sample(results["runs"], 2):
        name = f"n_factors={run['n_factors']} weight_decay={run['weight_decay']} seed={run['seed']}"
        again = _run(train, valid, run["n_factors"], run["weight_decay"], run["seed"])
        for key, band in (("train_rmse", 0.01), ("valid_rmse", 0.01), ("size", 0.03)):
            for epoch in (0, N_EPOCHS // 2, N_EPOCHS - 1):
                stored, new = run[key][epoch], again[key][epoch]
                allowed = band * stored if key == "size" else band
                checks.append((f"{name} {key} after epoch {epoch + 1}", stored, new, allowed))
    return checks


def _split():
    return Ratings.from_frame(load_collab("ml-latest-small-2016")).split(seed=SPLIT_SEED)


def _run(train: Ratings, valid: Ratings, n_factors: int, decay: float, seed: int) -> dict:
    moments = list(watch_training(train, valid, n_factors, decay, N_EPOCHS, seed))
    return {
        "train_rmse": [round(moment.train_rmse, 4) for moment in moments],
        "valid_rmse": [round(moment.valid_rmse, 4) for moment in moments],
        "size": [round(moment.size, 1) for moment in moments],
    }
