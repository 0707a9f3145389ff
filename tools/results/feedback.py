"""The simulated world of lesson 12 over a grid of settings and ten seeds, for the sliders."""

import random
from itertools import product

import numpy as np

from collab_lib.lessons.bias_and_feedback_loops.panels import (
    ENTHUSIASTS,
    EXPLORATION,
    MEASURES,
    ZEAL,
    key,
)
from collab_lib.lessons.bias_and_feedback_loops.simulation import over_seeds
from collab_lib.lessons.bias_and_feedback_loops.world import RECOMMENDERS, World

SEEDS = range(10)
TWIN = 1.0  # the exploration of the random twin


def compute() -> dict:
    """Mean, min and max over the seeds in hundredths, from round 0 on, by settings and measure.

    Without enthusiasts their zeal makes no difference, so those worlds are run once.
    """
    runs = {}
    for recommender, share, zeal in product(RECOMMENDERS, ENTHUSIASTS, ZEAL):
        if share == 0 and zeal > ZEAL[0]:
            continue
        for exploration in (*EXPLORATION, TWIN):
            settings = (recommender, exploration, share, zeal)
            runs[key(*settings)] = _bands(*settings)
    return {"seeds": len(SEEDS), "runs": runs}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One random world of each recommender anew: (what, stored, recomputed, how far apart).

    Another processor may break a tie another way, and then a run goes another way from there: so
    the bands may differ by what another ten seeds would do to them.
    """
    checks = []
    for recommender in RECOMMENDERS:
        exploration = rng.choice((*EXPLORATION, TWIN))
        share, zeal = rng.choice(ENTHUSIASTS[1:]), rng.choice(ZEAL)
        name = key(recommender, exploration, share, zeal)
        again = _bands(recommender, exploration, share, zeal)
        for measure in MEASURES:
            for number in (1, 10, 20):
                stored, new = results["runs"][name][measure][number][0], again[measure][number][0]
                checks.append((f"{name} {measure} in round {number}", stored, new, 4))
    return checks


def _bands(recommender: str, exploration: float, share: float, zeal: int) -> dict[str, list]:
    world = World(recommender=recommender, exploration=exploration, enthusiasts=share, zeal=zeal)
    table = over_seeds(world, SEEDS)[list(MEASURES)]
    bands = table.groupby("round").agg(["mean", "min", "max"]).loc[0:]
    return {
        measure: [
            [None if np.isnan(value) else round(100 * value) for value in row]
            for row in bands[measure].to_numpy()
        ]
        for measure in MEASURES
    }
