"""The course's models, trained as the lessons train them.

python -m tests.benchmarks.ours    a worker, see `workers.serve`
"""

import numpy as np
import torch

from collab_lib import CollabNN, DotProduct, Ratings, predict, train_model
from collab_lib.neighbours import Average, ItemNeighbours
from tests.benchmarks.workers import Split, Task, serve

PACKAGES = ["torch", "numpy", "pandas"]
N_FACTORS = 50
NN_SIZES = {"n_user_factors": 72, "n_movie_factors": 103, "n_act": 100}
NN_SETTINGS = {"lr": 0.003, "weight_decay": 1e-3}


def dot_model(train: Ratings, valid: Ratings, seed: int = 0) -> DotProduct:
    """The dot model of lesson 5 with 50 factors and the default settings."""
    mean = train.ratings.mean().item()
    model = DotProduct(train.n_users, train.n_movies, N_FACTORS, mean=mean, seed=seed)
    train_model(model, train, valid, seed=42 + seed)
    return model


def neural_network(train: Ratings, valid: Ratings) -> CollabNN:
    """The neural network of lesson 7."""
    mean = train.ratings.mean().item()
    sizes = {"n_users": train.n_users, "n_movies": train.n_movies, **NN_SIZES}
    model = CollabNN(**sizes, mean=mean, seed=0)
    train_model(model, train, valid, **NN_SETTINGS)
    return model


def best_model(train: Ratings, valid: Ratings) -> ItemNeighbours:
    """The best model of lesson 7: four dot models averaged, corrected by similar movies."""
    return ItemNeighbours.fit(Average([dot_model(train, valid, seed) for seed in range(4)]), train)


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


def task(split: Split, train_one) -> Task:
    """`train_one`, called with train and valid, as a task."""
    train, valid = both_parts(split)
    return Task(
        fit=lambda: train_one(train, valid),
        predict=lambda model: predict(model, valid.indices).numpy(),
    )


TASKS = {
    "dot model": lambda split: task(split, dot_model),
    "neural network": lambda split: task(split, neural_network),
    "best model": lambda split: task(split, best_model),
}

if __name__ == "__main__":
    serve(TASKS, PACKAGES)
