"""The figures of lesson 8: what flows through the network, two changes told apart, training."""

from collections.abc import Mapping, Sequence
from math import log2

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from collab_lib.kit.labels import label_contours
from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import COLOURS, picture, plain
from collab_lib.kit.text import name_of

MARKERS = "osD^"
RUN_COLOURS = ("blue", "orange", "green", "vermilion")


@picture(width=9.5, height=4.6)
def shapes(axes: Axes, batch: int, n_user_factors: int, n_movie_factors: int, n_act: int):
    """Boxes as wide as the rows of each tensor are long, and the taller the more rows there are."""
    both = n_user_factors + n_movie_factors
    steps = [
        ("look up", [(n_user_factors, "user", "blue"), (n_movie_factors, "movie", "orange")], 12),
        ("concatenate", [(n_user_factors, "", "blue"), (n_movie_factors, "", "orange")], 0),
        ("linear", [(n_act, "", "green")], 0),
        ("ReLU", [(n_act, "", "green")], 0),
        ("linear", [(1, "", "vermilion")], 0),
        ("sigmoid, to stars", [(1, "", "vermilion")], 0),
    ]
    height = 0.2 + 0.06 * log2(batch)
    rows = []
    for line, (name, parts, gap) in enumerate(steps):
        x = 0
        for width, label, colour in parts:
            corner = (x, line - height / 2)
            axes.add_patch(Rectangle(corner, width, height, color=COLOURS[colour], linewidth=2))
            if label:
                beside(axes, label, (x, line - height / 2), right=1, up=1, fontsize=9)
            x += width + gap
        widths = [width for width, _, _ in parts]
        shown = [(batch, width) for width in widths] if gap else [(batch, sum(widths))]
        shape = " and ".join(str(each) for each in shown) if line < 5 else f"({batch},)"
        axes.text(480, line, shape, va="center", ha="right", family="monospace")
        axes.text(-6, line, name, va="center", ha="right")
        rows.append({"step": name, "shape": shape})
    axes.set(xlim=(-80, 485), ylim=(len(steps) - 0.4, -0.7))
    axes.axis("off")
    axes.set_title("From two indices to a rating: the shape after each step")
    weights = both * n_act + n_act + n_act + 1
    sentence = (
        f"A batch of {batch}: ({batch}, {n_user_factors}) and ({batch}, {n_movie_factors}) are "
        f"concatenated to ({batch}, {both}), become ({batch}, {n_act}) activations, and end as "
        f"({batch},) ratings. The two linear layers hold {weights:,} numbers."
    )
    return sentence, pd.DataFrame(rows)


@picture(width=8, height=3.8, ncols=2, sharey=True)
def agreement(all_axes: np.ndarray) -> tuple[str, pd.DataFrame]:
    """What four activations make of two factors by adding and bending, beside their product."""
    x = np.linspace(-1, 1, 81)
    across, up = np.meshgrid(x, x)
    bent = np.abs(across + up) - np.abs(across - up)
    names = ("four activations: |x + y| − |x − y|", "twice the product: 2xy")
    for axes, name, values in zip(all_axes, names, (bent, 2 * across * up), strict=True):
        shown = axes.pcolormesh(x, x, values, cmap="PuOr_r", vmin=-2, vmax=2, shading="nearest")
        levels = [-1, -0.4, 0, 0.4, 1]
        lines = axes.contour(x, x, values, levels=levels, colors="black", linewidths=1)
        spots = [(side * 0.8, side * level / 1.6) for level in levels for side in (-1, 1)]
        label_contours(lines, spots, fontsize=9)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("x, a factor of the user")
        axes.set_aspect("equal")
    all_axes[0].set_ylabel("y, a factor of the movie")
    all_axes[0].figure.colorbar(shown, ax=all_axes, label="value")
    sentence = (
        "Both are above 0 where x and y have the same sign, below 0 where they differ, and 0 where "
        f"one of them is 0. For x = y = 0.5 the four activations give {2 * 0.5:g}, twice "
        f"the product gives {2 * 0.5 * 0.5:g}."
    )
    halves = {"x": across, "y": up, names[0]: bent, names[1]: 2 * across * up}
    table = pd.DataFrame({name: values[::20, ::20].ravel() for name, values in halves.items()})
    return sentence, table


COLUMNS = {
    ("random", 1.0): "neither",
    ("agreement", 1.0): "agreement\nstart alone",
    ("random", 0.1): "slower layers\nalone",
    ("agreement", 0.1): "both",
}


@picture(width=8, height=4.2, places={"left": 0.1, "right": 0.98, "bottom": 0.16, "top": 0.9})
def start_and_speed(axes: Axes, runs: Sequence[Mapping], n_epochs: int, settings: str):
    """Two changes in four columns: neither, the one, the other, both; the dot model as a line.

    runs: those of the stored result `start_and_speed`. settings: "same" or "chosen", as there.
    """
    kept = [r for r in runs if r["n_epochs"] == n_epochs and r["settings"] == settings]
    table = pd.DataFrame(
        {
            name.replace("\n", " "): {
                f"split {r['split']}": r["rmse"] for r in kept if (r["start"], r["speed"]) == cell
            }
            for cell, name in {**COLUMNS, (None, None): "the dot model"}.items()
        }
    ).T
    means = table.mean(axis=1)
    _columns(axes, table.iloc[:4], list(COLUMNS.values()))
    axes.axhline(means["the dot model"], color=COLOURS["black"], linestyle=":", linewidth=1.2)
    beside(axes, "dot model, mean", (-0.45, means["the dot model"]), right=1, up=2, fontsize=9)
    axes.set(ylim=(0.852, 0.912), ylabel="valid RMSE (stars)")
    how = "the same settings for all" if settings == "same" else "the best settings for each"
    axes.set_title(f"{n_epochs} epochs, {how}")
    told = ", ".join(f"{name} {value:.3f}" for name, value in means.iloc[:4].items())
    sentence = (
        f"After {n_epochs} epochs, with {how}; mean valid RMSE over three splits: {told}; "
        f"the dot model {means.iloc[4]:.3f}."
    )
    shown = table.assign(mean=means).round(4).rename_axis("network").reset_index()
    return sentence, shown


@picture(width=6.5, height=3.4)
def interaction_question(axes: Axes):
    """Invented numbers for a question: A alone does nothing, B alone harm, both together help."""
    names = ["neither", "A alone", "B alone", "both"]
    values = np.array([[0.901, 0.899], [0.900, 0.900], [0.906, 0.908], [0.881, 0.879]])
    table = pd.DataFrame(values, index=names, columns=["split 1", "split 2"])
    _columns(axes, table, names)
    axes.set(ylim=(0.87, 0.915), ylabel="valid RMSE (stars)", title="Four networks (invented)")
    told = ", ".join(f"{name} {value:.3f}" for name, value in table.mean(axis=1).items())
    return f"Mean RMSE of two splits: {told}.", table.rename_axis("network").reset_index()


def _columns(axes: Axes, table: pd.DataFrame, names: Sequence[str]) -> None:
    """A column of dots for each row of the table, and a bar at their mean."""
    for x, (_, row) in enumerate(table.iterrows()):
        how = {"color": COLOURS["blue"], "linestyle": "none", "alpha": 0.8}
        for (split, value), marker in zip(row.items(), MARKERS, strict=False):
            axes.plot(x, value, marker, **how, label=split if x == 0 else None)
        mean = row.mean()
        axes.plot([x - 0.3, x + 0.3], [mean, mean], color=COLOURS["vermilion"], linewidth=2.5)
        # above the bar and to the right of its dots: beside it another bar or a line may run
        beside(axes, f"{mean:.3f}", (x, mean), right=9, up=3)
    ticks(axes.xaxis, range(len(names)), names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.legend(loc="lower left", fontsize=9)


@picture(width=9.5, height=5, places={"left": 0.01, "right": 1, "bottom": 0, "top": 0.92})
def one_rating(
    axes: Axes, steps: Mapping[str, torch.Tensor], pair: int, n_started: int, user: int, title: str
):
    """The numbers of one prediction, one strip of bars for each step; one pair of factors marked.

    steps: by name, in order, the vector after each step; the last three are "contributions",
    "score" and "stars". pair: which factor of both is marked, from 0. n_started: how many pairs
    the layers started with.
    """
    strips = {name: values.numpy() for name, values in steps.items() if len(values) > 1}
    longest = max(map(len, strips.values()))
    marked = _places_of(pair, n_started, len(strips["user factors"]))
    for line, (name, values) in enumerate(strips.items()):
        largest = max(np.abs(values).max(), 1e-9)
        heights = np.append(values, 0) / largest * 0.42
        edges = np.arange(len(heights))
        for part, colour in ((heights.clip(min=0), "blue"), (heights.clip(max=0), "vermilion")):
            how = {"step": "post", "color": COLOURS[colour], "linewidth": 0}
            axes.fill_between(edges, line, line - part, **how)
        axes.plot([0, len(values)], [line, line], color=COLOURS["black"], linewidth=0.6)
        for place, width in _neighbouring(marked[name]):
            frame = {"fill": False, "edgecolor": COLOURS["black"], "linewidth": 1}
            axes.add_patch(Rectangle((place, line - 0.44), width, 0.88, **frame))
            axes.plot(place + width / 2, line - 0.5, "v", color=COLOURS["black"], markersize=4)
        axes.text(-3, line, name, va="center", ha="right")
        note = f"({len(values)},)  largest ±{largest:.2f}"
        axes.text(longest + 3, line, note, va="center", fontsize=9, family="monospace")
    score, stars = steps["score"].item(), steps["stars"].item()
    line = len(strips)
    axes.text(-3, line, "their sum + c₂: the score", va="center", ha="right")
    axes.text(2, line, f"{score:.2f}   →   {stars:.2f} stars", va="center", fontsize=14)
    axes.set(xlim=(-78, longest + 74), ylim=(line + 0.5, -0.7))
    axes.axis("off")
    axes.set_title(plain(f"User {user} and {name_of(title)}"))
    pulls = steps["contributions"]
    awake = int((steps["after ReLU"] > 0).sum())
    sentence = (
        f"User {user} and {name_of(title)}: {awake} of {len(pulls)} activations are above 0 after "
        f"ReLU. Together they push the score up by {pulls.clamp(min=0).sum():.2f} and down by "
        f"{-pulls.clamp(max=0).sum():.2f}; with c₂ it is {score:.2f}, which is {stars:.2f} stars. "
        f"{_told_of_pair(strips, pair, marked['contributions'])}"
    )
    rows = [
        {"strip": name, "place": place + 1, "value": round(float(strips[name][place]), 4)}
        for name, places in marked.items()
        for place in places
    ]
    return sentence, pd.DataFrame(rows)


def _places_of(pair: int, n_started: int, n_user_factors: int) -> dict[str, list[int]]:
    """Where in each strip the factors of `pair` stand, and the four activations they began with."""
    four = [4 * pair + n for n in range(4)] if pair < n_started else []
    return {
        "user factors": [pair],
        "movie factors": [pair],
        "concatenated": [pair, n_user_factors + pair],
        "first linear layer": four,
        "after ReLU": four,
        "contributions": four,
    }


def _neighbouring(places: Sequence[int]) -> list[tuple[int, int]]:
    """Where each run of neighbouring places begins, and how many they are."""
    starts = [place for place in places if place - 1 not in places]
    return [(s, next(n for n in range(1, len(places) + 1) if s + n not in places)) for s in starts]


def _told_of_pair(strips: Mapping[str, np.ndarray], pair: int, four: Sequence[int]) -> str:
    x, y = strips["user factors"][pair], strips["movie factors"][pair]
    told = f"Pair {pair + 1}: the user's factor is {x:+.3f}, the movie's {y:+.3f}"
    if not four:
        return f"{told}; no activation began as a measure of this pair."
    same = "the same sign" if x * y > 0 else "opposite signs"
    return f"{told}, {same}; its four activations add {strips['contributions'][four].sum():+.3f}."


@picture(width=9, height=4.4, places={"left": 0.09, "right": 0.97, "bottom": 0.13, "top": 0.9})
def live_networks(
    axes: Axes, runs: Sequence, lines: Mapping[str, float], n_numbers: int, **chosen: object
) -> str:
    """Networks that the reader has trained: valid RMSE by epoch, the newest boldly.

    runs: each with `.settings` and `.epochs` (of `training.Epoch`). lines: RMSEs to compare with.
    n_numbers: how many numbers the chosen network trains. chosen: the controls as they stand.
    """
    longest = max([chosen["n_epochs"], *(run.settings["n_epochs"] for run in runs)])
    for name, value in lines.items():
        axes.axhline(value, color=COLOURS["black"], linestyle=":", linewidth=1.2, label=name)
        axes.text(0.55, value, name, va="bottom", fontsize=9)
    names, curves = what_sets_apart([run.settings for run in runs]), []
    for number, (run, name) in enumerate(zip(runs, names, strict=True)):
        newest = run is runs[-1]
        values = [epoch.valid_rmse for epoch in run.epochs]
        if not values:
            continue
        colour = COLOURS[RUN_COLOURS[number % 4]]
        how = {"color": colour, "linewidth": 2.5 if newest else 1.2, "marker": MARKERS[number % 4]}
        label = f"{name}: {values[-1]:.3f}"
        curves += axes.plot(range(1, len(values) + 1), values, label=label, **how)
    axes.set(xlim=(0.5, longest + 0.5), ylim=(0.83, 1.0), xlabel="epoch")
    axes.set_ylabel("valid RMSE (stars)")
    ticks(axes.xaxis, range(1, longest + 1, 1 if longest < 13 else 2))
    axes.set_title(_settings(chosen), fontsize=9.5)  # the longest still fits
    if curves:
        title = "your runs, with their last error"
        axes.legend(handles=curves, loc="upper right", title=title, fontsize=9)
    sentence = f"Chosen: {_settings(chosen)}; {n_numbers:,} numbers to train. "
    if not runs or not runs[-1].epochs:
        return sentence + "You have not trained a network here yet."
    last = runs[-1].epochs[-1]
    return (
        f"{sentence}Your newest run ({names[-1]}): valid RMSE {last.valid_rmse:.3f} after epoch "
        f"{last.epoch} of {runs[-1].settings['n_epochs']}."
    )


SAID = {
    "start": "{} start",
    "share": "layers at {:g} of the speed",
    "n_user_factors": "{} user factors",
    "n_movie_factors": "{} movie factors",
    "n_act": "{} activations",
    "dropout": "dropout {:g}",
    "lr": "learning rate {:g}",
    "n_epochs": "{} epochs",
}


def what_sets_apart(settings: Sequence[Mapping[str, object]]) -> list[str]:
    """A short name for each run: its number, and those settings in which the runs differ."""
    differ = [key for key in SAID if len({run[key] for run in settings}) > 1]
    return [
        ", ".join([f"run {n}", *(SAID[key].format(run[key]) for key in differ)])
        for n, run in enumerate(settings, start=1)
    ]


def _settings(chosen: Mapping[str, object]) -> str:
    return (
        f"{chosen['start']} start, layers at {chosen['share']:g} of the speed, "
        f"{chosen['n_user_factors']} + {chosen['n_movie_factors']} factors, {chosen['n_act']} "
        f"activations, dropout {chosen['dropout']:g}, lr {chosen['lr']:g}, "
        f"{chosen['n_epochs']} epochs"
    )
