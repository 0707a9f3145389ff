"""What training costs as ratings grow: the dot model on synthetic ratings.

python -m tools.benchmarks.scaling N    prints a line of JSON

Users and movies are as many as MovieLens has at that size, and as unequal: the k-th of them has a
share of the ratings in proportion to k^-0.9 (Zipf's law).
"""

import json
import sys
import time
from dataclasses import replace

import numpy as np
import torch

from collab_lib import DotProduct, Ratings, train_model
from collab_lib.training import default_batch_size
from tools.benchmarks.ours import N_FACTORS, made_up
from tools.benchmarks.workers import peak_mb

# Ratings: users and movies of MovieLens's editions of about that size, and epochs to time.
SIZES = {
    100_000: (610, 9_724, 10),
    1_000_000: (6_040, 3_706, 3),
    10_000_000: (69_878, 10_677, 1),
    25_000_000: (162_541, 59_047, 1),
}
EXPONENT = 0.9
N_VALID = 10_000
CHUNK = 1_000_000


def zipf_shares(n: int, rng: np.random.Generator, exponent: float = EXPONENT) -> np.ndarray:
    """Shares, (n,), that add up to 1: the k-th in proportion to k^-exponent, shuffled."""
    shares = np.arange(1, n + 1) ** -exponent
    return rng.permutation(shares / shares.sum())


def synthetic(n: int, n_users: int, n_movies: int, seed: int = 0) -> Ratings:
    """`n` ratings drawn at random, user by user as MovieLens stores them.

    A user may rate a movie twice, which costs the same.
    """
    rng = np.random.default_rng(seed)
    indices = np.empty((n, 2), dtype=np.int64)
    ratings = np.empty(n, dtype=np.float32)
    indices[:, 0] = np.repeat(np.arange(n_users), rng.multinomial(n, zipf_shares(n_users, rng)))
    up_to = zipf_shares(n_movies, rng).cumsum()
    for start in range(0, n, CHUNK):  # whole columns of random numbers would set the memory's peak
        part = slice(start, min(start + CHUNK, n))
        drawn = up_to.searchsorted(rng.random(part.stop - start), side="right")
        indices[part, 1] = drawn.clip(max=n_movies - 1)
        ratings[part] = rng.integers(1, 11, part.stop - start) / 2
    return made_up(torch.from_numpy(indices), torch.from_numpy(ratings), n_users, n_movies)


def with_tastes(
    ratings: Ratings, n_factors: int = 4, noise: float = 0.8, seed: int = 0
) -> tuple[Ratings, float]:
    """`ratings` with other stars, those of a known world, and the lowest RMSE possible there.

    3.5 stars, plus what is the user's, the movie's and that of both (biases and the product of
    `n_factors` factors, each with a standard deviation of 0.4 stars), plus `noise`, rounded to half
    stars. The RMSE is that of a model to which all but the noise is known.
    """
    rng = np.random.default_rng(seed)
    user_biases, movie_biases = (rng.normal(0, 0.4, n) for n in (ratings.n_users, ratings.n_movies))
    spread = (0.4 / n_factors**0.5) ** 0.5
    p, q = (rng.normal(0, spread, (n, n_factors)) for n in (ratings.n_users, ratings.n_movies))
    stars = np.empty(len(ratings), dtype=np.float32)
    squares = 0.0
    for start in range(0, len(ratings), CHUNK):
        users, movies = ratings.indices[start : start + CHUNK].T.numpy()
        known = 3.5 + user_biases[users] + movie_biases[movies] + (p[users] * q[movies]).sum(axis=1)
        given = np.rint((known + rng.normal(0, noise, len(known))) * 2).clip(1, 10) / 2
        stars[start : start + CHUNK] = given
        squares += ((given - known.clip(0.5, 5)) ** 2).sum()
    return replace(ratings, ratings=torch.from_numpy(stars)), (squares / len(ratings)) ** 0.5


def cost(n: int) -> dict:
    """Train on `n` ratings: seconds of processor time per million of them, and the peak of memory.

    Processor seconds, since what else the machine does lengthens the others.
    """
    n_users, n_movies, n_epochs = SIZES[n]
    train = synthetic(n, n_users, n_movies)
    valid = synthetic(N_VALID, n_users, n_movies, seed=1)
    before = peak_mb()
    train_model(DotProduct(n_users, n_movies, N_FACTORS), valid, valid, n_epochs=1)
    start = time.process_time()
    model = DotProduct(n_users, n_movies, N_FACTORS, mean=train.ratings.mean().item(), seed=0)
    train_model(model, train, valid, n_epochs=n_epochs)
    seconds = time.process_time() - start
    return {
        "seconds_per_million": seconds / (n_epochs * n / 1e6),
        "data_mb": before,
        "peak_mb": peak_mb(),
        "batch_size": default_batch_size(n),
    }


if __name__ == "__main__":
    print(json.dumps(cost(int(sys.argv[1]))))
