"""Errors in stars and measures of lists, against numbers worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import (
    Ratings,
    accuracy,
    coverage,
    evaluate,
    mae,
    ndcg,
    precision,
    predict,
    recall,
    rmse,
    top_lists,
)
from collab_lib.evaluation import gini

FOUR = Ratings.from_frame(
    pd.DataFrame(
        {
            "userId": [1, 1, 2, 2],
            "movieId": [1, 2, 1, 3],
            "rating": [5.0, 3.0, 2.0, 4.0],
            "timestamp": [1, 2, 3, 4],
            "title": ["A", "B", "A", "C"],
        }
    )
)
SCORES = torch.tensor([[0.9, 0.8, 0.7], [0.9, 0.1, 0.8]])


def test_errors_by_hand():
    predictions, stars = torch.tensor([3.0, 4.4]), torch.tensor([4.0, 4.5])
    assert rmse(predictions, stars) == pytest.approx(((1 + 0.01) / 2) ** 0.5)
    assert mae(predictions, stars) == pytest.approx(0.55)
    assert accuracy(predictions, stars) == 0.5


def test_shapes_that_torch_would_broadcast_are_an_error():
    with pytest.raises(ValueError, match="squeeze"):
        rmse(torch.zeros(3, 1), torch.zeros(3))


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="no ratings"):
        evaluate(lambda x: torch.zeros(len(x)), FOUR.subset(torch.tensor([], dtype=torch.int64)))


def test_lists_leave_out_what_was_rated():
    train = FOUR.subset(torch.tensor([0, 2]))
    assert top_lists(SCORES, train, k=2).tolist() == [[1, 2], [2, 1]]
    assert SCORES[0, 0] == 0.9


def test_between_equal_scores_the_lot_decides_for_each_user_anew(split):
    train, _ = split
    scores = torch.zeros(train.n_users, train.n_movies)
    scores[:, 7] = 1.0
    lists = top_lists(scores, train, k=10)
    assert all(
        7 in row or [user, 7] in train.indices.tolist() for user, row in enumerate(lists[:3])
    )
    assert len(lists.unique()) > 0.4 * train.n_movies, "not the same ones for everybody"
    assert all(len(row.unique()) == 10 for row in lists)
    assert torch.equal(lists, top_lists(scores, train, k=10))
    assert not torch.equal(lists, top_lists(scores, train, k=10, seed=1))
    rated = torch.zeros(scores.shape, dtype=torch.bool)
    rated[tuple(train.indices.T)] = True
    assert not rated.gather(1, lists).any()


def test_inside_a_list_the_lot_orders_equal_scores(split):
    train, _ = split
    scores = torch.zeros(train.n_users, train.n_movies)
    scores[:, :5] = 1.0
    lists = top_lists(scores, train.subset(torch.tensor([0])), k=10)
    assert lists[1:, :5].sort().values.unique(dim=0).tolist() == [[0, 1, 2, 3, 4]]
    for place in range(5):
        shares = lists[:, place].bincount(minlength=5)[:5] / train.n_users
        assert (shares - 1 / 5).abs().max() < 0.08, "each of the five, as often as the others"


def test_without_equal_scores_there_is_nothing_to_draw(split):
    train, _ = split
    scores = torch.rand(train.n_users, train.n_movies, generator=torch.Generator().manual_seed(0))
    scores = scores.double() + torch.arange(train.n_movies) * 1e-9
    plain = scores.index_put(tuple(train.indices.T), torch.tensor(-1.0).double()).topk(10).indices
    assert torch.equal(top_lists(scores, train), plain)


def test_precision_by_hand():
    """User 1 likes only A; user 2 likes only C, who is listed: one hit in two, one in two."""
    assert precision(torch.tensor([[0, 1], [2, 1]]), FOUR) == 0.5
    assert precision(torch.tensor([[1, 2], [2, 1]]), FOUR) == 0.25
    assert precision(torch.tensor([[0, 1], [2, 1]]), FOUR, liked=5.0) == 0.5


def test_recall_by_hand():
    """User 1 likes A alone, user 2 likes C alone; with 2 stars as a like, two movies each."""
    assert recall(torch.tensor([[0, 1], [0, 1]]), FOUR) == 0.5
    assert recall(torch.tensor([[0], [1]]), FOUR, liked=2.0) == 0.25
    assert recall(torch.tensor([[0], [1]]), FOUR, liked=5.0) == 1, "who likes nothing isn't asked"


def test_ndcg_by_hand():
    """A hit on the second place counts 1 / log2(3)."""
    assert ndcg(torch.tensor([[0, 1], [1, 2]]), FOUR) == pytest.approx((1 + 1 / math.log2(3)) / 2)
    one_of_two = 1 / (1 + 1 / math.log2(3))
    assert ndcg(torch.tensor([[0, 2], [2, 1]]), FOUR, liked=2.0) == pytest.approx(one_of_two)
    assert ndcg(torch.tensor([[0], [1]]), FOUR, liked=5.0) == 1, "who likes nothing isn't asked"


def test_the_best_list_has_an_ndcg_of_1_and_no_order_is_better():
    best = torch.tensor([[0, 1, 2], [2, 0, 1]])
    assert ndcg(best, FOUR) == pytest.approx(1)
    assert ndcg(best.flip(1), FOUR) < 0.7


def test_lists_of_other_users_and_no_likes_are_errors():
    with pytest.raises(ValueError, match="each of the 2 users"):
        precision(torch.tensor([[0, 1]]), FOUR)
    with pytest.raises(ValueError, match="nothing to hit"):
        ndcg(torch.tensor([[0], [1]]), FOUR, liked=5.5)


def test_coverage_by_hand():
    assert coverage(torch.tensor([[0, 1], [1, 0]]), 4) == 0.5


def test_scores_of_another_shape_are_an_error():
    with pytest.raises(ValueError, match="3 movies"):
        top_lists(SCORES[:, :2], FOUR)


def test_a_model_that_fails_is_left_in_training_mode():
    model = torch.nn.Linear(3, 1).train()
    with pytest.raises(RuntimeError):
        predict(model, FOUR.indices)
    assert model.training


def test_who_scores_minus_infinity_still_comes_before_what_was_rated(split):
    train, _ = split
    lists = top_lists(torch.full((train.n_users, train.n_movies), -torch.inf), train, 20)
    rated = torch.zeros(train.n_users, train.n_movies, dtype=torch.bool)
    rated[tuple(train.indices.T)] = True
    assert not rated.gather(1, lists).any()


@pytest.mark.parametrize(("k", "told"), [(0, "at least 1"), (10**6, "at most"), (10, "user 3 for")])
def test_lists_that_cannot_be_made_are_told(split, k, told):
    train, _ = split
    scores = torch.zeros(train.n_users, train.n_movies)
    if k == 10:
        scores[3, 5] = torch.nan
    with pytest.raises(ValueError, match=told):
        top_lists(scores, train, k)


def test_scores_may_be_whole_numbers(split):
    train, _ = split
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    whole = counts.expand(train.n_users, -1)
    assert torch.equal(top_lists(whole, train), top_lists(whole.float(), train))


def test_gini_of_what_is_no_number_is_an_error():
    with pytest.raises(ValueError, match="gini needs counts"):
        gini(np.array([1.0, np.nan]))
