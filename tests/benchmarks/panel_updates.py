"""How long the kernel needs to bring a panel's picture up to date: drawing and encoding it.

python -m tests.benchmarks.panel_updates [NAME …]    prints a line of JSON

`BUILDERS` holds every panel of the course as its lesson builds it; a test sees to that.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np
import torch
from ipywidgets import Text
from ipywidgets.widgets import Widget

from collab_lib import (
    CollabNN,
    DotProduct,
    Ratings,
    create_embedding,
    evaluate,
    global_mean,
    load_collab,
    movie_means,
    regularised_biases,
    user_means,
)
from collab_lib.panels import (
    cold_start,
    dot_model,
    embeddings,
    exploration,
    feedback_loops,
    latent_factors,
    neural_network,
    pivot_table,
    weight_decay,
)
from collab_lib.panels.panel import Panel
from collab_lib.results import load_results
from collab_lib.small_table import descend, small_table
from tests.benchmarks import ours

VALUES_A_CONTROL = 8
SEARCHES = ("matrix", "toy", "nothing is called that", "the")


class Course:
    """What the lessons have at hand when they build a panel, each made when first asked for."""

    @cached_property
    def collab(self):
        return load_collab()

    @cached_property
    def ratings(self) -> Ratings:
        return Ratings.from_frame(self.collab)

    @cached_property
    def split(self) -> tuple[Ratings, Ratings]:
        return self.ratings.split(seed=42)

    @cached_property
    def dot_model(self) -> DotProduct:
        return ours.dot_model(*self.split)

    @cached_property
    def baselines(self) -> dict:
        makers = (global_mean, movie_means, user_means, regularised_biases)
        return {maker.__name__: maker(self.split[0]) for maker in makers}


def window_panel(course: Course) -> Panel:
    pivot = course.collab.pivot(index="userId", columns="movieId", values="rating")
    titles = course.collab.drop_duplicates("movieId").set_index("movieId")["title"]
    return pivot_table.window_panel(pivot, titles)


def rotation_panel(course: Course) -> Panel:
    end = descend(small_table(), n_steps=1000, seed=0)
    return latent_factors.rotation_panel(end.users[-1], end.movies[-1], small_table())


def train_panel(course: Course) -> Panel:
    train, valid = course.split
    results = load_results("weight_decay")["results"]
    biases = evaluate(course.baselines["regularised_biases"], valid).rmse
    return weight_decay.train_panel(train, valid, results, biases)


BUILDERS: dict[str, Callable[[Course], Panel]] = {
    "exploration.movie_panel": lambda course: exploration.movie_panel(course.collab),
    "exploration.user_panel": lambda course: exploration.user_panel(course.collab),
    "pivot_table.window_panel": window_panel,
    "pivot_table.guess_panel": lambda course: pivot_table.guess_panel(
        *course.split, course.baselines
    ),
    "latent_factors.dot_product_panel": lambda _: latent_factors.dot_product_panel(),
    "latent_factors.descent_panel": lambda _: latent_factors.descent_panel(
        small_table(), small_table(blanks=False)
    ),
    "latent_factors.rotation_panel": rotation_panel,
    "embeddings.lookup_panel": lambda _: embeddings.lookup_panel(create_embedding([5, 2])),
    "embeddings.gradient_panel": lambda _: embeddings.gradient_panel(create_embedding([5, 2])),
    "dot_model.squash_panel": lambda _: dot_model.squash_panel(),
    "dot_model.map_panel": lambda course: dot_model.map_panel(
        course.dot_model, course.split[0], search="star wars"
    ),
    "weight_decay.curve_panel": lambda _: weight_decay.curve_panel(),
    "weight_decay.stored_runs_panel": lambda _: weight_decay.stored_runs_panel(
        load_results("weight_decay")["results"]
    ),
    "weight_decay.train_panel": train_panel,
    "neural_network.shapes_panel": lambda _: neural_network.shapes_panel(),
    "neural_network.one_rating_panel": lambda course: neural_network.one_rating_panel(
        CollabNN(course.ratings.n_users, 72, course.ratings.n_movies, 103), course.ratings
    ),
    "neural_network.train_panel": lambda course: neural_network.train_panel(
        *course.split, {"both biases": 0.89}
    ),
    "cold_start.rate_films_panel": lambda course: cold_start.rate_films_panel(
        course.dot_model, course.split[0]
    ),
    "feedback_loops.enthusiasts_panel": lambda course: feedback_loops.enthusiasts_panel(
        course.ratings
    ),
    "feedback_loops.world_panel": lambda _: feedback_loops.world_panel(),
}


def moves(control: Widget, at_most: int = VALUES_A_CONTROL) -> Iterator[tuple[str, Any]]:
    """What to set on a control, trait and value, to take it over its range; never twice the same.

    A choice moves by the place in its list, a slider by its steps, a box of text by `SEARCHES`.
    """
    if isinstance(control, Text):
        yield from (("value", text) for text in SEARCHES)
    elif hasattr(control, "options"):
        yield from (("index", int(i)) for i in spread(0, len(control.options) - 1, at_most))
    elif isinstance(control.value, bool):
        yield from (("value", value) for value in (not control.value, control.value))
    else:
        steps = round((control.max - control.min) / control.step)
        for i in spread(0, steps, at_most):
            yield "value", type(control.value)(control.min + i * control.step)


def spread(first: int, last: int, at_most: int) -> np.ndarray:
    """At most `at_most` whole numbers from `first` to `last`, evenly spread, both ends included."""
    return np.linspace(first, last, min(at_most, last - first + 1)).round().astype(int)


def update_times(panel: Panel) -> list[float]:
    """Move each control of a panel over its range: milliseconds until its picture has followed."""
    times = []
    for control in panel.controls.values():
        for trait, value in moves(control):
            before = panel.view.value
            start = time.perf_counter()
            setattr(control, trait, value)
            elapsed = 1000 * (time.perf_counter() - start)
            if panel.view.value != before:
                times.append(elapsed)
    return times


def measure(names: list[str]) -> dict:
    """Median and longest update, and how many there were, of each panel."""
    course = Course()
    results = {}
    for name in names or BUILDERS:
        times = update_times(BUILDERS[name](course))
        results[name] = {
            "median_ms": median(times),
            "longest_ms": max(times),
            "updates": len(times),
        }
    return results


if __name__ == "__main__":
    torch.manual_seed(0)
    print(json.dumps(measure(sys.argv[1:])))
