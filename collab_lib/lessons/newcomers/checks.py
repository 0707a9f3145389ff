"""The checks of lesson 11."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch

from collab_lib.fold_in import FOLD_IN_PENALTY
from collab_lib.kit.check import Advice, Verdict, array, ask, check, judge, number, right, wrong

# Films with weak and with strong factors (the 1 at their end is for the bias), and one without any.
RATED_ALONE = (
    (torch.tensor([0.3, -0.2, 0.1, 1.0]), 5.0),
    (torch.tensor([-1.5, 0.5, 2.0, 0.0, 0.8, 1.0]), 2.0),
    (torch.tensor([1.0]), 0.5),
)
# Parts and a list on which the wrong readings of "adds the most" differ: on your own they may not.
OTHER_PARTS = torch.tensor([[0.1, 0.3, 0.2], [-0.2, -0.1, -0.5], [0.5, 0.2, 0.1]])
OTHER_LIST = torch.tensor([2, 1])


@check
def check_believed(believed: Callable[[torch.Tensor, float], float]) -> Verdict:
    """Is `believed(x, penalty)` the part of a single rating's error that a fold-in takes over?

    For a film with the features x, (n,), that is x · step with (x xᵀ + penalty · I) step = x.
    """
    for x, penalty in RATED_ALONE:
        verdict = _believes(ask(believed, x, penalty), x.double(), penalty)
        if not verdict.passed:
            return verdict
    return verdict


def _believes(answer: Any, x: torch.Tensor, penalty: float) -> Verdict:
    length = (x @ x).item()
    part = length / (length + penalty)
    tastes = length - x[-1].item() ** 2
    if array(answer, "What your function returns").shape == x.shape and len(x) > 1:
        return wrong(
            "One number per feature is a step. How far does that step move the prediction for the "
            "film with the features x?"
        )
    return judge(
        number(answer, "What your function returns"),
        part,
        praise=(
            "Right for films and penalties that you haven't seen. It is the damped mean once more: "
            "n / (n + λ), with x · x in the place of n. So a film with large factors is believed "
            "more readily than one without any, of which only the 1 is left."
        ),
        otherwise=(
            "Write the equation of the fold-in down for one rating: X has a single row. Then ask "
            "how far the step moves x · w."
        ),
        mistakes=[
            (1.0, "That believes all of the rating. The penalty keeps the newcomer near m."),
            (0.0, "That believes nothing of it: the newcomer stays where they were."),
            (1 - part, "That is the part that isn't believed."),
            (
                1 / (length + penalty),
                "That is how long the step is, as a multiple of x. The prediction moves by "
                "x · step.",
            ),
            (1 / (1 + penalty), "That is the bias alone. The film's factors move the vector, too."),
            (tastes / (tastes + penalty), "The 1 at the end of x, for the bias, counts as well."),
            (
                length**0.5 / (length**0.5 + penalty),
                "You take the length of x. X.T X for one row holds products of two features: the "
                "length squared.",
            ),
            (length / (length + FOLD_IN_PENALTY), "You take 5, whatever `penalty` is."),
            (length / penalty, "The matrix is X.T X + penalty · I: the first part is missing."),
            (length, "You multiply, and don't solve: the penalty has no say."),
        ],
    )


@check
def check_brought_by(brought_by: Any, parts: torch.Tensor, my_list: torch.Tensor) -> Verdict:
    """Does `brought_by(parts, films)` name for each film the row of `parts` that adds most to it?

    Where two parts are equally large, either is right.
    """
    tables = (("", parts, my_list), ("For another table of parts: ", OTHER_PARTS, OTHER_LIST))
    for where, table, films in tables:
        try:
            verdict = _names_the_rows(array(ask(brought_by, table, films)), table, films)
        except Advice as advice:
            verdict = wrong(str(advice))
        if not verdict.passed:
            # Right for the reader's own films, wrong for others: most often a name from outside.
            ours = " Does your function look at its arguments `parts` and `films` alone?"
            return wrong(f"{where}{verdict.message}{ours if where else ''}")
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
        return wrong(f"The rows of `parts` go from 0 to {len(parts) - 1}.")
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
    if value < wanted and not better[value]:
        return wrong(f"With {value:g} ratings the nearest user is worse than the mean user.")
    if value < wanted:
        worse_again = min(n for n in worth.columns if n > value and not better[n])
        why = "Nobody is near yet: the representative user stands in. " if value == 0 else ""
        return wrong(
            f"With {value:g} ratings the nearest user is better, but with {worse_again} it is "
            f"worse. {why}Look for the first column from which on it stays better."
        )
    return wrong("It is better earlier: look for the first column from which on it stays so.")
