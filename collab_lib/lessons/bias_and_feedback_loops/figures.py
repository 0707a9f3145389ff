"""The figures of lesson 8 on splits, on who wrote the ratings, and on the simulated world."""

from functools import cache

import numpy as np
import pandas as pd
import torch
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator, PercentFormatter

from collab_lib.evaluation import gini
from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure
from collab_lib.kit.text import short_title

MARKERS = ("o", "s", "^", "D")


@house_style
def four_splits(table: pd.DataFrame) -> Picture:
    """The RMSE of each model, a column of `table`, on each way to split, a row."""
    figure = new_figure(height=3.4)
    axes = figure.subplots()
    places = np.arange(len(table))[::-1]
    for marker, name in zip(MARKERS, table.columns, strict=False):
        axes.plot(table[name], places, marker, markersize=11, label=name)
    axes.set_yticks(places, table.index)
    axes.set_ylim(-0.6, len(table) - 0.4)
    axes.grid(axis="y", color="#DDDDDD")
    axes.set_xlabel("RMSE on the held-out ratings (stars); lower is better")
    axes.set_title("One model, four questions")
    figure.legend(loc="outside lower center", ncols=table.shape[1])
    model = table.iloc[:, 0]
    return Picture(
        figure,
        f"The same model has an RMSE of {model.min():.2f} stars with the split {model.idxmin()!r} "
        f"and of {model.max():.2f} with {model.idxmax()!r}.",
    )


@house_style
def lorenz_curves(counts: dict[str, np.ndarray]) -> Picture:
    """How unequally each of `counts` is spread: the share of all that the smallest ones hold."""
    figure = new_figure(height=4.2)
    axes = figure.subplots()
    ginis = {name: gini(values) for name, values in counts.items()}
    for style, (name, values) in zip(("-", "-.", ":"), counts.items(), strict=False):
        sorted_values = np.sort(np.asarray(values, dtype=float))
        shares = np.concatenate([[0], sorted_values.cumsum() / sorted_values.sum()])
        along = np.linspace(0, 1, len(shares))
        axes.plot(along, shares, style, linewidth=2.5, label=f"{name}: Gini {ginis[name]:.2f}")
    axes.plot([0, 1], [0, 1], color=COLOURS["grey"], linewidth=1, label="all equal: Gini 0")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, 0))
    axes.set_xlabel("share of them, the least active or least rated first")
    axes.set_ylabel("share of all ratings")
    axes.set_title("The further a curve sags, the more unequal")
    axes.legend(loc="upper left")
    parts = [f"{value:.2f} over {name}" for name, value in ginis.items()]
    return Picture(figure, f"The Gini index of the number of ratings is {' and '.join(parts)}.")


@house_style
def genres_by_who(shares: pd.DataFrame, overall: float, least: float = 0.005) -> Picture:
    """The enthusiasts' share of each genre's ratings, against their share of all, `overall`.

    shares: what `representation.genre_shares` returns. least: genres with a smaller share of all
    ratings are left out.
    """
    shown = shares[shares["of ratings"] >= least]["by enthusiasts"].sort_values()
    figure = new_figure(height=5.0)
    axes = figure.subplots()
    above = shown > overall
    for is_above, colour, hatch in ((False, "sky", None), (True, "orange", "//")):
        chosen = shown[above == is_above]
        axes.barh(chosen.index, chosen, color=COLOURS[colour], hatch=hatch, edgecolor="white")
    axes.axvline(overall, color="black", linestyle="--")
    axes.annotate(
        f"of all ratings: {overall:.0%}",
        (overall, 0),
        (6, 0),
        va="center",
        ha="left",
        textcoords="offset points",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.set_xlabel("share of the genre's ratings that the enthusiasts wrote")
    axes.set_title("Where few people's taste weighs most")
    axes.set_ylim(-0.7, len(shown) - 0.3)
    return Picture(
        figure,
        f"The enthusiasts wrote {overall:.0%} of all ratings, but {shown.iloc[-1]:.0%} of those of "
        f"{shown.index[-1]} and {shown.iloc[-2]:.0%} of {shown.index[-2]}; least of "
        f"{shown.index[0]}, {shown.iloc[0]:.0%}.",
    )


@house_style
def lists_compared(
    titles: np.ndarray,
    before: torch.Tensor,
    after: torch.Tensor,
    enough: torch.Tensor,
    names: tuple[str, str],
    yardstick: torch.Tensor | None = None,
    length: int = 15,
) -> Picture:
    """The `length` movies with the highest bias, before and after, with lines between them.

    titles, before, after: (n_movies,), biases in stars. enough: mask (n_movies,) of the movies that
    may be on the list. names: of the two lists. yardstick: biases after a random cut of the same
    size, to tell in the sentence what chance alone changes.
    """
    columns = [_best(biases, enough, length) for biases in (before, after)]
    # The height of a line of text: font size × line spacing, in points of 1/72 inch.
    line_height = 10 * 1.6 / 72
    figure = new_figure(9.2, 0.7 + line_height * length)
    figure.set_layout_engine("none")
    top = 0.88
    for left, name, column, other, mark in (
        (0.02, names[0], *columns, "–"),
        (0.58, names[1], *columns[::-1], "+"),
    ):
        figure.text(left, 0.935, name, fontsize=12, weight="bold")
        moved = [movie not in other for movie in column]
        lines = [short_title(titles[movie], 36) for movie in column]
        # A text of many lines is drawn faster than many texts; an empty line leaves the place free.
        for wanted, weight in ((False, "normal"), (True, "bold")):
            text = "\n".join(
                f"{mark if wanted else ' '} {line}" if is_moved == wanted else " "
                for line, is_moved in zip(lines, moved, strict=True)
            )
            figure.text(left, top, text, fontsize=10, weight=weight, va="top", linespacing=1.6)
    step = line_height / figure.get_figheight()
    heights = [
        {movie: top - step * (row + 0.45) for row, movie in enumerate(column)} for column in columns
    ]
    for movie in columns[0]:
        if movie in heights[1]:
            ends = heights[0][movie], heights[1][movie]
            colour = COLOURS["blue"] if ends[1] >= ends[0] else COLOURS["orange"]
            figure.add_artist(Line2D((0.40, 0.57), ends, color=colour, linewidth=1.6))
    stay, change = _agreement(before, after, enough, length)
    sentence = (
        f"{names[1]}: {stay} of the top {length} stay, and a bias changes by {change:.2f} stars on "
        f"average."
    )
    if yardstick is not None:
        stay, change = _agreement(before, yardstick, enough, length)
        sentence += f" As many ratings cut at random: {stay} stay, {change:.2f} stars."
    return Picture(figure, sentence)


# Measure, title, limits, how the axis is written.
PLOTS = (
    ("gini_shown", "Concentration (Gini of what is shown)", (0, 1), "number"),
    ("coverage", "Movies shown to anybody", (0, 1), "share"),
    ("niche_of_lists", "Enthusiasts' genre on others' lists", (0, 1), "share"),
    ("enthusiasts_of_ratings", "Ratings written by enthusiasts", (0, 1), "share"),
    ("satisfaction_ordinary", "True enjoyment: ordinary users", (3.0, 5.0), "stars"),
    ("satisfaction_enthusiasts", "True enjoyment: enthusiasts", (3.0, 5.0), "stars"),
)
LOOP, TWIN = COLOURS["vermilion"], COLOURS["blue"]


@house_style
def world_rounds(
    loop: dict[str, np.ndarray],
    twin: dict[str, np.ndarray],
    live: dict[str, np.ndarray] | None = None,
) -> Picture:
    """A simulated world round by round, against its twin that recommends at random.

    loop, twin: for each measure of `PLOTS`, (rounds + 1, 3): mean, min and max over seeds, from the
    last random round, 0, on. live: (rounds + 1,) each, one more run to draw over them.
    """
    rounds = np.arange(len(next(iter(loop.values()))))
    frame, places = _world_frame(len(rounds))
    figure = new_figure(10.4, 5.6)
    figure.set_layout_engine("none")
    frame.lay_into(figure)
    for name, *_ in PLOTS:
        place = places[name]
        for band, colour, style in ((twin[name], TWIN, "--"), (loop[name], LOOP, "-")):
            if np.isnan(band).all():
                continue
            edge = np.concatenate([band[:, 1], band[::-1, 2]])
            outline = np.stack([np.concatenate([rounds, rounds[::-1]]), edge], axis=1)
            figure.add_artist(Polygon(place(outline), facecolor=colour, alpha=0.22, linewidth=0))
            line = place(np.stack([rounds, band[:, 0]], axis=1))
            figure.add_artist(Line2D(*line.T, color=colour, linestyle=style, linewidth=2.2))
        if live is not None and not np.isnan(live[name]).all():
            line = place(np.stack([rounds, live[name]], axis=1))
            figure.add_artist(Line2D(*line.T, color="black", linewidth=1.2))
    return Picture(figure, _sentence_on_world(loop, twin))


@house_style
def many_runs(
    runs: dict[str, pd.DataFrame], measures: dict[str, str], ylabels: dict[str, str]
) -> Picture:
    """Some measures of `over_seeds` for several worlds: a plot a measure, a band a world.

    runs: by the name of the world. measures: titles by measure; ylabels: units by measure.
    """
    figure = new_figure(2.2 + 3.0 * len(measures), 3.6)
    alike = len(set(ylabels.values())) == 1
    all_axes = figure.subplots(1, len(measures), squeeze=False, sharey=alike)[0]
    parts = []
    for axes, (measure, title) in zip(all_axes, measures.items(), strict=True):
        ends = []
        for style, marker, (name, table) in zip(
            ("-", "--", "-.", ":"), MARKERS, runs.items(), strict=False
        ):
            by_round = table[measure].groupby("round").agg(["mean", "min", "max"]).loc[0:]
            (line,) = axes.plot(
                by_round["mean"], style, marker=marker, markevery=5, linewidth=2, label=name
            )
            axes.fill_between(
                by_round.index, by_round["min"], by_round["max"], alpha=0.15, color=line.get_color()
            )
            end = by_round["mean"].iloc[-1]
            ends.append(f"{end:.2f} ({name})" if end < 10 else f"{end:.0f} ({name})")
        axes.set_title(title)
        axes.set_xlabel("round")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(ylabels[measure])
        parts.append(f"{title}: in the last round {', '.join(ends)}")
    figure.legend(
        *all_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(runs)
    )
    return Picture(figure, "; ".join(parts) + ".")


def _best(biases: torch.Tensor, enough: torch.Tensor, length: int) -> list[int]:
    return biases.masked_fill(~enough, -torch.inf).topk(length).indices.tolist()


def _agreement(
    before: torch.Tensor, after: torch.Tensor, enough: torch.Tensor, length: int
) -> tuple[int, float]:
    """How many of the top list stay, and the mean absolute change of a bias in stars."""
    stay = len(set(_best(before, enough, length)) & set(_best(after, enough, length)))
    return stay, (after - before)[enough].abs().mean().item()


@cache
def _world_frame(n_rounds: int):
    """The empty axes of `world_rounds`, and for each measure the way from data to the sheet."""
    figure = new_figure(10.4, 5.6)
    all_axes = figure.subplots(2, 3)
    places = {}
    for axes, (name, title, limits, kind) in zip(all_axes.flat, PLOTS, strict=True):
        axes.set_title(title, fontsize=11)
        axes.set_xlim(0, n_rounds - 1)
        axes.set_ylim(*limits)
        axes.set_xlabel("round")
        if kind == "share":
            axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
        axes.set_ylabel(
            {"number": "0 = equal, 1 = one movie", "share": "share", "stars": "stars"}[kind]
        )
        axes.grid(color="#E5E5E5", linewidth=0.8)
        places[name] = axes
    handles = [
        Line2D([], [], color=LOOP, linewidth=2.2, label="the recommender (band: ten seeds)"),
        Line2D([], [], color=TWIN, linewidth=2.2, linestyle="--", label="its random twin"),
        Line2D([], [], color="black", linewidth=1.2, label="a live run"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    backdrop = Backdrop(figure)
    onto_sheet = figure.transFigure.inverted()
    return backdrop, {
        name: (axes.transData + onto_sheet).frozen().transform for name, axes in places.items()
    }


def _sentence_on_world(loop: dict[str, np.ndarray], twin: dict[str, np.ndarray]) -> str:
    last = {name: (loop[name][-1, 0], twin[name][-1, 0]) for name in loop}
    first, end = loop["satisfaction_ordinary"][1, 0], last["satisfaction_ordinary"]
    return (
        f"After {len(loop['coverage']) - 1} rounds, and in brackets the random twin: Gini "
        f"{last['gini_shown'][0]:.2f} ({last['gini_shown'][1]:.2f}), {last['coverage'][0]:.0%} of "
        f"movies shown ({last['coverage'][1]:.0%}), the enthusiasts' genre fills "
        f"{last['niche_of_lists'][0]:.0%} of others' lists ({last['niche_of_lists'][1]:.0%}); "
        f"ordinary users' enjoyment went from {first:.2f} in round 1 to {end[0]:.2f} stars "
        f"({end[1]:.2f})."
    )
