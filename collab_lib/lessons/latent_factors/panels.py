"""The panels of lesson 3: six sliders, a table that fills step by step, and factors turned."""

from functools import cache

import numpy as np
import pandas as pd
from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider, Layout

from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.latent_factors import figures
from collab_lib.lessons.latent_factors.small_table import descend

HALF = "47%"


def dot_product_panel(
    user: tuple[float, float, float] = (0.2, 0.9, 0.3),
    movie: tuple[float, float, float] = (0.3, 0.7, 0.2),
    names: tuple[str, str, str] = figures.FACTOR_NAMES,
) -> Panel:
    """Six sliders, three factors of a user and three of a movie, and the dot product of the two.

    user, movie: where the sliders stand at first; names: what each factor stands for. Lesson 3.
    """

    def draw(**factors: float) -> Picture:
        return figures.dot_product(
            [factors[f"user_{k}"] for k in (1, 2, 3)],
            [factors[f"movie_{k}"] for k in (1, 2, 3)],
            names,
        )

    sliders = {}
    for k, (p, m, name) in enumerate(zip(user, movie, names, strict=True), start=1):
        sliders[f"user_{k}"] = _factor_slider(p, f"user, {name}")
        sliders[f"movie_{k}"] = _factor_slider(m, f"movie, {name}")
    return Panel(draw, keep_layout=True, **sliders)


def descent_panel(table: pd.DataFrame, hidden: pd.DataFrame, n_steps: int = 300) -> Panel:
    """Gradient descent on `table` with the hand on the slider: blanks fill while the loss falls.

    table: ratings in stars, users × movies, nan in the blanks; hidden: the same without blanks;
    n_steps: the last step. All steps of a setting are computed at once and kept. Lesson 3.
    """

    @cache
    def run(n_factors: int, lr: float, seed: int):
        return descend(table, n_factors, lr, n_steps, seed)

    def draw(step: int, n_factors: int, lr: float, seed: int, reveal: bool) -> Picture:
        descent = run(n_factors, lr, seed)
        return figures.filling_table(
            table, descent.predictions[step], descent.losses, step, hidden if reveal else None
        )

    return Panel(
        draw,
        step=IntSlider(0, 0, n_steps, description="step", layout=Layout(width="95%")),
        n_factors=Dropdown(options=[1, 2, 3, 4], value=2, description="number of factors"),
        lr=Dropdown(options=[0.01, 0.05, 0.2, 1.0], value=0.2, description="learning rate"),
        seed=Dropdown(options=range(6), value=0, description="random start"),
        reveal=Checkbox(False, description="show what they would have said"),
    )


def rotation_panel(users: np.ndarray, movies: np.ndarray, table: pd.DataFrame) -> Panel:
    """Turn the factors of all users and movies together, and watch the predictions stay.

    users: (n_users, 2); movies: (n_movies, 2); table: their names and ratings in stars. Lesson 3.
    """

    def draw(angle: int) -> Picture:
        return figures.factor_plane(users, movies, table, angle)

    return Panel(
        draw,
        angle=IntSlider(
            0, 0, 360, 5, description="turn all factors by (degrees)", layout=Layout(width="95%")
        ),
    )


def _factor_slider(value: float, description: str) -> FloatSlider:
    return FloatSlider(
        value, min=-1, max=1, step=0.1, description=description, layout=Layout(width=HALF)
    )
