"""The panels of lesson 7: the map, a test of its axes, an experiment, stretched factors."""

from functools import partial

import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import predict
from collab_lib.interpretation import (
    movie_map,
    nearest_movies,
    neighbours_kept,
    shared_plane,
)
from collab_lib.kit.controls import box, choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.text import name_of
from collab_lib.lessons.reading_the_model.experiment import (
    ALL,
    CHOICES,
    SEEDS,
    TWO_HALVES,
    Experiment,
)
from collab_lib.lessons.reading_the_model.figures import (
    axis_test,
    neighbourhood,
    stretching,
    two_trainings,
)
from collab_lib.lessons.reading_the_model.leaning import ends, lasting, random_groups
from collab_lib.lessons.reading_the_model.stretch import stretched, sum_of_squares
from collab_lib.models import DotProduct

N_AT_EACH_END = (20, 40, 60)
N_RANDOM = 30
AMOUNTS = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5)


def map_panel(model: DotProduct, train: Ratings, movies: torch.Tensor, chosen: int) -> Panel:
    """Choose a movie from the list of those on the map, and see its nearest movies.

    movies: the indices of the movies on the map; chosen: that of the first choice.
    """
    the_map = movie_map(model, movies)
    by_title = sorted(movies.tolist(), key=lambda movie: train.titles[movie])
    options = [(str(train.titles[movie]), movie) for movie in by_title]

    def draw(movie: int, n: int) -> Picture:
        nearest = nearest_movies(model, train, movie, movies, n)
        return neighbourhood(the_map, train.titles, movie, nearest)

    # On the site the best known can be chosen; those of *Try this* are among them.
    return Panel(
        draw,
        movie=pick("Movie", options, chosen),
        n=slider("Nearest movies to show", 1, 10, 6),
        stills={"movie": movies[:100].tolist(), "n": [3, 6, 10]},
    )


def axis_panel(
    places: torch.Tensor, seen: torch.Tensor, unseen: torch.Tensor, titles, n_axes: int = 5
) -> Panel:
    """Choose an axis and how many movies at its ends: does it foretell ratings nobody has seen?

    places: (n, n_axes or more), the movies on the axes; seen, unseen: (n_users, n), of the train
    and the valid ratings, from `rest_table`; titles: (n,), of the movies.
    """
    chance = {
        n: [
            lasting(seen, unseen, *random_groups(len(places), n, seed))[0]
            for seed in range(N_RANDOM)
        ]
        for n in N_AT_EACH_END
    }

    def draw(axis: int, n: int) -> Picture:
        low, high = ends(places, axis - 1, n)
        between = f"{name_of(titles[low[0]])} to {name_of(titles[high[-1]])}"
        return axis_test(axis, n, lasting(seen, unseen, low, high), chance[n], between)

    return Panel(
        draw,
        axis=slider("Axis", 1, n_axes, 1),
        n=choice("Movies at each end", list(N_AT_EACH_END), N_AT_EACH_END[1]),
    )


def experiment_panel(experiment: Experiment, titles) -> Panel:
    """Choose what two trainings get, and only then tick the box that trains and compares them.

    titles: of all movies, by index. It starts with the comparison that blames the users.
    """

    def draw(users: str, ratings: str, seed: int, show: bool) -> Picture:
        look = experiment.compare if show else experiment.plan
        return two_trainings(look(users, ratings, seed), titles)

    return Panel(
        draw,
        users=pick("Users", CHOICES, TWO_HALVES),
        ratings=pick("Ratings", CHOICES, ALL),
        seed=choice("Seed of the second", SEEDS, 0),
        show=box("Train and compare"),
    )


def stretch_panel(
    model: DotProduct, ratings: Ratings, movies: torch.Tensor, movie: int, n: int = 5
) -> Panel:
    """Stretch the factors of `model` so that no prediction changes, and see what does.

    ratings: those that are predicted; movies: the indices of the movies that are compared; movie:
    the index of the one whose `n` nearest are told.
    """
    before = predict(model, ratings.indices)
    rows = {}
    for amount in AMOUNTS:
        other = stretched(model, amount)
        nearest = nearest_movies(other, ratings, movie, movies, n)["title"]
        rows[amount] = {
            "neighbours": neighbours_kept(model, other, movies),
            "plane": shared_plane(model, other, movies),
            "squares": sum_of_squares(other),
            "moved": (predict(other, ratings.indices) - before).abs().max().item(),
            "nearest": "; ".join(name_of(title) for title in nearest),
        }
    measured = pd.DataFrame.from_dict(rows, orient="index")
    measured.attrs["movie"] = name_of(ratings.titles[movie])
    options = [(f"{amount:g}", amount) for amount in AMOUNTS]
    return Panel(partial(stretching, measured), amount=choice("Stretch", options, 0))
