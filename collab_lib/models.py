"""The two models of the course. Each is an `nn.Module` and nothing else: no data, no training."""

from collections.abc import Sequence

import torch
from torch import nn

from collab_lib.dataset import rows_of
from collab_lib.repeatable import seeded
from collab_lib.scale import ranged_sigmoid

STARTS = ("random", "agreement")


def create_embedding(size: Sequence[int]) -> nn.Parameter:
    """A lookup table of the shape `size`, filled with small random numbers, that a model can train.

    The numbers are normal with mean 0 and standard deviation 0.01: a start near zero, where the
    products of two tables are nearly zero too. Introduced in lesson 4.

    Raises TypeError if `size` is a number and no list of sides, and ValueError if a side is less
    than 1.
    """
    if not isinstance(size, Sequence):
        raise TypeError(f"size={size!r} must be a list of sides: try [{size}, 2]")
    _check_sizes(size=size)
    return nn.Parameter(torch.empty(*size).normal_(0, 0.01))


class DotProduct(nn.Module):
    """Probabilistic matrix factorisation: a rating is a dot product of factors plus biases.

        rating = ranged_sigmoid(p_u · q_m + b_u + b_m + b, *y_range)

    with factors p_u of the user and q_m of the movie, their biases b_u and b_m, and one bias b for
    all (Salakhutdinov and Mnih 2007; Koren, Bell and Volinsky 2009). Introduced in lesson 5.

    n_users, n_movies: how many indices there are. n_factors: the length of a vector.
    y_range: the bounds between which every prediction lies, in stars.
    mean: the mean of the training ratings, in stars. With it, an untrained model predicts the mean;
        without, the middle of `y_range`.
    seed: makes the random start repeatable; without, torch's own generator is used.

    Raises ValueError if a size is less than 1, `y_range` is upside down or `mean` is outside of it.
    """

    def __init__(
        self,
        n_users: int,
        n_movies: int,
        n_factors: int,
        y_range: tuple[float, float] = (0, 5.5),
        mean: float | None = None,
        seed: int | None = None,
    ):
        super().__init__()
        _check_sizes(n_users=n_users, n_movies=n_movies, n_factors=n_factors)
        self.y_range = y_range
        with seeded(seed):
            self.user_factors = create_embedding([n_users, n_factors])
            self.movie_factors = create_embedding([n_movies, n_factors])
        self.user_biases = nn.Parameter(torch.zeros(n_users))
        self.movie_biases = nn.Parameter(torch.zeros(n_movies))
        self.bias = nn.Parameter(_start(mean, y_range))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices x, (batch, 2)."""
        users, movies = _columns(x)
        p = rows_of(self.user_factors, users, "user")  # (batch, n_factors), and q as well
        q = rows_of(self.movie_factors, movies, "movie")
        user_bias = rows_of(self.user_biases, users, "user")  # (batch,), and the other as well
        movie_bias = rows_of(self.movie_biases, movies, "movie")
        score = (p * q).sum(dim=1) + user_bias + movie_bias + self.bias
        return ranged_sigmoid(score, *self.y_range)


class CollabNN(nn.Module):
    """A neural network on the user's and the movie's factors, laid side by side.

        rating = ranged_sigmoid(w₂ · relu(W₁ [p_u, q_m] + c₁) + c₂, *y_range)

    The two vectors may differ in length, since they are concatenated and not multiplied.
    Introduced in lesson 8.

    n_users, n_movies: how many indices there are. n_user_factors, n_movie_factors: the lengths of
    the vectors. n_act: the number of activations in the hidden layer. dropout: the share of
    activations set to zero at random in training. y_range, mean, seed, errors: as in `DotProduct`.
    start: how the layers start. "random": as torch's do. "agreement": every four activations start
        as a measure of how far one user factor and one movie factor agree, see `_start_to_agree`.
    """

    def __init__(
        self,
        n_users: int,
        n_user_factors: int,
        n_movies: int,
        n_movie_factors: int,
        y_range: tuple[float, float] = (0, 5.5),
        n_act: int = 100,
        dropout: float = 0.0,
        mean: float | None = None,
        seed: int | None = None,
        start: str = "random",
    ):
        super().__init__()
        if start not in STARTS:
            raise ValueError(f"start={start!r} is no way to start: choose one of {STARTS}")
        _check_sizes(
            n_users=n_users,
            n_user_factors=n_user_factors,
            n_movies=n_movies,
            n_movie_factors=n_movie_factors,
            n_act=n_act,
        )
        self.y_range = y_range
        with seeded(seed):
            self.user_factors = create_embedding([n_users, n_user_factors])
            self.movie_factors = create_embedding([n_movies, n_movie_factors])
            self.layers = nn.Sequential(
                nn.Linear(n_user_factors + n_movie_factors, n_act),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(n_act, 1),
            )
        if start == "agreement":
            _start_to_agree(self.layers[0], self.layers[-1], n_user_factors)
        nn.init.constant_(self.layers[-1].bias, _start(mean, y_range).item())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices x, (batch, 2)."""
        users, movies = _columns(x)
        p = rows_of(self.user_factors, users, "user")  # (batch, n_user_factors)
        q = rows_of(self.movie_factors, movies, "movie")  # (batch, n_movie_factors)
        score = self.layers(torch.cat([p, q], dim=1)).squeeze(1)
        return ranged_sigmoid(score, *self.y_range)


@torch.no_grad()
def _start_to_agree(first: nn.Linear, last: nn.Linear, n_user_factors: int) -> None:
    """Let every four activations measure the agreement of user factor x with movie factor y:

        relu(x + y) + relu(-x - y) - relu(x - y) - relu(y - x) = |x + y| - |x - y|

    which is above 0 where x and y have the same sign, below it where they differ, and twice the
    smaller of the two in size: what the product x · y says, by addition and ReLU alone. The last
    layer gives each 0.3 of it. Activations that are left over stay as they are.
    """
    n_movie_factors = first.in_features - n_user_factors
    n_pairs = min(first.out_features // 4, n_user_factors, n_movie_factors)
    signs = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    pairs = torch.eye(n_pairs)
    first.weight[: 4 * n_pairs] = 0
    first.weight[: 4 * n_pairs, :n_pairs] = torch.kron(pairs, signs[:, :1])
    movie_factors = slice(n_user_factors, n_user_factors + n_pairs)
    first.weight[: 4 * n_pairs, movie_factors] = torch.kron(pairs, signs[:, 1:])
    first.bias.zero_()
    last.weight[0, : 4 * n_pairs] = 0.3 * signs.prod(dim=1).repeat(n_pairs)


def _start(mean: float | None, y_range: tuple[float, float]) -> torch.Tensor:
    """The number that `ranged_sigmoid` maps to `mean`: its inverse, the logit."""
    lower, upper = y_range
    if not lower < upper:
        raise ValueError(f"y_range={y_range} is upside down or empty: try (0, 5.5)")
    if mean is None:
        return torch.tensor(0.0)
    if not lower < mean < upper:
        raise ValueError(f"mean={mean} must lie inside y_range={y_range}")
    return torch.logit(torch.tensor((float(mean) - lower) / (upper - lower), dtype=torch.float32))


def _columns(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The users and the movies of x, (batch, 2)."""
    if x.ndim != 2 or x.shape[1] != 2 or x.dtype not in (torch.int64, torch.int32):
        raise ValueError(
            f"x must be an int tensor (batch, 2) of user and movie indices, and is {x.dtype} "
            f"{tuple(x.shape)}: pass Ratings.indices"
        )
    return x[:, 0], x[:, 1]


def _check_sizes(**sizes: int | Sequence[int]) -> None:
    for name, value in sizes.items():
        sides = value if isinstance(value, Sequence) else [value]
        if any(side < 1 for side in sides):
            raise ValueError(f"{name}={value} must be 1 or more")
