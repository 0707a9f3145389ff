"""The panels of lesson 2: walk over the pivot table, turn the damping, guess hidden ratings."""

import numpy as np
import pandas as pd
from ipywidgets import Button, HBox

from collab_lib.baselines import Baseline, regularised_biases
from collab_lib.dataset import Ratings
from collab_lib.evaluation import evaluate
from collab_lib.kit.controls import box, choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.pivot_table import figures
from collab_lib.lessons.pivot_table.game import SEED, cases_of, clear_rows, draw_rows

WINDOW_USERS, WINDOW_MOVIES = 10, 14
ORDERS = ("by id, as in the table", "most ratings first")
USERS = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500)
MOVIES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 5000)
DAMPINGS = (0, 0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
STARS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)


def window_panel(pivot: pd.DataFrame, titles: pd.Series) -> Panel:
    """Move a small window over the pivot table, in the order of the ids or of the ratings.

    pivot: stars, one row per user and one column per movie, NaN where blank; titles: by movie id.
    The places on the sliders are 1, 2, 5, 10, 20 and so on: a slider over all of them would pass
    dozens of movies with each pixel.
    """
    stars = pivot.to_numpy(np.float32)
    filled = ~np.isnan(stars)
    rows = {ORDERS[0]: np.arange(len(stars)), ORDERS[1]: _most_first(filled.sum(axis=1))}
    columns = {ORDERS[0]: np.arange(stars.shape[1]), ORDERS[1]: _most_first(filled.sum(axis=0))}

    def draw(order: str, user: int, movie: int) -> Picture:
        some_rows = rows[order][user - 1 : user - 1 + WINDOW_USERS]
        some_columns = columns[order][movie - 1 : movie - 1 + WINDOW_MOVIES]
        return figures.window(
            stars[np.ix_(some_rows, some_columns)],
            list(pivot.index[some_rows]),
            list(titles[pivot.columns[some_columns]]),
            density=filled.mean(),
        )

    last_user = len(stars) - WINDOW_USERS + 1
    last_movie = stars.shape[1] - WINDOW_MOVIES + 1
    return Panel(
        draw,
        order=pick("Order", ORDERS, ORDERS[0]),
        user=choice("First user", _places(USERS, last_user), 1),
        movie=choice("First movie", _places(MOVIES, last_movie), 1),
    )


def damping_panel(train: Ratings, valid: Ratings) -> Panel:
    """Turn the damping λ of both biases: train and hidden RMSE, and how much is believed."""
    models = [regularised_biases(train, value, value) for value in DAMPINGS]
    train_errors = [evaluate(model, train).rmse for model in models]
    valid_errors = [evaluate(model, valid).rmse for model in models]

    def draw(damping: float) -> Picture:
        return figures.damping(DAMPINGS, train_errors, valid_errors, damping)

    options = [(f"{value:g}", value) for value in DAMPINGS]
    return Panel(draw, keep_layout=True, damping=choice("Damping λ", options, 0))


def guess_panel(
    train: Ratings, valid: Ratings, baselines: dict[str, Baseline], seed: int = SEED
) -> Panel:
    """Guess hidden ratings case by case, against baselines that guess the same. Lesson 2.

    The cases are those of `game.draw_rows`; `baselines` has to hold "both biases". A case counts
    as played, with the guess that was shown, when *Next case* is pressed.
    """
    judge = baselines["both biases"]
    rows = draw_rows(clear_rows(train, valid, judge), valid, judge, seed=seed)
    cases = cases_of(rows, train, valid, baselines, seed=seed)
    played: dict[int, float] = {}

    def draw(case: int, guess: float, show: bool) -> Picture:
        earlier = [(cases[at - 1], own) for at, own in played.items() if at != case]
        return figures.guess(cases[case - 1], guess, show, earlier)

    case = slider("Case", 1, len(cases), 1)
    guess = choice("Your guess", [(f"{stars:g} stars", stars) for stars in STARS], 3.5)
    show = box("Show the answer")
    following = Button(description="Next case", icon="arrow-right", tooltip="Next case")

    def lock(change) -> None:
        guess.disabled = show.value  # no second thoughts once the answer is seen

    def cover(change) -> None:
        with panel.held():
            show.value = False

    def go_on(button) -> None:
        if show.value:
            played[case.value] = guess.value
        with panel.held():
            case.value = case.value % len(cases) + 1
            guess.value = 3.5
        panel()

    show.observe(lock, "value")
    case.observe(cover, "value")
    following.on_click(go_on)
    panel = Panel(draw, rows=[HBox([following])], case=case, guess=guess, show=show)
    panel.following, panel.cases = following, cases
    return panel


def _most_first(counts: np.ndarray) -> np.ndarray:
    """The places of `counts` from the largest to the smallest; equal ones keep their order."""
    return np.argsort(-counts, kind="stable")


def _places(places: tuple[int, ...], last: int) -> list[tuple[str, int]]:
    return [(f"{place:,}", place) for place in (*(p for p in places if p < last), last)]
