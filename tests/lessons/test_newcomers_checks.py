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


def by_solving(x, weight):
    return x @ torch.linalg.solve(torch.outer(x, x) + weight * torch.eye(len(x)), x)


def by_fold_in(x, weight):
    """The library's own fold-in, on a film that the mean user finds as good as all others."""
    alone = Frozen(x[None], torch.zeros(1), (0, 5.5))
    rating = 5.5 * torch.sigmoid(torch.ones(1))  # an error of 1 inside the sigmoid
    vector = alone.fold_in(torch.tensor([0]), rating, torch.zeros(len(x)), weight)
    return x @ vector


def by_descent(x, weight):
    w = torch.zeros(len(x))
    for _ in range(3000):
        w = w - 0.02 * (x * (x @ w - 1) + weight * w)
    return float(x @ w)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, weight: x @ x / (x @ x + weight),
        lambda x, weight: float(x @ x / (x @ x + weight)),
        lambda x, weight: np.float64(x.numpy() @ x.numpy() / (x.numpy() @ x.numpy() + weight)),
        lambda x, weight: 1 - weight / (x.square().sum() + weight),
        lambda x, weight: [1 / (1 + weight / sum(number**2 for number in x.tolist()))],
        lambda x, weight: (x @ x / (x @ x + weight)).reshape(1, 1),
        lambda x, weight: (
            x[None] @ torch.linalg.inv(x[:, None] @ x[None] + weight * torch.eye(len(x))) @ x
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
        (lambda x, weight: 1.0, "believes all"),
        (lambda x, weight: 0, "believes nothing"),
        (lambda x, weight: weight / (x @ x + weight), "isn't believed"),
        (lambda x, weight: 1 / (x @ x + weight), "as a multiple of x"),
        (lambda x, weight: 1 / (1 + weight), "bias alone"),
        (lambda x, weight: x[:-1] @ x[:-1] / (x[:-1] @ x[:-1] + weight), "The 1 at the end"),
        (lambda x, weight: x.norm() / (x.norm() + weight), "length squared"),
        (lambda x, weight: x @ x / (x @ x + 5), "whatever `weight` is"),
        (lambda x, weight: x @ x / weight, "first part is missing"),
        (lambda x, weight: x @ x, "don't solve"),
        (lambda x, weight: x / (x @ x + weight), "is a step"),
        (lambda x, weight: x * x, "is a step"),
        (lambda x, weight: x.sum() / (x.sum() + weight), "for one rating"),
        (lambda x, weight: x @ x / (x @ x + len(x) * weight), "for one rating"),
        (lambda x, weight: torch.outer(x, x), "should be one number"),
        (lambda x, weight: float("nan"), "no number"),
        (lambda x, weight: "all of it", "made of numbers"),
        (lambda x, weight: None, "returns nothing"),
        (lambda x: 1.0, "stops with"),
        (lambda x, weight: 1 / 0, "stops with ZeroDivisionError"),
        (0.17, "function itself"),
        (None, "function itself"),
    ],
)
def test_another_part_gets_advice_that_is_not_the_solution(answer, advice):
    verdict = check_believed(answer)
    assert not verdict.passed and advice in verdict.message, verdict
    assert "x @ x" not in verdict.message and "solve(" not in verdict.message


def test_a_function_that_changes_what_it_is_given_spoils_nothing():
    def spoils(x, weight):
        part = x @ x / (x @ x + weight)
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
