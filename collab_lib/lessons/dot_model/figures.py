"""The figures of lesson 5: the scale of stars, a run that fails and why, and a map of movies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, PercentFormatter

from collab_lib.interpretation import MovieMap
from collab_lib.kit.labels import HALO, name_points
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure
from collab_lib.scale import interpret, ranged_sigmoid


@house_style
def squash(score: float, upper_bound: float = 5.5) -> Picture:
    """The sigmoid from 0 to `upper_bound`, its rounding to half stars, and one `score` on it."""
    scores = torch.linspace(-6, 6, 601)
    stars = ranged_sigmoid(scores, 0, upper_bound)
    here = ranged_sigmoid(torch.tensor(score), 0, upper_bound).item()
    figure = new_figure(height=4.2)
    axes = figure.subplots()
    axes.plot(
        scores, interpret(stars), color=COLOURS["grey"], linewidth=1.2, label="nearest rating"
    )
    axes.plot(scores, stars, linewidth=2.5, label="sigmoid")
    axes.axhline(upper_bound, color=COLOURS["vermilion"], linestyle="--")
    axes.annotate(
        f"upper bound {upper_bound:g}",
        (-5.9, upper_bound),
        xytext=(0, -4),
        textcoords="offset points",
        va="top",
        color=COLOURS["vermilion"],
    )
    axes.plot([score, score, -6.3], [0, here, here], ":", color=COLOURS["black"])
    axes.plot(score, here, "o", markersize=10, color=COLOURS["orange"], markeredgecolor="black")
    axes.set_xlim(-6.3, 6.3)
    axes.set_ylim(0, 6.7)
    axes.set_yticks(np.arange(0, 6.6, 0.5))
    axes.set_title("From a score to stars")
    axes.set_xlabel("score: dot product + biases")
    axes.set_ylabel("prediction (stars)")
    axes.legend(loc="lower right")
    if upper_bound > 5:
        needed = np.log(5 / (upper_bound - 5))
        top = f"Five stars are predicted at a score of {needed:.2f}."
    else:
        top = "No score is high enough for a prediction of five stars."
    return Picture(
        figure,
        f"A score of {score:.1f} becomes {here:.2f} stars, and the nearest rating is "
        f"{interpret(here):g}. {top}",
    )


@house_style
def compared(predictions: torch.Tensor, ratings: torch.Tensor) -> Picture:
    """The squared errors that `predictions - ratings` leads to: one a rating, or a whole table.

    predictions: (n,) or (n, 1), in stars; ratings: (n,). A few of each: every number is written.
    """
    squared = (predictions - ratings).square()
    n = len(ratings)
    if squared.ndim == 2:
        table, drawn = squared, torch.ones(n, n, dtype=torch.bool)
    else:
        table, drawn = torch.diag(squared), torch.eye(n, dtype=torch.bool)
    figure = new_figure(width=6, height=4.2)
    axes = figure.subplots()
    image = np.ma.masked_where(~drawn.numpy(), table.numpy())
    axes.imshow(image, cmap="Blues", vmin=0, vmax=max(1.0, table.max().item()) * 1.6)
    for row in range(n):
        for column in range(n):
            if drawn[row, column]:
                axes.annotate(f"{table[row, column]:.2f}", (column, row), ha="center", va="center")
        corner = (row - 0.5, row - 0.5)
        axes.add_patch(
            Rectangle(corner, 1, 1, fill=False, edgecolor=COLOURS["vermilion"], linewidth=2.5)
        )
    axes.set_xticks(range(n), [f"{stars:g}" for stars in ratings.tolist()])
    axes.set_yticks(range(n), [f"{stars:.1f}" for stars in predictions.flatten().tolist()])
    axes.set_xlabel("rating (stars)")
    axes.set_ylabel("prediction (stars)")
    axes.set_title("Squared errors; framed: those we want")
    axes.spines[:].set_visible(False)
    wanted = table.diagonal().mean().item()
    return Picture(
        figure,
        f"Shapes {tuple(predictions.shape)} and {tuple(ratings.shape)} give "
        f"{squared.numel()} squared errors with a mean of {squared.mean():.2f}; "
        f"the {n} that we want have a mean of {wanted:.2f}.",
    )


@house_style
def one_batch(losses: dict[str, Sequence[float]], spread: float) -> Picture:
    """The loss of one batch, trained on again and again, for each of some models.

    losses: by name, the loss at each step. spread: the variance of the batch's ratings: the loss of
    always predicting their mean.
    """
    figure = new_figure()
    axes = figure.subplots()
    colours = ("vermilion", "orange", "purple", "blue")
    styles = ("-", "--", "-.", "-")
    for (name, values), colour, style in zip(losses.items(), colours, styles, strict=False):
        width = 3 if style == "-" else 2
        axes.plot(values, style, color=COLOURS[colour], linewidth=width, label=name)
    axes.axhline(spread, color=COLOURS["grey"], linestyle=":", label="always the batch's mean")
    axes.set_yscale("log")
    axes.set_ylim(1e-4, 20)
    axes.set_title("Can it learn one batch by heart?")
    axes.set_xlabel("steps on the same batch")
    axes.set_ylabel("squared error (stars², log scale)")
    axes.legend(loc="lower left")
    ends = "; ".join(f"{name}: {_short(values[-1])}" for name, values in losses.items())
    return Picture(
        figure,
        f"Mean squared error after {len(next(iter(losses.values())))} steps on one batch: {ends}. "
        f"Always predicting the batch's mean: {spread:.2f}.",
    )


@house_style
def fading(norms: Sequence[float], shrink: float) -> Picture:
    """The size of the factors at each step beside what weight decay alone would leave of it.

    norms: sqrt(sum of squares) of a table of factors, before step 0, 1, 2 …; shrink: the factor by
    which one step of decay multiplies every number.
    """
    steps = np.arange(len(norms))
    alone = norms[0] * shrink**steps
    figure = new_figure(height=3.4)
    axes = figure.subplots()
    axes.plot(steps, norms, linewidth=3, label="measured")
    label = f"{shrink:g} to the power of the steps"
    axes.plot(steps, alone, "--", color=COLOURS["vermilion"], label=label)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.set_title("The factors fade away")
    axes.set_xlabel("steps")
    axes.set_ylabel("size of the user factors")
    axes.legend()
    return Picture(
        figure,
        f"In {steps[-1]:,} steps the size of the user factors falls from {norms[0]:.1f} to "
        f"{norms[-1]:.1f}; weight decay alone would leave {alone[-1]:.1f}.",
    )


@house_style
def two_faults(runs: Sequence[dict], mean_loss: float) -> Picture:
    """A table 2 × 2: the valid loss with each of two faults mended or not.

    runs: four of the stored runs, each with `shape_mended`, `weight_decay` and `epochs`.
    mean_loss: the valid loss of always predicting the mean.
    """
    decays = sorted({run["weight_decay"] for run in runs}, reverse=True)
    table = np.zeros((2, 2))
    for run in runs:
        cell = int(run["shape_mended"]), decays.index(run["weight_decay"])
        table[cell] = run["epochs"][-1]["valid_loss"]
    figure = new_figure(width=6.5, height=4)
    axes = figure.subplots()
    axes.imshow(table, cmap="PuOr_r", vmin=2 * mean_loss - 1.9, vmax=1.9, aspect="auto")
    for (row, column), loss in np.ndenumerate(table):
        verdict = "worse than the mean" if loss > mean_loss else "better than the mean"
        mark = "✗" if loss > mean_loss else "✓"
        axes.annotate(
            f"{loss:.2f}", (column, row), ha="center", va="bottom", fontsize=20, path_effects=HALO
        )
        axes.annotate(
            f"{mark} {verdict}",
            (column, row),
            xytext=(0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            path_effects=HALO,
        )
    axes.set_xticks([0, 1], [f"{decay:g}" for decay in decays])
    axes.set_yticks([0, 1], ["(batch, 1)", "(batch,)"])
    axes.set_xlabel("weight decay")
    axes.set_ylabel("shape of predictions")
    axes.set_title(f"Valid loss after {len(runs[0]['epochs'])} epochs (the mean: {mean_loss:.2f})")
    axes.spines[:].set_visible(False)
    return Picture(
        figure,
        f"Valid loss as written: {table[0, 0]:.2f}; with the shape mended alone: "
        f"{table[1, 0]:.2f}; with less decay alone: {table[0, 1]:.2f}; with both: "
        f"{table[1, 1]:.2f}. Always predicting the mean: {mean_loss:.2f}.",
    )


@house_style
def lowest_and_highest(table: pd.DataFrame, n: int = 8) -> Picture:
    """The `n` movies with the lowest bias and the `n` with the highest, from `movie_table`."""
    shown = pd.concat([table.head(n), table.tail(n)])
    figure = new_figure(height=0.33 * len(shown) + 1.1)
    axes = figure.subplots()
    rows = np.arange(len(shown)) + np.repeat([0, 0.7], n)
    colours = np.where(shown["bias"] < 0, COLOURS["vermilion"], COLOURS["blue"])
    axes.barh(rows, shown["bias"], color=colours)
    axes.axvline(0, color=COLOURS["black"], linewidth=1)
    for row, bias, mean in zip(rows, shown["bias"], shown["mean"], strict=True):
        axes.annotate(
            f"{mean:.1f} stars",
            (bias, row),
            xytext=(4 if bias > 0 else -4, 0),
            textcoords="offset points",
            ha="left" if bias > 0 else "right",
            va="center",
            fontsize=9,
        )
    axes.set_yticks(rows, [_cut(title) for title in shown["title"]])
    axes.margins(x=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_title("Movies with the lowest and the highest bias")
    axes.set_xlabel("bias (in the score); beside each bar the mean rating")
    low, high = table.iloc[0], table.iloc[-1]
    return Picture(
        figure,
        f"The lowest bias is that of {low['title']} ({low['bias']:.1f}), "
        f"the highest that of {high['title']} ({high['bias']:.1f}).",
    )


@house_style
def ends_of_axes(movies: MovieMap, titles: Sequence[str], n: int = 6) -> Picture:
    """The map, with the names of the `n` movies furthest out on each end of both axes.

    titles: of all movies, by index.
    """
    x, y = movies.places.T.numpy()
    ends = [values.argsort()[part] for values in (x, y) for part in (np.s_[:n], np.s_[-n:])]
    named = sorted({int(i) for i in np.concatenate(ends)}, key=lambda i: y[i])
    figure = new_figure(height=6.2)
    axes = _scatter(figure, movies)
    axes.plot(x[named], y[named], "o", color=COLOURS["orange"], markeredgecolor="black")
    name_points(axes, x, y, named, [_cut(titles[i]) for i in movies.movies])
    left, right = titles[movies.movies[x.argmin()]], titles[movies.movies[x.argmax()]]
    return Picture(
        figure,
        f"{len(x)} movies on the two axes that explain {_share(movies)} of the variance of their "
        f"factors. Furthest apart along the first axis: {left} and {right}.",
    )


@house_style
def neighbourhood(
    movies: MovieMap, titles: Sequence[str], chosen: int, nearest: pd.DataFrame
) -> Picture:
    """The map with one movie, `chosen` (an index), and its neighbours (from `nearest_movies`)."""
    position = {int(movie): i for i, movie in enumerate(movies.movies)}
    x, y = movies.places.T.numpy()
    figure = new_figure(height=5.4)
    axes = _scatter(figure, movies)
    near = [position[movie] for movie in nearest.index if movie in position]
    axes.plot(x[near], y[near], "s", color=COLOURS["orange"], markeredgecolor="black", zorder=3)
    here = position[chosen]
    axes.plot(
        x[here],
        y[here],
        "*",
        color=COLOURS["vermilion"],
        markersize=15,
        zorder=4,
        markeredgecolor="black",
    )
    names = [_cut(titles[i]) for i in movies.movies]
    name_points(axes, x, y, [here, *near], names)
    listed = "; ".join(
        f"{row.title} ({row.similarity:.2f})" for row in nearest.itertuples(index=False)
    )
    return Picture(figure, f"Nearest to {titles[chosen]}, by cosine similarity: {listed}.")


@house_style
def no_match(movies: MovieMap, search: str) -> Picture:
    """The map alone, where no title on it holds the text `search`."""
    figure = new_figure(height=5.4)
    _scatter(figure, movies)
    return Picture(
        figure,
        f"None of the {len(movies.movies)} most-rated movies has “{search}” in its title: "
        "try a shorter piece of the title.",
    )


@house_style
def is_it_real(
    planes: dict[str, float], kept: dict[str, float], chance: dict[str, float]
) -> Picture:
    """How much of a model survives another training, beside what chance would give.

    planes: by comparison, the share of the map's plane in common; kept: likewise, of neighbours;
    chance: what either would be by luck, under "plane" and "neighbours".
    """
    figure = new_figure(height=3.6)
    pair = figure.subplots(1, 2, sharey=True)
    for axes, shares, name, luck in zip(
        pair,
        (planes, kept),
        ("Plane of the map", "Ten nearest"),
        (chance["plane"], chance["neighbours"]),
        strict=True,
    ):
        axes.bar(list(shares), list(shares.values()), color=COLOURS["blue"], width=0.6)
        for i, share in enumerate(shares.values()):
            axes.annotate(f"{share:.0%}", (i, share), ha="center", va="bottom")
        axes.axhline(luck, color=COLOURS["vermilion"], linestyle="--")
        axes.set_title(f"{name} (by chance {luck:.0%})")
        axes.set_xlim(-0.6, len(shares) - 0.4)
        axes.set_ylim(0, 1.1)
        axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    pair[0].set_ylabel("share in common")
    text = "; ".join(
        f"{' '.join(name.split())}: {planes[name]:.0%} of the plane and "
        f"{kept[name]:.0%} of the neighbours"
        for name in kept
    )
    return Picture(
        figure,
        f"In common between two trainings: {text}. By chance: {chance['plane']:.0%} and "
        f"{chance['neighbours']:.0%}.",
    )


def _scatter(figure: Figure, movies: MovieMap) -> Axes:
    """The points of a map. Its margins are fixed: to compute them would take half of the time."""
    figure.set_layout_engine("none")
    axes = figure.subplots(gridspec_kw={"left": 0.1, "right": 0.98, "bottom": 0.11, "top": 0.93})
    x, y = movies.places.T.numpy()
    axes.plot(x, y, "o", markersize=4, color=COLOURS["sky"], alpha=0.7)
    first, second = movies.explained[:2].tolist()
    axes.set_xlabel(f"first axis ({first:.0%} of the variance)")
    axes.set_ylabel(f"second axis ({second:.0%} of the variance)")
    axes.set_title(f"The {len(x)} most-rated movies")
    axes.margins(0.08)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
    return axes


def _share(movies: MovieMap) -> str:
    return f"{movies.explained[:2].sum().item():.0%}"


def _cut(title: str, length: int = 34) -> str:
    """The title, shortened before its year where it is long: "Long na… (1999)"."""
    if len(title) <= length:
        return title
    name, year = title[:-7], title[-7:]
    if not year.startswith(" ("):
        return title[: length - 1] + "…"
    return f"{name[: length - 8].rstrip()}…{year}"


def _short(loss: float) -> str:
    return "under 0.01" if loss < 0.01 else f"{loss:.2f}"
