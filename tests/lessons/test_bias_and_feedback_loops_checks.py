"""The checks of lesson 12: right answers pass in any form, wrong ones get their own advice."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.evaluation import gini
from collab_lib.lessons.bias_and_feedback_loops.checks import (
    OTHER_RUNS,
    _readings,
    check_first_alarm,
    check_gini_of_lists,
    check_worth,
)
from collab_lib.results import load_results

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
        (round(GINI, 3), "rounded"),
        (GINI + 0.0002, "bincount"),
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


def test_no_check_shows_a_number_that_it_would_refuse():
    """Lists are so unequal that two digits would show 1.00, and 1 is no Gini index."""
    lists = torch.arange(20)[:, None] * torch.zeros(1, 10, dtype=torch.int64)
    lists[0] = torch.arange(10)
    wanted = gini(torch.bincount(lists.flatten(), minlength=9000).numpy())
    verdict = check_gini_of_lists(wanted, lists, 9000)
    assert verdict.passed and verdict.message.startswith(f"{wanted:.4f}") and wanted > 0.999
    assert "rounded" in check_gini_of_lists(1.0, lists, 9000).message


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


def first_alarm(ours, theirs):
    return (ours.min() > theirs.max()).idxmax()


def by_loops(ours, theirs):
    for number in ours:
        if all(a > b for a in ours[number] for b in theirs[number]):
            return number


def by_numpy(ours, theirs):
    return np.argmax(ours.to_numpy().min(axis=0) > theirs.to_numpy().max(axis=0)) + 1


@pytest.mark.parametrize("form", [int, float, np.int64, torch.tensor])
@pytest.mark.parametrize("right", [first_alarm, by_loops, by_numpy])
def test_the_first_alarm_passes_in_any_form(form, right):
    verdict = check_first_alarm(lambda ours, theirs: form(right(ours, theirs)), OURS, THEIRS)
    assert verdict.passed, verdict


def tables_of_the_lesson() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The niche's share of the lists, by run and round: with the chart, and in the random twins."""
    stored = load_results("feedback")["alarms"]
    return tuple(
        pd.DataFrame(stored[kind]["niche_of_lists"], columns=range(1, 21))
        for kind in ("all ratings", "random lists")
    )


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda ours, theirs: (ours.mean() > theirs.mean()).idxmax(), "means part"),
        (lambda ours, theirs: first_alarm(ours, theirs) - 1, "position"),
        (lambda ours, theirs: (ours > theirs).all().idxmax(), "another table: You compare run"),
        (lambda ours, theirs: first_alarm(theirs, ours), "still within"),
        (lambda ours, theirs: 4, "another table"),  # right for one table
        (lambda ours, theirs: first_alarm(OURS, THEIRS), "another table: it is another round"),
        (lambda ours, theirs: first_alarm(OURS, THEIRS), "arguments `ours` and `theirs`"),
        (lambda ours, theirs: first_alarm(OURS, theirs), "another table: Your function stops"),
        (lambda ours, theirs: first_alarm(OURS, theirs), "`theirs` alone?"),
        (lambda ours, theirs: 5, "earlier"),
        (lambda ours, theirs: 0, "number of a round"),
        (lambda ours, theirs: 3.5, "number of a round"),
        (lambda ours, theirs: "four", "should be a number"),
        (lambda ours, theirs: None, "returns nothing"),
        (lambda ours: 1, "stops with"),
        (4, "function itself"),
    ],
)
def test_another_alarm_gets_advice(answer, advice):
    verdict = check_first_alarm(answer, OURS, THEIRS)
    assert not verdict.passed and advice in verdict.message, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda ours, theirs: (ours.mean() > theirs.mean()).idxmax(), "means part"),
        (lambda ours, theirs: (ours.max() > theirs.max()).idxmax(), "highest run is above"),
        (lambda ours, theirs: (ours > theirs).all().idxmax(), "You compare run"),
        (lambda ours, theirs: (ours.min() > theirs.mean()).idxmax(), "mean of the twin"),
        (lambda ours, theirs: first_alarm(ours, theirs) - 1, "position"),
        (lambda ours, theirs: (ours.min() > theirs.min()).idxmax(), "lowest of the twin"),
        (lambda ours, theirs: (ours.mean() > theirs.max()).idxmax(), "the mean of the chart"),
        (lambda ours, theirs: (ours.min() >= theirs.max()).idxmax(), "must be above"),
        (lambda ours, theirs: (ours > theirs).any().idxmax(), "some run of the twin"),
        (lambda ours, theirs: (ours.max() > theirs.min()).idxmax(), "some run of the twin"),
        (lambda ours, theirs: (ours.max() > theirs.mean()).idxmax(), "some run of the twin"),
        (lambda ours, theirs: (ours.mean() > theirs.min()).idxmax(), "some run of the twin"),
    ],
)
def test_each_other_comparison_gets_its_own_advice(answer, advice):
    """On the lesson's own tables, where many of them say the same, and where all are right."""
    ours, theirs = tables_of_the_lesson()
    verdict = check_first_alarm(answer, ours, theirs)
    assert not verdict.passed and advice in verdict.message, verdict
    late = ours * 0
    late[6] = 9.0
    other = check_first_alarm(answer, late, theirs)
    assert not other.passed and advice in other.message, other


def test_each_reading_begins_in_a_round_of_its_own():
    """And none of them in a round that could be the answer for the lesson's own tables."""
    ours, theirs = OTHER_RUNS
    begins = [part.idxmax() for part, _ in _readings(ours, theirs)]
    right = (ours.min() > theirs.max()).idxmax()
    assert len({*begins, right, right - 1}) == len(begins) + 2
    assert min(begins) > 20 and right == ours.columns[-1]


def test_the_round_of_which_the_solution_tells():
    """It compares this round with those in which the lesson asserts that people suffer."""
    assert first_alarm(*tables_of_the_lesson()) == 5


def test_an_answer_may_change_its_tables():
    kept = OURS.copy()

    def destructive(ours, theirs):
        answer = first_alarm(ours, theirs)
        ours[:] = theirs[:] = 0
        return answer

    assert check_first_alarm(destructive, OURS, THEIRS).passed
    pd.testing.assert_frame_equal(OURS, kept)
