"""Lists instead of stars: scores from likes alone, and a loss that compares two movies."""

import torch
from torch.nn import functional as F

from collab_lib.dataset import Ratings
from collab_lib.models import DotProduct
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
    if not penalty > 0:
        raise ValueError(f"penalty={penalty} must be above 0: try 300")
    X = likes(train, liked)
    if X.shape[0] < X.shape[1]:
        # With S = K X: X P = S, because X (I - XᵀKX) / penalty = (I - XXᵀK) X / penalty = K X.
        # Nearly all of X is 0: products that skip the zeros take a third of the time.
        few = X.to_sparse()
        K = torch.linalg.inv(torch.sparse.mm(few, X.T.contiguous()) + penalty * torch.eye(len(X)))
        S = torch.sparse.mm(few.T, K).T.contiguous()
        diagonal = (1 - (X * S).sum(dim=0)) / penalty
    else:
        if X.shape[1] > MOST_MOVIES:
            raise ValueError(
                f"{X.shape[1]:,} movies: a table of all pairs of them doesn't fit into memory. "
                f"Keep the {MOST_MOVIES:,} with most ratings, or fewer users than movies"
            )
        P = torch.linalg.inv(X.T @ X + penalty * torch.eye(X.shape[1]))
        S, diagonal = X @ P, P.diagonal()
    return X - S.div_(diagonal)


@one_thread()
def weighted_als(
    train: Ratings,
    n_factors: int = 96,
    weight: float = 12.0,
    penalty: float = 60.0,
    n_sweeps: int = 12,
    liked: float = 4.0,
    seed: int = 0,
) -> torch.Tensor:
    """A score of every movie for every user, (n_users, n_movies): factors trained on likes alone.

    Let x_um be 1 where `train` holds `liked` stars or more, and 0 elsewhere. Factors are sought
    whose products are near all of these numbers, and nearer where somebody liked something:

        Σ c_um (x_um - p_u · q_m)² + penalty · (Σ |p_u|² + Σ |q_m|²)

    with c_um = `weight` for a like and 1 for a blank. While the movies stand still, the best p_u of
    each user is a ridge regression, and the other way round: so they take turns, `n_sweeps` times
    (Hu, Koren and Volinsky 2008, "Collaborative filtering for implicit feedback datasets"; with
    settings chosen as carefully as here it keeps up: Rendle and others 2021, "Revisiting the
    performance of iALS"). The defaults were chosen inside the training data. Lesson 10.

    Raises ValueError if `train` holds no likes, if `penalty` or `weight` isn't above 0, or if
    `n_factors` or `n_sweeps` is less than 1.
    """
    for name, value in (("penalty", penalty), ("weight", weight)):
        if not value > 0:
            raise ValueError(f"{name}={value} must be above 0")
    for name, value in (("n_factors", n_factors), ("n_sweeps", n_sweeps)):
        if value < 1:
            raise ValueError(f"{name}={value} must be 1 or more")
    table = likes(train, liked)
    of_users = [row.nonzero()[:, 0] for row in table]
    of_movies = [column.nonzero()[:, 0] for column in table.T]
    generator = torch.Generator().manual_seed(seed)
    movies = 0.1 * torch.randn(len(of_movies), n_factors, generator=generator)
    for _ in range(n_sweeps):
        users = _ridge_of_each(of_users, movies, weight, penalty)
        movies = _ridge_of_each(of_movies, users, weight, penalty)
    return users @ movies.T


def _ridge_of_each(
    liked: list[torch.Tensor], others: torch.Tensor, weight: float, penalty: float
) -> torch.Tensor:
    """The best row for each list of indices into `others`: (n_rows, n_factors)."""
    # All blanks count 1, which is the same sum for every row; each like adds what is above 1.
    of_all = others.T @ others + penalty * torch.eye(others.shape[1])
    rows = torch.zeros(len(liked), others.shape[1])
    for row, mine in enumerate(liked):
        if len(mine):
            x = others[mine]
            rows[row] = torch.linalg.solve(of_all + (weight - 1) * x.T @ x, weight * x.sum(dim=0))
    return rows


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


class InPairs(DotProduct):
    """The dot model for lists: in training it says how far a film is ahead of one drawn by lot.

    Trained on the likes alone, with the loss `bpr` (Rendle and others 2009, "BPR: Bayesian
    personalized ranking from implicit feedback"). Out of training it is the dot model, and its
    numbers are an order and no stars. Introduced in lesson 10, which writes it out.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores, (batch,), for user and movie indices x; in training, differences of two."""
        if not self.training:
            return super().forward(x)
        by_lot = torch.randint(len(self.movie_biases), (len(x),))
        others = torch.stack([x[:, 0], by_lot], dim=1)
        # Looked up together: a table's gradient is as long as the table, for each lookup anew.
        of_liked, of_others = super().forward(torch.cat([x, others])).chunk(2)
        return of_liked - of_others


def bpr(ahead: torch.Tensor, ratings: torch.Tensor) -> torch.Tensor:
    """A loss for `train_model` and `InPairs`: mean(-log sigmoid(ahead)). Lesson 10.

    sigmoid(ahead) is the probability that the model gives to the right order of the two films.
    ahead: (batch,). ratings: not used; the loop passes them to every loss.
    """
    return -F.logsigmoid(ahead).mean()
