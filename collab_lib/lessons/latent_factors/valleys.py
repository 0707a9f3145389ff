"""Gradient descent in one number and in two: small enough for the whole landscape to be drawn."""

from collections.abc import Callable, Sequence

import numpy as np

RATING = 4.5  # what Ada gave Alien, in stars
FACTOR = 1.5  # Alien's one factor, as long as it is known


def walk_down(
    gradient: Callable[[np.ndarray], np.ndarray],
    start: float | Sequence[float],
    lr: float,
    n_steps: int,
) -> np.ndarray:
    """Every place of a gradient descent: place ← place - lr · gradient(place).

    gradient: a place, a number or (n,), -> the slopes of the loss there, of the same shape.
    Returns (n_steps + 1,) or (n_steps + 1, n), the start first. Where the steps were so large that
    the numbers grew beyond all bounds, they are inf or nan. Introduced in lesson 3.

    Raises ValueError if lr is not above 0 or n_steps is negative.
    """
    if not lr > 0 or n_steps < 0:
        raise ValueError(f"lr={lr} must be above 0, and n_steps={n_steps} must be 0 or more")
    places = [np.asarray(start, dtype=float)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            places.append(places[-1] - lr * gradient(places[-1]))
    return np.array(places)


def one_loss(p: np.ndarray) -> np.ndarray:
    """The squared error of the prediction 1.5 · p for a rating of 4.5, in stars². Lesson 3."""
    return (FACTOR * p - RATING) ** 2


def one_slope(p: np.ndarray) -> np.ndarray:
    """d loss / dp = 2 · 1.5 · (1.5 p - 4.5), in stars² for each 1 of p. Lesson 3."""
    return 2 * FACTOR * (FACTOR * p - RATING)


def two_loss(pair: np.ndarray) -> np.ndarray:
    """The squared error of p · q for a rating of 4.5, in stars²; pair: (..., 2). Lesson 3."""
    return (pair[..., 0] * pair[..., 1] - RATING) ** 2


def two_slopes(pair: np.ndarray) -> np.ndarray:
    """The two slopes of `two_loss`: 2 (p q - 4.5) q for p and 2 (p q - 4.5) p for q. Lesson 3."""
    error = pair[..., :1] * pair[..., 1:] - RATING
    return 2 * error * pair[..., ::-1]


def row_loss(pair: np.ndarray, ratings: np.ndarray, movies: np.ndarray) -> np.ndarray:
    """How badly two factors fit one user's ratings: the mean squared error over the rated movies.

    pair: (..., 2), the user's factors; ratings: (n_movies,), stars, nan where not rated; movies:
    (n_movies, 2), held still. In stars²; 0 if nothing is rated. Lesson 3.
    """
    rated = ~np.isnan(ratings)
    if not rated.any():
        return np.zeros(pair.shape[:-1])
    return ((pair @ movies[rated].T - ratings[rated]) ** 2).mean(axis=-1)


def row_slopes(pair: np.ndarray, ratings: np.ndarray, movies: np.ndarray) -> np.ndarray:
    """The two slopes of `row_loss` at `pair`, (2,): 2/n Σ (pair · q - rating) q. Lesson 3."""
    rated = ~np.isnan(ratings)
    errors = movies[rated] @ pair - ratings[rated]
    return 2 / max(1, rated.sum()) * errors @ movies[rated]
