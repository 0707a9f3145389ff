"""The checks of lesson 4 against a bank: right answers in many forms, wrong ones with advice."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from collab_lib import Ratings
from collab_lib.lessons.embeddings.checks import (
    check_indices,
    check_lookup,
    check_n_numbers,
    check_rows_that_learn,
)

NAN = float("nan")


def one_hot(table, indices):
    return F.one_hot(indices, len(table)).float()


def with_a_loop(table, indices):
    rows = []
    for index in indices:
        picked = torch.zeros(len(table))
        picked[index] = 1
        rows.append(picked @ table)
    return torch.stack(rows)


@pytest.mark.parametrize(
    "lookup",
    [
        lambda t, i: one_hot(t, i) @ t,
        lambda t, i: torch.matmul(one_hot(t, i), t),
        lambda t, i: torch.eye(len(t))[i] @ t,
        lambda t, i: (torch.arange(len(t)) == i[:, None]).float() @ t,
        lambda t, i: (one_hot(t, i)[:, :, None] * t).sum(dim=1),
        lambda t, i: torch.einsum("br,rf->bf", one_hot(t, i), t),
        lambda t, i: (one_hot(t, i)[:, :, None] * t[None]).sum(dim=1),
        lambda t, i: torch.stack([one_hot(t, i) @ t[:, k] for k in range(2)], dim=1),
        lambda t, i: (one_hot(t, i) @ t)[:, [0, 1]],
        lambda t, i: sum((i == k).float()[:, None] * t[k] for k in range(len(t))),
        with_a_loop,
    ],
)
def test_a_lookup_as_a_product_passes_in_every_form(lookup):
    assert check_lookup(lookup).passed


def with_a_full_stop(table, indices):
    raise ValueError("This is no place for an index.")


@pytest.mark.parametrize(
    ("lookup", "advice"),
    [
        (lambda t, i: F.one_hot(i, len(t)), "Multiply it by the table"),
        (lambda t, i: F.one_hot(i, len(t)) @ t, ".float()"),
        (lambda t, i: t @ one_hot(t, i), "one-hot rows come first"),
        (lambda t, i: F.one_hot(i).float() @ t, "how many rows the table has"),
        (lambda t, i: F.one_hot(i) @ t, "how many rows the table has"),
        (lambda t, i: F.one_hot(i), "how many rows the table has"),
        (lambda t, i: (F.one_hot(i)[:, :, None] * t).sum(1), "how many rows the table has"),
        (lambda t, i: t, "comes first"),
        (lambda t, i: t.T @ one_hot(t, i).T, "comes first"),
        (lambda t, i: one_hot(t, (i + 1) % 5) @ t, "has to be 1"),
        (lambda t, i: one_hot(t, i).flip(0).roll(1, 0) @ t, "has to be 1"),
        (lambda t, i: (one_hot(t, i) @ t).detach(), "detach"),
        (lambda t, i: one_hot(t, i) @ t.detach() + 0 * t.sum(), "other rows"),
        (lambda t, i: t[i], "as a product"),
        (lambda t, i: t.clone()[i], "as a product"),
        (lambda t, i: (t * 1)[i], "as a product"),
        (lambda t, i: t[i, :], "as a product"),
        (lambda t, i: t[..., :][i], "as a product"),
        (lambda t, i: t.T[:, i].T, "as a product"),
        (lambda t, i: t.index_select(0, i), "as a product"),
        (lambda t, i: F.embedding(i, t), "as a product"),
        (lambda t, i: torch.stack([t[k] for k in i]), "as a product"),
        (lambda t, i: torch.stack([t.unbind()[k] for k in i]), "as a product"),
        (lambda t, i: torch.stack([list(t)[k] for k in i]), "as a product"),
        (lambda t, i: torch.cat([t.split(1)[k] for k in i]), "as a product"),
        (lambda t, i: torch.stack([row for k in i for n, row in enumerate(t) if n == k]), "as a"),
        (lambda t, i: [1, 2], "Return a tensor"),
        (lambda t, i: None, "returns nothing"),
        (lambda t, i: i @ t, "stops with RuntimeError"),
        (lambda t: t, "stops with TypeError"),
        (with_a_full_stop, "an index. Run it"),
        (torch.zeros(3, 2), "Hand in the function"),
    ],
)
def test_mistakes_in_the_lookup_get_advice(lookup, advice):
    verdict = check_lookup(lookup)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.mark.parametrize(
    "answer",
    [{1, 2, 4}, [4, 1, 4, 2], (1, 2, 4), torch.tensor([1, 2, 4]), np.array([4, 2, 1]), {1.0, 2, 4}],
)
def test_who_learns_passes_in_every_form(answer):
    assert check_rows_that_learn(answer, [4, 1, 4, 2], 6).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({0, 1, 2, 3, 4, 5}, "Not all of them"),
        ({0, 3, 5}, "stay as they are"),
        ({1, 2, 4, 5}, "Row 5 wasn't"),
        ({1, 4}, "Not all of them yet"),
        ({4}, "Not all of them yet"),
        ({1, 2, 4, 6}, "rows 0 to 5"),
        (set(), "Some rows change"),
        (None, "set of row numbers"),
        (3, "set of row numbers"),
        (torch.tensor(4), "set of row numbers"),
        (np.array(4), "set of row numbers"),
        ("124", "set of row numbers"),
        ({1: 1, 2: 1, 4: 1}, "set of row numbers"),
        ({1.5, 2, 4}, "whole number"),
        ({"a"}, "should be a number"),
        ([[1, 2], [4, 4]], "one number"),
        ({NAN}, "nan"),
    ],
)
def test_mistakes_about_who_learns_get_advice(answer, advice):
    verdict = check_rows_that_learn(answer, [4, 1, 4, 2], 6)
    assert not verdict.passed
    assert advice in verdict.message


def by_hand(ids):
    vocabulary = sorted(set(ids))
    index_of = {movie_id: index for index, movie_id in enumerate(vocabulary)}
    return [index_of[movie_id] for movie_id in ids], vocabulary


def as_they_come(ids):
    index_of = {}
    for movie_id in ids:
        index_of.setdefault(movie_id, len(index_of))
    return [index_of[movie_id] for movie_id in ids], {k: i for i, k in index_of.items()}


@pytest.mark.parametrize(
    "to_indices",
    [
        by_hand,
        as_they_come,
        lambda ids: list(by_hand(ids)),
        lambda ids: pd.factorize(pd.Series(ids)),
        lambda ids: tuple(reversed(np.unique(ids, return_inverse=True))),
        lambda ids: tuple(reversed(torch.tensor(ids).unique(return_inverse=True))),
        lambda ids: (pd.Series(ids).astype("category").cat.codes, sorted(set(ids))),
        lambda ids: (by_hand(ids)[0], dict(enumerate(by_hand(ids)[1]))),
    ],
)
def test_contiguous_indices_pass_in_every_form(to_indices):
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
        (lambda ids: ([0, 1, 2], [50, 7, 193609]), "5 of them"),
        (lambda ids: ([1, 0, 2, 0, 1], [7, 50, 193609]), "2 of them"),
        (
            lambda ids: ([float(k) for k in by_hand(ids)[0]], by_hand(ids)[1]),
            "an int as its number",
        ),
        (lambda ids: (np.array(by_hand(ids)[0], float), by_hand(ids)[1]), "an int as its number"),
        (
            lambda ids: (torch.tensor(by_hand(ids)[0]).float(), by_hand(ids)[1]),
            "an int as its number",
        ),
        (lambda ids: ([k + 0.5 for k in by_hand(ids)[0]], by_hand(ids)[1]), "an int as its number"),
        (lambda ids: by_hand(ids)[0], "two things"),
        (lambda ids: {0: 50}, "two things"),
        (lambda ids: (["a"] * 5, ["b"] * 3), "should be a number"),
        (
            lambda ids: (by_hand(ids)[0], {i: k for k, i in enumerate(by_hand(ids)[1])}),
            "leads from id to index",
        ),
        (lambda ids: (by_hand(ids)[0], {k + 1: i for k, i in enumerate(ids)}), "an id for each"),
        (lambda ids: (by_hand(ids)[0], {-1 - k: 0 for k in by_hand(ids)[0]}), "KeyError"),
        (lambda ids: (map(int, by_hand(ids)[0]), by_hand(ids)[1]), "A map gives"),
        (lambda ids: ((k for k in by_hand(ids)[0]), by_hand(ids)[1]), "put list(…) around it"),
        (lambda ids: (by_hand(ids)[0], iter(by_hand(ids)[1])), "only once"),
        (lambda ids: (5, 6), "two things"),
        (lambda ids: (np.array(by_hand(ids)[0])[:, None], by_hand(ids)[1]), "the shape (5, 1)"),
        (lambda ids: (by_hand(ids)[0], [str(i) for i in by_hand(ids)[1]]), "the text '50'"),
        (lambda ids: (by_hand(ids)[0], set(by_hand(ids)[1])), "TypeError"),
        (lambda ids: ids.unique(), "stops with AttributeError"),
        (lambda ids: None, "returns nothing"),
        (by_hand([1]), "Hand in the function itself"),
    ],
)
def test_mistakes_in_the_indices_get_advice(to_indices, advice):
    verdict = check_indices(to_indices)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.fixture(scope="module")
def three_ratings():
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


@pytest.mark.parametrize("form", [int, float, np.int64, torch.tensor])
def test_the_number_of_numbers(form, three_ratings):
    verdict = check_n_numbers(form((2 + 3) * 6), three_ratings, 6)
    assert verdict.passed
    assert "30 numbers, for 3 ratings" in verdict.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (2 * 3, "pivot table"),
        (2 + 3, "number of rows"),
        (2 * 3 * 6, "add their sizes"),
        (2 + 3 * 6, "brackets"),
        (2 * 6 + 3, "brackets"),
        (2 * 6, "one of the two tables"),
        (3 * 6, "one of the two tables"),
        ((2 + 71) * 6, "a row for every id"),
        ((5 + 71) * 6, "a row for every id"),
        (7, "how many numbers are in a row"),
        (30.4, "how many numbers are in a row"),
        ("many", "should be a number"),
        ("30", "should be a number"),
        (True, "should be a number"),
        (None, "should be a number"),
        (NAN, "nan"),
        ([30, 30], "one number"),
        (print, "made of numbers"),
    ],
)
def test_mistakes_in_the_number_get_advice(answer, advice, three_ratings):
    verdict = check_n_numbers(answer, three_ratings, 6)
    assert not verdict.passed
    assert advice in verdict.message
