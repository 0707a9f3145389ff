"""The checks of lesson 4: right answers pass, and each common mistake gets its own advice."""

import numpy as np
import pandas as pd
import pytest
from torch.nn import functional as F

from collab_lib import Ratings
from collab_lib.lessons.embeddings.checks import (
    check_indices,
    check_lookup,
    check_n_numbers,
    check_rows_that_learn,
)


def one_hot(table, indices):
    return F.one_hot(indices, len(table)).float()


@pytest.mark.parametrize(
    "lookup",
    [lambda table, indices: one_hot(table, indices) @ table, lambda table, indices: table[indices]],
)
def test_a_lookup_passes(lookup):
    assert check_lookup(lookup).passed


@pytest.mark.parametrize(
    ("lookup", "advice"),
    [
        (lambda t, i: F.one_hot(i, len(t)), "Multiply it by the table"),
        (lambda t, i: F.one_hot(i, len(t)) @ t, ".float()"),
        (lambda t, i: t, "comes first"),
        (lambda t, i: t.T @ one_hot(t, i).T, "comes first"),
        (lambda t, i: one_hot(t, (i + 1) % 5) @ t, "has to be 1"),
        (lambda t, i: (one_hot(t, i) @ t).detach(), "detach"),
        (lambda t, i: t.detach()[i] + 0 * t[0], "other rows"),
        (lambda t, i: [1, 2], "Return a tensor"),
        (lambda t, i: i @ t, "stops with RuntimeError"),
    ],
)
def test_mistakes_in_the_lookup_get_advice(lookup, advice):
    verdict = check_lookup(lookup)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({0, 1, 2, 3, 4, 5}, "Not all of them"),
        ({1, 2, 4, 5}, "Row 5 wasn't"),
        ({1, 4}, "Row 2 was looked up as well"),
        (set(), "Row 1 was looked up as well"),
        (None, "set of row numbers"),
    ],
)
def test_mistakes_about_who_learns_get_advice(answer, advice):
    verdict = check_rows_that_learn(answer, [4, 1, 4, 2], 6)
    assert not verdict.passed
    assert advice in verdict.message


def test_who_learns():
    assert check_rows_that_learn({1, 2, 4}, [4, 1, 4, 2], 6).passed
    assert check_rows_that_learn([4, 1, 4, 2], [4, 1, 4, 2], 6).passed


def by_hand(ids):
    vocabulary = sorted(set(ids))
    index_of = {movie_id: index for index, movie_id in enumerate(vocabulary)}
    return [index_of[movie_id] for movie_id in ids], vocabulary


@pytest.mark.parametrize(
    "to_indices",
    [
        by_hand,
        lambda ids: pd.factorize(pd.Series(ids)),
        lambda ids: tuple(reversed(np.unique(ids, return_inverse=True))),
    ],
)
def test_contiguous_indices_pass(to_indices):
    assert check_indices(to_indices).passed


@pytest.mark.parametrize(
    ("to_indices", "advice"),
    [
        (lambda ids: (list(range(len(ids))), ids), "number the ratings"),
        (lambda ids: (ids, ids), "still the ids"),
        (lambda ids: (by_hand(ids)[0], ids), "an id for each index"),
        (lambda ids: (by_hand(ids)[0], by_hand(ids)[1][::-1]), "give back the ids"),
        (lambda ids: ([k + 1 for k in by_hand(ids)[0]], [0, *by_hand(ids)[1]]), "without a gap"),
        (lambda ids: ([0, 0, 1, 0, 0], [7, 193609]), "other ids need other ones"),
        (lambda ids: ([0, 1, 2], [50, 7, 193609]), "five of them"),
        (lambda ids: by_hand(ids)[0], "two things"),
        (lambda ids: (["a"] * 5, ["b"] * 3), "whole numbers"),
        (lambda ids: ids.unique(), "stops with AttributeError"),
    ],
)
def test_mistakes_in_the_indices_get_advice(to_indices, advice):
    verdict = check_indices(to_indices)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.fixture(scope="module")
def ratings():
    return Ratings.from_frame(
        pd.DataFrame(
            {
                "userId": [1, 1, 4],
                "movieId": [10, 70, 20],
                "rating": [3.0, 4.0, 5.0],
                "timestamp": [0, 1, 2],
                "title": ["A", "B", "C"],
            }
        )
    )


def test_the_number_of_numbers(ratings):
    verdict = check_n_numbers((2 + 3) * 6, ratings, 6)
    assert verdict.passed
    assert "30 numbers, for 3 ratings" in verdict.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (2 * 3, "pivot table"),
        (2 + 3, "number of rows"),
        (2 * 3 * 6, "add the two sizes"),
        (2 * 6, "one of the two tables"),
        (3 * 6, "one of the two tables"),
        ((2 + 71) * 6, "a row for every id"),
        ((5 + 71) * 6, "a row for every id"),
        (7, "how many numbers are in a row"),
        ("many", "whole number"),
        (True, "whole number"),
    ],
)
def test_mistakes_in_the_number_get_advice(answer, advice, ratings):
    verdict = check_n_numbers(answer, ratings, 6)
    assert not verdict.passed
    assert advice in verdict.message
