"""The panels of lesson 8 on who wrote the ratings, and on the simulated world."""

import numpy as np
import pandas as pd
import torch
from ipywidgets import Button, Dropdown, IntSlider, Layout, SelectionSlider

from collab_lib.dataset import Ratings
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import (
    enthusiasts,
    rating_weights,
    ratings_a_user,
    weighted_movie_biases,
)
from collab_lib.lessons.bias_and_feedback_loops.figures import PLOTS, lists_compared, world_rounds
from collab_lib.lessons.bias_and_feedback_loops.simulation import simulate
from collab_lib.lessons.bias_and_feedback_loops.world import RECOMMENDERS, World
from collab_lib.results import load_results

EXPLORATION = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
ENTHUSIASTS = (0.0, 0.05, 0.1, 0.2)
ZEAL = (1, 2, 4)
MEASURES = tuple(name for name, *_ in PLOTS)
NAMES = {
    "chart": "the chart: most watched",
    "biases": "movie biases, from ratings",
    "dot": "the dot model, personal",
}
WAYS = {
    "left out": "leave them out",
    "capped": "cap each at the least active of them",
    "re-weighted": "let each weigh like the least active",
    "random cut": "for comparison: cut as many at random",
}
LEAST_RATINGS = 50


def enthusiasts_panel(ratings: Ratings) -> Panel:
    """What the most active users do to the movie biases and to the top list. Lesson 8.

    Only movies with 50 ratings or more can be on the list.
    """
    movies = ratings.indices[:, 1]
    enough = torch.bincount(movies, minlength=ratings.n_movies) >= LEAST_RATINGS
    counts = ratings_a_user(ratings)

    def biases(way: str, share: float) -> torch.Tensor:
        return weighted_movie_biases(ratings, rating_weights(ratings, way, share))

    before = biases("as they are", 0.5)

    def draw(percent: int, way: str) -> Picture:
        share = percent / 100
        heavy = counts[enthusiasts(ratings, share)]
        name = {
            "left out": f"without the {len(heavy)} most active users",
            "capped": f"at most {heavy.min()} ratings a user",
            "re-weighted": f"no user weighs more than {heavy.min()}",
            "random cut": f"{heavy.sum():,} ratings cut at random",
        }[way]
        yardstick = biases("random cut", share) if way == "left out" else None
        names = ("all ratings as they are", name)
        return lists_compared(ratings.titles, before, biases(way, share), enough, names, yardstick)

    return Panel(
        draw,
        percent=IntSlider(
            value=10,
            min=1,
            max=50,
            description="enthusiasts: the most active %",
            layout=Layout(width="420px"),
        ),
        way=Dropdown(
            options=[(label, way) for way, label in WAYS.items()],
            description="what to do:",
            layout=Layout(width="420px"),
        ),
    )


def world_panel() -> Panel:
    """The simulated world with its sliders, over stored runs of ten seeds. Lesson 8.

    `panel.live` is a button that runs the world once more, with a seed that isn't among the ten,
    and draws that run over the bands.
    """
    stored = load_results("feedback")["runs"]
    fresh: dict = {"seed": 99, "settings": None, "run": None}

    def draw(**settings) -> Picture:
        live = fresh["run"] if fresh["settings"] == settings else None
        loop, twin = world_bands(stored, **settings)
        return world_rounds(loop, twin, live)

    panel = Panel(
        draw,
        recommender=Dropdown(
            options=[(NAMES[name], name) for name in RECOMMENDERS],
            description="lists are ranked by",
            layout=Layout(width="max-content"),
        ),
        exploration=_slider("exploration: places filled at random", EXPLORATION, 0.0, "{:.0%}"),
        enthusiasts=_slider("enthusiasts among users", ENTHUSIASTS, 0.1, "{:.0%}"),
        zeal=_slider("their zeal: ratings a round", ZEAL, 2, "{}"),
    )
    panel.live = Button(
        description="Add a live run with a new seed", icon="play", layout=Layout(width="260px")
    )

    def run(_) -> None:
        settings = {name: control.value for name, control in panel.controls.items()}
        seed = fresh["seed"] + 1
        table = simulate(World(**settings), seed).loc[0:]
        values = {name: table[name].to_numpy() for name in MEASURES}
        fresh.update(seed=seed, settings=settings, run=values)
        panel()

    panel.live.on_click(run)
    panel.widget.children = [panel.widget.children[0], panel.live, panel.view]
    return panel


def world_bands(
    stored: dict, recommender: str, exploration: float, enthusiasts: float, zeal: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The stored bands of a world and of its random twin: by measure, (rounds + 1, 3)."""
    loop, twin = (
        {
            # None becomes NaN: the measure of a group that is empty.
            measure: np.array(rows, dtype=float) / 100
            for measure, rows in stored[key(recommender, share, enthusiasts, zeal)].items()
        }
        for share in (exploration, 1.0)
    )
    return loop, twin


def bands_of(runs: pd.DataFrame) -> dict[str, np.ndarray]:
    """The bands of `feedback.over_seeds` as `figures.feedback_loops.world_rounds` takes them."""
    bands = runs.groupby("round").agg(["mean", "min", "max"]).loc[0:]
    return {measure: bands[measure].to_numpy() for measure in MEASURES}


def key(recommender: str, exploration: float, enthusiasts: float, zeal: int) -> str:
    """The name of a world in the stored results."""
    return f"{recommender} {exploration:g} {enthusiasts:g} {zeal if enthusiasts else ZEAL[0]}"


def _slider(label: str, values: tuple, value: float, form: str) -> SelectionSlider:
    return SelectionSlider(
        options=[(form.format(v), v) for v in values],
        value=value,
        description=label,
        layout=Layout(width="420px"),
    )
