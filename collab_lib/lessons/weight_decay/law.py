"""One law for lessons 2, 5 and 6: weight decay is damping, λ = N · weight_decay / 2."""

import torch

from collab_lib.baselines import Baseline
from collab_lib.dataset import Ratings


def damping_of(weight_decay: float, n_ratings: int) -> float:
    """How many imaginary ratings PyTorch's `weight_decay` is worth in SGD on a mean squared error.

    SGD with weight_decay comes to rest where mean(error²) + weight_decay / 2 · Σ b² is lowest.
    Times the number of ratings N that is Σ error² + N · weight_decay / 2 · Σ b², lesson 2's sum
    with the damping λ = N · weight_decay / 2. Introduced in lesson 6.
    """
    return n_ratings * weight_decay / 2


def by_the_law(
    train: Ratings, centre: float, weight_decay: float, slope: float = 1.0, rounds: int = 30
) -> Baseline:
    """The biases around `centre` at which SGD with `weight_decay` comes to rest, without training.

    centre: what is predicted where all biases are 0, in stars.
    slope: how many stars a unit of the score is worth. A bias of b in the score moves a prediction
        by slope · b stars and costs b²; in stars, the same price is λ / slope². A sigmoid is nearly
        straight around its middle, where the slope is a quarter of its range.

    Returns a `Baseline` with biases in stars. Introduced in lesson 6.
    """
    damping = damping_of(weight_decay, len(train)) / slope**2
    users, movies = train.indices.T
    left = train.ratings - centre
    user_biases, movie_biases = torch.zeros(train.n_users), torch.zeros(train.n_movies)
    for _ in range(rounds):
        movie_biases = _damped(movies, left - user_biases[users], train.n_movies, damping)
        user_biases = _damped(users, left - movie_biases[movies], train.n_users, damping)
    return Baseline(centre, user_biases, movie_biases)


def _damped(groups: torch.Tensor, values: torch.Tensor, n: int, damping: float) -> torch.Tensor:
    """By group, the mean of its values and of `damping` imaginary ones that are 0."""
    sums = torch.zeros(n).index_add_(0, groups, values)
    return sums / (torch.bincount(groups, minlength=n) + damping)
