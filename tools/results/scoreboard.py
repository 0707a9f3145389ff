"""Lesson 9: every model of the course on three splits of each edition at hand.

About five minutes.
"""

import random
import time

import torch

from collab_lib import Ratings, load_collab, load_movies, mae, predict, rmse
from collab_lib.bayes import genres_and_year
from collab_lib.course_models import MODELS, best_model
from collab_lib.neighbours import ItemNeighbours
from tools.editions import editions_at_hand, for_each_edition

SPLIT_SEEDS = (42, 43, 44)
# A row that knows more than the ratings.
METADATA = "best model, genres and year"
# A row that no site could have: see `with_the_clock`.
CLOCK = "best model and the clock"
SITTING_SECONDS, SITTING_DAMPING = 300.0, 3.0


def compute() -> dict:
    """Per edition: how many ratings, and for each model RMSE, MAE (stars), CPU seconds a split."""
    editions = for_each_edition("scoreboard", _edition)
    return {"split_seeds": list(SPLIT_SEEDS), "editions": editions}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """Two random models once more: (what, stored, recomputed, how far they may lie apart)."""
    checks = []
    for edition, source in editions_at_hand().items():
        seed, name = rng.choice(SPLIT_SEEDS), rng.choice(list(MODELS))
        stored = results["editions"][edition]["models"][name]["rmse"][SPLIT_SEEDS.index(seed)]
        train, valid = Ratings.from_frame(load_collab(source)).split(seed=seed)
        again = rmse(predict(MODELS[name](train, valid), valid.indices), valid.ratings)
        untrained = name.endswith("mean") or name == "both biases"
        allowed = 0.0002 if untrained else 0.004
        checks.append((f"{name} on {edition}, split {seed}", stored, again, allowed))
    return checks


def with_the_clock(best: ItemNeighbours, train: Ratings, valid: Ratings) -> torch.Tensor:
    """The best model's predictions for valid, corrected by what the user rated minutes apart.

        + Σ_j w_j e_uj / (Σ_j w_j + 3), w_j = exp(-|t - t_j| / 300 s)

    over the user's ratings j in train with residuals e_uj. This is a leak and no recommender: it
    knows when the rating to be predicted was given, and ratings that were given after it.
    """
    predictions = predict(best, valid.indices)
    residuals = train.ratings - predict(best.model, train.indices)
    users, asked = train.indices[:, 0], valid.indices[:, 0]
    for user in asked.unique():
        of_train, of_valid = users == user, asked == user
        apart = valid.timestamps[of_valid][:, None] - train.timestamps[of_train]
        weights = torch.exp(-apart.abs().double() / SITTING_SECONDS).float()
        total = weights.sum(dim=1) + SITTING_DAMPING
        predictions[of_valid] += weights @ residuals[of_train] / total
    return predictions


def _edition(source: str) -> dict:
    ratings = Ratings.from_frame(load_collab(source))
    rows = (*MODELS, METADATA, CLOCK)
    models = {name: {"rmse": [], "mae": [], "cpu_seconds": []} for name in rows}
    features = genres_and_year(load_movies(source), ratings)
    for seed in SPLIT_SEEDS:
        train, valid = ratings.split(seed=seed)
        for name, make in MODELS.items():
            start = time.process_time()
            model = make(train, valid)
            seconds = time.process_time() - start
            _note(models[name], predict(model, valid.indices), valid, seconds)
        start = time.process_time()
        predictions = with_the_clock(model, train, valid)
        _note(models[CLOCK], predictions, valid, seconds + time.process_time() - start)
        start = time.process_time()
        model = best_model(train, movie_features=features)
        seconds = time.process_time() - start
        _note(models[METADATA], predict(model, valid.indices), valid, seconds)
    return {"n_ratings": len(ratings), "models": models}


def _note(row: dict, predictions: torch.Tensor, valid: Ratings, seconds: float) -> None:
    row["rmse"].append(round(rmse(predictions, valid.ratings), 4))
    row["mae"].append(round(mae(predictions, valid.ratings), 4))
    row["cpu_seconds"].append(round(seconds, 2))
