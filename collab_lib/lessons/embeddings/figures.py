"""The figures of lesson 4: a lookup beside its product, who gets a gradient, ids and indices."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure
from collab_lib.scale import MAX_RATING, MIN_RATING

ROW_COLOURS = (COLOURS["sky"], COLOURS["orange"], COLOURS["green"])
NUMBER_WIDTH = 0.95
ID_BIN = 2000


@house_style
def lookup_and_product(table: np.ndarray, rows: Sequence[int]) -> Picture:
    """Rows looked up in a table, and below it the product of one-hot rows with the same table.

    table: (n_rows, n_factors); rows: up to three row numbers, repeats allowed. Lesson 4.
    """
    n_rows, n_factors = table.shape
    one_hot = np.eye(n_rows)[list(rows)]
    result = one_hot @ table
    marks = _marks(rows)
    picked = [marks[row] for row in rows]
    numbers = list(range(n_rows))
    wide = NUMBER_WIDTH * n_factors
    left = 0.55 * n_rows + 2.2
    right = left + wide + 1.7
    middle = len(rows) / 2
    figure = new_figure(9.5, 5.6)
    axes = _blank_axes(figure, right + wide + 0.1, 2 * n_rows + 3.5)

    axes.text(0, 0, "Lookup: take these rows", weight="bold", fontsize=13)
    _grid(axes, 0.8, 1.2, [[row] for row in rows], "{:.0f}", picked, title="indices")
    _sign(axes, left - 1.1, 1.2 + middle, "from")
    _grid(axes, left, 1.2, table, "{:.3f}", marks, numbers, "table")
    _sign(axes, right - 0.85, 1.2 + middle, "gives")
    _grid(axes, right, 1.2, result, "{:.3f}", picked, title="result")

    top = n_rows + 3.4
    axes.text(0, top - 1.2, "Product: one-hot rows times the table", weight="bold", fontsize=13)
    _grid(axes, 0, top, one_hot, "{:.0f}", picked, title="one-hot rows", width=0.55)
    _sign(axes, left - 1.1, top + middle, "×")
    _grid(axes, left, top, table, "{:.3f}", marks, numbers, "table")
    _sign(axes, right - 0.85, top + middle, "=")
    _grid(axes, right, top, result, "{:.3f}", picked, title="result")

    found = "; ".join(f"row {row}: {_vector(table[row])}" for row in dict.fromkeys(rows))
    return Picture(
        figure,
        f"Looked up {', '.join(map(str, rows))} ({found}). The product of the one-hot rows with "
        "the table gives the same numbers.",
    )


@house_style
def gradient_of_rows(
    before: np.ndarray, gradient: np.ndarray, rows: Sequence[int], lr: float
) -> Picture:
    """A table before a step of gradient descent, its gradient, and the table after the step.

    before, gradient: (n_rows, n_factors); rows: those looked up; lr: learning rate. Lesson 4.
    """
    n_rows, n_factors = before.shape
    after = before - lr * gradient
    marks, numbers = _marks(rows), list(range(n_rows))
    wide = NUMBER_WIDTH * n_factors
    figure = new_figure(9.5, 3.2)
    axes = _blank_axes(figure, 3 * wide + 4.2, n_rows + 1.1)
    titles = ("table before", "gradient", "table after the step")
    forms = ("{:.3f}", "{:.1f}", "{:.3f}")
    for place, values in enumerate((before, gradient, after)):
        left = 0.4 + place * (wide + 1.8)
        _grid(axes, left, 0.8, values, forms[place], marks, numbers, titles[place])
        if place:
            sign = f"− {lr:g} ×" if place == 1 else "="
            _sign(axes, left - 1.05, 0.8 + n_rows / 2, sign)
    touched = sorted(set(rows))
    still = [row for row in range(n_rows) if row not in touched]
    parts = ", ".join(
        f"row {row} {np.abs(gradient[row]).max():.1f}"
        + (f" (looked up {rows.count(row)} times)" if rows.count(row) > 1 else "")
        for row in touched
    )
    if still:
        rest = f"Not looked up, no gradient, not changed: row{'s' if len(still) > 1 else ''} "
        rest += ", ".join(map(str, still)) + "."
    else:
        rest = "Every row changes."
    return Picture(figure, f"The gradient of each number: {parts}. {rest}")


@house_style
def first_products(small: np.ndarray, standard: np.ndarray) -> Picture:
    """The dot products of untrained factors, for two standard deviations of the random start.

    small: with factors from normal(0, 0.01); standard: from normal(0, 1). Both in stars. Lesson 4.
    """
    figure = new_figure(8, 3.6)
    axes = figure.subplots()
    edges = np.linspace(-24, 24, 97)
    axes.axvspan(MIN_RATING, MAX_RATING, color=COLOURS["yellow"], alpha=0.45, lw=0)
    axes.hist(standard, edges, color=COLOURS["blue"])
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
    return Picture(
        figure,
        f"With a start of 0.01 the products of 50 factors are spread by {small.std():.4f} stars; "
        f"with a start of 1, by {standard.std():.0f} stars, and {outside:.0%} of them are off the "
        "scale.",
    )


@house_style
def ids_in_use(movie_ids: np.ndarray) -> Picture:
    """How many of the ids from 0 to the largest belong to a rated movie, 2,000 ids a bar.

    movie_ids: (n_movies,): the ids that occur, each once. Lesson 4.
    """
    figure = new_figure(8.5, 3.4)
    axes = figure.subplots()
    n_rows = int(movie_ids.max()) + 1
    edges = np.arange(0, n_rows + ID_BIN, ID_BIN)
    axes.axhspan(0, ID_BIN, color=COLOURS["grey"], alpha=0.2, lw=0)
    axes.hist(movie_ids, edges, color=COLOURS["blue"])
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
    n_movies = len(movie_ids)
    return Picture(
        figure,
        f"A row for every id up to the largest would be {n_rows:,} rows; {n_movies:,} of them, "
        f"{n_movies / n_rows:.0%}, belong to a rated movie.",
    )


def _marks(rows: Sequence[int]) -> dict[int, str]:
    """A colour for each row that was looked up; a row looked up twice has one colour."""
    return dict(zip(dict.fromkeys(rows), ROW_COLOURS, strict=False))


def _vector(numbers: np.ndarray) -> str:
    return "(" + ", ".join(_number("{:.3f}", number) for number in numbers) + ")"


def _number(form: str, value: float) -> str:
    text = form.format(value).replace("-", "−")
    return text.removeprefix("−") if not text.strip("−0.") else text


def _blank_axes(figure, width: float, height: float) -> Axes:
    axes = figure.subplots()
    axes.set(xlim=(-0.3, width), ylim=(height, -0.6))
    axes.set_axis_off()
    return axes


def _sign(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=15, in_layout=False)


def _grid(
    axes: Axes,
    left: float,
    top: float,
    values: np.ndarray | Sequence[Sequence[float]],
    form: str,
    colours: Sequence[str] | dict[int, str],
    numbers: Sequence[int] | None = None,
    title: str | None = None,
    width: float = NUMBER_WIDTH,
) -> None:
    """A matrix as rows of numbers; a row with a colour stands out by its colour and its frame."""
    if title:
        axes.text(left, top - 0.25, title, fontsize=11, color="#444444", in_layout=False)
    marked = colours if isinstance(colours, dict) else dict(enumerate(colours))
    for i, row in enumerate(values):
        frame = Rectangle(
            (left, top + i),
            width * len(row),
            1,
            fc=marked.get(i, "#F2F2F2"),
            alpha=0.55 if i in marked else 1,
            ec="black" if i in marked else "#BBBBBB",
            lw=1.8 if i in marked else 0.8,
            zorder=2 if i in marked else 1,
        )
        frame.set_in_layout(False)
        axes.add_patch(frame)
        if numbers is not None:
            axes.text(
                left - 0.15, top + i + 0.5, numbers[i], ha="right", va="center", color="#555555"
            )
        for j, value in enumerate(row):
            axes.text(
                left + width * (j + 0.5),
                top + i + 0.5,
                _number(form, value),
                ha="center",
                va="center",
                weight="bold" if i in marked else "normal",
                zorder=3,
                in_layout=False,
            )
