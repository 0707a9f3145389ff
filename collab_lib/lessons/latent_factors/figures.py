"""The figures of lesson 3: a dot product, valleys, a table that fills, factors turned around."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.labels import HALO, label_contours
from collab_lib.kit.marks import beside, mesh_of, ticks
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, picture, plain
from collab_lib.kit.words import Word, write
from collab_lib.lessons.latent_factors import valleys

FACTOR_NAMES = ("science fiction", "romance", "comedy")
COLOUR_MAP = "viridis"
LOWEST_LOSS = 2e-4
LOSS_TICKS = (0.001, 0.01, 0.1, 1, 10)
DARK_BELOW = 2.9  # stars: darker cells get white figures
ONE_LIMITS = (-1.0, 7.0)  # of p: the bottom of the valley, 3, is in the middle
ONE_HIGHEST = 38.0  # stars²
TWO_LIMIT = 4.4  # of p and q
LEVELS = (0.05, 0.5, 2, 5, 10, 20, 40, 80)  # stars²: lines of equal loss
# Where lines of equal loss have their labels, and again on the other side of (0, 0).
LABELS = (
    (2.4, 1.29),
    (2.9, 0.78),
    (3.6, 0.37),
    (3.8, -0.48),
    (3.3, 2.04),
    (3.1, 2.47),
    (3.4, 2.64),
)
LABELS += ((3.7, 2.92),)
YOUR_LIMIT = 5.0  # of your two factors
STARS_LIMITS = (-3.0, 6.5)  # of your row; a longer bar ends at the frame, and its number is written
STRIP = 0.2  # below it, in a cell of the table, stands the rating
FACTOR_SIZE = 0.68  # of the width, or the height, of a cell of the table
LONGEST = 0.25  # a factor that moves so far in a step, or further, has the longest arrow


@picture(width=8.5, height=3.8, places={"left": 0.22, "right": 0.97, "top": 0.9, "bottom": 0.16})
def dot_product(
    axes: Axes,
    user: Sequence[float],
    movie: Sequence[float],
    names: Sequence[str] = FACTOR_NAMES,
) -> str:
    """One bar for each product user factor × movie factor, and one for their sum, the prediction.

    user, movie: one number from -1 to 1 for each factor; names: what each factor stands for. The
    scale is the same for all of them, so that pictures can be compared. Lesson 3.
    """
    products = [p * m for p, m in zip(user, movie, strict=True)]
    total = sum(products)
    values = [*products, total]
    colours = [COLOURS["blue"] if product >= 0 else COLOURS["vermilion"] for product in products]
    axes.barh(range(len(values)), values, color=[*colours, "black"], height=0.6, label="product")
    terms = [f"{number(p)} × {number(m)}" for p, m in zip(user, movie, strict=True)]
    told = [f"{term} = {number(value, 2)}" for term, value in zip(terms, products, strict=True)]
    for row, (value, text) in enumerate(zip(values, [*told, number(total, 2)], strict=True)):
        beside(
            axes,
            text,
            (value, row),
            right=4 if value >= 0 else -4,
            weight="bold" if row == len(products) else "normal",
        )
    axes.axhline(len(products) - 0.5, color=COLOURS["grey"], lw=0.8)
    axes.axvline(0, color="black", lw=0.8)
    limit = 1.3 * len(products) + 0.1  # the sum can't get longer, and its number has room
    axes.set(xlim=(-limit, limit), xlabel="product (no unit)")
    axes.set_title("How well do this user and this movie match?")
    ticks(axes.yaxis, range(len(values)), [*names, "sum: the prediction"])
    axes.tick_params("y", length=0)
    axes.invert_yaxis()
    sentence = f"{' + '.join(terms)} = {number(total, 2)}."
    strongest = max(range(len(products)), key=lambda k: abs(products[k]))
    if abs(products[strongest]) < 0.005:
        return f"{sentence} No factor contributes anything."
    largest = number(products[strongest], 2)
    return f"{sentence} The largest part comes from {names[strongest]}: {largest}."


def number(value: float, digits: int = 1) -> str:
    """A number with a true minus sign, and without a minus zero."""
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")


def stars(value: float) -> str:
    """A prediction with one decimal; "?!" if it ran away."""
    return number(value) if abs(value) < 100 else "?!"


def _size(value: float) -> str:
    """A loss in two decimals; a huge one in round numbers."""
    if not value < 1e6:
        return "more than a million"
    return f"{value:,.0f}" if value >= 100 else number(value, 2)


@house_style
def valley(trail: np.ndarray, lr: float, n_steps: int | None = None) -> Picture:
    """The valley of one number: its loss, where a gradient descent has been, and its slope now.

    trail: (n + 1,), the value of p at the start and after each of n steps; lr: the learning rate.
    Lesson 3.
    """
    frame = _valley_frame()
    figure, (axes,) = frame.figure_in_front()
    step, p = len(trail) - 1, float(trail[-1])
    loss, slope = float(valleys.one_loss(p)), float(valleys.one_slope(p))
    axes.plot(
        trail, valleys.one_loss(trail), "o-", color=COLOURS["orange"], ms=6, lw=1.2, label="steps"
    )
    _tell_step(axes, step, 0.45)
    inside = ONE_LIMITS[0] <= p <= ONE_LIMITS[1] and loss <= ONE_HIGHEST
    so_far = f"Step {step} with the learning rate {lr:g}: "
    if not inside:
        side = 1 if p > 3 else -1
        edge = ONE_LIMITS[1] if side > 0 else ONE_LIMITS[0]
        axes.text(
            edge - 0.15 * side,
            ONE_HIGHEST - 1,
            f"p = {_far(p)} →" if side > 0 else f"← p = {_far(p)}",
            ha="right" if side > 0 else "left",
            va="top",
            weight="bold",
            color=COLOURS["vermilion"],
        )
        return Picture(
            figure,
            f"{so_far}p is {_far(p)}, outside the picture, and the loss is {_size(loss)}.",
            _trail_table(trail),
        )
    reach = np.array([-0.7, 0.7])
    axes.plot(
        p + reach, loss + slope * reach, color=COLOURS["vermilion"], lw=2.5, label="slope here"
    )
    axes.plot([p], [loss], "o", color="black", ms=10, label="now")
    move = -lr * slope
    if abs(move) >= 0.005:
        end = np.clip(p + move, *ONE_LIMITS)
        axes.annotate(
            "",
            (end, -2.2),
            (p, -2.2),
            arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 2, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )
        where = f"the next step is {abs(move):.2f} to the {'right' if move > 0 else 'left'}."
    else:
        where = "the next step is too small to be seen."
    return Picture(
        figure,
        f"{so_far}p is {number(p, 2)}, the prediction {number(valleys.FACTOR * p, 2)} stars, the "
        f"loss {_size(loss)}. The slope is {number(slope, 2)}, so {where}",
        _trail_table(trail),
    )


def _tell_step(axes: Axes, step: int, x: float = 0.02) -> None:
    """The number of the step, at the top, `x` of the width from the left."""
    place = {"transform": axes.transAxes, "va": "top"}
    axes.text(x, 0.985, f"Step {step}", fontsize=13, weight="bold", **place)


def _far(p: float) -> str:
    return number(p) if abs(p) < 1000 else "beyond 1,000" if p > 0 else "beyond −1,000"


def _trail_table(trail: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "step": range(len(trail)),
            "p": trail,
            "loss": valleys.one_loss(trail),
            "slope": valleys.one_slope(trail),
        }
    )


@cache
def _valley_frame() -> Backdrop:
    figure = new_figure(7.5, 4.2)
    axes = figure.subplots()
    places = np.linspace(*ONE_LIMITS, 161)
    axes.plot(places, valleys.one_loss(places), color=COLOURS["grey"], lw=2, label="loss")
    axes.axhline(0, color=COLOURS["light grey"], lw=0.8)
    axes.set(
        xlim=ONE_LIMITS,
        ylim=(-4, ONE_HIGHEST),
        xlabel="p, the factor that we look for",
        ylabel="loss (squared error)",
        title="The loss for every p, and the steps",
    )
    return Backdrop(figure)


@house_style
def two_numbers(trail: np.ndarray, lr: float) -> Picture:
    """Lines of equal loss over two numbers, and the trail of a gradient descent across them.

    trail: (n + 1, 2), p and q at the start and after each of n steps; lr: learning rate. Lesson 3.
    """
    frame = _two_frame()
    figure, (axes,) = frame.figure_in_front()
    step, here = len(trail) - 1, trail[-1]
    p, q = (float(x) for x in here)
    axes.plot(*trail.T, "o-", color=COLOURS["orange"], ms=5, lw=1.4, label="steps")
    _tell_step(axes, step)
    axes.plot(*trail[:1].T, "s", color=COLOURS["orange"], mec="black", ms=8, label="start")
    so_far = f"Step {step} with the learning rate {lr:g}: "
    table = pd.DataFrame(
        {
            "step": range(len(trail)),
            "p": trail[:, 0],
            "q": trail[:, 1],
            "prediction": trail.prod(axis=1),
            "loss": valleys.two_loss(trail),
        }
    )
    if not np.abs(here).max() < TWO_LIMIT:
        return Picture(
            figure,
            f"{so_far}p and q are outside the picture: the steps are too large.",
            table,
        )
    slopes = valleys.two_slopes(here)
    _arrow(axes, here, np.clip(here - lr * slopes, -TWO_LIMIT, TWO_LIMIT))
    axes.plot([p], [q], "o", color="black", ms=9, label="now")
    sentence = (
        f"{so_far}p is {number(p, 2)} and q is {number(q, 2)}, so the prediction is "
        f"{number(p * q, 2)} stars and the loss {_size(float(valleys.two_loss(here)))}. "
        f"The slopes are {number(slopes[0], 2)} for p and {number(slopes[1], 2)} for q."
    )
    return Picture(figure, sentence, table)


def _arrow(axes: Axes, start: np.ndarray, end: np.ndarray) -> None:
    """A black arrow, if it is long enough to be seen."""
    if np.hypot(*(end - start)) > 0.03:
        head = {"arrowstyle": "-|>", "color": "black", "lw": 2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", end, start, arrowprops=head)


@cache
def _two_frame() -> Backdrop:
    figure = new_figure(6.8, 5.2)
    axes = figure.subplots()
    side = np.linspace(-TWO_LIMIT, TWO_LIMIT, 121)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    lines = axes.contour(
        side, side, valleys.two_loss(grid), LEVELS, colors=COLOURS["grey"], linewidths=0.8
    )
    # By hand: left alone, the labels of the narrow lines lie over each other at the frame.
    spots = [(sign * p, sign * q) for p, q in LABELS for sign in (1, -1)]
    label_contours(lines, spots, fontsize=10)
    for sign in (-1, 1):
        p = sign * np.linspace(valleys.RATING / TWO_LIMIT, TWO_LIMIT, 60)
        axes.plot(p, valleys.RATING / p, color=COLOURS["green"], lw=2.5, ls="--")
    how = {"color": COLOURS["green"], "va": "center", "path_effects": HALO}
    axes.text(0.35, -2.6, "dashed: p · q = 4.5,\nthe loss is 0", **how)
    axes.axhline(0, color=COLOURS["light grey"], lw=0.8, zorder=0)
    axes.axvline(0, color=COLOURS["light grey"], lw=0.8, zorder=0)
    axes.set(
        xlim=(-TWO_LIMIT, TWO_LIMIT),
        ylim=(-TWO_LIMIT, TWO_LIMIT),
        aspect="equal",
        xlabel="p, Ada's factor",
        ylabel="q, Alien's factor",
        title="Lines of equal loss",
    )
    return Backdrop(figure)


@house_style
def filling_table(
    table: pd.DataFrame,
    users: np.ndarray,
    movies: np.ndarray,
    moves: tuple[np.ndarray, np.ndarray],
    losses: np.ndarray,
    blanks: np.ndarray,
    step: int,
    hidden: pd.DataFrame,
) -> Picture:
    """The table at one step of a gradient descent, between the factors that it is a product of.

    table: ratings in stars, users × movies, nan in the blanks; hidden: the same without blanks.
    users: (n_users, n_factors) and movies: (n_movies, n_factors), at `step`; moves: what the next
    step adds to each of them. losses, blanks: (n_steps + 1,), the mean squared errors of all steps,
    over the rated cells and over the blanks. Lesson 3.
    """
    n_factors = users.shape[1]
    frame = _filling_frame(_Table(table, hidden), n_factors, len(losses))
    figure, (grid, right) = frame.figure_in_front()
    predictions = users @ movies.T
    _draw_predictions(grid, predictions)
    columns = [_factor_place(k, n_factors) for k in range(n_factors)]
    _draw_factors(grid, users, moves[0], columns, range(len(users)))
    _draw_factors(grid, movies.T, moves[1].T, range(len(movies)), columns)
    for values, colour, label in (
        (losses, COLOURS["blue"], "rated cells"),
        (blanks, COLOURS["vermilion"], "blanks"),
    ):
        _draw_loss(right, values, step, colour, label)
    _tell_step(grid, step)
    told = pd.concat(
        [
            _predictions_table(table, predictions, hidden),
            _factors_table("user", table.index, users, moves[0]),
            _factors_table("movie", table.columns, movies, moves[1]),
        ],
        ignore_index=True,
    )
    if not losses[step] < 1e6:
        return Picture(
            figure,
            f"Step {step}: the predictions have run away, far beyond any number of stars: "
            "the learning rate is too large.",
            told,
        )
    filled = ", ".join(
        f"{table.index[u]} and {table.columns[m]} {stars(predictions[u, m])} "
        f"(hidden: {hidden.iloc[u, m]:.1f})"
        for u, m in zip(*np.nonzero(np.isnan(table.to_numpy())), strict=True)
    )
    return Picture(
        figure,
        f"Step {step}: the loss over the rated cells is {_size(losses[step])}, the same error over "
        f"the blanks {_size(blanks[step])}. The blanks: {filled}.",
        told,
    )


def _factor_place(k: int, n_factors: int) -> float:
    """Where the cells of factor k stand, left of the predictions and above them: in cells."""
    return -0.62 - FACTOR_SIZE * (n_factors - k - 0.5)


def _predictions_table(
    table: pd.DataFrame, predictions: np.ndarray, hidden: pd.DataFrame
) -> pd.DataFrame:
    """One row for each cell: who, what, the prediction, and the rating or what was held back."""
    cells = pd.DataFrame(
        {
            "user": np.repeat(table.index, len(table.columns)),
            "movie": np.tile(table.columns, len(table.index)),
            "predicted": predictions.ravel(),
            "rating": table.to_numpy().ravel(),
        }
    )
    return cells.assign(blank=np.where(cells["rating"].isna(), hidden.to_numpy().ravel(), np.nan))


def _factors_table(
    of: str, names: Sequence[str], factors: np.ndarray, moves: np.ndarray
) -> pd.DataFrame:
    """One row for each factor of each of `names`, and what the next step adds to it."""
    n_factors = factors.shape[1]
    return pd.DataFrame(
        {
            of: np.repeat(names, n_factors),
            "factor": np.tile(np.arange(1, n_factors + 1), len(names)),
            "number": factors.ravel(),
            "the next step adds": moves.ravel(),
        }
    )


def _draw_predictions(axes: Axes, predictions: np.ndarray) -> None:
    """Predictions as coloured cells with figures, above the strips that tell the ratings."""
    n_users, n_movies = predictions.shape
    shown = np.nan_to_num(predictions, nan=0.0, posinf=9.0, neginf=-9.0)
    striped = np.full((2 * n_users - 1, n_movies), np.nan)
    striped[::2] = shown
    rows = np.arange(n_users)
    edges = np.column_stack([rows - 0.5, rows + STRIP]).ravel()
    axes.pcolormesh(
        np.arange(n_movies + 1) - 0.5,
        edges,
        np.ma.masked_invalid(striped),
        cmap=COLOUR_MAP,
        vmin=0,
        vmax=5,
    )
    words = [
        Word(m, u - 0.15, stars(predictions[u, m]), "white" if value < DARK_BELOW else "black")
        for (u, m), value in np.ndenumerate(shown)
    ]
    write(axes, words, size=14)


def _draw_factors(
    axes: Axes, factors: np.ndarray, moves: np.ndarray, xs: Sequence[float], ys: Sequence[float]
) -> None:
    """Factors as numbers, each with an arrow for what the next step adds to it.

    factors, moves: (n_rows, n_columns); xs, ys: where the columns and the rows stand. An arrow is
    as long as the step, up to the length for `LONGEST`; a move that rounds to 0.00 has none.
    """
    shafts, tips, words = [], {"^": [], "v": []}, []
    for (i, j), move in np.ndenumerate(moves):
        x, y = xs[j], ys[i]
        words.append(Word(x - 0.06, y, stars(factors[i, j])))
        if abs(move) >= 0.005:
            half = 0.24 * min(1.0, abs(move) / LONGEST)  # of a cell
            tip = y - half if move > 0 else y + half  # rows count downwards
            shafts += [(x + 0.24, 2 * y - tip), (x + 0.24, tip), (np.nan, np.nan)]
            tips["^" if move > 0 else "v"].append((x + 0.24, tip))
    write(axes, words, size=11)
    if shafts:
        axes.plot(*zip(*shafts, strict=True), color="black", lw=1.6)
    for marker, label in (("^", "grows"), ("v", "shrinks")):
        if tips[marker]:
            axes.plot(*zip(*tips[marker], strict=True), marker, color="black", ms=5, label=label)


@house_style
def factor_plane(
    users: np.ndarray,
    movies: np.ndarray,
    table: pd.DataFrame,
    angle: float = 0.0,
    stretch: float = 1.0,
    only_users: bool = False,
) -> Picture:
    """Users and movies as arrows in a plane, turned and stretched, and the predictions they give.

    users: (n_users, 2); movies: (n_movies, 2); table names them. angle: degrees, anticlockwise;
    stretch: then the users' first factor is multiplied by it, and the movies' divided; -1 is a
    mirror. only_users: leave the movies where they are. Lesson 3.
    """
    moved_users, moved_movies = transform(users, movies, angle, stretch)
    if only_users:
        moved_movies = movies
    # Nothing leaves the picture, whatever is chosen: a stretch by 2 or by 1/2 is the largest.
    reach = 2.05 * max(np.hypot(*users.T).max(), np.hypot(*movies.T).max())
    frame = _plane_frame(tuple(table.index), tuple(table.columns), reach)
    figure, (left, right) = frame.figure_in_front()
    _draw_arrows(left, moved_users, moved_movies, table, reach)
    predictions = moved_users @ moved_movies.T
    draw_cells(right, table, predictions)
    change = np.abs(predictions - users @ movies.T).max()
    names = f"{table.columns[0]} and {table.columns[2]}"
    first = f"({stars(moved_users[0, 0])}, {stars(moved_users[0, 1])})"
    stretched = {1: "", -1: " and mirrored"}.get(stretch, f" and stretched by {stretch:g}")
    who = "Only the users are turned" if only_users else "Turned"
    points = pd.DataFrame(
        np.vstack([moved_users, moved_movies]), columns=["first factor", "second factor"]
    )
    points.insert(0, "who or what", [*table.index, *table.columns])
    return Picture(
        figure,
        f"{who} by {angle:.0f}°{stretched}: {table.index[0]}'s factors are {first}, and between "
        f"{names} there are {angle_between(moved_movies[0], moved_movies[2]):.0f}°. The "
        f"predictions changed by at most {change:.2f} stars.",
        points,
    )


def turn(points: np.ndarray, angle: float) -> np.ndarray:
    """Points of a plane, (n, 2), turned around the origin by `angle` degrees, anticlockwise."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return points @ np.array([[cos, sin], [-sin, cos]])


def transform(
    users: np.ndarray, movies: np.ndarray, angle: float, stretch: float
) -> tuple[np.ndarray, np.ndarray]:
    """Both turned by `angle` degrees; then the users' first factor times `stretch`, the movies'
    divided by it. No dot product of a user and a movie changes. Lesson 3.
    """
    both = np.array([stretch, 1.0])
    return turn(users, angle) * both, turn(movies, angle) / both


def angle_between(first: np.ndarray, second: np.ndarray) -> float:
    """The angle between two arrows, in degrees, from 0 to 180."""
    cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _draw_arrows(
    axes: Axes, users: np.ndarray, movies: np.ndarray, table: pd.DataFrame, reach: float
) -> None:
    """An arrow from the middle to each point, and the names around them on an oval.

    A dotted line leads from each head to its name. As far as there are heads it goes on in the
    arrow's own direction, so that it crosses none of another direction, and then to the name.
    """
    points = np.vstack([users, movies])
    names = [*table.index, *table.columns]
    # An oval around all heads, and one around it for the names; both within the picture.
    inner = np.minimum(1.2 * np.hypot(*points.T).max(), reach * np.array([1.04, 0.58]))
    outer = inner + 0.07 * reach
    angles = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    places = outer * _directions(_spread(angles, 24.0))
    ahead = _directions(angles)
    bends = ahead / np.hypot(*(ahead / inner).T)[:, None]
    for group, colour, fill, label in (
        (slice(None, len(users)), COLOURS["blue"], COLOURS["blue"], "users"),
        (slice(len(users), None), COLOURS["vermilion"], "white", "movies"),
    ):
        some, heads = points[group], [_head(point, reach) for point in points[group]]
        middles = [head[1:].mean(axis=0) for head in heads]
        _lines(axes, np.zeros_like(some), middles, color=colour, lw=1.6, label=label)
        _lines(axes, some, bends[group], places[group], color=colour, lw=0.8, ls=":")
        axes.add_collection(PolyCollection(heads, fc=fill, ec=colour, lw=1.4, zorder=3), False)
        for name, (x, y) in zip(names[group], places[group], strict=True):
            side = "left" if x > 0.25 * outer[0] else "right" if x < -0.25 * outer[0] else "center"
            high = "bottom" if y > 0.9 * outer[1] else "top" if y < -0.9 * outer[1] else "center"
            how = {"color": colour, "path_effects": HALO, "in_layout": False}
            if side == "center":  # on the vertical axis, which must not strike the name through
                how["bbox"] = {"fc": "white", "ec": "none", "pad": 1}
            axes.text(x, y, f" {plain(str(name))} ", ha=side, va=high, **how)


def _directions(angles: np.ndarray) -> np.ndarray:
    """A step of length 1 for each angle in degrees: (n, 2)."""
    return np.column_stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))])


def _head(tip: np.ndarray, reach: float) -> np.ndarray:
    """The corners of an arrow's head, (3, 2), the tip first; the arrow comes from the middle."""
    length = np.hypot(*tip)
    ahead = tip / length if length else np.array([1.0, 0.0])
    back = min(0.055 * reach, 0.6 * length) * ahead
    aside = 0.4 * back[::-1] * [-1, 1]
    return np.array([tip, tip - back + aside, tip - back - aside])


def _lines(axes: Axes, *stations: Sequence[np.ndarray], **how) -> None:
    """One line for all: lifted where it is not a number, it draws far faster than one for each."""
    steps = [*map(np.asarray, stations), np.full(np.shape(stations[0]), np.nan)]
    axes.plot(*np.stack(steps, axis=1).reshape(-1, 2).T, **how)


def _spread(angles: np.ndarray, apart: float) -> np.ndarray:
    """`angles` (degrees), moved as little as needed to be at least `apart`, in the same order."""
    order = np.argsort(angles % 360)
    around = (angles % 360)[order]
    gaps = np.diff(np.append(around, around[0] + 360))
    cut = int(np.argmax(gaps)) + 1  # begin behind the widest gap
    order = np.roll(order, -cut)
    around = np.unwrap(np.roll(around, -cut), period=360)
    placed = around.copy()
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + apart)
    placed -= (placed - around).mean()
    result = np.empty_like(placed)
    result[order] = placed
    return result


@house_style
def your_place(
    ratings: Mapping[str, float],
    users: np.ndarray,
    movies: np.ndarray,
    table: pd.DataFrame,
    trail: np.ndarray,
) -> Picture:
    """Where gradient descent finds *your* two factors, while the movies' factors are held still.

    ratings: your stars by movie of the table, nan for one that you haven't seen. users: (n_users,
    2); movies: (n_movies, 2); table names them. trail: (n_steps + 1, 2), your factors from the
    first step to the last. Lesson 3.
    """
    others = tuple((str(name), *place) for name, place in zip(table.index, users, strict=True))
    figure, (left, right) = _your_frame(others, tuple(table.columns)).figure_in_front()
    yours = np.array([ratings[movie] for movie in table.columns], dtype=float)
    you, seen = trail[-1], ~np.isnan(yours)
    predictions = movies @ you
    if seen.any():
        line = np.linspace(-YOUR_LIMIT, YOUR_LIMIT, 41)
        losses = valleys.row_loss(np.stack(np.meshgrid(line, line), axis=-1), yours, movies)
        left.contour(line, line, losses, LEVELS[1:], colors=COLOURS["grey"], linewidths=0.8)
    left.plot(*trail.T, "-", color=COLOURS["orange"], lw=2.5, label="the way to you")
    for name, *place in others:  # in front of every line, with a white rim
        how = {"color": COLOURS["blue"], "path_effects": HALO, "zorder": 4}
        beside(left, plain(name), place, right=8, **how)
    left.plot(*you, "*", color="black", ms=14, label="you")
    shown = np.clip(you, -0.94 * YOUR_LIMIT, 0.94 * YOUR_LIMIT)
    where = "you" if np.abs(you).max() < YOUR_LIMIT else "you, outside"
    # The others stand left of the middle, with their names on their right.
    side = 10 if shown[0] < -0.7 * YOUR_LIMIT else -10
    beside(left, where, shown, right=side, weight="bold", path_effects=HALO)
    places = np.arange(len(movies))
    right.barh(places, predictions, color=COLOURS["sky"], height=0.55, label="predicted")
    right.plot(yours[seen], places[seen], "D", color="black", ms=8, label="you said")
    for place, value in zip(places, predictions, strict=True):
        beside(right, stars(value), (STARS_LIMITS[0], place), right=6)
    rows = [
        {"who or what": movie, "you said": said, "predicted": predicted}
        for movie, said, predicted in zip(table.columns, yours, predictions, strict=True)
    ]
    rows += [
        {"who or what": name, "factor 1": float(one), "factor 2": float(two)}
        for name, (one, two) in zip(["you", *table.index], [you, *users], strict=True)
    ]
    told = pd.DataFrame(rows)
    if not seen.any():
        nothing = (
            "No rating, no place: your factors stay at (0, 0), and each prediction is 0 stars."
        )
        return Picture(figure, nothing, told)
    blanks = ", ".join(
        f"{movie} {stars(value)}"
        for movie, value, known in zip(table.columns, predictions, seen, strict=True)
        if not known
    )
    n_rated = f"{seen.sum()} rating{'s' if seen.sum() > 1 else ''}"
    loss = float(valleys.row_loss(you, yours, movies))
    filled = f"Predicted for you: {blanks}." if blanks else "You left no blank."
    return Picture(
        figure,
        f"From {n_rated} your factors are ({stars(you[0])}, {stars(you[1])}), with a loss of "
        f"{_size(loss)}. {filled}",
        told,
    )


@picture(width=7.5, height=3.9)
def errors_by_factors(axes: Axes, errors: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """How far off the rated cells and the blanks are, for each number of factors and random start.

    errors: columns n_factors, rated and blanks (root mean squared errors, stars), one row per run.
    Lesson 3.
    """
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
        xlabel="number of factors",
        ylabel="error (stars)",
        title="More factors fit better. Do they predict better?",
    )
    ticks(axes.xaxis, means.index)
    axes.legend(loc="upper left")
    parts = ", ".join(
        f"with {k} {'factor' if k == 1 else 'factors'} {row['rated']:.2f} and {row['blanks']:.2f}"
        for k, row in means.iterrows()
    )
    told = {"n_factors": "factors", "rated": "error, rated cells", "blanks": "error, blanks"}
    runs = errors.rename(columns=told)
    return f"Mean error in stars on the rated cells and on the blanks: {parts}.", runs


@picture(width=8.5, height=3.4, ncols=3, sharey=True)
def three_rates(grid: Sequence[Axes], trails: Mapping[str, np.ndarray]) -> str:
    """The loss of one number, step by step, for learning rates that the picture doesn't tell.

    trails: the values of p by the letter under which they are shown. Lesson 3.
    """
    told = []
    for axes, (letter, trail) in zip(grid, trails.items(), strict=True):
        losses = valleys.one_loss(trail)
        axes.plot(losses, "o-", color=COLOURS["blue"], ms=4, label=letter)
        axes.set(title=letter, xlabel="step", ylim=(-1, 24))
        ticks(axes.xaxis, range(0, len(trail), 2))
        told.append(f"in {letter} from {losses[0]:.1f} to {losses[-1]:.1f}")
    grid[0].set_ylabel("loss (squared error)")
    return f"The loss goes {', '.join(told)} in {len(trail) - 1} steps."


def draw_cells(axes: Axes, table: pd.DataFrame, predictions: np.ndarray) -> None:
    """Predictions as coloured cells with figures, dashed where `table` has a blank. Lesson 3."""
    shown = np.nan_to_num(predictions, nan=0.0, posinf=9.0, neginf=-9.0)
    mesh_of(axes, shown, "auto", cmap=COLOUR_MAP, vmin=0, vmax=5)
    words = []
    for (u, m), value in np.ndenumerate(shown):
        ink = "white" if value < DARK_BELOW else "black"
        words.append(Word(m, u, stars(predictions[u, m]), ink))
        if np.isnan(table.iloc[u, m]):
            box = Rectangle((m - 0.46, u - 0.46), 0.92, 0.92, fill=False, ec=ink, ls="--", lw=1.6)
            box.set_in_layout(False)  # it takes time, and nothing reaches out of the axes
            axes.add_artist(box)
    write(axes, words, size=12)


def name_cells(axes: Axes, users: Sequence[str], movies: Sequence[str]) -> None:
    """The names of the rows and columns beside cells that `draw_cells` draws. Lesson 3."""
    ticks(axes.yaxis, range(len(users)), [plain(str(name)) for name in users])
    names = [plain(str(name)).replace(" ", "\n", 1) for name in movies]
    ticks(axes.xaxis, range(len(names)), names)
    axes.set(xlim=(-0.5, len(movies) - 0.5), ylim=(len(users) - 0.5, -0.5))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_loss(axes: Axes, values: np.ndarray, step: int, colour: str, label: str) -> None:
    """One error of every step up to `step`, on a logarithmic scale: what comes isn't given away.

    A value below the scale, as good as zero, is a triangle at its lower end.
    """
    finite = np.where(values < 1e6, values, np.nan)
    axes.plot(finite[: step + 1], color=colour, lw=2.2, label=label)
    marker = "o" if not finite[step] < LOWEST_LOSS else "v"
    axes.plot([step], np.maximum(finite[step], LOWEST_LOSS), marker, color=colour, ms=8)


class _Table:
    """A table and what its blanks hide, as a key under which a backdrop is kept."""

    def __init__(self, table: pd.DataFrame, hidden: pd.DataFrame):
        self.table, self.hidden = table, hidden
        self.key = (tuple(table.index), tuple(table), table.to_csv(), hidden.to_csv())

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: "_Table") -> bool:
        return self.key == other.key


@cache
def _filling_frame(both: _Table, n_factors: int, n_losses: int) -> Backdrop:
    """What all steps of `filling_table` share: names, ratings, axes, empty cells for factors."""
    users, movies = tuple(both.table.index), tuple(both.table.columns)
    figure = new_figure(11.5, 5.2)
    figure.set_layout_engine("none")
    grid = figure.add_axes([0.0, 0.06, 0.72, 0.92])
    right = figure.add_axes([0.79, 0.13, 0.2, 0.78])
    edge = _factor_place(0, n_factors) - FACTOR_SIZE / 2
    grid.set(xlim=(edge - 0.65, len(movies) - 0.4), ylim=(len(users) - 0.4, edge - 0.5))
    grid.set_axis_off()
    line = {"ec": COLOURS["light grey"], "fc": "white", "lw": 1}
    for k in range(n_factors):
        near = _factor_place(k, n_factors) - FACTOR_SIZE / 2
        for row in range(len(users)):
            grid.add_patch(Rectangle((near, row - 0.5), FACTOR_SIZE, 1, **line))
        for column in range(len(movies)):
            grid.add_patch(Rectangle((column - 0.5, near), 1, FACTOR_SIZE, **line))
    for row, column in np.ndindex(both.table.shape):
        blank = np.isnan(both.table.iloc[row, column])
        told = f"{'hidden' if blank else 'rated'} {both.hidden.iloc[row, column]:.1f}"
        grid.text(column, row + 0.345, told, fontsize=11, ha="center", va="center")
        grid.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **line))
        if blank:
            frame = {"ec": COLOURS["vermilion"], "ls": "--", "lw": 2.5, "fill": False}
            grid.add_patch(Rectangle((column - 0.47, row + STRIP), 0.94, 0.47 - STRIP, **frame))
    for row, name in enumerate(users):
        grid.text(edge - 0.08, row, plain(str(name)), ha="right", va="center")
    for column, name in enumerate(movies):
        grid.text(column, edge - 0.1, plain(str(name)), ha="center", va="bottom", fontsize=11)
    middle = len(movies) / 2 - 0.5
    below = {"ha": "center", "va": "top", "fontsize": 11, "color": COLOURS["grey"]}
    grid.text(middle, len(users) - 0.42, "predictions in stars: row · column", **below)
    grid.text((edge - 0.62) / 2, len(users) - 0.42, "users' factors", **below)
    right.set(
        xlim=(-0.04 * n_losses, 1.04 * n_losses),
        ylim=(0.8 * LOWEST_LOSS, 100),
        yscale="log",
        xlabel="step",
        ylabel="mean squared error",
        title="Error",
    )
    ticks(right.yaxis, LOSS_TICKS, [f"{tick:g}" for tick in LOSS_TICKS])
    right.minorticks_off()
    corner = {"ha": "right", "va": "top", "transform": right.transAxes}
    right.text(0.98, 0.98, "rated cells: the loss", color=COLOURS["blue"], fontsize=11, **corner)
    right.text(0.98, 0.91, "blanks", color=COLOURS["vermilion"], fontsize=11, **corner)
    return Backdrop(figure)


@cache
def _your_frame(others: tuple, movies: tuple) -> Backdrop:
    """What all ratings share in `your_place`: axes, labels, and the others with their factors."""
    figure = new_figure(10.5, 4.8)
    figure.set_layout_engine("none")
    left = figure.add_axes([0.07, 0.13, 0.39, 0.79])
    right = figure.add_axes([0.6, 0.21, 0.38, 0.71])
    for name, x, y in others:
        left.plot([x], [y], "o", color=COLOURS["blue"], ms=7, label=name)
    left.set(xlim=(-YOUR_LIMIT, YOUR_LIMIT), ylim=(-YOUR_LIMIT, YOUR_LIMIT))
    left.set(xlabel="first factor", ylabel="second factor", title="Lines of equal loss for you")
    right.axvline(0, color="black", lw=0.8)
    right.set(xlim=STARS_LIMITS, ylim=(len(movies) - 0.4, -0.6))
    right.set(xlabel="stars", title="Your row of the table")
    ticks(right.yaxis, range(len(movies)), [plain(str(name)) for name in movies])
    right.plot([], [], "s", color=COLOURS["sky"], ms=11, label="predicted")
    right.plot([], [], "D", color="black", ms=8, label="you said")
    right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2)
    return Backdrop(figure)


@cache
def _plane_frame(users: tuple, movies: tuple, reach: float) -> Backdrop:
    """What all angles of `factor_plane` share: names, axes and labels."""
    figure = new_figure(11.5, 4.5)
    figure.set_layout_engine("none")
    left = figure.add_axes([0.0, 0.0, 0.6, 0.91])
    right = figure.add_axes([0.655, 0.17, 0.335, 0.74])
    left.plot([-reach, reach], [0, 0], color=COLOURS["grey"], lw=0.8)
    left.plot([0, 0], [-0.8 * reach, 0.8 * reach], color=COLOURS["grey"], lw=0.8)
    # In the corner: beside the axes the names of users and movies would lie over it.
    told = "to the right: first factor; up: second factor"
    left.text(-1.4 * reach, -0.8 * reach, told, color=COLOURS["grey"], fontsize=11)
    # A stretch lengthens the first factor only, so the plane is wider than high.
    left.set(xlim=(-1.42 * reach, 1.42 * reach), ylim=(-0.84 * reach, 0.84 * reach), aspect="equal")
    left.set_axis_off()
    # Its axes begin at the edge of the picture.
    left.set_title("  Users (filled arrows) and movies (open arrows)")
    name_cells(right, users, movies)
    right.set_title("Their dot products (dashed: blanks)")
    return Backdrop(figure)
