"""The checks of lesson 12: right answers pass in any form, wrong ones get their own advice."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.evaluation import gini
from collab_lib.lessons.bias_and_feedback_loops.checks import (
    check_first_alarm,
    check_gini_of_lists,
    check_worth,
)

LISTS = torch.tensor([[0, 1], [0, 2], [0, 1]])
GINI = gini(np.array([3, 2, 1, 0, 0, 0]))


@pytest.mark.parametrize("form", [float, np.float32, torch.tensor, lambda g: np.array([g])])
def test_the_gini_of_lists_passes_in_any_form(form):
    assert check_gini_of_lists(form(GINI), LISTS, 6).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (gini(np.array([3, 2, 1])), "no list"),
        (round(GINI, 2), "rounded"),
        (1.0, "below 1"),
        (0.5, "bincount"),
        ("high", "should be a number"),
        (None, "should be a number"),
        (float("nan"), "no number to compare"),
        (np.array([3, 2, 1]), "one number"),
    ],
)
def test_another_gini_gets_advice(answer, advice):
    verdict = check_gini_of_lists(answer, LISTS, 6)
    assert not verdict.passed and advice in verdict.message


def test_a_missing_minlength_is_found_where_it_changes_little():
    lists = torch.tensor([[0, 1], [0, 4], [0, 1]])
    verdict = check_gini_of_lists(gini(np.array([3, 2, 0, 0, 1])), lists, 6)
    assert not verdict.passed and "behind it" in verdict.message


def weights_of(log, page):
    return np.isin(log["movie"], page) / len(page) / log["probability"]


def slowly(log, page):
    top = bottom = 0.0
    for row in log.itertuples():
        if row.movie in list(page):
            top += row.stars / row.probability
            bottom += 1 / row.probability
    return torch.tensor(top / bottom)


@pytest.mark.parametrize(
    "answer",
    [
        lambda log, page: (
            (weights_of(log, page) * log["stars"]).sum() / weights_of(log, page).sum()
        ),
        lambda log, page: np.average(log["stars"], weights=weights_of(log, page)),
        slowly,
    ],
)
def test_worth_passes(answer):
    assert check_worth(answer).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda log, page: log["stars"].mean(), "this site earns"),
        (lambda log, page: log["stars"][np.isin(log["movie"], page)].mean(), "equally"),
        (lambda log, page: (weights_of(log, page) * log["stars"]).mean(), "number of visits"),
        (lambda log, page: np.average(log["stars"], weights=1 / log["probability"]), "every film"),
        (
            lambda log, page: np.average(
                log["stars"], weights=np.isin(log["movie"], page) * log["probability"]
            ),
            "inverse",
        ),
        (lambda log, page: 3.0, "Give each visit"),
        (lambda log, page: None, "returns nothing"),
        (lambda log, page: log["star"].mean(), "stops with KeyError"),
        (lambda log, page: log["stars"], "one number"),
        (3.2, "function itself"),
    ],
)
def test_another_worth_gets_advice(answer, advice):
    verdict = check_worth(answer)
    assert not verdict.passed and advice in verdict.message


OURS = pd.DataFrame([[0.1, 0.1, 0.4, 0.5, 0.6], [0.2, 0.35, 0.2, 0.6, 0.7]], columns=range(1, 6))
THEIRS = pd.DataFrame([[0.2, 0.1, 0.1, 0.2, 0.3], [0.25, 0.3, 0.2, 0.2, 0.2]], columns=range(1, 6))


@pytest.mark.parametrize("form", [int, float, np.int64, torch.tensor])
def test_the_first_alarm_passes_in_any_form(form):
    assert check_first_alarm(form(4), OURS, THEIRS).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (2, "means part"),
        (3, "position"),
        (1, "still within"),
        (5, "earlier"),
        (0, "number of a round"),
        (3.5, "number of a round"),
        ("four", "should be a number"),
    ],
)
def test_another_alarm_gets_advice(answer, advice):
    verdict = check_first_alarm(answer, OURS, THEIRS)
    assert not verdict.passed and advice in verdict.message
