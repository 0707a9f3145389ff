"""Lists instead of stars: scores from likes alone."""

import torch

from collab_lib.dataset import Ratings
from collab_lib.repeatable import one_thread

# A table of all pairs of 20,000 movies takes 1.6 GB.
MOST_MOVIES = 20_000


@one_thread()
def ease(train: Ratings, penalty: float = 300.0, liked: float = 4.0) -> torch.Tensor:
    """A score of every movie for every user, (n_users, n_movies): EASE, from likes alone.

    Let X be the table of likes, (n_users, n_movies): 1 where `train` holds `liked` stars or more.
    Each movie's column is predicted from all *other* columns by one ridge regression:

        B = argmin |X - X B|² + penalty · |B|²,  with 0 on the diagonal of B;  scores = X B

    All of them come from one inverse, P = (XᵀX + penalty · I)⁻¹ (Steck 2019, "Embarrassingly
    shallow autoencoders for sparse data"): B_ij = -P_ij / P_jj. Where users are fewer than movies,
    the same numbers come from the smaller table of users:

        K = (X Xᵀ + penalty · I)⁻¹,  P = (I - Xᵀ K X) / penalty

    penalty: the larger, the less a few likes in common are trusted. A user without likes scores 0
    everywhere: any list is as good. Introduced in lesson 10.

    Raises ValueError if `train` is empty or without likes, or if `penalty` is not above 0.
    """
    if penalty <= 0:
        raise ValueError(f"penalty={penalty} must be above 0: try 300")
    X = likes(train, liked)
    if X.shape[0] < X.shape[1]:
        # With S = K X: X P = S, because X (I - XᵀKX) / penalty = (I - XXᵀK) X / penalty = K X.
        S = torch.linalg.solve(X @ X.T + penalty * torch.eye(len(X)), X)
        diagonal = (1 - (X * S).sum(dim=0)) / penalty
    else:
        if X.shape[1] > MOST_MOVIES:
            raise ValueError(
                f"{X.shape[1]:,} movies: a table of all pairs of them doesn't fit into memory. "
                f"Keep the {MOST_MOVIES:,} with most ratings, or fewer users than movies"
            )
        P = torch.linalg.inv(X.T @ X + penalty * torch.eye(X.shape[1]))
        S, diagonal = X @ P, P.diagonal()
    return X - S / diagonal


def likes(train: Ratings, liked: float = 4.0) -> torch.Tensor:
    """1 where a user gave a movie `liked` stars or more in `train`, else 0: (n_users, n_movies).

    Raises ValueError if nobody did. Introduced in lesson 10.
    """
    pairs = train.indices[train.ratings >= liked]
    if len(pairs) == 0:
        raise ValueError(f"train holds no rating of {liked} stars or more: choose a smaller liked")
    table = torch.zeros(train.n_users, train.n_movies)
    table[pairs[:, 0], pairs[:, 1]] = 1
    return table
