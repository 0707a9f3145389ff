"""EASE against its definition."""

import pandas as pd
import pytest
import torch

from collab_lib.dataset import Ratings
from collab_lib.ranking import ease, likes


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
