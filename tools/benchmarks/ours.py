"""The course's models, trained as the lessons train them.

python -m tools.benchmarks.ours    a worker, see `workers.serve`
"""

import numpy as np
import torch

from collab_lib import Ratings, predict
from collab_lib.course_models import (
    LISTS,
    N_FACTORS,
    NN_SIZES,
    best_model,
    dot_model,
    neural_network,
)
from tools.benchmarks.workers import Split, Task, serve

PACKAGES = ["torch", "numpy", "pandas"]
# What the other benchmarks take from here: the scoreboard trains these very models.
__all__ = ["NN_SIZES", "N_FACTORS", "best_model", "dot_model", "neural_network"]


def both_parts(split: Split) -> tuple[Ratings, Ratings]:
    """Train and valid of a split's file as `Ratings`; ids and titles don't matter here."""
    return tuple(
        made_up(torch.from_numpy(indices), torch.from_numpy(ratings), split.n_users, split.n_movies)
        for indices, ratings in (
            (split.train_indices, split.train_ratings),
            (split.valid_indices, split.valid_ratings),
        )
    )


def made_up(indices: torch.Tensor, ratings: torch.Tensor, n_users: int, n_movies: int) -> Ratings:
    """`Ratings` with these numbers, and with indices in the place of ids and titles."""
    return Ratings(
        indices=indices,
        ratings=ratings,
        timestamps=torch.ones(len(ratings), dtype=torch.int64),
        user_ids=np.arange(n_users),
        movie_ids=np.arange(n_movies),
        titles=np.arange(n_movies).astype(str),
    )


def task(name: str, split: Split) -> Task:
    """The model `name` on a split."""
    train, valid = both_parts(split)
    if name in LISTS:
        return Task(fit=lambda: LISTS[name](train), predict=lambda scores: scores.numpy())
    features = torch.from_numpy(split.movie_features)
    fits = {
        "dot model": lambda: dot_model(train, valid),
        "neural network": lambda: neural_network(train, valid),
        "best model": lambda: best_model(train),
        "best model, genres and year": lambda: best_model(train, movie_features=features),
    }
    return Task(fits[name], predict=lambda model: predict(model, valid.indices).numpy())


if __name__ == "__main__":
    serve(task, PACKAGES)
