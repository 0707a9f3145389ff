"""Lesson 11's pictures of trained numbers, whose outputs in the notebook aren't compared."""

import pandas as pd
import torch

from collab_lib.lessons.newcomers import figures
from tests.drawn import matches_snapshot


def test_four_ways_to_split():
    table = pd.DataFrame(
        {"dot model": [0.87, 0.89, 0.96, 1.02], "both biases": [0.89, 0.93, 0.99, 1.1]},
        index=["random", "last", "new-users", "time"],
    )
    matches_snapshot("newcomers/four_splits", figures.four_splits(table))


def test_the_distances_of_users_with_few_and_with_many_ratings():
    distances = torch.tensor([0.2, 0.4, 0.5, 0.5, 0.9, 1.2, 1.6])
    counts = torch.tensor([20, 30, 250, 199, 200, 400, 900])
    picture = figures.distance_to_mean(distances, counts)
    matches_snapshot("newcomers/distance_to_mean", picture)


def test_what_ratings_are_worth():
    columns, methods = [0, 1, 5, 10], ["mean user", "fold-in"]
    users = pd.DataFrame([[1.0, 1.0, 0.99, 0.98], [1.0, 0.95, 0.9, 0.86]], methods, columns)
    movies = pd.DataFrame([[1.1, 1.0, 0.9, 0.88], [1.1, 1.05, 0.97, 0.92]], methods, columns)
    picture = figures.worth_of_ratings({"New users": users, "New movies": movies}, methods)
    matches_snapshot("newcomers/worth_of_ratings", picture)
