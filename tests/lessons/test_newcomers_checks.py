"""The checks of lesson 11: right answers pass in any form, wrong ones get their own advice."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.fold_in import Frozen
from collab_lib.lessons.newcomers.checks import (
    check_better_from,
    check_brought_by,
    check_fold_in,
)


def a_newcomer():
    generator = torch.Generator().manual_seed(0)
    features = torch.cat([torch.randn(9, 3, generator=generator), torch.ones(9, 1)], dim=1)
    users = Frozen(features, torch.randn(9, generator=generator), (0, 5.5))
    rows, stars = torch.tensor([1, 4, 6]), torch.tensor([5.0, 1.0, 4.5])
    return users, rows, stars, torch.tensor([0.5, -0.4, 0.3, 0.2])


NEWCOMER = a_newcomer()
USERS, ROWS, STARS, START = NEWCOMER
X, OFFSETS = USERS.features[ROWS], USERS.offsets[ROWS]
E = torch.logit(STARS / 5.5) - OFFSETS


def step(errors, weight=5.0):
    return torch.linalg.solve(X.T @ X + weight * torch.eye(4), X.T @ errors)


def by_descent():
    w = START.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], lr=0.02)
    for _ in range(800):
        loss = (X @ w - E).square().sum() + 5 * (w - START).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w


@pytest.mark.parametrize(
    "answer",
    [
        START + step(E - X @ START),
        (START + step(E - X @ START)).numpy(),
        (START + step(E - X @ START)).tolist(),
        START + torch.linalg.inv(X.T @ X + 5 * torch.eye(4)) @ X.T @ (E - X @ START),
        by_descent(),
    ],
)
def test_fold_in_passes(answer):
    assert check_fold_in(answer, *NEWCOMER).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (START, "still the first guess"),
        (step(E - X @ START), "the step alone"),
        (step(E), "towards zero"),
        (START + step(E), "explains already"),
        (START + step(E + OFFSETS - X @ START), "biases are missing"),
        (START + step(STARS - USERS.predict(START, ROWS)), "in stars"),
        (START + step(torch.logit(STARS / 5) - OFFSETS - X @ START), "ends at 5.5"),
        (START + step(E - X @ START, weight=1.0), "The weight is 5"),
        (START + 1, "Check the pieces"),
        (START[:2], "shape is (2,)"),
        ([0.5], "shape"),
        (None, "made of numbers"),
        ("w", "made of numbers"),
    ],
)
def test_another_vector_gets_advice_that_is_not_the_solution(answer, advice):
    if isinstance(answer, torch.Tensor) and not answer.isfinite().all():
        answer = answer.nan_to_num(9.0)  # a logit of 5 / 5
        advice = "Check the pieces"
    verdict = check_fold_in(answer, *NEWCOMER)
    assert not verdict.passed and advice in verdict.message
    assert "solve(" not in verdict.message


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
        (0, "becomes worse again"),
        (2, "becomes worse again"),
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
