"""Lesson 12's pictures of trained numbers, whose outputs in the notebook aren't compared."""

import numpy as np
import pandas as pd

from collab_lib.lessons.bias_and_feedback_loops import figures
from tests.drawn import matches_snapshot


def test_error_and_favourites_by_quarter():
    quarters = ["least active", "second quarter", "third quarter", "most active"]
    errors = pd.DataFrame(
        {"mean": [0.8, 0.7, 0.6, 0.5], "chance": [0.1, 0.2, 0.15, 0.05]}, quarters
    )
    found = pd.DataFrame(
        {"mean": [0.2, 0.3, 0.4, 0.6], "chance": [0.05, 0.1, 0.08, 0.12]}, quarters
    )
    picture = figures.by_quarter(errors, found, "EASE", 50)
    matches_snapshot("bias_and_feedback_loops/by_quarter", picture)


def test_long_runs_draw_each_measure_in_its_own_plot():
    run = {"niche_of_lists": np.linspace(0.1, 0.5, 61)}
    run["satisfaction_ordinary"] = np.linspace(4.0, 3.0, 61)
    picture = figures.long_runs({"a world": run})
    for axes, values in zip(picture.figure.axes, run.values(), strict=True):
        assert axes.lines[0].get_ydata().tolist() == values.tolist()


def test_how_unequally_ratings_are_spread():
    counts = {"users": np.array([9, 1, 2, 20]), "movies": np.array([1, 1, 1, 60, 3])}
    picture = figures.lorenz_curves(counts)
    matches_snapshot("bias_and_feedback_loops/lorenz_curves", picture)
    told = picture.numbers.set_index("the least active")["users: share of ratings"]
    assert told["50%"] == (1 + 2) / 32 and told["100%"] == 1


def test_genres_above_and_below_the_enthusiasts_share():
    shares = pd.DataFrame(
        {"of ratings": [0.4, 0.3, 0.2, 0.001], "by enthusiasts": [0.3, 0.6, 0.5, 0.9]},
        index=["Drama", "Horror", "Western", "IMAX"],
    )
    picture = figures.genres_by_who(shares, overall=0.45)
    matches_snapshot("bias_and_feedback_loops/genres_by_who", picture)
    assert picture.numbers["genre"].tolist() == ["Drama", "Western", "Horror"]
    legend = picture.figure.axes[0].get_legend().get_texts()
    assert {text.get_text() for text in legend} == {"more than 45%", "less than 45%"}
