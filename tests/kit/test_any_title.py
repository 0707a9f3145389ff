"""Titles that a font lacks letters for, and with signs of formulas: drawn without a warning.

A warning is an error in all tests.
"""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import CollabNN, DotProduct, Ratings, regularised_biases
from collab_lib.lessons.best_model import panels as best_model
from collab_lib.lessons.latent_factors import figures as latent_factors
from collab_lib.lessons.lists import panels as lists
from collab_lib.lessons.neural_network.panels import one_rating_panel
from collab_lib.lessons.reading_the_model import panels as reading_the_model
from collab_lib.neighbours import ItemNeighbours

ODD = ("映画 (1999)", "🎬 (2001)", r"Ca$h $\foo$ (2010)", "a\x07b (1999)")


@pytest.fixture(scope="module")
def odd(split) -> tuple[Ratings, Ratings]:
    """Train and valid, whose every title is one of the four."""
    titles = np.array([ODD[n % 4] for n in range(split[0].n_movies)], dtype=object)
    return tuple(dataclasses.replace(part, titles=titles) for part in split)


def test_one_rating_of_the_network(odd):
    train, _ = odd
    panel = one_rating_panel(CollabNN(train.n_users, 8, train.n_movies, 8, mean=3.5, seed=0), train)
    for _, movie in panel.controls["movie"].options[:4]:
        assert panel(movie=movie).png()


def test_why_and_the_draws_of_the_best_model(odd):
    train, valid = odd
    neighbours = ItemNeighbours.fit(regularised_biases(train), train)
    panel = best_model.why_panel(neighbours, train, valid)
    for film in range(1, 5):
        assert panel(film=film).png()
    draws = torch.full((3, len(valid)), 3.5) + torch.arange(3)[:, None] / 10
    panel = best_model.draws_panel(draws, valid, {"both biases": 0.89})
    for rating in [value for _, value in panel.controls["rating"].options][:4]:
        assert panel(rating=rating).png()


def test_four_lists(odd):
    train, _ = odd
    tops = torch.arange(10).expand(train.n_users, 10)
    names = ["one", "two", "three", "four"]
    measures = pd.DataFrame({"nDCG@10": 0.1, "coverage": 0.02}, index=names)
    assert lists.tasting_panel(dict.fromkeys(names, tops), train, measures)(revealed=True).png()


def test_a_map_of_movies(odd):
    train, _ = odd
    model = DotProduct(train.n_users, train.n_movies, 8)
    torch.nn.init.normal_(model.movie_factors, generator=torch.Generator().manual_seed(0))
    panel = reading_the_model.map_panel(model, train, torch.arange(20), 0)
    for movie in range(4):
        assert panel(movie=movie, n=10).png()


def test_the_factors_of_a_small_table():
    rng = np.random.default_rng(0)
    users, movies = rng.normal(size=(2, 4, 2))
    table = pd.DataFrame(rng.integers(1, 6, (4, 4)) * 1.0, index=ODD, columns=ODD)
    assert latent_factors.factor_plane(users, movies, table, 40, 1.0, False).png()
    trail = np.zeros((2, 2))
    yours = dict(zip(ODD, itertools.repeat(np.nan), strict=False))
    assert latent_factors.your_place(yours, users, movies, table, trail).png()
