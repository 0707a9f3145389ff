"""The checks of lesson 8."""

import numpy as np
import pandas as pd
import torch

from collab_lib.evaluation import gini
from collab_lib.fold_in import FOLD_IN_WEIGHT, Frozen
from collab_lib.kit.check import Verdict, right, wrong


def check_fold_in(
    answer: torch.Tensor,
    movies: Frozen,
    rows: torch.Tensor,
    ratings: torch.Tensor,
    start: torch.Tensor,
) -> Verdict:
    """Is `answer` the newcomer's vector, (n_factors + 1,), by ridge regression around `start`?"""
    if not isinstance(answer, torch.Tensor) or answer.shape != start.shape:
        return wrong(f"The answer is a tensor of the shape {tuple(start.shape)}, like `start`.")
    if torch.allclose(answer, movies.fold_in(rows, ratings, start), atol=1e-4):
        return right(
            "Three ratings moved the newcomer from the mean user to where the model would "
            "have put somebody who answers like this, in one step and without any training."
        )
    if torch.allclose(answer, start, atol=1e-6):
        return wrong("That is still the mean user. Add the step that the three ratings ask for.")
    if torch.allclose(answer, _ridge(movies, rows, ratings, 0 * start), atol=1e-4):
        return wrong(
            "This is pulled towards zero. Subtract X @ start from the errors and add start at the "
            "end: then whoever has rated nothing is the mean user."
        )
    if torch.allclose(answer, start + _ridge(movies, rows, ratings, 0 * start), atol=1e-4):
        return wrong("Before you solve, subtract what `start` explains already: e - X @ start.")
    errors = ratings - movies.predict(start, rows)
    if torch.allclose(answer, start + _solve(movies.features[rows], errors), atol=1e-4):
        return wrong(
            "These errors are in stars, and the model is linear inside the sigmoid only: take "
            "z = logit(rating / 5.5) first."
        )
    return wrong(
        "Compute e = logit(ratings / 5.5) - offsets - X @ start, solve "
        f"(XᵀX + {FOLD_IN_WEIGHT:g} I) step = Xᵀ e, and add the step to start."
    )


def check_gini_of_lists(answer: float, lists: torch.Tensor, n_movies: int) -> Verdict:
    """Is `answer` the Gini index of how often each of `n_movies` is on `lists`, (n_users, n)?"""
    if not isinstance(answer, int | float | np.floating):
        return wrong("The answer is a number between 0 and 1.")
    counts = torch.bincount(lists.flatten(), minlength=n_movies).numpy()
    if abs(answer - gini(counts)) < 0.0005:
        return right(
            f"{gini(counts):.2f}: of {n_movies:,} movies, {(counts > 0).sum():,} are on anybody's "
            "list. Lists are far more unequal than the ratings that they were learnt from."
        )
    if abs(answer - gini(counts[counts > 0])) < 0.0005:
        return wrong(
            "You left out the movies that are on no list, and they are what inequality is about: "
            "pass minlength=data.n_movies to torch.bincount."
        )
    return wrong(
        "Count how often each movie is on the lists with torch.bincount(lists.flatten(), "
        "minlength=...), and take the gini of the counts as a NumPy array."
    )


def check_first_alarm(answer: int, loop: pd.DataFrame, twin: pd.DataFrame, measure: str) -> Verdict:
    """Is `answer` the first round in which all seeds of `loop` lie above all seeds of `twin`?

    loop, twin: what `over_seeds` returns.
    """
    lowest = loop[measure].groupby("round").min()
    highest = twin[measure].groupby("round").max()
    if not isinstance(answer, int | np.integer):
        return wrong("The answer is the number of a round, a whole number.")
    rounds = (lowest > highest).loc[1:]
    first = int(rounds.idxmax())
    if answer == first:
        return right(
            f"From round {first} on even the tamest of the ten worlds is outside of what chance "
            "does to a random recommender. Compare that with the round in which people suffer."
        )
    means = loop[measure].groupby("round").mean() > twin[measure].groupby("round").mean()
    if answer == int(means.loc[1:].idxmax()):
        return wrong(
            "That is when the means part. An alarm that rings at every chance difference is soon "
            "switched off: compare the lowest seed of the loop with the highest of the twin."
        )
    if answer < first:
        return wrong(f"In round {answer} some seed of the loop is still within the twin's band.")
    return wrong("There is an earlier round in which every seed of the loop lies above the twin's.")


def _ridge(
    movies: Frozen, rows: torch.Tensor, ratings: torch.Tensor, start: torch.Tensor
) -> torch.Tensor:
    lower, upper = movies.y_range
    features = movies.features[rows]
    errors = torch.logit((ratings - lower) / (upper - lower)) - movies.offsets[rows]
    return start + _solve(features, errors - features @ start)


def _solve(features: torch.Tensor, errors: torch.Tensor) -> torch.Tensor:
    squares = features.T @ features + FOLD_IN_WEIGHT * torch.eye(features.shape[1])
    return torch.linalg.solve(squares, features.T @ errors)
