"""Lesson 6: the dot model for many weight decays, widths and seeds, watched epoch by epoch.

And the contest of Adam's two decays: L2 in Adam and AdamW, each with many weight decays, each with
the biases decayed as well or spared; and its control, in which only some of the biases are spared.
About ten minutes.
"""

import random
from itertools import product

import torch

from collab_lib import (
    DotProduct,
    Ratings,
    evaluate,
    load_collab,
    regularised_biases,
    train_model,
)
from collab_lib.lessons.weight_decay.overfitting import sparing_biases, watch_training
from collab_lib.repeatable import one_thread

SPLIT_SEED = 42
SEEDS = (0, 1, 2)
N_FACTORS = (5, 20, 50, 100)
WEIGHT_DECAYS = (0, 1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 3e-3, 1e-2)
N_EPOCHS = 12
OPTIMIZERS = {
    "L2 in Adam": (torch.optim.Adam, (3e-5, 1e-4, 2e-4, 3e-4, 5e-4, 7e-4, 1e-3)),
    "AdamW": (torch.optim.AdamW, (0.1, 0.3, 0.5, 1, 1.5, 2, 3)),
}
WELL_KNOWN = 100  # ratings of a movie in the train part
RARE = 4  # or fewer, but one at least
# By how many axes they have: see `sparing_biases`.
SPARED = {"none": (), "shared": (0,), "users and movies": (1,), "all": (0, 1)}
CONTROLS = (("L2 in Adam", 3e-4, ("none", "all")), ("AdamW", 1, tuple(SPARED)))


def compute() -> dict:
    """Every combination on one split of the bundled edition: RMSEs in stars, sizes of weights."""
    train, valid = _split()
    with one_thread():
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
            "contest": contest(train, valid),
            "which_biases": which_biases(train, valid),
        }


def contest(train: Ratings, valid: Ratings) -> list[dict]:
    """Every optimizer, with the biases decayed and spared, for each of its decays and each seed."""
    settings = [
        {"optimizer": name, "biases_decayed": decayed, "weight_decay": decay, "seed": seed}
        for name, (_, decays) in OPTIMIZERS.items()
        for decayed, decay, seed in product((True, False), decays, SEEDS)
    ]
    return [{**setting, **_compete(train, valid, **setting)} for setting in settings]


def which_biases(train: Ratings, valid: Ratings) -> list[dict]:
    """The two decays of the lesson, with these biases spared or those, for each seed."""
    settings = [
        {"optimizer": name, "weight_decay": decay, "spared": spared, "seed": seed}
        for name, decay, choices in CONTROLS
        for spared, seed in product(choices, SEEDS)
    ]
    return [{**setting, **_control(train, valid, **setting)} for setting in settings]


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """Two random runs of each once more: (what, stored, recomputed, how far they may lie apart)."""
    train, valid = _split()
    checks = []
    for run in rng.sample(results["runs"], 2):
        name = f"n_factors={run['n_factors']} weight_decay={run['weight_decay']} seed={run['seed']}"
        with one_thread():
            again = _run(train, valid, run["n_factors"], run["weight_decay"], run["seed"])
        for key, band in (("train_rmse", 0.01), ("valid_rmse", 0.01), ("size", 0.03)):
            for epoch in (0, N_EPOCHS // 2, N_EPOCHS - 1):
                stored, new = run[key][epoch], again[key][epoch]
                allowed = band * stored if key == "size" else band
                checks.append((f"{name} {key} after epoch {epoch + 1}", stored, new, allowed))
    for stored in rng.sample(results["contest"], 2):
        keys = ("optimizer", "biases_decayed", "weight_decay", "seed")
        setting = {key: stored[key] for key in keys}
        with one_thread():
            again = _compete(train, valid, **setting)
        checks += [(f"{setting} {key}", stored[key], again[key], 0.03) for key in again]
    stored = rng.choice(results["which_biases"])
    setting = {key: stored[key] for key in ("optimizer", "weight_decay", "spared", "seed")}
    with one_thread():
        again = _control(train, valid, **setting)
    return checks + [(f"{setting} {key}", stored[key], again[key], 0.03) for key in again]


def _split():
    return Ratings.from_frame(load_collab("ml-latest-small-2016")).split(seed=SPLIT_SEED)


def _run(train: Ratings, valid: Ratings, n_factors: int, decay: float, seed: int) -> dict:
    moments = list(watch_training(train, valid, n_factors, decay, N_EPOCHS, seed))
    return {
        "train_rmse": [round(moment.train_rmse, 4) for moment in moments],
        "valid_rmse": [round(moment.valid_rmse, 4) for moment in moments],
        "size": [round(moment.size, 1) for moment in moments],
    }


def _compete(
    train: Ratings,
    valid: Ratings,
    optimizer: str,
    biases_decayed: bool,
    weight_decay: float,
    seed: int,
) -> dict:
    """One training of six epochs: valid RMSE, and how large it leaves vectors and biases."""
    spared = SPARED["none" if biases_decayed else "all"]
    model, valid_rmse = _trained(train, valid, optimizer, weight_decay, spared, seed)
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    lengths, known = model.movie_factors.detach().norm(dim=1), counts >= WELL_KNOWN
    return {
        "valid_rmse": valid_rmse,
        "length_one_rating": round(lengths[counts == 1].mean().item(), 3),
        "length_well_known": round(lengths[known].mean().item(), 3),
        "spread_of_biases": round(model.movie_biases.detach()[known].std().item(), 3),
    }


def _control(
    train: Ratings, valid: Ratings, optimizer: str, weight_decay: float, spared: str, seed: int
) -> dict:
    """One training of six epochs: valid RMSE, and how far it leaves the movies' biases spread."""
    model, valid_rmse = _trained(train, valid, optimizer, weight_decay, SPARED[spared], seed)
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    biases = model.movie_biases.detach()
    known, rare = counts >= WELL_KNOWN, (counts >= 1) & (counts <= RARE)
    return {
        "valid_rmse": valid_rmse,
        "spread_of_biases": round(biases[known].std().item(), 3),
        "spread_of_rare_biases": round(biases[rare].std().item(), 3),
    }


def _trained(
    train: Ratings,
    valid: Ratings,
    optimizer: str,
    weight_decay: float,
    spared: tuple[int, ...],
    seed: int,
) -> tuple[DotProduct, float]:
    mean = train.ratings.mean().item()
    model = DotProduct(train.n_users, train.n_movies, 50, mean=mean, seed=seed)
    made = sparing_biases(OPTIMIZERS[optimizer][0], spared)
    settings = {"weight_decay": weight_decay, "seed": seed, "optimizer": made}
    history = train_model(model, train, valid, **settings)
    return model, round(history[-1].valid_rmse, 4)
