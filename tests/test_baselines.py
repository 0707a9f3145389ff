"""The baselines, against numbers worked out by hand and against least squares."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import (
    Ratings,
    evaluate,
    global_mean,
    movie_means,
    regularised_biases,
    user_means,
)

FOUR = Ratings.from_frame(
    pd.DataFrame(
        {
            "userId": [1, 1, 2, 2],
            "movieId": [1, 2, 1, 3],
            "rating": [5.0, 3.0, 2.0, 2.0],
            "timestamp": [1, 2, 3, 4],
            "title": ["A", "B", "A", "C"],
        }
    )
)
BLANK = torch.tensor([[0, 2]])


def test_means_by_hand():
    assert global_mean(FOUR)(BLANK).item() == pytest.approx(3.0)
    assert user_means(FOUR)(BLANK).item() == pytest.approx(4.0)
    assert movie_means(FOUR)(BLANK).item() == pytest.approx(2.0)


def test_who_has_no_ratings_gets_the_mean():
    train = FOUR.subset(torch.tensor([0, 1]))
    assert user_means(train)(torch.tensor([[1, 0]])).item() == pytest.approx(4.0)
    assert movie_means(train)(torch.tensor([[0, 2]])).item() == pytest.approx(4.0)
    assert regularised_biases(train)(torch.tensor([[1, 2]])).item() == pytest.approx(4.0)


def test_regularised_biases_solve_their_least_squares_problem():
    """The oracle: the same penalised sum of squares, solved at once as a linear system."""
    user_damping, movie_damping = 2.0, 3.0
    design = np.zeros((4, 5))
    for row, (user, movie) in enumerate(FOUR.indices.tolist()):
        design[row, user] = design[row, 2 + movie] = 1
    penalty = np.diag([user_damping] * 2 + [movie_damping] * 3)
    left = FOUR.ratings.numpy() - 3.0
    expected = np.linalg.solve(design.T @ design + penalty, design.T @ left)
    made = regularised_biases(FOUR, user_damping, movie_damping, rounds=100)
    biases = torch.cat([made.user_biases, made.movie_biases]).numpy()
    np.testing.assert_allclose(biases, expected, atol=1e-5)


def test_the_ladder_on_real_ratings(split):
    train, valid = split
    scores = [
        evaluate(model(train), valid).rmse
        for model in (global_mean, movie_means, user_means, regularised_biases)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1.0658, abs=0.001)
    assert scores[-1] == pytest.approx(0.8906, abs=0.001)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"user_damping": -1}, "user_damping=-1"), ({"rounds": 0}, "rounds=0")],
)
def test_errors_name_the_value(settings, message):
    with pytest.raises(ValueError, match=message):
        regularised_biases(FOUR, **settings)


def test_an_empty_split_has_no_mean():
    with pytest.raises(ValueError, match="no ratings"):
        global_mean(FOUR.subset(torch.tensor([], dtype=torch.int64)))


@pytest.mark.parametrize("index", [-1, 10**6])
def test_an_index_that_there_is_not_is_named(split, index):
    with pytest.raises(IndexError, match=f"user index {index} is not in 0 to"):
        user_means(split[0])(torch.tensor([[index, 0]]))


def test_a_damping_that_is_no_number_is_refused(split):
    with pytest.raises(ValueError, match="user_damping=nan"):
        regularised_biases(split[0], float("nan"))
