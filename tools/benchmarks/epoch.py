"""One epoch by the loop that the course began with, against one epoch of the course's own.

python -m tools.benchmarks.epoch [STEPS]    prints a line of JSON

The first loop puts a pair of tensors for each rating into a list and reads it through a DataLoader,
16 ratings a step, and its tables have a row for every id up to the largest. It is timed over a
sample of its steps and extrapolated to the epoch; building the list and validating are left out.
Ours includes validation.
"""

import itertools
import json
import sys
import time
from statistics import median

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from collab_lib import Ratings, load_collab
from tools.benchmarks.ours import NN_SIZES, dot_model, neural_network

BATCH_SIZE, LR, WEIGHT_DECAY, N_FACTORS = 16, 0.1, 0.05, 5
N_EPOCHS = 6
TURNS = 3


class FirstDot(nn.Module):
    """The dot model of the first loop, with five factors."""

    def __init__(self, n_users: int, n_movies: int):
        super().__init__()
        self.users, self.user_biases = nn.Embedding(n_users, N_FACTORS), nn.Embedding(n_users, 1)
        self.movies = nn.Embedding(n_movies, N_FACTORS)
        self.movie_biases = nn.Embedding(n_movies, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        users, movies = x[:, 0], x[:, 1]
        dot = (self.users(users) * self.movies(movies)).sum(dim=1, keepdim=True)
        score = dot + self.user_biases(users) + self.movie_biases(movies)
        return (torch.sigmoid(score) * 5.5).squeeze(1)


class FirstNN(nn.Module):
    """The neural network of the first loop."""

    def __init__(self, n_users: int, n_movies: int):
        super().__init__()
        self.users = nn.Embedding(n_users, NN_SIZES["n_user_factors"])
        self.movies = nn.Embedding(n_movies, NN_SIZES["n_movie_factors"])
        n_in, n_act = NN_SIZES["n_user_factors"] + NN_SIZES["n_movie_factors"], NN_SIZES["n_act"]
        self.layers = nn.Sequential(nn.Linear(n_in, n_act), nn.ReLU(), nn.Linear(n_act, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        factors = torch.cat([self.users(x[:, 0]), self.movies(x[:, 1])], dim=1)
        return (torch.sigmoid(self.layers(factors)) * 5.5).squeeze(1)


def first_steps(model: nn.Module, pairs: list, n_steps: int) -> float:
    """Seconds for one of `n_steps` steps of the first loop."""
    opt = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    start = time.perf_counter()
    for x, ratings in itertools.islice(DataLoader(pairs, BATCH_SIZE, shuffle=True), n_steps):
        loss = F.mse_loss(model(x), ratings)
        loss.backward()
        opt.step()
        opt.zero_grad()
    return (time.perf_counter() - start) / n_steps


def compare(n_steps: int = 500) -> dict:
    """Both loops by turns, for both models: seconds an epoch and how many times faster ours is."""
    collab = load_collab()
    train, valid = Ratings.from_frame(collab).split(seed=42)
    ids = torch.stack(
        [
            torch.from_numpy(train.user_ids)[train.indices[:, 0]],
            torch.from_numpy(train.movie_ids)[train.indices[:, 1]],
        ],
        dim=1,
    )
    pairs = [
        (torch.tensor(pair), torch.tensor(rating))
        for pair, rating in zip(ids.tolist(), train.ratings.tolist(), strict=True)
    ]
    rows = (ids.max(dim=0).values + 1).tolist()
    steps_an_epoch = -(-len(train) // BATCH_SIZE)
    results = {}
    # The neural network's steps are so slow that a few of them tell enough.
    for name, first, ours, sample in (
        ("dot model", FirstDot, dot_model, n_steps),
        ("neural network", FirstNN, neural_network, max(1, n_steps // 25)),
    ):
        slow, fast = [], []
        first_steps(first(*rows), pairs, 2)
        ours(train, valid)
        for _ in range(TURNS):
            slow.append(first_steps(first(*rows), pairs, sample) * steps_an_epoch)
            start = time.perf_counter()
            ours(train, valid)
            fast.append((time.perf_counter() - start) / N_EPOCHS)
        results[name] = {
            "first_loop_seconds": median(slow),
            "ours_seconds": median(fast),
            "times_faster": median(s / f for s, f in zip(slow, fast, strict=True)),
            "steps_timed": TURNS * sample,
            "steps_an_epoch": steps_an_epoch,
        }
    return results


if __name__ == "__main__":
    print(json.dumps(compare(*map(int, sys.argv[1:]))))
