"""The figures of lesson 10: two questions about each model, a setting chosen inside, four lists."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from textwrap import fill, wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, picture, plain
from collab_lib.kit.text import name_of, short_title

MARKERS = "osD^vP*X"
COLOURS_OF_MODELS = ("blue", "orange", "green", "vermilion", "purple", "sky", "black", "grey")


@picture(width=7.5, height=4.2)
def two_questions(axes: Axes, table: pd.DataFrame) -> str:
    """Each model as a dot: how good its lists are, and how well it orders what was watched.

    table: one row per model, with the columns "nDCG@10" and "AUC".
    """
    for (name, row), marker, colour in zip(
        table.iterrows(), MARKERS, COLOURS_OF_MODELS, strict=False
    ):
        how = {"color": COLOURS[colour], "markersize": 9, "linestyle": "none"}
        axes.plot(row["AUC"], row["nDCG@10"], marker, label=name, **how)
        beside(axes, name, (row["AUC"], row["nDCG@10"]), right=8, up=2, fontsize=10)
    axes.set_xlabel("how will you rate what you watch? (AUC)")
    axes.set_ylabel("what will you watch and like? (nDCG@10)")
    axes.set_title("Two questions, and who answers them")
    low, high = table["AUC"].min(), table["AUC"].max()
    axes.set_xlim(low - 0.01, high + 0.35 * (high - low))
    by_list = table["nDCG@10"].sort_values(ascending=False).index
    by_rating = table["AUC"].sort_values(ascending=False).index
    return (
        f"Best first, by the lists: {', '.join(by_list)}. By the order of what was watched: "
        f"{', '.join(by_rating)}."
    )


@picture(width=7.5, height=4, places={"left": 0.1, "right": 0.97, "bottom": 0.14, "top": 0.9})
def tuning(axes: Axes, table: pd.DataFrame, penalty: float) -> str:
    """nDCG by penalty: on an inner part of train, and on the hidden ratings; one value marked.

    table: indexed by the penalty, with the columns "inside train" and "hidden ratings".
    """
    for column, colour, marker in zip(table, ("blue", "vermilion"), "os", strict=True):
        axes.plot(table.index, table[column], f"{marker}-", color=COLOURS[colour], label=column)
        best = table[column].idxmax()
        axes.plot(best, table.loc[best, column], marker, markersize=13, fillstyle="none", color="k")
    axes.axvline(penalty, color=COLOURS["black"], linestyle=":", label="the penalty chosen")
    axes.set_xscale("log")
    axes.set(xlabel="penalty", ylabel="nDCG@10", title="Framed: the best of each line")
    axes.set_ylim(0, 1.15 * table.to_numpy().max())
    axes.legend(loc="lower right")
    inside, hidden = table.loc[penalty]
    return (
        f"Penalty {penalty:g}: nDCG {inside:.3f} inside train, {hidden:.3f} on the hidden ratings. "
        f"Best inside train: {table['inside train'].idxmax():g}; best on the hidden ratings, which "
        f"we must not use: {table['hidden ratings'].idxmax():g}."
    )


@house_style
def tasting(
    lists: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    chosen: str,
    revealed: bool,
    whose: str,
) -> Picture:
    """Four lists side by side, under letters; on demand, whose they are and what they scored.

    lists: titles by letter, best first. names: what stands under a letter once it is revealed.
    chosen: a letter, or "" for none yet. whose: for whom the lists are.
    """
    behind = _titles_of(tuple((letter, tuple(titles)) for letter, titles in lists.items()), whose)
    figure, (axes,) = behind.figure_in_front()
    for column, letter in enumerate(lists):
        colour = COLOURS["vermilion"] if letter == chosen else COLOURS["black"]
        weight = "bold" if letter == chosen else "normal"
        head = f"List {letter}" + (": your choice" if letter == chosen else "")
        axes.text(column, 0, head, fontsize=12, color=colour, weight=weight, va="top")
        if revealed:
            axes.text(column, -0.85, names[letter], fontsize=9.5, color=colour, va="top")
    told = "; ".join(
        f"{letter}{f' ({names[letter]})' if revealed else ''}: "
        f"{', '.join(name_of(title, 30) for title in titles[:3])} …"
        for letter, titles in lists.items()
    )
    yours = f"Your choice is {chosen}. " if chosen else "You haven't chosen yet. "
    table = pd.DataFrame(dict(lists))
    table.insert(0, "place", range(1, len(table) + 1))
    return Picture(figure, f"Lists for {whose}. {yours}{told}", table)


@lru_cache(maxsize=8)
def _titles_of(lists: tuple[tuple[str, tuple[str, ...]], ...], whose: str) -> Backdrop:
    """The titles of the four lists: they stay while one is chosen and the names are shown."""
    figure = new_figure(10, 6.4)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.91))
    for column, (_, titles) in enumerate(lists):
        for place, title in enumerate(titles):
            # Nearly whole titles, on two lines: a choice shouldn't rest on "Star …".
            numbered = f"{place + 1}. {short_title(title, 44)}"
            lines = wrap(numbered, 27, subsequent_indent="    ", max_lines=2, placeholder="…")
            axes.text(column, -2.1 - place, "\n".join(lines), fontsize=10, va="top")
    axes.set(xlim=(-0.02, len(lists)), ylim=(-2.2 - len(lists[0][1]), 0.2))
    axes.axis("off")
    # Its place is told: to look for one above ticks, which aren't shown, takes time.
    axes.set_title(plain(fill(f"Four lists for {whose}", 110)), fontsize=11)
    return Backdrop(figure)


@picture(width=6.5, height=3.2)
def which_list_question(axes: Axes) -> str:
    """Invented: two models, one better at stars and one better at lists."""
    table = pd.DataFrame({"model": ["model P", "model Q"]})
    table = table.assign(**{"RMSE (stars)": [0.84, 0.88], "nDCG@10": [0.09, 0.27]})
    for shift, (name, good) in enumerate((("RMSE (stars)", "low"), ("nDCG@10", "high"))):
        places, values = np.arange(2) + 0.35 * shift, table[name]
        how = {"color": COLOURS[("blue", "orange")[shift]], "hatch": ("", "//")[shift]}
        axes.bar(places, values, 0.32, label=f"{name}: {good} is good", **how)
        for x, value in zip(places, values, strict=True):
            beside(axes, f"{value:.2f}", (x, value), up=2)
    ticks(axes.xaxis, np.arange(2) + 0.175, table["model"])
    axes.set(ylim=(0, 1.4), title="Two models (invented)", ylabel="RMSE or nDCG")
    ticks(axes.yaxis, [0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.legend(loc="upper right", ncols=2)
    return "Model P: RMSE 0.84, nDCG@10 0.09. Model Q: RMSE 0.88, nDCG@10 0.27.", table
