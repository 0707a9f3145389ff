"""The predictors that a model has to beat: means and biases, computed without any training."""

from dataclasses import dataclass

import torch

from collab_lib.dataset import Ratings, rows_of


@dataclass(frozen=True)
class Baseline:
    """Predict mean + the user's bias + the movie's bias: every baseline of the course is one.

    mean: stars; user_biases (n_users,) and movie_biases (n_movies,): stars above or below.

    A baseline that ignores users, say, has zeros for their biases. Introduced in lesson 2.
    """

    mean: float
    user_biases: torch.Tensor
    movie_biases: torch.Tensor

    def __call__(self, indices: torch.Tensor) -> torch.Tensor:
        """Predicted ratings, (batch,), for user and movie indices, (batch, 2)."""
        users, movies = indices.T
        user_biases = rows_of(self.user_biases, users, "user")
        return self.mean + user_biases + rows_of(self.movie_biases, movies, "movie")


def global_mean(train: Ratings) -> Baseline:
    """Predict the mean of all ratings of `train`, whoever rates whatever. Lesson 2."""
    return Baseline(_mean(train), torch.zeros(train.n_users), torch.zeros(train.n_movies))


def user_means(train: Ratings) -> Baseline:
    """Predict each user's own mean; a user without ratings in `train` gets the mean. Lesson 2."""
    mean = _mean(train)
    biases = _mean_by(train.indices[:, 0], train.ratings - mean, train.n_users)
    return Baseline(mean, biases, torch.zeros(train.n_movies))


def movie_means(train: Ratings) -> Baseline:
    """Predict each movie's own mean; a movie without ratings in `train` gets the mean. Lesson 2."""
    mean = _mean(train)
    biases = _mean_by(train.indices[:, 1], train.ratings - mean, train.n_movies)
    return Baseline(mean, torch.zeros(train.n_users), biases)


def regularised_biases(
    train: Ratings, user_damping: float = 4.0, movie_damping: float = 3.0, rounds: int = 10
) -> Baseline:
    """Both biases together, each pulled towards 0 the more, the fewer ratings it rests on.

    They minimise, over the ratings r of user u and movie m,

        Σ (r - mean - b_u - b_m)² + user_damping · Σ b_u² + movie_damping · Σ b_m²

    which for each bias alone, the other held still, is solved by

        b_m = Σ (r - mean - b_u) / (number of ratings of m + movie_damping)

    and likewise for b_u; `rounds` rounds of one after the other settle both (the biases of Koren,
    Bell and Volinsky 2009, "Matrix factorization techniques for recommender systems", who find
    them by gradient descent). Introduced in lesson 2.

    Raises ValueError if a damping is negative or `rounds` is less than 1.
    """
    for name, damping in (("user_damping", user_damping), ("movie_damping", movie_damping)):
        if not damping >= 0:
            raise ValueError(f"{name}={damping} must be 0 (no pull) or more")
    if rounds < 1:
        raise ValueError(f"rounds={rounds} must be 1 or more")
    mean = _mean(train)
    users, movies = train.indices.T
    user_biases, movie_biases = torch.zeros(train.n_users), torch.zeros(train.n_movies)
    for _ in range(rounds):
        left = train.ratings - mean - user_biases[users]
        movie_biases = _mean_by(movies, left, train.n_movies, movie_damping)
        left = train.ratings - mean - movie_biases[movies]
        user_biases = _mean_by(users, left, train.n_users, user_damping)
    return Baseline(mean, user_biases, movie_biases)


def _mean(train: Ratings) -> float:
    if len(train) == 0:
        raise ValueError("train holds no ratings: there is no mean to predict")
    return train.ratings.mean(dtype=torch.float64).item()


def _mean_by(
    groups: torch.Tensor, values: torch.Tensor, n_groups: int, damping: float = 0.0
) -> torch.Tensor:
    """The sum of `values` in each group over the group's count plus `damping`; 0 where empty."""
    sums = torch.zeros(n_groups).index_add_(0, groups, values)
    counts = torch.bincount(groups, minlength=n_groups)
    return sums / (counts + damping).clamp(min=1e-9)
