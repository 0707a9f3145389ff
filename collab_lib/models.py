"""The two models of the course. Each is an `nn.Module` and nothing else: no data, no training."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn import functional as F

from collab_lib.scale import ranged_sigmoid


def create_embedding(size: Sequence[int]) -> nn.Parameter:
    """A lookup table of the shape `size`, filled with small random numbers, that a model can train.

    The numbers are normal with mean 0 and standard deviation 0.01: a start near zero, where the
    products of two tables are nearly zero too. Introduced in lesson 4.

    Raises ValueError if a side of `size` is less than 1.
    """
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
        users, movies = _columns(x, len(self.user_factors), len(self.movie_factors))
        products = F.embedding(users, self.user_factors) * F.embedding(movies, self.movie_factors)
        biases = self.user_biases[users] + self.movie_biases[movies] + self.bias
        return ranged_sigmoid(products.sum(dim=1) + biases, *self.y_range)


class CollabNN(nn.Module):
    """A neural network on the user's and the movie's factors, laid side by side.

        rating = ranged_sigmoid(w₂ · relu(W₁ [p_u, q_m] + c₁) + c₂, *y_range)

    The two vectors may differ in length, since they are concatenated and not multiplied.
    Introduced in lesson 7.

    n_users, n_movies: how many indices there are. n_user_factors, n_movie_factors: the lengths of
    the vectors. n_act: the number of activations in the hidden layer. dropout: the share of
    activations set to zero at random in training. y_range, mean, seed, errors: as in `DotProduct`.
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
    ):
        super().__init__()
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
        nn.init.constant_(self.layers[-1].bias, _start(mean, y_range).item())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices x, (batch, 2)."""
        users, movies = _columns(x, len(self.user_factors), len(self.movie_factors))
        both = (F.embedding(users, self.user_factors), F.embedding(movies, self.movie_factors))
        activations = self.layers(torch.cat(both, dim=1))
        return ranged_sigmoid(activations.squeeze(1), *self.y_range)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Draw from `seed` inside the block and leave torch's own generator as it was found.

    With None the block draws from torch's own generator, as torch does everywhere.
    """
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


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


def _columns(x: torch.Tensor, n_users: int, n_movies: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The users and the movies of x, (batch, 2), once they are known to be indices."""
    if x.ndim != 2 or x.shape[1] != 2 or x.is_floating_point():
        raise ValueError(
            f"x must be an int tensor (batch, 2) of user and movie indices, and is {x.dtype} "
            f"{tuple(x.shape)}: pass Ratings.indices"
        )
    users, movies = x.unbind(dim=1)
    for what, column, n in (("user", users, n_users), ("movie", movies, n_movies)):
        if len(column) and not (0 <= column.min() and column.max() < n):
            bad = column[(column < 0) | (column >= n)][0].item()
            raise IndexError(
                f"{what} index {bad} is not in 0 to {n - 1}: is it MovieLens's id? "
                f"Ratings.{what}_index turns an id into an index"
            )
    return users, movies


def _check_sizes(**sizes: int | Sequence[int]) -> None:
    for name, value in sizes.items():
        sides = value if isinstance(value, Sequence) else [value]
        if any(side < 1 for side in sides):
            raise ValueError(f"{name}={value} must be 1 or more")
