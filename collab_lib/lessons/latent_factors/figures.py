"""The figures of lesson 3: a dot product, a small table that fills, and factors turned around."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, plain

FACTOR_NAMES = ("science fiction", "romance", "comedy")
COLOUR_MAP = "viridis"
LOWEST_LOSS = 2e-4
LOSS_TICKS = (0.001, 0.01, 0.1, 1, 10)
DARK_BELOW = 2.9  # stars: darker cells get white figures


@house_style
def dot_product(
    user: Sequence[float], movie: Sequence[float], names: Sequence[str] = FACTOR_NAMES
) -> Picture:
    """One bar a product user factor × movie factor, and one for their sum, the prediction.

    user, movie: one number a factor; names: what each factor stands for. Lesson 3.
    """
    products = [p * m for p, m in zip(user, movie, strict=True)]
    total = sum(products)
    figure = new_figure(8.5, 3.6)
    axes = figure.subplots()
    rows = range(len(products) + 1)
    labels = [
        f"{name}: {p:.1f} × {m:.1f}" for name, p, m in zip(names, user, movie, strict=True)
    ] + ["sum: the prediction"]
    colours = [COLOURS["blue"] if product >= 0 else COLOURS["vermilion"] for product in products]
    axes.barh(rows, [*products, total], color=[*colours, "black"], height=0.6)
    for row, value in zip(rows, [*products, total], strict=True):
        side = 1 if value >= 0 else -1
        axes.text(
            value + 0.03 * side,
            row,
            f"{value:.2f}",
            ha="left" if side > 0 else "right",
            va="center",
            weight="bold" if row == rows[-1] else "normal",
        )
    axes.axhline(len(products) - 0.5, color=COLOURS["grey"], lw=0.8)
    axes.axvline(0, color="black", lw=0.8)
    limit = max(1.15, abs(total) + 0.3)
    axes.set(
        xlim=(-limit, limit),
        yticks=rows,
        yticklabels=labels,
        xlabel="product (no unit)",
        title="How well do this user and this movie match?",
    )
    axes.get_yticklabels()[-1].set_weight("bold")
    axes.tick_params("y", length=0)
    axes.invert_yaxis()
    terms = " + ".join(f"{p:.1f} × {m:.1f}" for p, m in zip(user, movie, strict=True))
    strongest = max(range(len(products)), key=lambda k: abs(products[k]))
    sentence = f"{terms.replace('+ -', '+ −').replace('-', '−')} = {total:.2f}."
    if abs(products[strongest]) < 0.005:
        sentence += " No factor contributes anything."
    else:
        sentence += f" The largest part comes from {names[strongest]}: {products[strongest]:.2f}."
    return Picture(figure, sentence.replace("= -", "= −").replace(": -", ": −"))


@house_style
def filling_table(
    table: pd.DataFrame,
    predictions: np.ndarray,
    losses: np.ndarray,
    step: int,
    hidden: pd.DataFrame | None = None,
) -> Picture:
    """The table at one step of a gradient descent, and beside it the loss up to that step.

    table: ratings in stars, users × movies, nan in the blanks. predictions: (users, movies), at
    `step`. losses: (n_steps + 1,), of all steps. hidden: the table without blanks: if it is given,
    each blank also shows what the user would have said. Lesson 3.
    """
    frame = _filling_frame(tuple(table.index), tuple(table.columns), len(losses))
    figure, (left, right) = frame.figure_in_front()
    left.set_title(f"Step {step}: predictions in stars", y=1)  # without y it would look for a place
    draw_cells(left, table, predictions, hidden)
    draw_loss(right, losses, step)
    loss = losses[step]
    if not loss < 1e6:
        return Picture(
            figure,
            f"Step {step}: the predictions have run away, far beyond any number of stars: "
            "the learning rate is too large.",
        )
    sentence = f"Step {step}: the loss over the rated cells is {loss:.2f}."
    blanks = np.isnan(table.to_numpy())
    filled = ", ".join(
        f"{table.index[u]} and {table.columns[m]} {stars(predictions[u, m])}"
        + (f" (would say {hidden.iloc[u, m]:.1f})" if hidden is not None else "")
        for u, m in zip(*np.nonzero(blanks), strict=True)
    )
    return Picture(figure, f"{sentence} The blanks: {filled}.")


@house_style
def filling_steps(
    table: pd.DataFrame, predictions: np.ndarray, losses: np.ndarray, steps: Sequence[int]
) -> Picture:
    """The table at several steps of one gradient descent, side by side: a panel for the page.

    predictions: (n_steps + 1, users, movies); losses: (n_steps + 1,); steps: which to show. Lesson
    3.
    """
    figure = new_figure(10.5, 5.2)
    grid = figure.subplots(2, -(-len(steps) // 2), sharex=True, sharey=True)
    for axes, step in zip(grid.flat, steps, strict=True):
        name_cells(axes, table.index, table.columns, small=True)
        draw_cells(axes, table, predictions[step], small=True)
        axes.set_title(f"step {step}: loss {losses[step]:.2f}")
    first, last = steps[0], steps[-1]
    sentence = (
        f"From step {first} to step {last} the loss over the rated cells falls from "
        f"{losses[first]:.1f} to {losses[last]:.1f}; the dashed cells are blanks, which nobody "
        "rated, and they fill as well."
    )
    return Picture(figure, sentence)


@house_style
def factor_plane(
    users: np.ndarray, movies: np.ndarray, table: pd.DataFrame, angle: float = 0.0
) -> Picture:
    """Users and movies as points of a plane, turned by `angle`, and the predictions they give.

    users: (n_users, 2); movies: (n_movies, 2); table names them; angle: degrees. Lesson 3.
    """
    turned_users, turned_movies = turn(users, angle), turn(movies, angle)
    reach = 1.15 * max(np.hypot(*users.T).max(), np.hypot(*movies.T).max())
    frame = _plane_frame(tuple(table.index), tuple(table.columns), reach)
    figure, (left, right) = frame.figure_in_front()
    left.set_title(f"Factors turned by {angle:.0f}°", y=1)
    _draw_points(left, turned_users, table.index, COLOURS["blue"], "o", -1.15 * reach)
    _draw_points(left, turned_movies, table.columns, COLOURS["vermilion"], "s", 1.15 * reach)
    predictions = turned_users @ turned_movies.T
    draw_cells(right, table, predictions, small=True)
    corner = turned_users[0]
    change = np.abs(predictions - users @ movies.T).max()
    first = f"({stars(corner[0])}, {stars(corner[1])})"
    return Picture(
        figure,
        f"Turned by {angle:.0f}°, {table.index[0]}'s factors are {first}; the predictions changed "
        f"by at most {change:.2f} stars.",
    )


def _draw_points(
    axes: Axes, points: np.ndarray, names: pd.Index, colour: str, marker: str, edge: float
) -> None:
    """Points, and their names in a column at x = `edge`: they never overlap, at any angle."""
    order = np.argsort(points[:, 1])
    heights = np.linspace(-0.8, 0.8, len(points)) * abs(edge) / 1.15
    # One line for all, lifted where it is not a number: far faster to draw than an arrow each.
    xs = [x for point in points[order] for x in (point[0], edge, np.nan)]
    ys = [
        y
        for point, height in zip(points[order], heights, strict=True)
        for y in (point[1], height, np.nan)
    ]
    axes.plot(xs, ys, color=colour, lw=0.7)
    axes.plot(*points.T, marker, color=colour, ms=7, zorder=3)
    for position, height in zip(order, heights, strict=True):
        axes.text(
            1.03 * edge,
            height,
            plain(str(names[position])),
            ha="right" if edge < 0 else "left",
            va="center",
            color=colour,
        )


def stars(value: float) -> str:
    """A prediction with one decimal, a true minus sign and no minus zero; "?!" if it ran away."""
    if not abs(value) < 100:
        return "?!"
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")


@house_style
def errors_by_factors(errors: pd.DataFrame) -> Picture:
    """How far off the rated cells and the blanks are, for each number of factors and random start.

    errors: columns n_factors, rated and blanks (root mean squared errors, stars), a row a run.
    Lesson 3.
    """
    figure = new_figure(7.5, 3.8)
    axes = figure.subplots()
    means = errors.groupby("n_factors")[["rated", "blanks"]].mean()
    for column, label, marker, colour, shift in (
        ("rated", "rated cells", "o", COLOURS["blue"], -0.06),
        ("blanks", "blanks", "s", COLOURS["vermilion"], 0.06),
    ):
        axes.plot(means.index + shift, means[column], color=colour, lw=2, label=f"{label}: mean")
        axes.scatter(
            errors["n_factors"] + shift,
            errors[column],
            color=colour,
            marker=marker,
            alpha=0.6,
            label=f"{label}: one start each",
        )
    axes.set(
        xticks=means.index,
        xlabel="number of factors",
        ylabel="error (stars)",
        title="More factors fit better. Do they predict better?",
    )
    axes.legend(loc="upper left")
    parts = ", ".join(
        f"with {k} {'factor' if k == 1 else 'factors'} {row['rated']:.2f} and {row['blanks']:.2f}"
        for k, row in means.iterrows()
    )
    return Picture(figure, f"Mean error in stars on the rated cells and on the blanks: {parts}.")


def turn(points: np.ndarray, angle: float) -> np.ndarray:
    """Points of a plane, (n, 2), turned around the origin by `angle` degrees, anticlockwise."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return points @ np.array([[cos, sin], [-sin, cos]])


def draw_cells(
    axes: Axes,
    table: pd.DataFrame,
    predictions: np.ndarray,
    hidden: pd.DataFrame | None = None,
    small: bool = False,
) -> None:
    """Predictions as coloured cells with figures; a blank is dashed, any other cell has its rating.

    `small` leaves out the ratings. Lesson 3.
    """
    shown = np.nan_to_num(predictions, nan=0.0, posinf=9.0, neginf=-9.0)
    axes.imshow(shown, cmap=COLOUR_MAP, vmin=0, vmax=5, aspect="auto")
    ratings = table.to_numpy()
    # Nothing inside a cell reaches out of the axes: leaving it out of the layout saves much time.
    inside = {"ha": "center", "va": "center", "in_layout": False}
    for u, m in np.ndindex(ratings.shape):
        ink = "white" if shown[u, m] < DARK_BELOW else "black"
        blank = np.isnan(ratings[u, m])
        value = stars(predictions[u, m])
        if small:
            axes.text(m, u, value, color=ink, fontsize=11, **inside)
        else:
            axes.text(m, u - 0.12, value, color=ink, fontsize=14, **inside)
            if not blank:
                below = f"rated {ratings[u, m]:.1f}"
            elif hidden is None:
                below = "blank"
            else:
                below = f"would say {hidden.iloc[u, m]:.1f}"
            axes.text(m, u + 0.28, below, color=ink, fontsize=9, **inside)
        if blank:
            box = Rectangle((m - 0.46, u - 0.46), 0.92, 0.92, fill=False, ec=ink, ls="--", lw=1.6)
            box.set_in_layout(False)
            axes.add_patch(box)


def name_cells(
    axes: Axes, users: Sequence[str], movies: Sequence[str], small: bool = False
) -> None:
    """The names of the rows and columns beside cells that `draw_cells` draws. Lesson 3."""
    axes.set_yticks(range(len(users)), [plain(str(name)) for name in users])
    names = [plain(str(name)) for name in movies]
    axes.set_xticks(range(len(names)), names, fontsize=9 if small else 11)
    axes.set(xlim=(-0.5, len(movies) - 0.5), ylim=(len(users) - 0.5, -0.5))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_loss(axes: Axes, losses: np.ndarray, step: int) -> None:
    """The loss of every step in grey, up to `step` in colour, on a logarithmic scale. Lesson 3.

    A loss below the scale, as good as zero, is a triangle at its lower end.
    """
    finite = np.where(losses < 1e6, losses, np.nan)
    axes.plot(finite, color=COLOURS["grey"], lw=1, ls=":")
    axes.plot(finite[: step + 1], color=COLOURS["blue"], lw=2.2)
    marker = "o" if not finite[step] < LOWEST_LOSS else "v"
    axes.plot([step], np.maximum(finite[step], LOWEST_LOSS), marker, color=COLOURS["blue"], ms=8)


@cache
def _filling_frame(users: tuple, movies: tuple, n_losses: int) -> Backdrop:
    """What all steps of `filling_table` share: names, axes, labels, and room for a title."""
    figure = new_figure(10.5, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=[2.1, 1])
    name_cells(left, users, movies)
    left.set_title(" ")  # keeps the room
    right.set(
        xlim=(-0.04 * n_losses, 1.04 * n_losses),
        ylim=(0.8 * LOWEST_LOSS, 100),
        yscale="log",
        xlabel="step",
        ylabel="loss (stars²)",
        title="Loss over the rated cells",
    )
    right.set_yticks(LOSS_TICKS, [f"{tick:g}" for tick in LOSS_TICKS])
    right.minorticks_off()
    return Backdrop(figure)


@cache
def _plane_frame(users: tuple, movies: tuple, reach: float) -> Backdrop:
    """What all angles of `factor_plane` share: names, axes, labels, and room for a title."""
    figure = new_figure(10.5, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=[1.05, 1])
    left.plot([-reach, reach], [0, 0], color=COLOURS["grey"], lw=0.8)
    left.plot([0, 0], [-reach, reach], color=COLOURS["grey"], lw=0.8)
    left.spines[:].set_visible(False)
    left.set_xticks(left.get_yticks())
    left.set(
        xlim=(-1.55 * reach, 2.15 * reach),
        ylim=(-reach, reach),
        aspect="equal",
        xlabel="first factor",
        ylabel="second factor",
        title=" ",
    )
    name_cells(right, users, movies, small=True)
    right.set_title("Their dot products, in stars")
    return Backdrop(figure)
