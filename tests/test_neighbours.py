"""Averages of models, and corrections by similar movies."""

import math
import re

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


def test_a_movie_without_neighbours_is_never_taken_for_the_last_one():
    """Place -1 means "none", and as an index it would mean the last row of similarities."""
    rows = [(u, m, 3.0 + u % 3) for u in range(1, 7) for m in (1, 2)]
    lonely = [(1, 3, 5.0)]
    frame = pd.DataFrame([*rows, *lonely], columns=["userId", "movieId", "rating"])
    ratings = Ratings.from_frame(frame.assign(timestamp=0, title="A"))
    model = lambda x: torch.full((len(x),), 3.9)  # noqa: E731
    made = ItemNeighbours.fit(model, ratings, shrinkage=0, min_ratings=2)
    assert made.place.tolist() == [0, 1, -1]
    asked = torch.tensor([[1, 2], [0, 2]])
    assert made.corrections(asked).tolist() == [0, 0], "it has no neighbours"
    other = Ratings(**{**vars(ratings), "ratings": ratings.ratings.clone()})
    other.ratings[ratings.indices[:, 1] == 2] = 0.5
    again = ItemNeighbours.fit(model, other, shrinkage=0, min_ratings=2)
    seen = torch.tensor([[0, 0], [0, 1]])
    assert made.corrections(seen).abs().sum() > 0
    assert torch.equal(made.corrections(seen), again.corrections(seen)), "and it is nobody's"


@pytest.mark.parametrize(("limit", "n"), [("MOST_MOVIES", 300), ("MOST_CELLS", 300 * 671)])
def test_the_advice_of_the_size_message_works(split, monkeypatch, limit, n):
    train, _ = split
    monkeypatch.setattr("collab_lib.neighbours." + limit, n)
    model = global_mean(train)
    with pytest.raises(ValueError, match="Try min_ratings=") as raised:
        ItemNeighbours.fit(model, train)
    advised, left = re.search(r"=(\d+), which leaves (\d+) movies", str(raised.value)).groups()
    made = ItemNeighbours.fit(model, train, min_ratings=int(advised))
    assert len(made.similarities) == int(left) <= 300
    with pytest.raises(ValueError, match="would not fit"):
        ItemNeighbours.fit(model, train, min_ratings=int(advised) - 1)


def test_only_so_many_neighbours_count(split):
    train, valid = split
    model = regularised_biases(train)
    few, many = (ItemNeighbours.fit(model, train, n_neighbours=n) for n in (1, 80))
    some = valid.indices[:200]
    assert not few(some).allclose(many(some))


def test_neighbours_improve_the_biases(split):
    train, valid = split
    model = regularised_biases(train)
    corrected = evaluate(ItemNeighbours.fit(model, train), valid).rmse
    assert 0.85 < corrected < evaluate(model, valid).rmse - 0.01


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
