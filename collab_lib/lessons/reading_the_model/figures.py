"""The figures of lesson 7: biases, a map of movies, and whether the map is real."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from collab_lib.interpretation import MovieMap
from collab_lib.kit.labels import name_points
from collab_lib.kit.marks import beside, percent, ticks
from collab_lib.kit.picture import COLOURS, picture
from collab_lib.kit.text import name_of, short_title
from collab_lib.lessons.reading_the_model.experiment import Comparison, Side

# Fixed places: to look for them would take half of the time of a map.
PLACES = {"left": 0.11, "right": 0.985, "bottom": 0.11, "top": 0.93}


@picture(height=6.2)
def lowest_and_highest(axes, table: pd.DataFrame, n: int = 8) -> tuple[str, pd.DataFrame]:
    """The `n` movies with the lowest bias and the `n` with the highest, from `movie_table`."""
    shown = pd.concat([table.head(n), table.tail(n)])
    rows = np.arange(len(shown)) + np.repeat([0, 0.7], n)
    colours = np.where(shown["bias"] < 0, COLOURS["vermilion"], COLOURS["blue"])
    axes.barh(rows, shown["bias"], color=colours)
    axes.axvline(0, color=COLOURS["black"], linewidth=1)
    for row, bias, mean in zip(rows, shown["bias"], shown["mean"], strict=True):
        beside(axes, f"{mean:.1f} stars", (bias, row), right=4 if bias > 0 else -4, fontsize=9)
    ticks(axes.yaxis, rows, [short_title(title, 34) for title in shown["title"]])
    axes.margins(x=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_title("Movies with the lowest and the highest bias")
    axes.set_xlabel("bias (in the score); beside each bar the mean rating")
    low, high = table.iloc[0], table.iloc[-1]
    return (
        f"The lowest bias is that of {name_of(low['title'])} ({low['bias']:.1f}), the highest "
        f"that of {name_of(high['title'])} ({high['bias']:.1f}).",
        shown[["title", "bias", "mean"]],
    )


@picture(height=6.2, places=PLACES)
def ends_of_axes(
    axes, movies: MovieMap, titles: Sequence[str], n: int = 6
) -> tuple[str, pd.DataFrame]:
    """The map, with the names of the `n` movies furthest out on each end of both axes.

    titles: of all movies, by index. The numbers of the picture hold every dot with its title.
    """
    x, y = movies.places.T.numpy()
    ends = [values.argsort()[part] for values in (x, y) for part in (np.s_[:n], np.s_[-n:])]
    named = sorted({int(i) for i in np.concatenate(ends)}, key=lambda i: y[i])
    _dots(axes, movies)
    axes.plot(x[named], y[named], "o", color=COLOURS["orange"], markeredgecolor="black")
    name_points(axes, x, y, named, _names(movies, titles), spare=True)
    left, right = (name_of(titles[movies.movies[i]]) for i in (x.argmin(), x.argmax()))
    share = movies.explained[:2].sum().item()
    return (
        f"{len(x)} movies on the two axes that explain {share:.0%} of the variance of their "
        f"factors. Furthest apart along the first axis: {left} and {right}.",
        _all_dots(movies, titles),
    )


@picture(height=5.4, places=PLACES)
def neighbourhood(
    axes, movies: MovieMap, titles: Sequence[str], chosen: int, nearest: pd.DataFrame
) -> tuple[str, pd.DataFrame]:
    """The map with one movie, `chosen` (an index), and its neighbours (from `nearest_movies`)."""
    position = {int(movie): i for i, movie in enumerate(movies.movies)}
    x, y = movies.places.T.numpy()
    _dots(axes, movies)
    here, near = position[chosen], [position[movie] for movie in nearest.index]
    axes.plot(x[near], y[near], "s", color=COLOURS["orange"], markeredgecolor="black", zorder=3)
    star = {"color": COLOURS["vermilion"], "markersize": 15, "markeredgecolor": "black"}
    axes.plot(x[here], y[here], "*", zorder=4, **star)
    name_points(axes, x, y, [here, *near], _names(movies, titles), spare=True)
    listed = "; ".join(
        f"{name_of(row.title)} ({row.similarity:.2f})" for row in nearest.itertuples(index=False)
    )
    away = np.hypot(x - x[here], y - y[here])
    closer = (away[:, None] < away[near]).sum(axis=0) - 1
    table = nearest[["title", "similarity"]].assign(dots_closer_on_the_map=closer)
    return f"Nearest to {name_of(titles[chosen])}, by cosine similarity: {listed}.", table


@picture(height=3.0, places={"left": 0.04, "right": 0.96, "bottom": 0.2, "top": 0.88})
def axis_test(
    axes, axis: int, n: int, found: tuple[float, int], chance: Sequence[float], between: str
) -> str:
    """The correlation that the ends of an axis give, beside those of groups drawn at random.

    axis: 1 for the first; n: movies at each end; found: the correlation, and over how many users;
    chance: the correlations of the random groups; between: the two ends, in words.
    """
    correlation, n_users = found
    heights = np.linspace(0.1, 0.6, len(chance))
    axes.plot(chance, heights, "o", color=COLOURS["sky"], markersize=6, label="groups at random")
    line = {"color": COLOURS["vermilion"], "linewidth": 3}
    axes.plot([correlation] * 2, [0, 0.72], **line, label="the ends of the axis")
    beside(axes, f"axis {axis}: {correlation:.2f}", (correlation, 0.72), up=3)
    axes.axvline(0, color=COLOURS["grey"], linewidth=0.8)
    axes.set(xlim=(-0.6, 0.9), ylim=(0, 1.12), yticks=[])
    axes.set_xlabel("correlation of the leaning in train with the leaning in hidden ratings")
    axes.set_title(f"{n} movies at each end")
    axes.legend(loc="upper left")
    axes.spines["left"].set_visible(False)
    return (
        f"Axis {axis}, {n} movies at each end, from {between}: over {n_users} users the leaning in "
        f"the train ratings correlates with that in the hidden ones with {correlation:.2f}. For "
        f"{len(chance)} pairs of groups drawn at random it is between {min(chance):.2f} and "
        f"{max(chance):.2f}."
    )


@picture(width=8, height=6.2, places={"left": 0.02, "right": 0.98, "bottom": 0.06, "top": 0.65})
def two_trainings(
    axes, comparison: Comparison, titles: Sequence[str], n: int = 2
) -> tuple[str, pd.DataFrame]:
    """What two trainings get and, once they are compared, their maps and what is in common.

    titles: of all movies, by index; n: how many movies are joined by a line at each end of both
    axes of the first map.
    """
    for place, side in enumerate(comparison.sides):
        drawing = axes.figure.add_axes([0.045 + 0.275 * place, 0.75, 0.24, 0.18])
        size = comparison.n_users[place], comparison.n_ratings[place]
        _share_of_table(drawing, ("first", "second")[place], side, *size)
    told = " ".join(_told(comparison, place) for place in (0, 1))
    one, other = comparison.sides
    if one == other:
        told += " Nothing differs: it is the same training twice."
    if comparison.outcome is None:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "not compared yet", ha="center", color=COLOURS["grey"])
        table = pd.DataFrame(
            {
                "training": ["first", "second"],
                "users": comparison.n_users,
                "ratings": comparison.n_ratings,
                "seed": [one.seed, other.seed],
            }
        )
        return f"{told} Not compared yet.", table
    found = comparison.outcome
    n_movies = len(titles_of := [titles[movie] for movie in found.maps[0].movies])
    luck = {"plane": 2 / n_movies, "neighbours": 10 / (n_movies - 1)}
    shares = axes.figure.add_axes([0.72, 0.75, 0.26, 0.18])
    _in_common(shares, {"plane": found.plane, "neighbours": found.neighbours}, luck)
    joined, along = _two_maps(axes, found.maps, titles, n)
    first, second = (movies.places.numpy() for movies in found.maps)
    table = pd.DataFrame(
        {
            "title": [titles_of[i] for i in joined],
            "first map": [_place(first[i]) for i in joined],
            "second map": [_place(second[i]) for i in joined],
        }
    )
    return (
        f"{told} In common: {found.plane:.0%} of the plane and {found.neighbours:.0%} of the "
        f"neighbours (by chance {luck['plane']:.0%} and {luck['neighbours']:.0%}). The places "
        f"correlate with {along[0]:.2f} along the first axis and {along[1]:.2f} along the second.",
        table,
    )


def _share_of_table(axes: Axes, name: str, side: Side, n_users: int, n_ratings: int) -> None:
    """The table of ratings in grey, users downwards; in blue the part that a training gets.

    Where it gets half of each user's ratings, those are drawn on one side, though in truth they
    lie anywhere in a row.
    """
    axes.add_patch(Rectangle((0, 0), 1, 1, color=COLOURS["light grey"]))
    top, height = (0, 1) if side.users is None else (0.5 * side.users, 0.5)
    left, width = (0, 1) if side.ratings is None else (0.5 * side.ratings, 0.5)
    axes.add_patch(Rectangle((left, top), width, height, color=COLOURS["blue"]))
    axes.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[])
    axes.set_title(f"{name} training, seed {side.seed}", fontsize=11)
    axes.set_xlabel(f"{n_users} users, {n_ratings:,} ratings", fontsize=10)
    axes.set_ylabel("users", fontsize=10)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _told(comparison: Comparison, place: int) -> str:
    side = comparison.sides[place]
    part = {None: "all", 0: "one half", 1: "the other half"}
    return (
        f"The {('first', 'second')[place]} training gets {part[side.users]} of the users and "
        f"{part[side.ratings]} of their ratings, {comparison.n_ratings[place]:,} in all, with seed "
        f"{side.seed}."
    )


def _in_common(axes: Axes, shares: Mapping[str, float], luck: Mapping[str, float]) -> None:
    """Two bars, with a line where chance would end each."""
    axes.barh(list(shares), list(shares.values()), color=COLOURS["blue"], height=0.6)
    for place, (name, share) in enumerate(shares.items()):
        beside(axes, f"{share:.0%}", (share, place), right=3, fontsize=10)
        line = {"color": COLOURS["vermilion"], "label": "by chance" if place == 0 else "_"}
        axes.plot([luck[name]] * 2, [place - 0.4, place + 0.4], **line)
    axes.set(xlim=(0, 1.25), ylim=(1.6, -0.6))
    ticks(axes.xaxis, [0, 0.5, 1])
    percent(axes.xaxis)
    axes.tick_params(labelsize=10)
    axes.set_title("in common (line: by chance)", fontsize=11)


def _two_maps(
    axes: Axes, maps: tuple[MovieMap, MovieMap], titles: Sequence[str], n: int
) -> tuple[list[int], list[float]]:
    """Two maps side by side, with lines between the same movies at the ends of the first one.

    Returns which movies are joined, and the correlation of the places along either axis.
    """
    first, second = (movies.places.numpy() for movies in maps)
    ends = [first[:, axis].argsort()[part] for axis in (0, 1) for part in (np.s_[:n], np.s_[-n:])]
    joined = sorted({int(i) for i in np.concatenate(ends)}, key=lambda i: first[i, 1])
    # The second map stands to the right of the first, with a gap between them.
    apart = 1.3 * (first[:, 0].max() - second[:, 0].min())
    right = second + np.array([apart, 0])
    for i in joined:
        both = np.stack([first[i], right[i]])
        axes.plot(*both.T, color=COLOURS["grey"], linewidth=1, zorder=0.4)  # below the names
    names = ("map of the first", "map of the second")
    for places, label in zip((first, right), names, strict=True):
        axes.plot(*places.T, "o", markersize=4, color=COLOURS["sky"], label=label, zorder=2)
        axes.plot(*places[joined].T, "o", color=COLOURS["orange"], markeredgecolor="black")
    axes.margins(0.06)
    ticks(axes.xaxis, [0, apart], names)
    axes.set_yticks([])
    axes.set_title("The same movies on two maps")
    already = len(axes.texts)
    named = name_points(axes, *first.T, joined, _names(maps[0], titles), spare=True)
    high = np.ptp(axes.get_ylim()) / axes.get_window_extent().height * axes.figure.dpi / 72
    for text, (end, level) in zip(axes.texts[already:], named.values(), strict=True):
        # A name covers the lines that join the movies: its rim alone leaves them between letters.
        corner, size = (text.get_position()[0], level - 5 * high), 10 * high
        width = end - corner[0]
        axes.add_patch(Rectangle(corner, width, size, color="white", linewidth=0, zorder=0.45))
    return joined, [np.corrcoef(first[:, axis], second[:, axis])[0, 1] for axis in (0, 1)]


@picture(height=3.8, ncols=2, sharey=True)
def is_it_real(
    axes, planes: Mapping[str, float], kept: Mapping[str, float], chance: Mapping[str, float]
) -> str:
    """How much of a model survives another training, beside what chance would give.

    planes: by comparison, the share of the map's plane in common; kept: likewise, of neighbours;
    chance: what either would be by luck, under "plane" and "neighbours".
    """
    for plot, shares, name, luck in zip(
        axes,
        (planes, kept),
        ("Plane of the map", "Ten nearest movies"),
        (chance["plane"], chance["neighbours"]),
        strict=True,
    ):
        names = [name.replace(", ", ",\n") for name in shares]
        plot.barh(names, list(shares.values()), color=COLOURS["blue"], height=0.6, label=name)
        for i, share in enumerate(shares.values()):
            beside(plot, f"{share:.0%}", (share, i), right=3)
        luck_line = {"color": COLOURS["vermilion"], "linestyle": "--"}
        plot.axvline(luck, label=f"by chance: {luck:.0%}", **luck_line)
        plot.set(title=name, xlim=(0, 1.15), xlabel="share in common")
        ticks(plot.xaxis, [0, 0.5, 1])
        percent(plot.xaxis)
        plot.legend(handles=plot.lines, loc="lower right")
    axes[0].set_ylim(len(kept) + 0.1, -0.6)  # the first on top, and room below for the legends
    text = "; ".join(
        f"{name}: {planes[name]:.0%} of the plane and {kept[name]:.0%} of the neighbours"
        for name in kept
    )
    return (
        f"In common between two trainings. {text}. By chance: {chance['plane']:.0%} and "
        f"{chance['neighbours']:.0%}."
    )


@picture(
    width=9,
    height=3.8,
    places={"left": 0.095, "right": 0.98, "bottom": 0.15, "top": 0.9, "wspace": 0.25},
    ncols=2,
)
def stretching(axes, measured: pd.DataFrame, amount: float) -> tuple[str, pd.DataFrame]:
    """What a stretch of `amount` leaves of the neighbours and the map, and what it costs.

    measured: by amount, the columns neighbours and plane (shares kept), squares (the sum of the
    squares of all weights), moved (the largest change of a prediction, in stars) and nearest (the
    titles nearest to one movie, which is named in `measured.attrs["movie"]`).
    """
    shares, costs = axes
    now = measured.loc[amount]
    for column, label, style in (
        ("neighbours", "neighbours kept", "o-"),
        ("plane", "plane", "s--"),
    ):
        shares.plot(measured.index, measured[column], style, label=label)
        shares.plot(amount, now[column], "o", markersize=13, color="none", markeredgecolor="black")
    shares.set(xlabel="stretch", ylabel="kept", ylim=(0, 1.08))
    shares.set_title("The same predictions")
    percent(shares.yaxis)
    shares.legend(loc="upper right")
    green = {"color": COLOURS["green"], "label": "Σ weight²"}
    costs.plot(measured.index, measured["squares"], "^-", **green)
    costs.plot(amount, now["squares"], "o", markersize=13, color="none", markeredgecolor="black")
    costs.set(
        title="What they cost", xlabel="stretch", yscale="log", ylabel="Σ weight² (log scale)"
    )
    movie = measured.attrs["movie"]
    return (
        f"A stretch of {amount:g} moves no prediction by more than {now['moved']:.6f} stars. It "
        f"keeps {now['neighbours']:.0%} of the neighbours and {now['plane']:.0%} of the plane; the "
        f"sum of the squares is {now['squares']:,.0f}. Nearest to {movie}: {now['nearest']}.",
        measured.drop(columns="nearest").reset_index(names="stretch"),
    )


def _dots(axes: Axes, movies: MovieMap) -> None:
    x, y = movies.places.T.numpy()
    axes.plot(x, y, "o", markersize=4, color=COLOURS["sky"], alpha=0.7)
    first, second = movies.explained[:2].tolist()
    axes.set_xlabel(f"first axis ({first:.0%} of the variance)")
    axes.set_ylabel(f"second axis ({second:.0%} of the variance)")
    axes.set_title(f"The {len(x)} most-rated movies")
    axes.margins(0.08)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))


def _names(movies: MovieMap, titles: Sequence[str]) -> list[str]:
    return [name_of(titles[i], 27) for i in movies.movies]


def _all_dots(movies: MovieMap, titles: Sequence[str]) -> pd.DataFrame:
    """Every dot of a map with its title, from the left to the right."""
    x, y = movies.places.T.numpy()
    table = pd.DataFrame({"title": [titles[i] for i in movies.movies], "x": x, "y": y})
    return table.sort_values("x", kind="stable")


def _place(place: np.ndarray) -> str:
    return f"({place[0]:.2f}, {place[1]:.2f})"
