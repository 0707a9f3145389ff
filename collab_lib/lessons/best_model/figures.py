"""The figures of lesson 9: neighbours with names, bell curves, draws and their spread."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes

from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import COLOURS, picture, plain
from collab_lib.kit.text import name_of, short_title


@picture(width=9, height=4.4, places={"left": 0.33, "right": 0.97, "bottom": 0.13, "top": 0.9})
def why(axes: Axes, user: int, title: str, told: Mapping[str, float], rows: pd.DataFrame):
    """The neighbours behind one correction: each bar is what one rated film adds, in stars.

    told: "model", "correction" and "rating" of the film `title`, in stars. rows: the films that
    add most, with the columns film, similarity, rating, residual and adds.
    """
    places = np.arange(len(rows))
    colours = [COLOURS["blue" if value > 0 else "vermilion"] for value in rows["adds"]]
    axes.barh(places, rows["adds"], 0.7, color=colours)
    labels = [
        fill(f"{short_title(film, 46)} ({rating:g} stars)", 30)  # on two lines where it is long
        for film, rating in zip(rows["film"], rows["rating"], strict=True)
    ]
    ticks(axes.yaxis, places, labels)
    axes.invert_yaxis()
    for y, row in enumerate(rows.itertuples()):
        text = f" s = {row.similarity:.2f}, e = {row.residual:+.1f}"
        side = {"ha": "left", "va": "center", "fontsize": 9}
        axes.text(max(row.adds, 0), y, text, **side)
    reach = max(0.02, rows["adds"].abs().max()) if len(rows) else 0.1
    axes.set(xlim=(-1.1 * reach, 1.9 * reach), xlabel="adds to the prediction (stars)")
    axes.axvline(0, color=COLOURS["black"], linewidth=0.8)
    final = told["model"] + told["correction"]
    axes.set_title(
        plain(f"{name_of(title, 40)}: {told['model']:.2f} {told['correction']:+.2f} = {final:.2f}")
    )
    first = f"most by {name_of(rows['film'].iloc[0])} ({rows['adds'].iloc[0]:+.2f}). "
    sentence = (
        f"User {user} and {name_of(title)}: the model says {told['model']:.2f} stars, the "
        f"neighbours add {told['correction']:+.2f}, {first if len(rows) else 'from nothing. '}"
        f"The rating was {told['rating']:g}."
    )
    return sentence, rows.round(3)


@picture(width=7.5, height=3.8, places={"left": 0.08, "right": 0.97, "bottom": 0.15, "top": 0.88})
def one_number(axes: Axes, n: int, noise: float, mean_of_ratings: float, spread: float):
    """The plausible values of one bias after n ratings, as a bell curve.

    noise: the standard deviation σ of one rating; spread: τ, that of biases in general;
    mean_of_ratings: how far the ratings lie above what was expected. All in stars.
    """
    damping = noise**2 / spread**2
    middle, width = n * mean_of_ratings / (n + damping), noise / (n + damping) ** 0.5
    x = np.linspace(-1.5, 1.5, 301)
    y = np.exp(-(((x - middle) / width) ** 2) / 2) / width / np.sqrt(2 * np.pi)
    axes.fill_between(x, y, color=COLOURS["sky"], alpha=0.4)
    axes.plot(x, y, color=COLOURS["blue"], label="how plausible")
    axes.axvline(middle, color=COLOURS["blue"], linewidth=1.2)
    if n:
        axes.axvline(mean_of_ratings, color=COLOURS["vermilion"], linestyle="--")
        beside(axes, "mean of the ratings", (mean_of_ratings, y.max()), right=4, fontsize=9)
    axes.set(xlim=(-1.5, 1.5), ylim=(0, 1.15 * y.max()), xlabel="bias of the film (stars)")
    axes.set_yticks([])
    axes.set_title(f"After {n} ratings: {middle:+.2f} ± {width:.2f}, with λ = {damping:.1f}")
    return (
        f"After {n} ratings, {mean_of_ratings:g} stars above expectation on average, and noise "
        f"{noise:g}: the plausible biases lie around {middle:.2f}, with a width of {width:.2f} "
        f"stars; λ is {damping:.1f}."
    )


@picture(
    width=10,
    height=4.2,
    places={"left": 0.08, "right": 0.98, "bottom": 0.14, "top": 0.88, "wspace": 0.22},
    ncols=2,
)
def draws_and_mean(
    both: Sequence[Axes],
    n: int,
    errors: np.ndarray,
    lines: Mapping[str, float],
    draws: np.ndarray,
    about: str,
    rating: float,
):
    """Left: the RMSE of the mean of the first n draws; right: the draws for one rating.

    errors: (n_draws,), the RMSE of the mean of the first 1, 2, … draws. lines: RMSEs to compare
    with. draws: (n_draws,), predictions of one rating. about: whose rating of what; rating: it.
    """
    left, right = both
    steps = np.arange(1, len(errors) + 1)
    left.plot(steps[:n], errors[:n], color=COLOURS["blue"], label="mean of the draws")
    left.plot(n, errors[n - 1], "o", color=COLOURS["blue"], markersize=9)
    beside(left, f"{errors[n - 1]:.3f}", (n, errors[n - 1]), right=6, up=4)
    for name, value in lines.items():
        left.axhline(value, color=COLOURS["black"], linestyle=":", linewidth=1.2)
        left.text(0.95, value, name, va="bottom", fontsize=9.5)
    low, high = min(errors.min(), *lines.values()), errors.max()
    left.set(xscale="log", xlim=(0.9, 160), ylim=(low - 0.01, high + 0.01))
    ticks(left.xaxis, [1, 2, 5, 10, 20, 50, 120], ["1", "2", "5", "10", "20", "50", "120"])
    left.set(xlabel="how many draws", ylabel="valid RMSE (stars)", title="All hidden ratings")
    left.minorticks_off()
    mean, spread = draws[:n].mean(), draws[:n].std(ddof=1) if n > 1 else float("nan")
    right.plot(steps[:n], draws[:n], "o", color=COLOURS["orange"], markersize=4, label="draws")
    right.axhline(mean, color=COLOURS["blue"], linewidth=2)
    above = 1 if rating > mean else -1  # of the two texts, the one that belongs there
    beside(right, "their mean", (1, mean), right=1, up=-5 * above, fontsize=9.5)
    right.axhline(rating, color=COLOURS["vermilion"], linestyle="--")
    beside(right, "the rating", (len(errors), rating), right=-2, up=5 * above, fontsize=9.5)
    right.set(xlim=(0, len(errors) + 1), ylim=(-0.5, 7), xlabel="draw", ylabel="prediction (stars)")
    right.set_title(plain(about), fontsize=11)
    how_far = f" ± {spread:.2f}" if n > 1 else ""
    sentence = (
        f"The mean of {n} draw{'s' if n > 1 else ''} has an RMSE of {errors[n - 1]:.3f}. {about}: "
        f"the draws say {mean:.2f}{how_far}, the rating was {rating:g}."
    )
    kept = sorted({0, 1, 4, 9, 19, 49, 79, len(errors) - 1} & set(range(n)) | {n - 1})
    table = pd.DataFrame({"draws": steps[kept], "RMSE of their mean": errors[kept].round(4)})
    table["this draw's prediction"] = draws[kept].round(2)
    return sentence, table


@picture(width=7.5, height=3.8)
def how_unsure(axes: Axes, spread: torch.Tensor, errors: torch.Tensor, noise: float) -> str:
    """Hidden ratings in five groups by spread: their error, and what the model expects of it."""
    groups = spread.argsort().chunk(5)
    middle = [spread[rows].mean().item() for rows in groups]
    found = [errors[rows].square().mean().sqrt().item() for rows in groups]
    expected = [(spread[rows].square().mean() + noise**2).sqrt().item() for rows in groups]
    axes.bar(range(5), found, 0.65, color=COLOURS["sky"], label="error that was found (RMSE)")
    for x, value in enumerate(found):
        beside(axes, f"{value:.2f}", (x, 0.05), up=1)
    how = {"color": COLOURS["black"], "label": "error that the model expects"}
    axes.plot(range(5), expected, "o:", **how)
    ticks(axes.xaxis, range(5), [f"{value:.2f}" for value in middle])
    axes.set(xlabel="spread of the draws (stars), mean of the group", ylabel="stars", ylim=(0, 1.4))
    axes.set_title("Does the model know where it is unsure?")
    axes.legend(loc="upper left")
    told = ", ".join(f"{m:.2f} → {f:.2f}" for m, f in zip(middle, found, strict=True))
    return f"Five groups of hidden ratings, spread → error: {told} stars."


LEAK = "best model and the clock"
RIVAL = " (rival)"
METADATA = ", genres and year"  # the end of the name of a model that knows these as well


@picture(width=10, height=7, ncols=2, sharey=True)
def scoreboard_picture(all_axes: np.ndarray, ours: Mapping, theirs: Mapping):
    """The whole scoreboard, one edition beside the other: mean RMSE and its span over the splits.

    ours, theirs: the stored results "scoreboard" and "peers".
    """
    rows: dict[str, dict[str, list[float]]] = {}
    for edition, table in ours["editions"].items():
        for name, row in table["models"].items():
            if name != LEAK:  # has a section of its own
                rows.setdefault(name, {})[edition] = row["rmse"]
        for name, row in theirs["editions"][edition].items():
            rows.setdefault(name + RIVAL, {})[edition] = row["rmse"]
    editions = list(ours["editions"])
    table = pd.DataFrame(
        {
            edition: {name: np.mean(row[edition]) for name, row in rows.items()}
            for edition in editions
        }
    ).sort_values(editions[0], ascending=False)
    for axes, edition in zip(all_axes, editions, strict=True):
        _one_edition(axes, table[edition], {name: rows[name][edition] for name in table.index})
        axes.set_title(f"edition {edition[-4:]}")
    ticks(all_axes[0].yaxis, range(len(table)), [name.removesuffix(RIVAL) for name in table.index])
    all_axes[0].set_ylim(len(table) - 0.05, -0.95)
    all_axes[0].figure.suptitle(
        "● ours   ■ other libraries   — the span of the splits", fontsize=10
    )
    told = "; ".join(_told_of(table[edition]) for edition in editions)
    shown = table.round(4).rename_axis("model").reset_index()
    return f"Mean RMSE over the splits; {told}.", shown


def _one_edition(axes: Axes, means: pd.Series, spans: Mapping[str, Sequence[float]]) -> None:
    low, high = means.min() - 0.012, means["both biases"] + 0.016
    for y, (name, mean) in enumerate(means.items()):
        colour, marker = ("vermilion", "s") if name.endswith(RIVAL) else ("blue", "o")
        if mean > high:
            beside(axes, f"{mean:.3f} →", (high, y), right=-1, up=2, fontsize=9.5)
            continue
        axes.plot([min(spans[name]), max(spans[name])], [y, y], color=COLOURS[colour], linewidth=2)
        axes.plot(mean, y, marker, color=COLOURS[colour], markersize=7)
        beside(axes, f"{mean:.3f}", (mean, y), up=4, fontsize=9.5)
    axes.set(xlim=(low, high), xlabel="RMSE (stars)")
    axes.grid(axis="y", alpha=0.3)


def _told_of(means: pd.Series) -> str:
    named = ", ".join(f"{name} {means[name]:.3f}" for name in ("both biases", "dot model"))
    knows_more = means.index.str.contains(METADATA, regex=False)
    told = ""
    for of, some in (("", means[~knows_more]), (" with genres and year", means[knows_more])):
        for who, is_rival in (("ours", False), ("the rivals", True)):
            theirs = some[some.index.str.endswith(RIVAL) == is_rival]
            if len(theirs):
                name = theirs.idxmin().removesuffix(RIVAL).removesuffix(METADATA)
                told += f", best of {who}{of} {theirs.min():.3f} ({name})"
    return f"edition {means.name[-4:]}: {named}{told}"


def told_intervals(peers: Mapping, edition: str) -> pd.DataFrame:
    """Our best model's RMSE less that of each rival, with the 95 % interval: one column per split.

    peers: the stored results "peers". A minus means that ours is the lower. A model that knows
    genres and year is compared with ours that knows them too.
    """
    rows = peers["best_minus_peer"][edition]
    told = {
        name: [f"{apart:+.3f} [{low:+.3f}, {high:+.3f}]" for apart, low, high in intervals]
        for name, intervals in rows.items()
    }
    return pd.DataFrame(told, index=[f"split {seed}" for seed in peers["split_seeds"]]).T


def told_fresh(peers: Mapping, edition: str) -> str:
    """One sentence: best model and myFM on the splits that no setting was ever chosen on."""
    fresh = peers["fresh"][edition]
    each = [
        f"{ours:.4f} against {theirs:.4f} ({ours / theirs:.3f} of it; difference {apart:+.4f}, "
        f"interval {low:+.4f} to {high:+.4f})"
        for ours, theirs, (apart, low, high) in zip(
            fresh["best model"]["rmse"],
            fresh["myFM"]["rmse"],
            fresh["myFM"]["best_minus_this"],
            strict=True,
        )
    ]
    seeds = " and ".join(str(seed) for seed in peers["fresh_split_seeds"])
    return (
        f"Splits {seeds}, on which nothing was ever chosen, RMSE of the best model and of myFM: "
        f"{' and '.join(each)}."
    )
