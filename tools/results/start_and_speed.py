"""Lesson 8: does the network learn from its start, from slower layers, or from both together?

Two starts by two speeds of the layers, trained for 6, 12 and 20 epochs on the three splits of the
scoreboard (bundled edition), each with its own random numbers; beside them the dot model. Twice:
with the same settings for all, and with the learning rate and the weight decay that were best for
each inside the training data. And what dropout does to the network of the lesson, with its weight
decay and with a tenth of it. About ten minutes.
"""

import random
from collections.abc import Iterator
from itertools import product

import torch

from collab_lib import CollabNN, DotProduct, Ratings, load_collab, train_model
from collab_lib.training import slower_layers

SPLIT_SEEDS = (42, 43, 44)
N_EPOCHS = (6, 12, 20)
STARTS = ("random", "agreement")
SPEEDS = (1.0, 0.1)  # the learning rate of the layers as a share of that of the tables
SIZES = {"n_user_factors": 72, "n_movie_factors": 103, "n_act": 100}
SAME = {"lr": 0.01, "weight_decay": 2e-3}
GRIDS = {
    "network": {"lr": (0.003, 0.01), "weight_decay": (1e-3, 2e-3, 4e-3)},
    "dot model": {"lr": (0.0075, 0.015), "weight_decay": (2e-4, 3e-4, 5e-4)},
}
# Dropout on the start and the speed that win; without it, the lesson's decay is in the runs above.
WINNER = {"start": "agreement", "speed": 0.1, "n_epochs": 6, "lr": SAME["lr"]}
DROPOUT = ((0.3, SAME["weight_decay"]), (0.0, 2e-4), (0.3, 2e-4))  # share, weight decay


def compute() -> dict:
    """Every run's valid RMSE (stars), and every setting that was tried inside the training data."""
    torch.set_num_threads(1)
    ratings = Ratings.from_frame(load_collab("ml-latest-small-2016"))
    tried = list(_tried(ratings))
    runs = []
    for n_epochs, split_seed in product(N_EPOCHS, SPLIT_SEEDS):
        train, valid = ratings.split(seed=split_seed)
        for cell in _cells():
            best = _best(tried, cell, n_epochs)
            same = SAME if cell["start"] else best
            known = {}
            for settings, how in (("same", same), ("chosen", best)):
                if (how["lr"], how["weight_decay"]) not in known:
                    known[how["lr"], how["weight_decay"]] = _rmse(
                        train, valid, **cell, **how, n_epochs=n_epochs, seed=split_seed
                    )
                value = known[how["lr"], how["weight_decay"]]
                runs.append(
                    {**cell, "n_epochs": n_epochs, "split": split_seed, "settings": settings}
                    | {**how, "rmse": value}
                )
    return {
        "split_seeds": list(SPLIT_SEEDS),
        "runs": runs,
        "tried_inside_train": tried,
        "dropout": list(_with_dropout(ratings)),
    }


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One random short run once more: (what, stored, recomputed, how far they may lie apart)."""
    short = [run for run in results["runs"] if run["n_epochs"] == min(N_EPOCHS)]
    run = rng.choice(short + results["dropout"])
    ratings = Ratings.from_frame(load_collab("ml-latest-small-2016"))
    train, valid = ratings.split(seed=run["split"])
    names = ("start", "speed", "lr", "weight_decay", "n_epochs")
    how = {name: run[name] for name in names} | {"dropout": run.get("dropout", 0.0)}
    again = _rmse(train, valid, **how, seed=run["split"])
    what = f"{run['start'] or 'dot model'}, speed {run['speed']}, dropout {how['dropout']}"
    return [(what, run["rmse"], again, 0.004)]


def _cells() -> Iterator[dict]:
    for start, speed in product(STARTS, SPEEDS):
        yield {"start": start, "speed": speed}
    yield {"start": None, "speed": None}  # the dot model


def _tried(ratings: Ratings) -> Iterator[dict]:
    """Settings for 6 and for 12 epochs, scored on a fifth of split 42's training ratings."""
    inner, held_out = ratings.split(seed=SPLIT_SEEDS[0])[0].split(seed=SPLIT_SEEDS[0])
    for n_epochs, cell in product(N_EPOCHS[:2], list(_cells())):
        grid = GRIDS["network" if cell["start"] else "dot model"]
        for lr, weight_decay in product(grid["lr"], grid["weight_decay"]):
            how = {"lr": lr, "weight_decay": weight_decay, "n_epochs": n_epochs}
            value = _rmse(inner, held_out, **cell, **how, seed=SPLIT_SEEDS[0])
            yield {**cell, **how, "rmse": value}


def _with_dropout(ratings: Ratings) -> Iterator[dict]:
    """Whether dropout helps, and whether it helps where weight decay doesn't."""
    for split_seed, (dropout, weight_decay) in product(SPLIT_SEEDS, DROPOUT):
        train, valid = ratings.split(seed=split_seed)
        how = WINNER | {"weight_decay": weight_decay, "dropout": dropout}
        yield {**how, "split": split_seed, "rmse": _rmse(train, valid, **how, seed=split_seed)}


def _best(tried: list[dict], cell: dict, n_epochs: int) -> dict:
    """The settings that were best for as many epochs; for 20 epochs those of 12 are taken."""
    n_epochs = min(n_epochs, N_EPOCHS[1])
    rows = [t for t in tried if t["start"] == cell["start"] and t["speed"] == cell["speed"]]
    best = min((t for t in rows if t["n_epochs"] == n_epochs), key=lambda t: t["rmse"])
    return {"lr": best["lr"], "weight_decay": best["weight_decay"]}


def _rmse(
    train: Ratings,
    valid: Ratings,
    start: str | None,
    speed: float | None,
    lr: float,
    weight_decay: float,
    n_epochs: int,
    seed: int,
    dropout: float = 0.0,
) -> float:
    """The valid RMSE after the last epoch; without a start, that of the dot model."""
    sizes = {"n_users": train.n_users, "n_movies": train.n_movies}
    how = {"mean": train.ratings.mean().item(), "seed": seed}
    settings = {"n_epochs": n_epochs, "lr": lr, "weight_decay": weight_decay, "seed": seed}
    if start is None:
        model = DotProduct(**sizes, n_factors=50, **how)
    else:
        model = CollabNN(**sizes, **SIZES, **how, start=start, dropout=dropout)
        settings["optimizer"] = slower_layers(model, share=speed)
    return round(train_model(model, train, valid, **settings)[-1].valid_rmse, 4)
