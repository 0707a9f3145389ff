"""The figures of lesson 8 on newcomers: the mean user, what ratings are worth, the map."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.labels import name_points
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, plain
from collab_lib.kit.text import name_of, short_title

MARKERS = ("o", "s", "^", "D", "v", "P")
LIST_LENGTH = 8


@house_style
def distance_to_mean(distances: torch.Tensor, counts: torch.Tensor, many: int = 200) -> Picture:
    """How far each user is from the mean user, apart for those with fewer and with `many` ratings.

    distances: (n_users,) between vectors. counts: (n_users,) ratings of each.
    """
    few, lots = distances[counts < many].numpy(), distances[counts >= many].numpy()
    figure = new_figure(height=3.6)
    axes = figure.subplots()
    bins = np.arange(0, float(distances.max()) + 0.1, 0.1)
    axes.hist(few, bins, label=f"fewer than {many} ratings", color=COLOURS["sky"])
    axes.hist(
        lots,
        bins,
        label=f"{many} ratings or more",
        histtype="step",
        hatch="//",
        color=COLOURS["vermilion"],
        linewidth=1.8,
    )
    axes.axvline(0, color="black", linestyle="--")
    axes.set_ylim(top=1.3 * axes.get_ylim()[1])
    axes.annotate("the mean user", (0.02, 0.94), xycoords=("data", "axes fraction"), va="center")
    axes.set_xlim(left=-0.05)
    axes.set_xlabel("distance from the mean user, between vectors")
    axes.set_ylabel("number of users")
    axes.set_title("Who lives near the average?")
    axes.legend()
    return Picture(
        figure,
        f"The nearest real user is {distances.min():.1f} from the mean user; of the users with "
        f"{many} ratings or more, the nearest is {lots.min():.1f} and the middle one "
        f"{np.median(lots):.1f} away, against {np.median(few):.1f} for the others.",
    )


@house_style
def worth_of_ratings(tables: dict[str, pd.DataFrame], methods: list[str]) -> Picture:
    """RMSE against the number of ratings given: a plot for each of `tables`, a line a method.

    tables: by title, what `cold_start_table` returns. methods: the rows to draw.
    """
    figure = new_figure(10.0, 4.2)
    all_axes = figure.subplots(1, len(tables), sharey=True, squeeze=False)[0]
    for axes, (title, table) in zip(all_axes, tables.items(), strict=True):
        places = range(table.shape[1])
        for number, method in enumerate(methods):
            axes.plot(places, table.loc[method], marker=MARKERS[number], label=method, linewidth=2)
        axes.set_xticks(places, [str(n) for n in table.columns])
        axes.set_xlabel("ratings given by the newcomer")
        axes.set_title(title)
    all_axes[0].set_ylabel("RMSE (stars); lower is better")
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside right upper")
    parts = []
    for title, table in tables.items():
        best = table.loc[methods].iloc[:, -1]
        parts.append(
            f"{title}: after {table.columns[-1]} ratings {best.idxmin()} is best, "
            f"{best.min():.2f} stars"
        )
    return Picture(figure, "; ".join(parts) + ".")


@dataclass(frozen=True)
class Suggestion:
    """One way to place a newcomer: its name, its point on the map (2,), its list of titles."""

    name: str
    point: np.ndarray
    titles: list[str]


@dataclass(frozen=True)
class FilmMap:
    """The part of the picture that never changes, drawn once: it takes most of the time.

    backdrop: the whole sheet. stars: for each film, where on the map its stars go: behind its name.
    place: from points (..., 2) on the map to places on the sheet, both from 0 to 1; what is off the
    map lands on its edge.
    """

    backdrop: Backdrop
    stars: dict[str, np.ndarray]
    place: Callable[[np.ndarray], np.ndarray]


@house_style
def film_map(films: dict[str, np.ndarray], crowd: np.ndarray) -> FilmMap:
    """The map of `films`, a point (2,) each, and of real users, (n_users, 2)."""
    figure = _sheet()
    axes = figure.add_axes((0.05, 0.395, 0.94, 0.56))
    axes.plot(*crowd.T, linestyle="", marker=".", markersize=3, color="#C8C8C8", zorder=1)
    points = np.array(list(films.values()))
    axes.plot(*points.T, linestyle="", marker="x", markersize=6, color="black", zorder=2)
    reach = 1.15 * np.abs(points).max(axis=0)
    axes.axhline(0, color="#DDDDDD", linewidth=0.8, zorder=0)
    axes.axvline(0, color="#DDDDDD", linewidth=0.8, zorder=0)
    axes.set_xlim(-reach[0], reach[0])
    axes.set_ylim(-reach[1], reach[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel("first direction in which tastes differ")
    axes.set_ylabel("second direction")
    axes.set_title("You among films (×) and users (grey dots)")
    # The mean user comes to stand amid the crowd: a place without a name keeps names away from it.
    spots = np.vstack([crowd.mean(axis=0), points])
    names = ["", *films]
    ends = name_points(axes, *spots.T, range(len(names)), names, room=30)
    stars = {name: np.array(ends[i]) for i, name in enumerate(names)}
    backdrop = Backdrop(figure)
    change = axes.transData + figure.transFigure.inverted()
    return FilmMap(
        backdrop,
        stars,
        lambda p: change.transform(np.clip(p, -0.96 * reach, 0.96 * reach)),
    )


@house_style
def rate_films(
    background: FilmMap,
    given: dict[str, float],
    suggestions: list[Suggestion],
    path: np.ndarray,
) -> Picture:
    """The map with the newcomer on it, and below it the top list of each way to place the newcomer.

    given: stars, of the films that are rated. suggestions: three; the first is the one that the
    others are compared with, the last is the newcomer's own. path: (n, 2), where the newcomer came
    from.
    """
    figure = _sheet()
    background.backdrop.lay_into(figure)
    for name, stars in given.items():
        x, y = background.place(background.stars[name])
        figure.text(x, y, f" {stars:g}★", fontsize=11, weight="bold", va="center")
    figure.add_artist(Line2D(*background.place(path).T, color=COLOURS["blue"], linestyle=":"))
    usual = set(suggestions[0].titles)
    for column, suggestion in enumerate(suggestions):
        colour, marker = STYLES[column]
        left = 0.02 + 0.33 * column
        spots = np.array([background.place(suggestion.point), (left + 0.008, 0.322)])
        marks = Line2D(*spots.T, linestyle="", marker=marker, color=colour, markersize=12)
        marks.set_markeredgecolor("black")
        figure.add_artist(marks)
        figure.text(left + 0.024, 0.312, plain(suggestion.name), fontsize=12, weight="bold")
        _write_list(figure, left, suggestion.titles, usual)
    return Picture(figure, _sentence_on_films(given, suggestions, usual))


STYLES = ((COLOURS["orange"], "s"), (COLOURS["green"], "^"), (COLOURS["blue"], "o"))


def _sheet() -> Figure:
    # Places are fixed by hand: a layout engine would take most of the time of a drawing.
    figure = new_figure(8.6, 6.9)
    figure.set_layout_engine("none")
    return figure


def _write_list(figure: Figure, left: float, titles: list[str], usual: set[str]) -> None:
    """The titles below each other, those that are not among the usual ones in bold with a plus."""
    lines = [short_title(title) for title in titles]
    new = [title not in usual for title in titles]
    for weight, wanted in (("normal", False), ("bold", True)):
        text = "\n".join(
            f"{'+' if wanted else '–'} {line}" if is_new == wanted else ""
            for line, is_new in zip(lines, new, strict=True)
        )
        # One text of many lines takes less time than many texts.
        figure.text(left, 0.285, text, fontsize=10, weight=weight, va="top", linespacing=1.55)


def _sentence_on_films(given, suggestions, usual) -> str:
    own = suggestions[-1]
    if not given:
        return (
            f"No film rated yet: you are the mean user, and the list is everybody's, "
            f"from {name_of(own.titles[0])} on. Rate a film to move."
        )
    new = sum(title not in usual for title in own.titles)
    moved = np.linalg.norm(own.point - suggestions[0].point)
    mean = np.mean(list(given.values()))
    return (
        f"{len(given)} film{'s' if len(given) > 1 else ''} rated, {mean:.2f} stars on average: you "
        f"are {moved:.2f} from the mean user, your list starts with {name_of(own.titles[0])}, "
        f"and {new} of its {len(own.titles)} films are not on the mean user's list; that of "
        f"{suggestions[1].name}, starts with {name_of(suggestions[1].titles[0])}."
    )
