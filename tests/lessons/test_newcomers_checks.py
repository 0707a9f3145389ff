"""The checks of lesson 11: right answers pass in any form, wrong ones get their own advice."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.fold_in import Frozen
from collab_lib.lessons.newcomers.checks import (
    check_believed,
    check_better_from,
    check_brought_by,
)


def by_solving(x, penalty):
    return x @ torch.linalg.solve(torch.outer(x, x) + penalty * torch.eye(len(x)), x)


def by_fold_in(x, penalty):
    """The library's own fold-in, on a film that the mean user finds as good as all others."""
    alone = Frozen(x[None], torch.zeros(1), (0, 5.5))
    rating = 5.5 * torch.sigmoid(torch.ones(1))  # an error of 1 inside the sigmoid
    vector = alone.fold_in(torch.tensor([0]), rating, torch.zeros(len(x)), penalty)
    return x @ vector


def by_descent(x, penalty):
    w = torch.zeros(len(x))
    for _ in range(3000):
        w = w - 0.02 * (x * (x @ w - 1) + penalty * w)
    return float(x @ w)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, penalty: x @ x / (x @ x + penalty),
        lambda x, penalty: float(x @ x / (x @ x + penalty)),
        lambda x, penalty: np.float64(x.numpy() @ x.numpy() / (x.numpy() @ x.numpy() + penalty)),
        lambda x, penalty: 1 - penalty / (x.square().sum() + penalty),
        lambda x, penalty: [1 / (1 + penalty / sum(number**2 for number in x.tolist()))],
        lambda x, penalty: (x @ x / (x @ x + penalty)).reshape(1, 1),
        lambda x, penalty: (
            x[None] @ torch.linalg.inv(x[:, None] @ x[None] + penalty * torch.eye(len(x))) @ x
        ),
        by_solving,
        by_fold_in,
        by_descent,
    ],
)
def test_the_part_that_is_believed_passes(answer):
    verdict = check_believed(answer)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda x, penalty: 1.0, "believes all"),
        (lambda x, penalty: 0, "believes nothing"),
        (lambda x, penalty: penalty / (x @ x + penalty), "isn't believed"),
        (lambda x, penalty: 1 / (x @ x + penalty), "as a multiple of x"),
        (lambda x, penalty: 1 / (1 + penalty), "bias alone"),
        (lambda x, penalty: x[:-1] @ x[:-1] / (x[:-1] @ x[:-1] + penalty), "The 1 at the end"),
        (lambda x, penalty: x.norm() / (x.norm() + penalty), "length squared"),
        (lambda x, penalty: x @ x / (x @ x + 5), "whatever `penalty` is"),
        (lambda x, penalty: x @ x / penalty, "first part is missing"),
        (lambda x, penalty: x @ x, "don't solve"),
        (lambda x, penalty: x / (x @ x + penalty), "is a step"),
        (lambda x, penalty: x * x, "is a step"),
        (lambda x, penalty: x.sum() / (x.sum() + penalty), "for one rating"),
        (lambda x, penalty: x @ x / (x @ x + len(x) * penalty), "for one rating"),
        (lambda x, penalty: torch.outer(x, x), "should be one number"),
        (lambda x, penalty: float("nan"), "no number"),
        (lambda x, penalty: "all of it", "made of numbers"),
        (lambda x, penalty: None, "returns nothing"),
        (lambda x: 1.0, "stops with"),
        (lambda x, penalty: 1 / 0, "stops with ZeroDivisionError"),
        (0.17, "function itself"),
        (None, "function itself"),
    ],
)
def test_another_part_gets_advice_that_is_not_the_solution(answer, advice):
    verdict = check_believed(answer)
    assert not verdict.passed and advice in verdict.message, verdict
    assert "x @ x" not in verdict.message and "solve(" not in verdict.message


def test_a_function_that_changes_what_it_is_given_spoils_nothing():
    def spoils(x, penalty):
        part = x @ x / (x @ x + penalty)
        x.zero_()
        return part

    assert check_believed(spoils).passed
    assert check_believed(by_solving).passed


PARTS = torch.tensor([[0.1, 0.5, -0.9, 0.2], [0.3, 0.2, 0.1, 0.2], [-0.4, 0.1, 0.3, 0.2]])
LISTED = torch.tensor([2, 1, 3])


def brought_by(parts, films):
    return parts[:, films].argmax(dim=0)


def the_last_of_equals(parts, films):
    largest = parts[:, films] == parts[:, films].max(dim=0).values
    return len(parts) - 1 - largest.int().flip(0).argmax(dim=0)


@pytest.mark.parametrize(
    "answer",
    [
        brought_by,
        the_last_of_equals,  # there is a tie in the last column
        lambda parts, films: brought_by(parts, films).tolist(),
        lambda parts, films: list(brought_by(parts, films)),
        lambda parts, films: brought_by(parts, films).float(),
        lambda parts, films: parts.numpy()[:, films.numpy()].argmax(axis=0),
        lambda parts, films: [parts[:, film].argmax() for film in films],
        lambda parts, films: [max(range(len(parts)), key=parts[:, f].__getitem__) for f in films],
    ],
)
def test_what_brought_a_film_passes(answer):
    verdict = check_brought_by(answer, PARTS, LISTED)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda parts, films: [1] * len(films), "find the row"),
        (lambda parts, films: parts[:, films].abs().argmax(dim=0), "either direction"),
        (lambda parts, films: parts[:, films].argmin(dim=0), "takes away"),
        (lambda parts, films: parts.argmax(dim=0), "every movie"),
        (lambda parts, films: parts[:, : len(films)].argmax(dim=0), "first movies"),
        (lambda parts, films: parts[:, films].argmax(dim=1)[:2], "one position per film"),
        (lambda parts, films: [7] * len(films), "go from 0 to 2"),
        (lambda parts, films: brought_by(PARTS, LISTED), "another table"),
        (
            lambda parts, films: brought_by(PARTS, films),
            "Does your function look at its arguments",
        ),
        (
            lambda parts, films: brought_by(parts, LISTED),
            "For another table of parts: Your function",
        ),
        (lambda parts, films: brought_by(parts, LISTED), "IndexError"),
        (lambda parts, films: brought_by(parts, LISTED), "arguments `parts` and `films` alone?"),
        (lambda parts, films: [2, 0, 0][: len(films)], "another table"),
        (lambda parts, films: parts[:, films].argmax(dim=0) - 1, "go from 0"),
        (lambda parts, films: "Star Wars", "made of numbers"),
        (lambda parts, films: None, "returns nothing"),
        (lambda parts: 1, "stops with"),
        (torch.tensor([2, 0, 0]), "function itself"),
        (None, "function itself"),
    ],
)
def test_another_film_gets_advice(answer, advice):
    verdict = check_brought_by(answer, PARTS, LISTED)
    assert not verdict.passed and advice in verdict.message, verdict


def test_the_longest_bar_is_found_out_where_all_longest_bars_are_positive():
    parts = PARTS.abs()
    verdict = check_brought_by(lambda p, films: p[:, films].abs().argmax(dim=0), parts, LISTED)
    assert not verdict.passed and "either direction" in verdict.message


WORTH = pd.DataFrame(
    [[1.0, 1.0, 1.0, 1.0, 1.0], [0.99, 1.2, 0.98, 1.1, 0.9]],
    index=["mean user", "nearest user"],
    columns=[0, 1, 2, 5, 10],
)


@pytest.mark.parametrize("form", [int, float, np.int64, torch.tensor])
def test_the_column_passes_in_any_form(form):
    assert check_better_from(form(10), WORTH).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (0, "with 1 it is worse. Nobody is near yet: the representative user stands in"),
        (1, "1 ratings the nearest user is worse than"),
        (2, "with 5 it is worse. Look for the first column"),
        (5, "still worse"),
        (7, "name of a column"),
        ("ten", "should be a number"),
        (True, "should be a number"),
    ],
)
def test_another_column_gets_advice(answer, advice):
    verdict = check_better_from(answer, WORTH)
    assert not verdict.passed and advice in verdict.message


def test_an_answer_that_is_too_late_gets_advice():
    worth = WORTH.assign(**{"20": [1.0, 0.8]}).rename(columns={"20": 20})
    assert "earlier" in check_better_from(20, worth).message
