"""The figures of lesson 4: a lookup beside its product, who gets a gradient, ids, and your row."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import (
    COLOURS,
    STYLE,
    Picture,
    house_style,
    new_figure,
    picture,
    plain,
    tint,
)
from collab_lib.kit.text import short_title
from collab_lib.kit.words import Word, write
from collab_lib.scale import MAX_RATING, MIN_RATING

ROW_COLOURS = tuple(tint(name, 0.55) for name in ("sky", "orange", "green"))
NUMBER_WIDTH, ONE_HOT_WIDTH = 1.0, 0.55
NAMES_WIDTH = 2.3
ID_BIN = 2000
YOUR_LIMIT = 3.0  # of both factors, in the plane of `your_row`


@house_style
def lookup_and_product(table: np.ndarray, rows: Sequence[int], names: Sequence[str]) -> Picture:
    """Rows looked up in a table, and below it the product of one-hot rows with the same table.

    table: (n_rows, n_factors); rows: up to three row numbers, repeats allowed; names: of the rows
    of the table. Lesson 4.
    """
    one_hot = np.zeros((len(rows), len(table)))
    one_hot[np.arange(len(rows)), list(rows)] = 1
    looked_up, product = table[list(rows)], one_hot @ table
    marks = _marks(rows)
    picked = dict(enumerate(marks[row] for row in rows))
    key = tuple(map(tuple, table.tolist()))
    figure, (axes,) = _lookup_frame(key, tuple(names), len(rows)).figure_in_front()
    left, right, upper, lower = _lookup_places(*table.shape)
    _grid(axes, 0.8, upper, [[row] for row in rows], "{:.0f}", picked)
    _grid(axes, right, upper, looked_up, "{:.3f}", picked)
    _grid(axes, 0, lower, one_hot, "{:.0f}", picked, width=ONE_HOT_WIDTH)
    _grid(axes, right, lower, product, "{:.3f}", picked)
    for top in (upper, lower):
        _grid(axes, left, top, table, "{:.3f}", marks, only_marked=True)

    found = "; ".join(f"{row}, {names[row]}: {_vector(table[row])}" for row in dict.fromkeys(rows))
    verdict = "the same" if np.allclose(looked_up, product) else "other"
    sentence = (
        f"Looked up {', '.join(map(str, rows))} ({found}). The product of the one-hot rows with "
        f"the table gives {verdict} numbers."
    )
    told = {"index": list(rows), "film": [names[row] for row in rows]}
    told |= _columns("looked up", looked_up) | _columns("product", product)
    return Picture(figure, sentence, pd.DataFrame(told))


@cache
def _lookup_frame(
    table: tuple[tuple[float, ...], ...], names: tuple[str, ...], n_picked: int
) -> Backdrop:
    """What is the same for all rows that are looked up: the table, twice, the names, the signs."""
    n_rows, n_factors = len(table), len(table[0])
    left, right, upper, lower = _lookup_places(n_rows, n_factors)
    figure = new_figure(10.5, 6.0)
    figure.set_layout_engine("none")
    axes = figure.add_axes([0.005, 0.005, 0.99, 0.99])
    _blank(axes, right + NUMBER_WIDTH * n_factors + 0.1, lower + n_rows + 0.1)
    numbered = [f"{name}  {row}" for row, name in enumerate(names)]
    titles = ("Lookup: take these rows", "Product: one-hot rows times the table")
    middle = n_picked / 2
    for top, title in zip((upper, lower), titles, strict=True):
        axes.text(0, top - 1.2, title, weight="bold", fontsize=13)
        _grid(axes, left, top, table, "{:.3f}", {}, numbered, "table")
        _name_grid(axes, right, top, "result")
    _name_grid(axes, 0.8, upper, "indices")
    _sign(axes, 2.35, upper + middle, "from")
    _sign(axes, right - 0.85, upper + middle, "gives")
    _name_grid(axes, 0, lower, "one-hot rows")
    _sign(axes, ONE_HOT_WIDTH * n_rows + 0.35, lower + middle, "×")
    _sign(axes, right - 0.85, lower + middle, "=")
    return Backdrop(figure)


def _lookup_places(n_rows: int, n_factors: int) -> tuple[float, float, float, float]:
    """Where the tables and the results begin, and the tops of the lookup and of the product."""
    left = ONE_HOT_WIDTH * n_rows + NAMES_WIDTH + 1.0
    return left, left + NUMBER_WIDTH * n_factors + 1.7, 1.2, n_rows + 3.4


@picture(width=10.5, height=3.4)
def gradient_of_rows(
    axes: Axes,
    before: np.ndarray,
    gradient: np.ndarray,
    rows: Sequence[int],
    lr: float,
    names: Sequence[str],
) -> tuple[str, pd.DataFrame]:
    """A table before a step of gradient descent, its gradient, and the table after the step.

    before, gradient: (n_rows, n_factors); rows: those looked up; lr: learning rate; names: of the
    rows. Lesson 4.
    """
    n_rows, n_factors = before.shape
    after = before - lr * gradient
    marks = _marks(rows)
    wide = NUMBER_WIDTH * n_factors
    _blank(axes, 3 * wide + 3.9 + NAMES_WIDTH, n_rows + 1.1)
    titles = ("table before", "gradient", "table after the step")
    forms = ("{:.3f}", "{:.1f}", "{:.3f}")
    for place, values in enumerate((before, gradient, after)):
        left = NAMES_WIDTH + place * (wide + 1.9)
        numbered = [f"{name}  {row}" for row, name in enumerate(names)] if place == 0 else None
        _grid(axes, left, 0.8, values, forms[place], marks, numbered, titles[place])
        if place:
            sign = f"− {lr:g} ×" if place == 1 else "="
            _sign(axes, left - 0.95, 0.8 + n_rows / 2, sign)
    touched = sorted(set(rows))
    still = [row for row in range(n_rows) if (after[row] == before[row]).all()]
    parts = ", ".join(
        f"{names[row]} {np.abs(gradient[row]).max():.1f}"
        + (f" (looked up {rows.count(row)} times)" if rows.count(row) > 1 else "")
        for row in touched
    )
    moved = "; ".join(
        f"{names[row]} goes from {_vector(before[row])} to {_vector(after[row])}" for row in touched
    )
    rest = f"Not changed: {', '.join(names[row] for row in still)}." if still else ""
    told = {"film": list(names)}
    for title, values in zip(titles, (before, gradient, after), strict=True):
        told |= _columns(title, values)
    sentence = f"The gradient of each number: {parts}. {moved}. {rest}".rstrip()
    return sentence, pd.DataFrame(told)


@picture(width=6.0, height=3.0)
def gradient_alone(
    axes: Axes, gradient: np.ndarray, names: Sequence[str]
) -> tuple[str, pd.DataFrame]:
    """Only the gradient of a table, as a question: which rows were looked up, and how often?

    gradient: (n_rows, n_factors); names: of the rows. Lesson 4.
    """
    n_rows, n_factors = gradient.shape
    _blank(axes, NAMES_WIDTH + NUMBER_WIDTH * n_factors + 0.2, n_rows + 1.0)
    _grid(axes, NAMES_WIDTH, 0.8, gradient, "{:.1f}", {}, list(names), "gradient")
    told = ", ".join(f"{name} {row[0]:.1f}" for name, row in zip(names, gradient, strict=True))
    table = pd.DataFrame({"film": list(names)} | _columns("gradient", gradient))
    return f"The gradient of each number: {told}.", table


@picture(width=8, height=3.6)
def first_products(axes: Axes, small: np.ndarray, standard: np.ndarray) -> str:
    """The dot products of untrained factors, for two standard deviations of the random start.

    small: with factors from normal(0, 0.01); standard: from normal(0, 1). Both in stars. Lesson 4.
    """
    edges = np.linspace(-24, 24, 97)
    axes.axvspan(MIN_RATING, MAX_RATING, color=COLOURS["yellow"], alpha=0.45, lw=0)
    axes.hist(standard, edges, color=COLOURS["blue"], label="a start with 1")
    tallest = 1.2 * axes.get_ylim()[1]
    axes.set_ylim(0, tallest)
    axes.axvline(0, color=COLOURS["vermilion"], lw=3)
    axes.text(-0.8, 0.97 * tallest, "a start with 0.01:\nall of them here", ha="right", va="top")
    axes.text(10, 0.4 * tallest, "a start with 1", ha="left", color=COLOURS["blue"])
    axes.text(5.6, 0.97 * tallest, "the scale of\nratings", ha="left", va="top")
    axes.set(
        xlabel="first prediction (stars), before any training",
        ylabel="pairs of user and movie",
        title="Where an untrained model starts",
    )
    outside = ((standard < MIN_RATING) | (standard > MAX_RATING)).mean()
    return (
        f"With a start of 0.01 the products of 50 factors are spread by {small.std():.4f} stars; "
        f"with a start of 1, by {standard.std():.0f} stars, and {outside:.0%} of them are off the "
        "scale."
    )


@picture(width=8.5, height=3.4)
def ids_in_use(axes: Axes, movie_ids: np.ndarray) -> str:
    """How many of the ids from 0 to the largest belong to a rated movie, 2,000 ids a bar.

    movie_ids: (n_movies,): the ids that occur, each once. Lesson 4.
    """
    n_rows, n_movies = int(movie_ids.max()) + 1, len(movie_ids)
    edges = np.arange(0, n_rows + ID_BIN, ID_BIN)
    axes.axhspan(0, ID_BIN, color=COLOURS["grey"], alpha=0.2, lw=0)
    axes.hist(movie_ids, edges, color=COLOURS["blue"], label="rated movies")
    axes.text(0.5 * n_rows, 0.55 * ID_BIN, "rows that nobody would ever look up", ha="center")
    axes.set(
        xlim=(0, edges[-1]),
        ylim=(0, ID_BIN),
        xlabel="movieId",
        ylabel="rated movies in 2,000 ids",
        title="A table with a row for every id",
    )
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    return (
        f"A row for every id up to the largest would be {n_rows:,} rows; {n_movies:,} of them, "
        f"{n_movies / n_rows:.0%}, belong to a rated movie."
    )


@picture(width=11, height=4.8, ncols=2, width_ratios=[1.15, 1])
def your_row(
    grid: Sequence[Axes],
    you: np.ndarray,
    pull: np.ndarray,
    movies: np.ndarray,
    ratings: np.ndarray,
    titles: Sequence[str],
    step: int,
) -> str:
    """Your row and those of your films after some steps of gradient descent on your ratings alone.

    you: (2,), your row of the users' table; pull: (2,), what the next step adds to it; movies:
    (n, 2), the rows of your films; ratings: (n,), your stars; titles: of the films. Lesson 4.
    """
    left, right = grid
    predictions = movies @ you
    places = np.arange(len(titles))
    left.barh(places, predictions, color=COLOURS["sky"], height=0.6, label="predicted")
    left.plot(ratings, places, "D", color="black", ms=6, label="your rating")
    left.set(xlim=(-0.2, 7), xlabel="stars", title=f"Your films after {step} steps")
    ticks(left.yaxis, places, [short_title(title) for title in titles])
    left.invert_yaxis()
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2)
    right.axhline(0, color=COLOURS["light grey"], lw=0.8)
    right.axvline(0, color=COLOURS["light grey"], lw=0.8)
    right.plot(*movies.T, "s", color=COLOURS["vermilion"], ms=6, label="rows of your films")
    right.plot(*you, "*", color="black", ms=15, label="your row")
    if np.hypot(*pull) > 0.02:
        head = {"arrowstyle": "-|>", "color": COLOURS["blue"], "lw": 2, "shrinkA": 0, "shrinkB": 0}
        right.annotate("", you + pull, you, arrowprops=head)
    beside(right, "you", you, right=9, up=6, weight="bold")
    right.set(xlim=(-YOUR_LIMIT, YOUR_LIMIT), ylim=(-YOUR_LIMIT, YOUR_LIMIT), aspect="equal")
    right.set(xlabel="first factor", ylabel="second factor", title="Your row is pulled")
    right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2)
    error = float(np.sqrt(((predictions - ratings) ** 2).mean()))
    who = (
        f"predictions for your {len(titles)} films are"
        if titles[1:]
        else "prediction for your film is"
    )
    return (
        f"After {step} steps your row is {_vector(you)}, and the next step adds {_vector(pull)}. "
        f"The {who} off by {error:.2f} stars (RMSE)."
    )


def _columns(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of `values`, (n, n_factors), by name: a table's part."""
    return {f"{name}, factor {k}": column for k, column in enumerate(values.T, start=1)}


def _marks(rows: Sequence[int]) -> dict[int, tuple[float, ...]]:
    """A colour for each row that was looked up; a row looked up twice has one colour."""
    return dict(zip(dict.fromkeys(rows), ROW_COLOURS, strict=False))


def _vector(numbers: np.ndarray) -> str:
    return "(" + ", ".join(_number("{:.3f}", number) for number in numbers) + ")"


def _number(form: str, value: float) -> str:
    text = form.format(value).replace("-", "−")
    return text.removeprefix("−") if not text.strip("−0.") else text


def _blank(axes: Axes, width: float, height: float) -> None:
    axes.set(xlim=(-0.3, width), ylim=(height, -0.6))
    axes.set_axis_off()


def _sign(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=15, in_layout=False)


def _name_grid(axes: Axes, left: float, top: float, title: str) -> None:
    colour = COLOURS["dark grey"]
    axes.text(left, top - 0.25, title, fontsize=11, color=colour, in_layout=False)


def _grid(
    axes: Axes,
    left: float,
    top: float,
    values: np.ndarray | Sequence[Sequence[float]],
    form: str,
    marked: Mapping[int, tuple[float, ...]],
    names: Sequence[str] | None = None,
    title: str | None = None,
    width: float = NUMBER_WIDTH,
    only_marked: bool = False,
) -> None:
    """A matrix as rows of numbers; a row with a colour stands out by its colour and its frame.

    only_marked: leave the other rows out.
    """
    if title:
        _name_grid(axes, left, top, title)
    for i, row in enumerate(values):
        if only_marked and i not in marked:
            continue
        frame = Rectangle(
            (left, top + i),
            width * len(row),
            1,
            fc=marked.get(i, COLOURS["pale grey"]),
            ec=COLOURS["dark grey" if i in marked else "light grey"],
            lw=1.8 if i in marked else 0.8,
            zorder=2 if i in marked else 1,
        )
        frame.set_in_layout(False)
        axes.add_artist(frame)
        if names is not None:
            place, colour = (left - 0.15, top + i + 0.5), COLOURS["dark grey"]
            axes.text(*place, plain(names[i]), ha="right", va="center", color=colour)
        words = [
            Word(left + width * (j + 0.5), top + i + 0.5, _number(form, value))
            for j, value in enumerate(row)
        ]
        write(axes, words, STYLE["font.size"], "bold" if i in marked else "normal")
