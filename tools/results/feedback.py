"""The simulated world of lesson 8 over a grid of settings and ten seeds, for the sliders."""

from itertools import product

import numpy as np

from collab_lib.feedback import RECOMMENDERS, World, over_seeds
from collab_lib.panels.feedback_loops import ENTHUSIASTS, EXPLORATION, MEASURES, ZEAL, key

SEEDS = range(10)


def compute() -> dict:
    """Mean, min and max over the seeds in hundredths, from round 0 on, by measure and by settings.

    Exploration 1 is the random twin. Without enthusiasts their zeal makes no difference.
    """
    runs = {}
    for recommender, share, zeal in product(RECOMMENDERS, ENTHUSIASTS, ZEAL):
        if share == 0 and zeal > 1:
            continue
        for exploration in (*EXPLORATION, 1.0):
            world = World(
                recommender=recommender, exploration=exploration, enthusiasts=share, zeal=zeal
            )
            table = over_seeds(world, SEEDS)[list(MEASURES)]
            bands = table.groupby("round").agg(["mean", "min", "max"]).loc[0:]
            runs[key(recommender, exploration, share, zeal)] = {
                measure: [
                    [None if np.isnan(v) else round(100 * v) for v in row]
                    for row in bands[measure].to_numpy()
                ]
                for measure in MEASURES
            }
    return {"seeds": len(SEEDS), "runs": runs}
