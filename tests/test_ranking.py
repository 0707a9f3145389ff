"""EASE and weighted ALS against their definitions, and the dot model in pairs."""

import pandas as pd
import pytest
import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import ndcg, top_lists
from collab_lib.models import DotProduct
from collab_lib.ranking import InPairs, _ridge_of_each, bpr, ease, likes, weighted_als
from collab_lib.ridge import ridge


def random_ratings(n_users: int, n_movies: int, share: float = 0.4) -> Ratings:
    g = torch.Generator().manual_seed(0)
    rows = [
        (u, m, 1.0 + int(torch.randint(0, 9, (), generator=g)) / 2)
        for u in range(n_users)
        for m in range(n_movies)
        if u == 0 or m == 0 or torch.rand((), generator=g) < share
    ]
    frame = pd.DataFrame(rows, columns=["userId", "movieId", "rating"])
    return Ratings.from_frame(frame.assign(timestamp=0, title="A film"))


@pytest.mark.parametrize("size", [(6, 15), (15, 6), (9, 9)])
def test_ease_is_one_ridge_regression_a_movie_on_all_other_movies(size):
    """The definition, column by column; one size takes each of the two forms."""
    ratings = random_ratings(*size)
    X, penalty = likes(ratings), 2.0
    expected = torch.zeros_like(X)
    for movie in range(X.shape[1]):
        others = [m for m in range(X.shape[1]) if m != movie]
        A = X[:, others]
        weights = torch.linalg.solve(A.T @ A + penalty * torch.eye(len(others)), A.T @ X[:, movie])
        expected[:, movie] = A @ weights
    torch.testing.assert_close(ease(ratings, penalty=penalty), expected, atol=1e-5, rtol=0)


def test_likes_counts_from_liked_on():
    ratings = random_ratings(5, 6)
    table = likes(ratings, 3.5)
    for (u, m), stars in zip(ratings.indices.tolist(), ratings.ratings.tolist(), strict=True):
        assert table[u, m] == (stars >= 3.5)
    assert table.sum() == (ratings.ratings >= 3.5).sum()


def test_each_row_is_a_ridge_regression_in_which_likes_weigh_more():
    """The definition: all columns are rows of the regression, blanks with weight 1."""
    X = likes(random_ratings(7, 12))
    others = torch.randn(12, 3, generator=torch.Generator().manual_seed(1))
    of_users = [row.nonzero()[:, 0] for row in X]
    found = _ridge_of_each(of_users, others, weight=6.0, penalty=2.0)
    for row, expected_likes in zip(found, X, strict=True):
        root = (1 + 5 * expected_likes).sqrt()
        expected = ridge(root[:, None] * others, root * expected_likes, 2.0)
        torch.testing.assert_close(row, expected, atol=1e-5, rtol=0)
    assert (_ridge_of_each([torch.tensor([], dtype=torch.int64)], others, 6.0, 2.0) == 0).all()


def test_turns_lower_what_weighted_als_makes_small():
    ratings = random_ratings(20, 30)
    X, weight, penalty = likes(ratings), 4.0, 0.01

    def misfit(n_sweeps):
        found = weighted_als(ratings, 3, weight, penalty, n_sweeps)
        return ((1 + (weight - 1) * X) * (X - found).square()).sum().item()

    after = [misfit(n) for n in (1, 2, 4, 16)]
    assert after == sorted(after, reverse=True) and after[-1] < 0.9 * after[0]


def test_weighted_als_makes_better_lists_than_the_most_rated(split):
    train, valid = (half.subset(half.indices[:, 1] < 1500) for half in split)
    popular = torch.bincount(train.indices[:, 1], minlength=train.n_movies).float()
    rival = ndcg(top_lists(popular.expand(train.n_users, -1), train), valid)
    found = weighted_als(train, n_factors=16, n_sweeps=4)
    assert found.shape == (train.n_users, train.n_movies)
    assert ndcg(top_lists(found, train), valid) > 1.3 * rival
    assert torch.equal(found, weighted_als(train, n_factors=16, n_sweeps=4))


@pytest.mark.parametrize("settings", [{"penalty": 0.0}, {"weight": -1.0}])
def test_settings_of_weighted_als_that_mean_nothing(settings):
    with pytest.raises(ValueError, match="must be above 0"):
        weighted_als(random_ratings(5, 6), **settings)
    with pytest.raises(ValueError, match="no rating of"):
        weighted_als(random_ratings(5, 6), liked=6.0)


def test_in_pairs_compares_with_a_film_drawn_by_lot_and_only_in_training():
    model = InPairs(4, 9, 2, seed=0)
    with torch.no_grad():
        model.movie_biases.copy_(torch.arange(9.0) / 4)
    plain = DotProduct(4, 9, 2)
    plain.load_state_dict(model.state_dict())
    x = torch.tensor([[0, 8], [3, 0]]).repeat(300, 1)
    assert torch.equal(model.eval()(x), plain(x))
    ahead = model.train()(x)
    # The film with the largest bias is behind nobody, the one with the smallest ahead of nobody.
    assert ahead[::2].min() > -0.01 and ahead[1::2].max() < 0.01
    others = plain(torch.stack([torch.zeros(9, dtype=torch.int64), torch.arange(9)], dim=1))
    drawn = (plain(x)[::2] - ahead[::2])[:, None] - others
    assert drawn.abs().min(dim=1).values.max() < 1e-5
    assert len(drawn.abs().argmin(dim=1).unique()) == 9


def test_bpr_is_minus_the_logarithm_of_the_probability_of_the_right_order():
    ahead = torch.tensor([0.0, 2.0, -1.0])
    expected = -(1 / (1 + (-ahead).exp())).log().mean()
    torch.testing.assert_close(bpr(ahead, torch.ones(3)), expected)


@pytest.mark.parametrize("wrong", [{"n_sweeps": 0}, {"n_factors": 0}, {"penalty": float("nan")}])
def test_settings_of_weighted_als_out_of_range_are_named(split, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        weighted_als(split[0], **wrong)
