"""Four users, five movies and a few blanks: gradient descent small enough to watch every step."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

USERS = ("Ada", "Bo", "Cem", "Dia")
MOVIES = ("Alien", "The Matrix", "Notting Hill", "Amélie", "Wall-E")
# The same movies in MovieLens, where the reader may have rated them.
MOVIE_IDS = {
    "Alien": 1214,
    "The Matrix": 2571,
    "Notting Hill": 2671,
    "Amélie": 4973,
    "Wall-E": 60069,
}
# Invented, so that somebody knows what the blanks would hold: science fiction on the left, romance
# on the right, half stars, and close to a product of two factors.
RATINGS = (
    (4.5, 4.0, 1.5, 2.0, 3.0),
    (4.0, 4.0, 4.0, 4.0, 4.0),
    (2.0, 2.0, 4.5, 4.0, 3.0),
    (3.0, 3.0, 2.0, 2.5, 2.5),
)
BLANKS = (("Ada", "Notting Hill"), ("Bo", "Alien"), ("Cem", "Wall-E"), ("Dia", "Amélie"))


@dataclass(frozen=True)
class Descent:
    """Every step of one gradient descent, from the random start (step 0) to the last.

    losses: (n_steps + 1,): the mean squared error over the rated cells, in stars squared.
    users: (n_steps + 1, n_users, n_factors); movies: (n_steps + 1, n_movies, n_factors).
    predictions: (n_steps + 1, n_users, n_movies), in stars: also those of the blanks.

    Where the steps were so large that the numbers grew beyond all bounds, they are nan or inf.
    """

    losses: np.ndarray
    users: np.ndarray
    movies: np.ndarray
    predictions: np.ndarray


def small_table(blanks: bool = True) -> pd.DataFrame:
    """The ratings of four users (rows) and five movies (columns), in stars; nan marks a blank.

    With blanks=False, the four ratings that are held back are filled in. Introduced in lesson 3.
    """
    table = pd.DataFrame(RATINGS, index=USERS, columns=MOVIES)
    if blanks:
        for user, movie in BLANKS:
            table.loc[user, movie] = np.nan
    return table


def descend(
    table: pd.DataFrame | np.ndarray,
    n_factors: int = 2,
    lr: float = 0.2,
    n_steps: int = 300,
    seed: int = 0,
) -> Descent:
    """Fill the blanks of `table` (nan, users × movies) with dot products found by gradient descent.

    The loss is the mean of (p_u · q_m - rating)² over the n rated cells, whose gradients are

        ∂loss/∂p_u = 2/n Σ_m error_um q_m        ∂loss/∂q_m = 2/n Σ_u error_um p_u

    with sums over rated cells. Every factor starts from the normal distribution with standard
    deviation 1, drawn with `seed`, users first. Introduced in lesson 3, where autograd finds the
    same gradients.

    Raises ValueError if n_factors or n_steps is less than 1, or lr is not above 0.
    """
    if n_factors < 1 or n_steps < 1 or not lr > 0:
        raise ValueError(
            f"n_factors={n_factors} and n_steps={n_steps} must be 1 or more, "
            f"and lr={lr} must be above 0"
        )
    ratings = np.asarray(table, dtype=float)
    rated = ~np.isnan(ratings)
    if not rated.any():
        raise ValueError("the table holds no ratings: give at least one cell that is not nan")
    generator = torch.Generator().manual_seed(seed)
    users, movies = (
        torch.randn(n, n_factors, generator=generator).double().numpy() for n in ratings.shape
    )
    steps = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps + 1):
            predictions = users @ movies.T
            errors = np.where(rated, predictions - ratings, 0.0)
            loss = (errors**2).sum() / rated.sum()
            steps.append((loss, users, movies, predictions))
            scaled = 2 / rated.sum() * errors
            users, movies = users - lr * scaled @ movies, movies - lr * scaled.T @ users
    return Descent(*(np.array(values) for values in zip(*steps, strict=True)))
