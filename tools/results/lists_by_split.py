"""Lesson 10: four kinds of lists on two ways to split, since a random split isn't what a site has.

The dot model, the most rated films, also liked and EASE on the splits "random" and "last" of both
editions. About twenty seconds.
"""

import random

import torch

from collab_lib import (
    DotProduct,
    Ratings,
    load_collab,
    ndcg,
    precision,
    top_lists,
    train_model,
)
from collab_lib.neighbours import also_liked
from collab_lib.ranking import ease
from tools.editions import BUNDLED, for_each_edition

SPLIT_SEED = 42
WAYS = ("random", "last")


def compute() -> dict:
    """By edition and way to split: precision@10 and nDCG@10 of each kind of list."""
    editions = for_each_edition("lists_by_split", _edition)
    return {"split_seed": SPLIT_SEED, "editions": editions}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One split of the bundled edition once more: (what, stored, recomputed, allowed)."""
    by = rng.choice(WAYS)
    again = _lists(Ratings.from_frame(load_collab(BUNDLED)), by)
    return [
        (f"{name} by {by}: {measure}", stored, again[name][measure], 0.004)
        for name, row in results["editions"][BUNDLED]["splits"][by].items()
        for measure, stored in row.items()
    ]


def _edition(source: str) -> dict:
    ratings = Ratings.from_frame(load_collab(source))
    return {"n_ratings": len(ratings), "splits": {by: _lists(ratings, by) for by in WAYS}}


def _lists(ratings: Ratings, by: str) -> dict[str, dict[str, float]]:
    train, valid = ratings.split(valid=0.2, by=by, seed=SPLIT_SEED)
    mean = train.ratings.mean().item()
    dot = DotProduct(train.n_users, train.n_movies, 50, mean=mean, seed=0)
    train_model(dot, train, valid)
    with torch.no_grad():
        predicted = dot.user_factors @ dot.movie_factors.T + dot.movie_biases
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies).float()
    kinds = {
        "predicted rating": predicted,
        "most rated": counts.expand_as(predicted),
        "also liked": also_liked(train),
        "EASE": ease(train),
    }
    lists = {name: top_lists(table, train) for name, table in kinds.items()}
    return {
        name: {
            "precision@10": round(precision(table, valid), 4),
            "nDCG@10": round(ndcg(table, valid), 4),
        }
        for name, table in lists.items()
    }
