"""The figures of lesson 12: who wrote the ratings, whom lists serve, and the simulated world."""

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap

from collab_lib.evaluation import gini
from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.marks import beside, mesh_of, percent, ticks
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, picture, tint
from collab_lib.lessons.bias_and_feedback_loops.experiments import ChartRound

NAMES = ("E", "A", "B", "C", "D")  # of the genres: E is the enthusiasts'
TINTS = (("orange", 1), ("sky", 0.22), ("sky", 0.4), ("grey", 0.15), ("grey", 0.3))
TILES = ListedColormap([tint(*part) for part in TINTS])


@picture(height=4.2)
def lorenz_curves(axes, counts: dict[str, np.ndarray]) -> str:
    """How unequally each of `counts` is spread: the share of all that the smallest ones hold."""
    ginis = {name: gini(values) for name, values in counts.items()}
    for style, (name, values) in zip(("-", "-.", ":"), counts.items(), strict=False):
        ordered = np.sort(np.asarray(values, dtype=float))
        shares = np.concatenate([[0], ordered.cumsum() / ordered.sum()])
        along = np.linspace(0, 1, len(shares))
        axes.plot(along, shares, style, linewidth=2.5, label=f"{name}: Gini {ginis[name]:.2f}")
    axes.plot([0, 1], [0, 1], color=COLOURS["grey"], linewidth=1, label="all equal: Gini 0")
    percent(axes.xaxis, axes.yaxis)
    axes.set_xlabel("share of them, the least active or least rated first")
    axes.set_ylabel("share of all ratings")
    axes.set_title("The further a curve sags, the more unequal")
    axes.legend(loc="upper left")
    parts = [f"{value:.2f} over {name}" for name, value in ginis.items()]
    told = f"The Gini index of the number of ratings is {' and '.join(parts)}."
    return told, _points_of_lorenz(counts)


def _points_of_lorenz(counts: dict[str, np.ndarray]) -> pd.DataFrame:
    """The share of all ratings that the least active tenth, two tenths and so on have written."""
    tenths = np.arange(1, 11)
    table = {"the least active": [f"{10 * tenth}%" for tenth in tenths]}
    for name, values in counts.items():
        shares = np.sort(np.asarray(values, dtype=float)).cumsum() / np.sum(values)
        table[f"{name}: share of ratings"] = shares[
            np.ceil(tenths / 10 * len(shares)).astype(int) - 1
        ]
    return pd.DataFrame(table)


@picture(height=5.0)
def genres_by_who(axes, shares: pd.DataFrame, overall: float, at_least: float = 0.005) -> str:
    """The enthusiasts' share of each genre's ratings, against their share of all, `overall`.

    shares: what `genre_shares` returns. at_least: genres with a smaller share of all ratings are
    left out.
    """
    shown = shares[shares["of ratings"] >= at_least]["by enthusiasts"].sort_values()
    above = shown > overall
    for is_above, colour, hatch in ((False, "sky", None), (True, "orange", "//")):
        chosen = shown[above == is_above]
        how = {"color": COLOURS[colour], "hatch": hatch, "edgecolor": "white"}
        label = f"{'more' if is_above else 'less'} than {overall:.0%}"
        axes.barh(chosen.index, chosen, label=label, **how)
    axes.axvline(overall, color="black", linestyle="--")
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    beside(axes, f"of all ratings: {overall:.0%}", (overall, 0), right=6, bbox=box)
    percent(axes.xaxis)
    axes.set_xlabel("share of the genre's ratings that the enthusiasts wrote")
    axes.set_title("Where few people's taste weighs most")
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.legend(loc="center right", reverse=True)
    table = shown.rename_axis("genre").rename("share that the enthusiasts wrote").reset_index()
    return (
        f"The enthusiasts wrote {overall:.0%} of all ratings, but {shown.iloc[-1]:.0%} of those of "
        f"{shown.index[-1]} and {shown.iloc[-2]:.0%} of {shown.index[-2]}; least of "
        f"{shown.index[0]}, {shown.iloc[0]:.0%}."
    ), table


@picture(10.0, 3.8, ncols=2)
def by_quarter(axes, errors: pd.DataFrame, found: pd.DataFrame, name: str, places: int) -> str:
    """The error, and the share of hidden favourites that lists find, for each quarter of the users.

    errors, found: one row per quarter, the columns "mean" and "chance", half of a 95 % interval.
    name, places: of the lists, and how many movies are on each.
    """
    for one, table, colour in zip(axes, (errors, found), ("sky", "orange"), strict=True):
        chance = {"yerr": table["chance"], "capsize": 6, "error_kw": {"color": "black"}}
        one.bar(table.index, table["mean"], color=COLOURS[colour], **chance)
        ticks(one.xaxis, range(len(table)), [quarter.replace(" ", "\n") for quarter in table.index])
    axes[0].set(title="Error of the predicted ratings", ylabel="stars off", ylim=(0, 0.9))
    ticks(axes[0].yaxis, [0, 0.3, 0.6, 0.9])
    axes[1].set(title=f"Favourites in {places} places by {name}", ylim=(0, 0.8))
    axes[1].set_ylabel("share of hidden favourites")
    ticks(axes[1].yaxis, [0, 0.2, 0.4, 0.6, 0.8])
    percent(axes[1].yaxis)
    least, most = found["mean"].iloc[0], found["mean"].iloc[-1]
    return (
        f"Lists of {places} by {name} find {least:.0%} of the hidden favourites of the "
        f"{found.index[0]} quarter of the users, and {most:.0%} of those of the {found.index[-1]}; "
        f"the ratings are predicted {errors['mean'].iloc[0]:.2f} and {errors['mean'].iloc[-1]:.2f} "
        f"stars off."
    )


@house_style
def chart_tiles(
    name: str, number: int, shown: ChartRound, curves: dict[str, np.ndarray]
) -> Picture:
    """The first thirty movies of the chart in one round, and two measures over all rounds.

    name: of the world. shown: the chart in the round `number`, with the lists of two users.
    curves: "niche_of_lists" and "satisfaction_ordinary", (rounds + 1, 3): mean, min and max over
    the seeds, from round 0 on.
    """
    figure, (tiles, *lines) = _tiles_backdrop(len(curves["niche_of_lists"]) - 1).figure_in_front()
    tiles.set_title(f"The chart: {name}")
    chart = np.array(shown.chart).reshape(3, 10)
    mesh_of(tiles, chart % len(NAMES), "auto", cmap=TILES, vmin=0, vmax=len(NAMES) - 1)
    for (row, column), movie in np.ndenumerate(chart):
        who = " ".join(
            mark for mark, page in (("N", shown.newcomer), ("V", shown.veteran)) if movie in page
        )
        genre = NAMES[movie % len(NAMES)]
        weight = "bold" if genre == NAMES[0] else "normal"
        text = f"{genre}{movie}\n{who or ' '}"
        tiles.text(column, row, text, ha="center", va="center", weight=weight)
    for axes, (measure, values) in zip(lines, curves.items(), strict=True):
        rounds, colour = range(len(values)), COLOURS["vermilion"]
        axes.plot(rounds, values[:, 0], color=colour, linewidth=2)
        axes.fill_between(rounds, values[:, 1], values[:, 2], color=colour, alpha=0.2)
        axes.plot([number], [values[number, 0]], "o", color="black", markersize=8, label=measure)
    niche = chart % len(NAMES) == 0
    old = [movie % len(NAMES) == 0 for movie in shown.veteran]
    new = [movie % len(NAMES) == 0 for movie in shown.newcomer]
    lists, content = (values[number, 0] for values in curves.values())
    sentence = (
        f"{name[0].upper()}{name[1:]}, round {number}: of the chart's places 1 to 10 the "
        f"enthusiasts' genre has {niche[0].sum()}, of places 11 to 30 it has {niche[1:].sum()}; of "
        f"the newcomer's ten films {sum(new)}, of the veteran's {sum(old)}. Over twenty worlds it "
        f"fills {lists:.0%} of ordinary users' lists, and they enjoy {content:.2f} stars."
    )
    return Picture(figure, sentence, _table_of_tiles(shown))


def _table_of_tiles(shown: ChartRound) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "place": range(1, len(shown.chart) + 1),
            "film": [f"{NAMES[movie % len(NAMES)]}{movie}" for movie in shown.chart],
            "newcomer's list": ["yes" * (movie in shown.newcomer) for movie in shown.chart],
            "veteran's list": ["yes" * (movie in shown.veteran) for movie in shown.chart],
        }
    )


@cache
def _tiles_backdrop(n_rounds: int) -> Backdrop:
    """Everything of `chart_tiles` that is the same for all worlds and rounds, drawn once."""
    figure = new_figure(10.4, 5.6)
    figure.set_layout_engine("none")
    tiles = figure.add_axes((0.08, 0.50, 0.90, 0.42), xlim=(-0.5, 9.5), ylim=(2.5, -0.5))
    ticks(tiles.yaxis, range(3), ["1 to 10", "11 to 20", "21 to 30"])
    tiles.set_xticks([])
    tiles.spines[:].set_visible(False)
    tiles.tick_params(length=0)
    figure.text(
        0.08,
        0.43,
        "orange, E: the enthusiasts' genre · N: on a newcomer's list · V: on a veteran's list\n"
        "above: one world · below: the mean of twenty, and the lowest and highest of them (shaded)",
    )
    told = (
        ("Enthusiasts' genre on others' lists", (0, 1.02)),
        ("True enjoyment of ordinary users (stars)", (3.2, 4.8)),
    )
    for number, (title, limits) in enumerate(told):
        axes = figure.add_axes((0.08 + 0.49 * number, 0.09, 0.41, 0.27))
        axes.set(xlim=(0, n_rounds), ylim=limits, xlabel="round")
        ticks(axes.xaxis, range(0, n_rounds + 1, 5))
        axes.set_title(title, fontsize=12)
        axes.grid(color=COLOURS["light grey"], linewidth=0.8)
        if number == 0:
            percent(axes.yaxis)
    return Backdrop(figure)


@picture(10.0, 3.8, ncols=2)
def long_runs(axes, runs: dict[str, dict[str, np.ndarray]]) -> str:
    """Sixty rounds of several worlds: the niche's share, and ordinary users' enjoyment.

    runs: by the name of the world, (rounds + 1,) for each of the two measures.
    """
    titles = {
        "niche_of_lists": "Enthusiasts' genre on others' lists",
        "satisfaction_ordinary": "True enjoyment of ordinary users",
    }
    styles = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
    colours = ("vermilion", "orange", "blue", "sky", "grey")
    for one, (measure, title) in zip(axes, titles.items(), strict=True):
        for style, colour, (name, values) in zip(styles, colours, runs.items(), strict=False):
            how = {"linestyle": style, "color": COLOURS[colour], "linewidth": 2}
            one.plot(values[measure], label=name, **how)
        one.set(title=title, xlabel="round")
    percent(axes[0].yaxis)
    axes[1].set_ylabel("stars")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    ends = [
        f"{values['niche_of_lists'][10]:.0%} and {values['niche_of_lists'][-1]:.0%} ({name})"
        for name, values in runs.items()
    ]
    return f"The niche's share of the lists in round 10 and in round 60: {'; '.join(ends)}."


@picture(9.0, 4.4)
def ab_tests(axes, truth: np.ndarray, tests: dict[str, np.ndarray], data: str, n: int) -> str:
    """What an A/B test measures round by round, against the truth, which only this world knows.

    truth: (rounds,), the difference of the mean ratings if one or the other recommender is launched
    for everybody. tests: "mean", "low" and "high" of many tests, "better" and "worse": the share of
    them whose 95 % interval leaves out 0. data, n: what the recommenders learn from; users in each
    half.
    """
    rounds = np.arange(1, len(truth) + 1)
    axes.axhline(0, color=COLOURS["grey"], linewidth=1)
    axes.fill_between(rounds, tests["low"], tests["high"], color=COLOURS["sky"], alpha=0.4)
    axes.plot(
        rounds,
        tests["mean"],
        "-o",
        color=COLOURS["blue"],
        label="A/B tests: mean, and where 95 of 100 lie",
    )
    axes.plot(rounds, truth, "--s", color="black", label="the truth: launched for all")
    axes.set(xlabel="round", ylabel="difference (stars)", ylim=(-0.8, 1.0))
    ticks(axes.xaxis, rounds[1::2])
    ticks(axes.yaxis, [-0.5, 0, 0.5, 1])
    axes.set_title(f"Mean stars minus chart: {data}")
    axes.legend(loc="upper left")
    seen = tests["better"] + tests["worse"]
    return (
        f"With {n} users in each half, {data}: in the last round the truth is {truth[-1]:+.2f} "
        f"stars, A/B tests show {tests['mean'][-1]:+.2f} on average; {tests['better'][-1]:.0%} of "
        f"them see a difference upwards, {tests['worse'][-1]:.0%} downwards. In round 1 the truth "
        f"is {truth[0]:+.2f}, and {seen[0]:.0%} see a difference."
    )
