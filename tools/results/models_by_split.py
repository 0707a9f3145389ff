"""Lesson 9: does the gain of the best models hold on the other three ways to split?

Both biases, the dot model, dot models with neighbours and Bayes on the splits "random", "last",
"new-users" and "time" of both editions. About two minutes.
"""

import random

from collab_lib import (
    BayesianMF,
    DotProduct,
    Ratings,
    load_collab,
    predict,
    regularised_biases,
    rmse,
    train_model,
)
from collab_lib.neighbours import ItemNeighbours
from tools.editions import BUNDLED, for_each_edition

SPLIT_SEED = 42
WAYS = ("random", "last", "new-users", "time")
N_SWEEPS = 100


def compute() -> dict:
    """By edition and way to split: the RMSE (stars) of each model."""
    editions = for_each_edition("models_by_split", _edition)
    return {"split_seed": SPLIT_SEED, "n_sweeps": N_SWEEPS, "editions": editions}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One split of the bundled edition once more: (what, stored, recomputed, allowed)."""
    by = rng.choice(WAYS)
    again = _rmses(Ratings.from_frame(load_collab(BUNDLED)), by)
    return [
        (f"{name} by {by}", stored, again[name], 0.006)
        for name, stored in results["editions"][BUNDLED]["splits"][by].items()
    ]


def _edition(source: str) -> dict:
    ratings = Ratings.from_frame(load_collab(source))
    return {"n_ratings": len(ratings), "splits": {by: _rmses(ratings, by) for by in WAYS}}


def _rmses(ratings: Ratings, by: str) -> dict[str, float]:
    train, valid = ratings.split(valid=0.2, by=by, seed=SPLIT_SEED)
    mean = train.ratings.mean().item()
    dot = DotProduct(train.n_users, train.n_movies, 50, mean=mean, seed=0)
    train_model(dot, train, valid)
    models = {
        "both biases": regularised_biases(train),
        "dot model": dot,
        "dot model, and neighbours": ItemNeighbours.fit(dot, train),
        "Bayes": BayesianMF(n_sweeps=N_SWEEPS, progress=False).fit(train),
    }
    return {
        name: round(rmse(predict(model, valid.indices), valid.ratings), 4)
        for name, model in models.items()
    }
