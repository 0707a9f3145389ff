"""The checks of the start page and of lesson 1: common wrong answers get their own advice."""

import pytest

from collab_lib.lessons.exploration.checks import (
    check_best_loved,
    check_most_rated,
    check_share_of_tail,
)
from collab_lib.lessons.start_here.checks import check_number_of_ratings


@pytest.mark.parametrize(
    ("answer", "advice"),
    [("Jumanji (1995)", "has 107 ratings"), ("Jumanji", "No movie"), (356, "a string")],
)
def test_most_rated(collab, answer, advice):
    verdict = check_most_rated(answer, collab)
    assert not verdict.passed
    assert advice in verdict.message


def test_best_loved(collab):
    assert check_best_loved("Godfather, The (1972)", collab).passed
    assert "higher" in check_best_loved("Toy Story (1995)", collab).message
    lucky = collab.groupby("title")["rating"].mean().idxmax()
    assert "Keep the rows" in check_best_loved(lucky, collab).message


def test_share_of_tail(collab):
    counts = collab["movieId"].value_counts()
    share = counts[counts < 5].sum() / len(collab)
    assert check_share_of_tail(share, collab).passed
    assert "percentage" in check_share_of_tail(100 * share, collab).message
    assert "share of the movies" in check_share_of_tail((counts < 5).mean(), collab).message
    assert not check_share_of_tail(0.5, collab).passed


def test_number_of_ratings(collab):
    assert check_number_of_ratings(len(collab), collab).passed
    assert "cells" in check_number_of_ratings(collab.size, collab).message
    assert "quotation" in check_number_of_ratings("100004", collab).message


def test_a_verdict_reads_as_a_sentence(collab):
    assert repr(check_number_of_ratings(len(collab), collab)).startswith("✓ That is")
    assert repr(check_number_of_ratings(1, collab)).startswith("✗ Replace")
