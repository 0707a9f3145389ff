"""Lists instead of stars: scores from likes alone, and a loss that compares two movies."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional as F

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


@dataclass(frozen=True)
class LikedAndOthers:
    """What `train_model` learns from where the loss compares movies: it takes the place of train.

    Each batch holds liked pairs of user and movie, and for each of them `n_others` pairs of the
    same user with a movie drawn from all: (indices, wanted) with indices ((1 + n_others) · n, 2),
    the liked ones first, and wanted 1 for them and 0 for the rest. Now and then one of the rest is
    liked, too: too seldom to matter. Introduced in lesson 10.

    `LikedAndOthers.of(train)` makes one; ValueError if `train` holds no likes.
    """

    pairs: torch.Tensor
    n_movies: int
    n_others: int

    @classmethod
    def of(cls, train: Ratings, n_others: int = 20, liked: float = 4.0) -> "LikedAndOthers":
        """The pairs that `train` rates `liked` stars or more."""
        if n_others < 1:
            raise ValueError(f"n_others={n_others} must be 1 or more: there is nothing to compare")
        return cls(likes(train, liked).nonzero(), train.n_movies, n_others)

    def __len__(self) -> int:
        return len(self.pairs)

    def batches(
        self, batch_size: int, generator: torch.Generator
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield (indices, wanted) for `batch_size` likes at a time, in an order drawn anew."""
        for rows in torch.randperm(len(self), generator=generator).split(batch_size):
            liked = self.pairs[rows]
            users = liked[:, 0].repeat(self.n_others)
            movies = torch.randint(self.n_movies, users.shape, generator=generator)
            indices = torch.cat([liked, torch.stack([users, movies], dim=1)])
            wanted = torch.zeros(len(indices))
            wanted[: len(liked)] = 1
            yield indices, wanted


def bpr(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """A loss for `train_model`: the liked movie should beat each of the others.

        mean(-log sigmoid(score of the liked one - score of the other one))

    the loss of Rendle and others 2009, "BPR: Bayesian personalized ranking from implicit feedback".
    scores, wanted: (batch,), in the order of `LikedAndOthers`. Introduced in lesson 10.
    """
    liked, others = _beside(scores, wanted)
    return -F.logsigmoid(liked - others).mean()


def softmax(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """A loss for `train_model`: the liked movie should be the first choice among the others.

        mean(-log(exp(score of the liked one) / Σ exp(scores of the liked one and the others)))

    the cross-entropy of a choice among 1 + n_others movies. Unlike `bpr` it looks hardest at those
    others that come close. scores, wanted: as for `bpr`. Introduced in lesson 10.
    """
    liked, others = _beside(scores, wanted)
    return (torch.cat([liked, others]).logsumexp(dim=0) - liked[0]).mean()


def _beside(scores: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The scores of the liked movies, (1, n), and of the others beside each, (n_others, n)."""
    n = int(wanted.sum())
    if n == 0 or len(scores) % n or not wanted[:n].all():
        raise ValueError(
            "this loss compares liked movies with others: train on LikedAndOthers.of(train)"
        )
    return scores[:n][None], scores[n:].view(-1, n)
