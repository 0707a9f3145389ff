"""The checks of lesson 11."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from collab_lib.fold_in import FOLD_IN_WEIGHT, Frozen
from collab_lib.kit.check import Verdict, array, ask, check, judge, number, right, wrong
from collab_lib.ridge import ridge

# Parts and a list on which the wrong readings of "adds the most" differ: on your own they may not.
OTHER_PARTS = torch.tensor([[0.1, 0.3, 0.2], [-0.2, -0.1, -0.5], [0.5, 0.2, 0.1]])
OTHER_LIST = torch.tensor([2, 1])


@check
def check_fold_in(
    answer: torch.Tensor,
    frozen: Frozen,
    rows: torch.Tensor,
    ratings: torch.Tensor,
    start: torch.Tensor,
) -> Verdict:
    """Is `answer` the newcomer's vector, (n_factors + 1,), by ridge regression around `start`?"""
    lower, upper = frozen.y_range
    X, offsets = frozen.features[rows], frozen.offsets[rows]
    z = torch.logit((ratings - lower) / (upper - lower))
    e = z - offsets

    def step(errors: torch.Tensor, weight: float = FOLD_IN_WEIGHT) -> torch.Tensor:
        return ridge(X, errors, weight)

    wanted = frozen.fold_in(rows, ratings, start)
    in_stars = ratings - frozen.predict(start, rows)
    mistakes = [
        (start, "That is still the first guess. Add the step that the three ratings ask for."),
        (
            step(e - X @ start),
            "That is the step alone: it begins at the first guess, so add `first_guess`.",
        ),
        (
            step(e),
            "This is pulled towards zero. Subtract what the first guess explains already from the "
            "errors, and add it at the end.",
        ),
        (start + step(e), "Before you solve, subtract what the first guess explains already."),
        (
            start + step(z - X @ start),
            "The biases are missing: each row has an offset that must be subtracted.",
        ),
        (
            start + step(in_stars),
            "These errors are in stars, and the model is linear inside the sigmoid only: take the "
            "logit of rating / 5.5 first.",
        ),
        (
            start + step(torch.logit(ratings / 5) - offsets - X @ start),
            "The scale ends at 5.5 and not at 5: the sigmoid never reaches its end.",
        ),
    ]
    mistakes += [
        (start + step(e - X @ start, weight), f"The weight is {FOLD_IN_WEIGHT:g}.")
        for weight in (0.5, 1.0, 2.0, 10.0, 25.0)
    ]
    return judge(
        answer,
        wanted,
        praise=(
            "Three ratings moved the newcomer from the first guess to where the model would have "
            "put it, in one step and without any training."
        ),
        otherwise=(
            "Check the pieces one by one: X has one row per rating, the errors one number per "
            "rating, and the matrix that you solve with is square, with the weight on its diagonal."
        ),
        mistakes=[(wrong_answer, advice) for wrong_answer, advice in mistakes],
    )


@check
def check_brought_by(brought_by: Any, parts: torch.Tensor, my_list: torch.Tensor) -> Verdict:
    """Does `brought_by(parts, films)` name for each film the row of `parts` that adds most to it?

    Where two parts are equally large, either is right.
    """
    tables = (("", parts, my_list), ("For another table of parts: ", OTHER_PARTS, OTHER_LIST))
    for where, table, films in tables:
        verdict = _names_the_rows(array(ask(brought_by, table, films)), table, films)
        if not verdict.passed:
            return wrong(f"{where}{verdict.message}")
    return verdict


def _names_the_rows(places: np.ndarray, parts: torch.Tensor, my_list: torch.Tensor) -> Verdict:
    listed = parts[:, my_list]
    n = len(my_list)
    if places.shape != (n,):
        if places.shape == (parts.shape[1],):
            return wrong(f"That is for every movie. Take the {n} columns of `films` first.")
        if places.shape == (len(parts),):
            return wrong("One number per film of yours: argmax over the other dimension, dim=0.")
        return wrong(f"The answer has one position per film of the list: the shape ({n},).")
    if ((places < 0) | (places >= len(parts)) | (places % 1 != 0)).any():
        return wrong(f"Positions in `my_rows` go from 0 to {len(parts) - 1}.")
    chosen = listed.gather(0, torch.tensor(places, dtype=torch.int64)[None])[0]
    if torch.allclose(chosen, listed.max(dim=0).values, atol=1e-6):
        return right(
            'These are the films to name in "because you liked". The others count as well: the '
            "parts of all of them add up to the difference from the mean user."
        )
    if (places == listed.abs().argmax(dim=0).numpy()).all():
        return wrong("That is the longest bar in either direction; the largest part is positive.")
    if (places == listed.argmin(dim=0).numpy()).all():
        return wrong("That is the film that takes away the most: argmax, and not argmin.")
    if (places == parts[:, :n].argmax(dim=0).numpy()).all():
        return wrong("These are the first movies of the table: take the columns `films`.")
    return wrong("For each column of parts[:, films], find the row with the largest number.")


@check
def check_better_from(answer: int, worth: pd.DataFrame) -> Verdict:
    """Is `answer` the number of ratings from which on the nearest user beats the mean user?"""
    value = number(answer, "The number of ratings")
    better = worth.loc["nearest user"] < worth.loc["mean user"]
    last_worse = max((n for n in worth.columns if not better[n]), default=-1)
    wanted = min((n for n in worth.columns if n > last_worse), default=None)
    if wanted is None:
        return wrong("In this table the nearest user never beats the mean user for good.")
    if value == wanted:
        return right(
            f"With {wanted} ratings the nearest user is a better guess than the mean. Folding in "
            "was better from the first rating on, and is better with as many."
        )
    if value not in worth.columns:
        return wrong(f"Answer with the name of a column: one of {list(worth.columns)}.")
    if value == last_worse:
        return wrong("There the nearest user is still worse: the answer is the column after it.")
    if value < wanted:
        return wrong(f"With {value:g} ratings the nearest user is worse, or becomes worse again.")
    return wrong("It is better earlier: look for the first column from which on it stays so.")
