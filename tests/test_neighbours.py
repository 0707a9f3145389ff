"""Averages of models, and corrections by similar movies."""

import math

import pandas as pd
import pytest
import torch

from collab_lib import Ratings, evaluate, global_mean, regularised_biases
from collab_lib.neighbours import Average, ItemNeighbours, also_liked

FOUR = Ratings.from_frame(
    pd.DataFrame(
        {
            "userId": [1, 1, 2, 2, 3],
            "movieId": [1, 2, 1, 2, 1],
            "rating": [4.0, 5.0, 2.0, 2.5, 4.0],
            "timestamp": [1, 2, 3, 4, 5],
            "title": ["A", "B", "A", "B", "A"],
        }
    )
)


def test_an_average_by_hand():
    models = [lambda x: torch.full((len(x),), 3.0), lambda x: torch.full((len(x),), 4.0)]
    assert Average(models)(FOUR.indices).tolist() == [3.5] * 5


def test_a_correction_by_hand():
    """User 3 rated A, half a star above the mean of 3.5; B is like A."""
    made = ItemNeighbours.fit(global_mean(FOUR), FOUR, shrinkage=2, damping=0.5)
    a, b = [0.5, -1.5], [1.5, -1.0]
    cosine = sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)
    similarity = cosine * 2 / (2 + 2)
    expected = 3.5 + similarity * 0.5 / (similarity + 0.5)
    assert made(torch.tensor([[2, 1]])).item() == pytest.approx(expected, abs=1e-5)


def test_without_neighbours_the_prediction_is_the_models_own():
    train = FOUR.subset(torch.tensor([0, 1, 2, 3]))
    made = ItemNeighbours.fit(global_mean(train), train)
    assert made(torch.tensor([[2, 1]])).item() == pytest.approx(global_mean(train).mean)


def test_a_movie_without_a_row_gets_no_correction_and_never_that_of_the_last_row():
    """C has one rating, too few for neighbours; the last row of the table is that of B."""
    once = pd.DataFrame(
        {"userId": [2], "movieId": [3], "rating": [1.0], "timestamp": [6], "title": ["C"]}
    )
    rows = pd.DataFrame(FOUR.indices + 1, columns=["userId", "movieId"])
    rows = rows.assign(rating=FOUR.ratings, timestamp=FOUR.timestamps)
    rows["title"] = FOUR.titles[FOUR.indices[:, 1]]
    train = Ratings.from_frame(pd.concat([rows, once]))
    made = ItemNeighbours.fit(global_mean(train), train, shrinkage=2, damping=0.5)
    corrections = made.corrections(torch.tensor([[2, 1], [2, 2]]))
    assert corrections[0] > 0.1
    assert corrections[1] == 0


def test_only_so_many_neighbours_count(split):
    train, valid = split
    model = regularised_biases(train)
    few, many = (ItemNeighbours.fit(model, train, n_neighbours=n) for n in (1, 80))
    some = valid.indices[:200]
    assert not few(some).allclose(many(some))


def test_neighbours_mend_the_biases(split):
    train, valid = split
    model = regularised_biases(train)
    mended = evaluate(ItemNeighbours.fit(model, train), valid).rmse
    assert 0.85 < mended < evaluate(model, valid).rmse - 0.01


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_neighbours": 0}, "n_neighbours=0"),
        ({"damping": -1}, "damping=-1"),
        ({"min_ratings": 9}, "min_ratings=9"),
    ],
)
def test_errors_name_the_value(settings, message):
    with pytest.raises(ValueError, match=message):
        ItemNeighbours.fit(global_mean(FOUR), FOUR, **settings)


def test_an_average_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="no model"):
        Average([])


def test_also_liked_by_hand():
    """A is liked by users 1 and 3, B by user 1: their cosine is 1 / sqrt(2 · 1)."""
    scores = also_liked(FOUR, min_ratings=1)
    expected = torch.tensor([[0.7071, 0.7071], [0, 0], [0, 0.7071]])
    assert torch.allclose(scores, expected, atol=1e-4)
    assert also_liked(FOUR, min_ratings=3)[:, 1].tolist() == [-math.inf] * 3
