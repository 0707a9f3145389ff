"""The panels of lesson 2: walk over the pivot table, and guess ratings against the baselines."""

import numpy as np
import pandas as pd
from ipywidgets import Dropdown, FloatSlider, IntSlider, Layout, ToggleButton

from collab_lib.baselines import Baseline
from collab_lib.dataset import Ratings
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.pivot_table import figures

WINDOW_USERS, WINDOW_MOVIES = 10, 14
ORDERS = ("by id, as in the table", "most ratings first")


def window_panel(pivot: pd.DataFrame, titles: pd.Series) -> Panel:
    """Move a small window over the pivot table, in the order of the ids or of the ratings.

    pivot: stars, a row a user and a column a movie, NaN where blank; titles: by movie id.
    """
    stars = pivot.to_numpy(np.float32)
    filled = ~np.isnan(stars)
    rows = {
        ORDERS[0]: np.arange(len(stars)),
        ORDERS[1]: filled.sum(axis=1).argsort(kind="stable")[::-1],
    }
    columns = {
        ORDERS[0]: np.arange(stars.shape[1]),
        ORDERS[1]: filled.sum(axis=0).argsort(kind="stable")[::-1],
    }

    def draw(order: str, user: int, movie: int) -> Picture:
        some_rows = rows[order][user - 1 : user - 1 + WINDOW_USERS]
        some_columns = columns[order][movie - 1 : movie - 1 + WINDOW_MOVIES]
        return figures.window(
            stars[np.ix_(some_rows, some_columns)],
            list(pivot.index[some_rows]),
            list(titles[pivot.columns[some_columns]]),
            density=filled.mean(),
        )

    wide = Layout(width="420px")
    return Panel(
        draw,
        order=Dropdown(options=ORDERS, description="Order"),
        user=IntSlider(
            1, 1, len(stars) - WINDOW_USERS + 1, description="First user, by place", layout=wide
        ),
        movie=IntSlider(
            1,
            1,
            stars.shape[1] - WINDOW_MOVIES + 1,
            description="First movie, by place",
            layout=wide,
        ),
    )


def guess_panel(
    train: Ratings, valid: Ratings, baselines: dict[str, Baseline], n_cases: int = 20, seed: int = 0
) -> Panel:
    """Guess hidden ratings of `valid`, one case after the other, then see the baselines' guesses.

    The cases are drawn with `seed`. As a help, six movies that the same user rated in `train`.
    """
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(valid), n_cases, replace=False)
    known = [_some_of(train, valid.indices[row, 0].item(), rng) for row in rows]

    def draw(case: int, guess: float, show: bool) -> Picture:
        row = rows[case - 1]
        pair = valid.indices[row : row + 1]
        user, movie = pair[0].tolist()
        return figures.hidden_rating(
            user=train.user_ids[user],
            title=train.titles[movie],
            known=known[case - 1],
            guess=guess,
            guesses={name: baseline(pair).item() for name, baseline in baselines.items()},
            truth=valid.ratings[row].item() if show else None,
        )

    case = IntSlider(1, 1, n_cases, description="Case")
    guess = FloatSlider(3.5, min=0.5, max=5, step=0.5, description="Your guess (stars)")
    show = ToggleButton(False, description="Show the answer")
    # The next case starts covered.
    case.observe(lambda change: show.set_trait("value", False), names="value")
    return Panel(draw, keep_layout=True, case=case, guess=guess, show=show)


def _some_of(
    train: Ratings, user: int, rng: np.random.Generator, n: int = 6
) -> list[tuple[str, float]]:
    rows = np.flatnonzero(train.indices[:, 0].numpy() == user)
    rows = rng.choice(rows, min(n, len(rows)), replace=False)
    stars = train.ratings[rows].tolist()
    titles = train.titles[train.indices[rows, 1].numpy()]
    return sorted(zip(titles, stars, strict=True), key=lambda pair: -pair[1])
