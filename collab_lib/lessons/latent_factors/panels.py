"""The panels of lesson 3: a dot product, descents in one, two and 18 numbers, factors, you."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from collab_lib.kit.controls import choice, pick, slider, stepper
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.latent_factors import figures, valleys
from collab_lib.lessons.latent_factors.small_table import descend

STARTS = {
    "p = 1, q = 1": (1.0, 1.0),
    "p = 0.5, q = 3": (0.5, 3.0),
    "p = −1, q = −0.5": (-1.0, -0.5),
    "p = 0, q = 0": (0.0, 0.0),
}
STARS = [("not seen", 0.0)] + [(f"{half / 2:.1f}", half / 2) for half in range(1, 11)]


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

    sliders, stills = {}, {}
    for k, (p, m, name) in enumerate(zip(user, movie, names, strict=True), start=1):
        sliders[f"user_{k}"] = slider(f"user, {name}", -1.0, 1.0, p, 0.1)
        sliders[f"movie_{k}"] = slider(f"movie, {name}", -1.0, 1.0, m, 0.1)
        if k != 2:  # the site keeps all states of the second factor, which *Try this* moves
            stills |= {f"user_{k}": [p], f"movie_{k}": [m]}
    return Panel(draw, stills=stills, **sliders)


def valley_panel(n_steps: int = 12) -> Panel:
    """Gradient descent in one number: the valley of its loss, and the steps so far. Lesson 3."""

    def draw(step: int, lr: float) -> Picture:
        return figures.valley(valleys.walk_down(valleys.one_slope, 1.0, lr, step), lr)

    return Panel(
        draw,
        step=stepper("step", 0, n_steps, 0),
        lr=choice("learning rate", [0.01, 0.05, 0.1, 0.2, 0.4, 0.5], 0.1),
    )


def two_numbers_panel(n_steps: int = 30) -> Panel:
    """Gradient descent in two numbers over lines of equal loss, from a chosen start. Lesson 3."""

    def draw(step: int, lr: float, start: tuple[float, float]) -> Picture:
        return figures.two_numbers(valleys.walk_down(valleys.two_slopes, start, lr, step), lr)

    return Panel(
        draw,
        stills={"step": [*range(11), 15, 20, n_steps]},
        step=stepper("step", 0, n_steps, 0),
        lr=choice("learning rate", [0.01, 0.05, 0.1, 0.15], 0.05),
        start=pick("start", list(STARTS.items()), STARTS["p = 1, q = 1"]),
    )


def descent_panel(table: pd.DataFrame, hidden: pd.DataFrame, n_steps: int = 300) -> Panel:
    """Gradient descent on `table` with the hand on the slider: every factor with its next move.

    table: ratings in stars, users × movies, nan in the blanks; hidden: the same without blanks;
    n_steps: the last step. All steps of a setting are computed at once and kept. Lesson 3.
    """
    blank = table.isna().to_numpy()

    @cache
    def run(n_factors: int, lr: float, seed: int):
        descent = descend(table, n_factors, lr, n_steps + 1, seed)
        with np.errstate(over="ignore", invalid="ignore"):
            squared = (descent.predictions - hidden.to_numpy()) ** 2
            return descent, squared[:, blank].mean(axis=1)

    def draw(step: int, n_factors: int, lr: float, seed: int) -> Picture:
        descent, blanks = run(n_factors, lr, seed)
        with np.errstate(over="ignore", invalid="ignore"):
            moves = tuple(
                factors[step + 1] - factors[step] for factors in (descent.users, descent.movies)
            )
        return figures.filling_table(
            table,
            descent.users[step],
            descent.movies[step],
            moves,
            descent.losses[:-1],
            blanks[:-1],
            step,
            hidden,
        )

    return Panel(
        draw,
        stills={
            "step": [*range(21), 30, 40, 60, 100, 200, n_steps],
            "n_factors": [2, 4],
            "seed": [0],
        },
        step=stepper("step", 0, n_steps, 0),
        n_factors=choice("number of factors", [1, 2, 3, 4], 2),
        seed=pick("random start", list(range(6)), 0),
        lr=choice("learning rate", [0.01, 0.05, 0.2, 1.0], 0.2),
    )


def rotation_panel(users: np.ndarray, movies: np.ndarray, table: pd.DataFrame) -> Panel:
    """Turn, mirror and stretch the factors of users and movies, and watch the predictions stay.

    A stretch multiplies the users' first factor, and divides the movies'; by -1 it is a mirror.
    users: (n_users, 2); movies: (n_movies, 2); table: their names and ratings in stars. Lesson 3.
    """

    def draw(angle: int, stretch: float, only_users: bool) -> Picture:
        return figures.factor_plane(users, movies, table, angle, stretch, only_users)

    return Panel(
        draw,
        angle=slider("turn by (degrees)", 0, 360, 0, 10),
        stretch=choice("stretch by", [("−1", -1.0), ("½", 0.5), ("1", 1.0), ("2", 2.0)], 1.0),
        only_users=pick("change", [("users and movies", False), ("only the users", True)], False),
    )


def your_place_panel(
    mine: Mapping[str, float], users: np.ndarray, movies: np.ndarray, table: pd.DataFrame
) -> Panel:
    """Rate the five movies, and see your two factors found while the movies' are held still.

    mine: your stars by movie of the table, as far as there are any. users: (n_users, 2); movies:
    (n_movies, 2); table: names them. Lesson 3.
    """

    def draw(**picked: float) -> Picture:
        given = np.array([stars if stars > 0 else np.nan for stars in picked.values()])
        trail = valleys.walk_down(
            lambda pair: valleys.row_slopes(pair, given, movies), (0.0, 0.0), lr=0.1, n_steps=500
        )
        ratings = dict(zip(table.columns, given, strict=True))
        return figures.your_place(ratings, users, movies, table, trail)

    controls = {
        f"movie_{k}": pick(movie, STARS, mine.get(movie, 0.0))
        for k, movie in enumerate(table.columns, start=1)
    }
    # The site keeps the ratings that *Try this* names; all of them would be 161,051 states.
    kept = ((0.0, 2.0, 4.5), (0.0, 4.5), (0.0, 1.5, 4.5), (0.0,), (0.0,))
    stills = {
        name: sorted({control.value, *values})
        for (name, control), values in zip(controls.items(), kept, strict=True)
    }
    return Panel(draw, stills=stills, **controls)
