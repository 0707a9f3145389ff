"""The figures of lesson 11: four ways to split, the mean user, what ratings are worth, the map."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.labels import HALO, name_points
from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, picture
from collab_lib.kit.text import name_of, short_title

MARKERS = ("o", "s", "^", "D", "v", "P")
SHEET = (10.4, 6.8)  # inches
ROWS = 10  # ratings that are explained
MOST = 0.45  # stars: as far as the bars go
SIZE, SPACING = 11, 1.2
LINE = SIZE * SPACING  # points from one line of text to the next


@picture(height=3.4)
def four_splits(axes, table: pd.DataFrame) -> str:
    """The RMSE of each model, a column of `table`, on each way to split, a row."""
    places = np.arange(len(table))[::-1]
    for marker, name in zip(MARKERS, table.columns, strict=False):
        axes.plot(table[name], places, marker, markersize=11, label=name)
    ticks(axes.yaxis, places, table.index)
    axes.set_ylim(-0.6, len(table) - 0.4)
    axes.grid(axis="y", color=COLOURS["light grey"])
    axes.set_xlabel("RMSE on the held-out ratings (stars); lower is better")
    axes.set_title("One model, four questions")
    axes.figure.legend(loc="outside lower center", ncols=table.shape[1])
    model = table.iloc[:, 0]
    told = (
        f"The same model has an RMSE of {model.min():.2f} stars with the split {model.idxmin()!r} "
        f"and of {model.max():.2f} with {model.idxmax()!r}."
    )
    return told, table.rename_axis("split").reset_index()


@picture(height=3.6)
def distance_to_mean(axes, distances: torch.Tensor, counts: torch.Tensor, many: int = 200) -> str:
    """How far each user is from the mean user, apart for those with fewer and with `many` ratings.

    distances: (n_users,) between vectors. counts: (n_users,) ratings of each.
    """
    few, lots = distances[counts < many].numpy(), distances[counts >= many].numpy()
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
    return (
        f"The nearest real user is {distances.min():.1f} from the mean user; of the users with "
        f"{many} ratings or more, the nearest is {lots.min():.1f} and the middle one "
        f"{np.median(lots):.1f} away, against {np.median(few):.1f} for the others."
    )


@picture(10.0, 4.2, ncols=2, sharey=True)
def worth_of_ratings(all_axes, tables: dict[str, pd.DataFrame], methods: list[str]) -> str:
    """RMSE against the number of ratings given: a plot for each of two `tables`, a line a method.

    tables: by title, what `cold_start_table` returns. methods: the rows to draw.
    """
    for axes, (title, table) in zip(all_axes, tables.items(), strict=True):
        places = range(table.shape[1])
        for number, method in enumerate(methods):
            axes.plot(places, table.loc[method], marker=MARKERS[number], label=method, linewidth=2)
        ticks(axes.xaxis, places, [str(n) for n in table.columns])
        axes.set_xlabel("ratings given by the newcomer")
        axes.set_title(title)
    all_axes[0].set_ylabel("RMSE (stars); lower is better")
    figure = all_axes[0].figure
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    parts = []
    for title, table in tables.items():
        best = table.loc[methods].iloc[:, -1]
        parts.append(
            f"{title}: after {table.columns[-1]} ratings {best.idxmin()} is best, "
            f"{best.min():.2f} stars"
        )
    return "; ".join(parts) + "."


@dataclass(frozen=True)
class FilmMap:
    """The part of the picture that never changes, drawn once: it takes most of the time.

    backdrop: films, users, frames. spots: (2,), where the mean user and each film are, by name.
    reach: (2,), how far the map goes in each direction. names: (n, 2), points that lie on names and
    films, which another name should keep away from.
    """

    backdrop: Backdrop
    spots: dict[str, np.ndarray]
    reach: np.ndarray
    names: np.ndarray


@dataclass(frozen=True)
class MyList:
    """A newcomer's list, and what brought one of its films there.

    titles, stars: of the films on the list, best first. usual: whether each is on the mean user's
    list as well. chosen: the place, from 0, of the film that is explained: `start` is what the mean
    user would give, and `parts` what each rating adds, in stars, by the title of the film rated.
    changed: the film whose rating can be changed; its bar gets an edge.
    """

    titles: list[str]
    stars: list[float]
    usual: list[bool]
    chosen: int
    changed: str
    start: float
    parts: dict[str, float]


@house_style
def film_map(films: dict[str, np.ndarray], crowd: np.ndarray) -> FilmMap:
    """The map of `films`, a point (2,) each by title, and of real users, (n_users, 2)."""
    figure = new_figure(*SHEET)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.05, 0.45, 0.60, 0.50))
    axes.plot(
        *crowd.T, linestyle="", marker=".", markersize=3, color=COLOURS["light grey"], zorder=1
    )
    points = np.array(list(films.values()))
    axes.plot(*points.T, linestyle="", marker="x", markersize=6, color="black", zorder=2)
    reach = 1.15 * np.abs(points).max(axis=0)
    axes.axhline(0, color=COLOURS["light grey"], linewidth=0.8, zorder=0)
    axes.axvline(0, color=COLOURS["light grey"], linewidth=0.8, zorder=0)
    axes.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]), xticks=[], yticks=[])
    names = [short_title(title, 19) for title in films]
    titles = list(films)
    directions = (
        # The axes are wider than high: there is less room for the two names on the second one.
        (axes.set_xlabel, "most important direction of taste:   ", 40),
        (axes.set_ylabel, "second most important direction of taste:\n", 30),
    )
    for axis, (label, what, room) in enumerate(directions):
        ends = points[:, axis].argmin(), points[:, axis].argmax()
        low, high = _side_by_side(*(titles[end] for end in ends), room)
        label(f"{what}← like {low}    like {high} →", fontsize=10)
    axes.set_title("You among films (×) and users (grey dots)")
    mean = crowd.mean(axis=0)
    axes.plot(*mean, "s", color=COLOURS["orange"], markeredgecolor="black", markersize=11)
    spots = np.vstack([mean, points])
    dots, names = np.vstack([spots, crowd]), ["the mean user", *names]
    ends = name_points(axes, *dots.T, range(len(spots)), names, room=5, spare=True, size=9.8)
    # "you" beside the square of the mean user would be read as its name.
    taken = [spots, np.repeat(mean[None], 20, axis=0)]
    for i, (end, level) in ends.items():
        # A name on the right of its film lies between the two; one on the left, before its end.
        start = spots[i, 0] if end > spots[i, 0] else end - 0.3 * reach[0]
        taken.append(np.column_stack([np.linspace(start, end, 8), np.full(8, level)]))
    figure.text(0.67, 0.925, "Your list", fontsize=13, weight="bold")
    figure.text(
        0.67,
        0.455,
        "(new): not on the mean user's list\nbold: explained below\nblack edge: can be changed\n"
        "dotted: your way, rating by rating",
        fontsize=SIZE,
    )
    height = ROWS * LINE / 72 / SHEET[1]
    parts = figure.add_axes((0.30, 0.09, 0.60, height), xlim=(-MOST, MOST), ylim=(ROWS, 0))
    parts.set_xlabel("stars that each of your ratings adds", fontsize=11)
    parts.set_yticks([])
    parts.spines["left"].set_visible(False)
    parts.axvline(0, color="black", linewidth=0.8)
    return FilmMap(Backdrop(figure), {"the mean user": mean, **films}, reach, np.vstack(taken))


@house_style
def my_map(background: FilmMap, path: np.ndarray, given: str, mine: MyList) -> Picture:
    """The newcomer on the map, their list beside it, and below what brought one film there.

    path: (n + 1, 2), from the mean user on, a step for each rating. given: what was changed, for
    the sentence.
    """
    figure, (axes, parts) = background.backdrop.figure_in_front()
    edge = 0.96 * background.reach
    inside = np.clip(path, -edge, edge)
    axes.plot(*inside.T, color=COLOURS["blue"], linestyle=":", label="your way from the mean user")
    off_map = bool((np.abs(path[-1]) > edge).any())
    label = "you (beyond the edge)" if off_map else "you"
    face = "white" if off_map else COLOURS["blue"]
    how = {"markerfacecolor": face, "markeredgecolor": COLOURS["blue"], "markeredgewidth": 2}
    axes.plot(*inside[-1], "o", markersize=12, label=label, **how)
    here, taken = inside[-1] / background.reach, background.names / background.reach
    right, up = _free_side(here, taken, width=0.045 * len(label))
    how = {"weight": "bold", "path_effects": HALO, "zorder": 5}
    beside(axes, label, inside[-1], right=12 * right, up=7 * up, color=COLOURS["blue"], **how)
    lines = [
        f"{stars:.1f}  {short_title(title)}{'' if usual else '  (new)'}"
        for title, stars, usual in zip(mine.titles, mine.stars, mine.usual, strict=True)
    ]
    # One text of many lines takes less time than many texts; an empty line leaves its place free.
    for weight, bold in (("normal", False), ("bold", True)):
        text = "\n".join(
            line if (place == mine.chosen) == bold else " " for place, line in enumerate(lines)
        )
        figure.text(0.67, 0.89, text, fontsize=SIZE, weight=weight, va="top", linespacing=1.7)
    chosen = mine.titles[mine.chosen]
    names, values = list(mine.parts), np.array(list(mine.parts.values()))
    colours = [COLOURS["blue"] if value >= 0 else COLOURS["vermilion"] for value in values]
    rows = np.arange(len(names)) + 0.5
    edges = [
        "black" if name == mine.changed else colour
        for name, colour in zip(names, colours, strict=True)
    ]
    how = {"color": colours, "edgecolor": edges, "linewidth": 2}
    parts.barh(rows, np.clip(values, -MOST, MOST), label=short_title(chosen), **how)
    how = {"fontsize": SIZE, "linespacing": SPACING, "va": "top"}
    parts.text(-MOST, 0, "\n".join(map(short_title, names)), ha="right", **how)
    # Three decimals where two would hide on which side of 0 a bar lies.
    numbers = [f"{value:+.{2 if abs(value) >= 0.005 else 3}f}" for value in values]
    parts.text(MOST, 0, "\n".join(numbers), ha="left", **how)
    told = f"{mine.start:.2f} (mean user) {values.sum():+.2f} = {mine.start + values.sum():.2f}"
    text = f"Because you liked · {short_title(chosen)}: {told} stars"
    figure.text(0.05, 0.375, text, fontsize=13, weight="bold")
    first = max(mine.parts, key=mine.parts.get, default=None)
    most = f", most from {name_of(first)} ({mine.parts[first]:+.2f})" if mine.parts else ""
    new = len(mine.usual) - sum(mine.usual)
    where = ", beyond the edge of the map" if off_map else ""
    sentence = (
        f"{given}: you are {np.linalg.norm(path[-1] - path[0]):.2f} from the mean user{where}, and "
        f"{new} of your {len(mine.titles)} films are not on the mean user's list. It begins with "
        f"{', '.join(name_of(title) for title in mine.titles[:3])}. {name_of(chosen)}: "
        f"{mine.start:.2f} stars for the mean user, {values.sum():+.2f} from your "
        f"ratings{most}."
    )
    rows = [
        {"what": "your rating adds", "film": name_of(title), "stars": round(value, 3)}
        for title, value in mine.parts.items()
    ]
    rows += [
        {"what": "on your list", "film": name_of(title), "stars": predicted}
        for title, predicted in zip(mine.titles, mine.stars, strict=True)
    ]
    rows += [
        {"what": "on the map", "film": name_of(name), "right": float(x), "up": float(y)}
        for name, (x, y) in {"you": path[-1], **background.spots}.items()
    ]
    return Picture(figure, sentence, pd.DataFrame(rows))


def _side_by_side(low: str, high: str, n: int) -> tuple[str, str]:
    """Two titles in `n` letters together: of a series the name alone; a long one is cut."""
    names = [name_of(title).split(": ")[0] for title in (low, high)]
    most = max(n // 2, n - min(map(len, names)))
    return short_title(names[0], most), short_title(names[1], most)


def _free_side(place: np.ndarray, taken: np.ndarray, width: float) -> tuple[int, int]:
    """Right (1) or left (-1) of `place`, above (1) or below (-1): where the fewest `taken` lie.

    All in shares of the map's reach: `width` is that of the name. It stays inside the map.
    """
    inwards = [-1 if part > 0 else 1 for part in place]
    sides = [
        (right, up)
        for right in ([inwards[0]] if abs(place[0]) > 0.95 - width else [inwards[0], -inwards[0]])
        for up in ([inwards[1]] if abs(place[1]) > 0.8 else [-1, 1])
    ]

    def crowd(side: tuple[int, int]) -> int:
        away = (taken - place) * side
        return int(((away > 0) & (away < [width + 0.06, 0.2])).all(axis=1).sum())

    return min(sides, key=crowd)
