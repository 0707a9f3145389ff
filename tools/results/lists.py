"""Lesson 10: every kind of list of the course on three splits of each edition at hand.

Half a minute.
"""

import random
import time

from collab_lib import Ratings, coverage, load_collab, ndcg, precision, recall, top_lists
from collab_lib.course_models import LISTS
from tools.editions import BUNDLED, for_each_edition

SPLIT_SEEDS = (42, 43, 44)


def compute() -> dict:
    """Per edition, for each kind of list: its measures and CPU seconds by split."""
    editions = for_each_edition("lists", _edition)
    return {"split_seeds": list(SPLIT_SEEDS), "editions": editions}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One kind of list of the bundled edition once more: (what, stored, recomputed, allowed)."""
    name, seed = rng.choice(list(LISTS)), rng.choice(SPLIT_SEEDS)
    again = _measures(name, *Ratings.from_frame(load_collab(BUNDLED)).split(seed=seed))
    stored = results["editions"][BUNDLED]["models"][name]
    return [
        (f"{name}, split {seed}: {measure}", row[SPLIT_SEEDS.index(seed)], again[measure], 0.006)
        for measure, row in stored.items()
        if measure != "cpu_seconds"
    ]


def _edition(source: str) -> dict:
    ratings = Ratings.from_frame(load_collab(source))
    found = {name: [] for name in LISTS}
    for seed in SPLIT_SEEDS:
        train, valid = ratings.split(seed=seed)
        for name, rows in found.items():
            rows.append(_measures(name, train, valid))
    models = {
        name: {measure: [row[measure] for row in rows] for measure in rows[0]}
        for name, rows in found.items()
    }
    return {"n_ratings": len(ratings), "models": models}


def _measures(name: str, train: Ratings, valid: Ratings) -> dict[str, float]:
    start = time.process_time()
    scores = LISTS[name](train)
    seconds = time.process_time() - start
    lists = top_lists(scores, train)
    return {
        "nDCG@10": round(ndcg(lists, valid), 4),
        "recall@10": round(recall(lists, valid), 4),
        "precision@10": round(precision(lists, valid), 4),
        "coverage": round(coverage(lists, train.n_movies), 4),
        "cpu_seconds": round(seconds, 2),
    }
