"""The pictures of lesson 6: fits that go too far, and what a price on large weights does."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes

from collab_lib.evaluation import rmse
from collab_lib.kit.marks import beside, percent, ticks
from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, picture
from collab_lib.lessons.weight_decay.law import damping_of
from collab_lib.lessons.weight_decay.overfitting import (
    COUNT_EDGES,
    HIDDEN_FUNNINESS,
    HIDDEN_RATINGS,
    SEEN_FUNNINESS,
    SEEN_RATINGS,
    Moment,
    curve,
    fit_curve,
)

TRAIN = {"color": COLOURS["blue"], "marker": "o", "markersize": 3, "label": "train"}
VALID = {"color": COLOURS["vermilion"], "marker": "s", "markersize": 3, "label": "valid"}
SIZE = {"color": COLOURS["green"], "marker": "^", "markersize": 3, "label": "Σ weight²"}
BASELINE = {"color": COLOURS["black"], "linestyle": ":", "linewidth": 1.2}


@house_style
def two_sides(runs: Mapping[str, Sequence[Moment]], baseline_rmse: float) -> Picture:
    """Train and valid RMSE of each run, one beside the other, with the gap between them shaded."""
    figure = new_figure(9, 4)
    axes = figure.subplots(1, len(runs), sharey=True, squeeze=False)[0]
    sentences = []
    for ax, (name, moments) in zip(axes, runs.items(), strict=True):
        last = moments[-1]
        epochs, train, valid = _curves(moments)
        ax.fill_between(epochs, train, valid, color=COLOURS["grey"], alpha=0.15, linewidth=0)
        ax.plot(epochs, train, **TRAIN)
        ax.plot(epochs, valid, **VALID)
        ax.axhline(baseline_rmse, **BASELINE, label="the biases of lesson 2")
        middle = (last.train_rmse + last.valid_rmse) / 2
        ax.annotate(f"gap {last.gap:.2f}", (epochs[-1], middle), ha="right", va="center")
        ax.set(title=name, xlabel="epoch", ylim=(0, 1.15))
        sentences.append(
            f"{name}: after {len(moments)} epochs train {last.train_rmse:.2f}, valid "
            f"{last.valid_rmse:.2f}, gap {last.gap:.2f} stars, "
            f"squares of the weights {last.size:,.0f}"
        )
    axes[0].set_ylabel("RMSE (stars)")
    axes[0].legend(loc="lower left")
    return Picture(figure, ". ".join(sentences) + ".")


@picture(
    9,
    4,
    places={"left": 0.06, "right": 0.99, "bottom": 0.13, "top": 0.92, "wspace": 0.22},
    ncols=2,
    width_ratios=(3, 2),
)
def bent_curve(axes, weight_decay: float) -> str:
    """Nine ratings, a curve with eight coefficients through them, and the coefficients' sizes."""
    w = fit_curve(SEEN_FUNNINESS, SEEN_RATINGS, weight_decay)
    mean = SEEN_RATINGS.mean().item()
    left, right = axes
    x = torch.linspace(-1, 1, 201, dtype=torch.float64)
    left.plot(x, curve(w, mean, x), color=COLOURS["green"], linewidth=2, label="curve")
    left.plot(SEEN_FUNNINESS, SEEN_RATINGS, "o", color=COLOURS["blue"], label="rated: fitted")
    hidden = {"color": COLOURS["vermilion"], "markerfacecolor": "white", "label": "hidden: a test"}
    left.plot(HIDDEN_FUNNINESS, HIDDEN_RATINGS, "s", **hidden)
    left.set(title="One person's ratings", ylim=(0, 7), ylabel="rating (stars)")
    ticks(left.xaxis, [-1, 0, 1])
    left.set(xlabel="a drama   ←   how funny the film is   →   a comedy")
    left.legend(loc="upper left")
    powers = np.arange(1, len(w) + 1)
    right.bar(powers, w.numpy(), color=COLOURS["green"], label="coefficient")
    right.axhline(0, color=COLOURS["black"], linewidth=0.8)
    right.set(title="Its coefficients", xlabel="power of x", ylabel="coefficient (stars)")
    # The same scale for every weight decay, or the bars would look alike whatever their size.
    right.set_yscale("symlog", linthresh=1)
    right.set_ylim(-150, 150)
    ticks(right.xaxis, powers)
    right.minorticks_off()
    ticks(right.yaxis, [-100, -10, -1, 0, 1, 10, 100], [-100, -10, -1, 0, 1, 10, 100])
    fitted = rmse(curve(w, mean, SEEN_FUNNINESS), SEEN_RATINGS)
    tested = rmse(curve(w, mean, HIDDEN_FUNNINESS), HIDDEN_RATINGS)
    return (
        f"With a weight decay of {decimal(weight_decay)} the curve misses the nine ratings it was "
        f"fitted to by {fitted:.2f} stars (RMSE) and the twelve hidden ones by {tested:.2f}; its "
        f"largest coefficient is {w.abs().max():.1f}, and their squares add up to "
        f"{(w**2).sum():,.1f}."
    )


@house_style
def stored_runs(results: dict, n_factors: int, weight_decay: float, epoch: int) -> Picture:
    """One setting's curves over the epochs, and every weight decay beside it after `epoch` epochs.

    results: what `load_results("weight_decay")` holds; lines are means over the seeds,
    bands reach from the lowest to the highest seed.
    """
    chosen = _stack(results, n_factors, weight_decay)
    figure = new_figure(10, 4.6)
    figure.set_layout_engine("none")  # fixed places: see bent_curve
    places = {"left": 0.07, "right": 0.99, "bottom": 0.16, "top": 0.93, "wspace": 0.25}
    mosaic = [["curves", "decays"], ["curves", "sizes"]]
    axes = figure.subplot_mosaic(mosaic, width_ratios=(5, 4), gridspec_kw=places)
    curves, decays, sizes = axes["curves"], axes["decays"], axes["sizes"]
    now = {side: values[:, epoch - 1] for side, values in chosen.items()}
    train, valid = now["train_rmse"].mean(), now["valid_rmse"].mean()

    epochs = np.arange(1, results["n_epochs"] + 1)
    for side, style in (("train_rmse", TRAIN), ("valid_rmse", VALID)):
        _band(curves, epochs, chosen[side], style)
    curves.axhline(results["baseline_rmse"], **BASELINE, label="the biases of lesson 2")
    curves.plot([epoch, epoch], [train, valid], color=COLOURS["grey"], linewidth=8, alpha=0.4)
    side = -10 if epoch > len(epochs) / 2 else 10
    gap = f"gap {valid - train:.2f}"
    if valid - train > 0.1:
        beside(curves, gap, (epoch, (train + valid) / 2), right=side)
    else:  # no room between the curves, and above them there is nothing
        beside(curves, gap, (epoch, valid), right=side / 2, up=5)
    curves.set_title(f"{n_factors} factors, weight decay {decimal(weight_decay)}")
    curves.set(xlabel="epoch", xlim=(0.2, len(epochs) + 0.8))
    curves.set(ylabel="RMSE (stars)", ylim=(0, 1.15))
    ticks(curves.xaxis, epochs[2::3])
    ticks(curves.yaxis, np.arange(0, 1.1, 0.25))
    curves.legend(loc="lower left")

    steps = sorted({run["weight_decay"] for run in results["runs"]})
    at = np.arange(len(steps))
    by_decay = [_stack(results, n_factors, step) for step in steps]
    for ax, side, style in ((decays, "valid_rmse", VALID), (sizes, "size", SIZE)):
        _band(ax, at, np.stack([runs[side][:, epoch - 1] for runs in by_decay], axis=1), style)
        ax.axvline(steps.index(weight_decay), color=COLOURS["grey"], linewidth=8, alpha=0.4)
    decays.axhline(results["baseline_rmse"], **BASELINE)
    decays.set_title(f"Each weight decay after epoch {epoch}")
    decays.set_ylabel("valid RMSE (stars)")
    decays.set(ylim=(0.86, 1.06), xticks=[])
    ticks(decays.yaxis, [0.9, 0.95, 1])
    sizes.set(yscale="log", ylabel="Σ weight²", ylim=(1, 60_000), xlabel="weight decay")
    sizes.minorticks_off()
    ticks(sizes.yaxis, [1, 100, 10_000], ["1", "100", "10,000"])
    named = [0, 3, 5, 7, 9] if len(steps) == 10 else at
    ticks(sizes.xaxis, at, [decimal(steps[i]) if i in named else "" for i in at])
    for label in sizes.get_xticklabels():
        label.set(rotation=25, ha="right")

    sentence = (
        f"{n_factors} factors, weight decay {decimal(weight_decay)}, after epoch {epoch} of "
        f"{len(epochs)}: train RMSE {train:.3f}, valid {valid:.3f} (seeds from "
        f"{now['valid_rmse'].min():.3f} to {now['valid_rmse'].max():.3f}), gap {valid - train:.3f} "
        f"stars, squares of the weights {now['size'].mean():,.0f}."
    )
    return Picture(figure, sentence)


@house_style
def live_runs(runs: Sequence, results: dict, baseline_rmse: float, **chosen: float) -> Picture:
    """Trainings that the reader has started, over the stored ones of the chosen setting.

    runs: each with `.settings` and `.epochs` (a list of `Moment`); the newest is drawn boldly.
    chosen: n_factors, weight_decay and n_epochs as the controls stand.
    """
    figure = new_figure(9, 4.4)
    figure.set_layout_engine("none")  # fixed places: see bent_curve
    ax = figure.subplots(gridspec_kw={"left": 0.075, "right": 0.985, "bottom": 0.12, "top": 0.93})
    stored = _stack(results, chosen["n_factors"], chosen["weight_decay"])
    epochs = np.arange(1, results["n_epochs"] + 1)
    for side in ("train_rmse", "valid_rmse"):
        values = stored[side]
        ax.fill_between(
            epochs,
            values.min(axis=0) - 0.01,
            values.max(axis=0) + 0.01,
            color=COLOURS["grey"],
            alpha=0.3,
            linewidth=0,
            label="stored runs" if side == "train_rmse" else None,
        )
    for number, run in enumerate(runs, start=1):
        if not run.epochs:
            continue
        newest = run is runs[-1]
        at, train, valid = _curves(run.epochs)
        how = {"alpha": 1 if newest else 0.35, "linewidth": 2 if newest else 1}
        ax.plot(at, train, **TRAIN | how | ({} if newest else {"label": None}))
        ax.plot(at, valid, **VALID | how | ({} if newest else {"label": None}))
        settings = run.settings
        name = f"{number}: {settings['n_factors']}, {decimal(settings['weight_decay'])}"
        for last in (train[-1], valid[-1]):
            beside(ax, name, (at[-1], last), right=5, fontsize=9, alpha=how["alpha"])
    longest = max([chosen["n_epochs"], *(len(run.epochs) for run in runs)])
    ax.axhline(baseline_rmse, **BASELINE, label="the biases of lesson 2")
    ax.set(title="Your runs (number: factors, weight decay)", xlabel="epoch", ylabel="RMSE (stars)")
    ax.set(ylim=(0, 1.3), xlim=(0.5, longest * 1.15 + 0.5))
    ax.legend(loc="upper right", ncols=4)
    train, valid = stored["train_rmse"][:, -1].mean(), stored["valid_rmse"][:, -1].mean()
    sentence = (
        f"Grey: stored runs with {chosen['n_factors']} factors and a weight decay of "
        f"{decimal(chosen['weight_decay'])} end at train {train:.2f}, valid {valid:.2f} after "
        f"{results['n_epochs']} epochs. "
    )
    if not runs or not runs[-1].epochs:
        sentence += f"The button is set to {chosen['n_epochs']} epochs; no run of yours so far."
        return Picture(figure, sentence)
    last, settings = runs[-1].epochs[-1], runs[-1].settings
    return Picture(
        figure,
        sentence
        + f"Yours with {settings['n_factors']} and {decimal(settings['weight_decay'])}: train "
        f"{last.train_rmse:.2f}, valid {last.valid_rmse:.2f} after epoch {len(runs[-1].epochs)}. "
        f"The button is set to {chosen['n_epochs']} epochs.",
    )


@picture(8, 4)
def vector_sizes(axes, counts: torch.Tensor, factors: Mapping[str, torch.Tensor]) -> str:
    """The mean length of a movie's vector, by how many ratings the movie has, for each training.

    counts: (n_movies,) training ratings per movie. factors: by name, (n_movies, n_factors).
    """
    edges = [*COUNT_EDGES, int(counts.max()) + 1]
    names = ["1", *(f"{low} to {high - 1}" for low, high in pairwise(edges[1:-1])), "100 or more"]
    groups = [(counts >= low) & (counts < high) for low, high in pairwise(edges)]
    marks = (("o", "grey"), ("s", "blue"), ("^", "orange"))
    means = {}
    for (name, table), (marker, colour) in zip(factors.items(), marks, strict=False):
        lengths = table.detach().norm(dim=1)
        means[name] = [lengths[group].mean().item() for group in groups]
        axes.plot(names, means[name], marker=marker, color=COLOURS[colour], label=name)
    axes.set(title="How long a movie's vector is", ylabel="mean length of the vector")
    axes.set(xlabel="ratings of the movie in the training part", ylim=(0, None))
    axes.legend()
    sentence = "; ".join(
        f"{name}: {means[name][0]:.1f} for movies with one rating, {means[name][-1]:.1f} for those "
        f"with {edges[-2]} or more"
        for name in means
    )
    return f"Mean length of a movie's vector. {sentence}."


@picture(
    9,
    4.6,
    places={"left": 0.09, "right": 0.98, "bottom": 0.12, "top": 0.92, "hspace": 0.14},
    nrows=2,
    sharex=True,
)
def imaginary(axes, counts: np.ndarray, weight_decay: float) -> tuple[str, pd.DataFrame]:
    """A weight decay as imaginary ratings, over the histogram of real ratings per user.

    counts: (n_users,) training ratings per user. The law: λ = N · weight_decay / 2.
    """
    histogram, kept = axes
    damping = damping_of(weight_decay, int(counts.sum()))
    edges = np.geomspace(10, 3000, 26)
    histogram.hist(counts, edges, color=COLOURS["sky"], label="users")
    line = {"color": COLOURS["vermilion"], "linestyle": "--"}
    label = f"{_few(damping)} imaginary ratings"
    histogram.axvline(damping, label=label, **line)
    histogram.set(ylabel="users", xscale="log")
    histogram.set_title("Ratings per user, real and imaginary", loc="left")
    # beside the title: inside, the dashed line would cross it at one setting or another
    above = {"bbox_to_anchor": (1, 1), "borderaxespad": 0}
    histogram.legend(loc="lower right", ncols=2, **above)
    n = np.geomspace(0.3, 3000, 60)
    kept.plot(n, n / (n + damping), color=COLOURS["green"], linewidth=2)
    middle = float(np.median(counts))
    share = middle / (middle + damping)
    kept.plot(middle, share, "o", markersize=9)
    # a rising curve leaves room to its lower right and its upper left
    side = 9 if share > 0.5 else -9
    beside(kept, "the user in the middle", (middle, share), right=side, up=-side / 2)
    kept.axvline(damping, **line)
    kept.set(xlabel="ratings (log scale)", ylabel="share of the bias kept", ylim=(0, 1.08))
    kept.set(xlim=(0.3, 3000))
    percent(kept.yaxis)
    ticks(kept.xaxis, [1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    kept.minorticks_off()
    most = counts.max()
    table = pd.DataFrame({"ratings of a user": [5, 20, middle, 100, 500, most]})
    table["share kept"] = table["ratings of a user"] / (table["ratings of a user"] + damping)
    return (
        f"In SGD on {counts.sum():,} ratings a weight decay of {decimal(weight_decay)} is worth "
        f"{_few(damping)} imaginary ratings. The user in the middle has {middle:.0f} real ones and "
        f"keeps {share:.0%} of their own bias; the most active one has {most:,} and keeps "
        f"{most / (most + damping):.0%}.",
        table,
    )


@picture(9, 4, ncols=2, sharey=True)
def contest(axes, results: dict) -> str:
    """L2 in Adam and AdamW over their weight decays, the biases decayed as well or spared.

    results: what `load_results("weight_decay")` holds; lines are means over the seeds, bands reach
    from the lowest to the highest seed.
    """
    told = []
    runs = pd.DataFrame(results["contest"])
    for plot, (optimizer, its_runs) in zip(
        axes, runs.groupby("optimizer", sort=False), strict=True
    ):
        for decayed, colour, marker in ((True, "vermilion", "s"), (False, "blue", "o")):
            chosen = its_runs[its_runs["biases_decayed"] == decayed]
            table = chosen.pivot(index="seed", columns="weight_decay", values="valid_rmse")
            label = "biases decayed, too" if decayed else "biases spared"
            style = {"color": COLOURS[colour], "marker": marker, "label": label}
            at = np.arange(table.shape[1])
            _band(plot, at, table.to_numpy(), style)
            best = table.mean()
            told.append(
                f"{optimizer}, {label}: {best.min():.3f} at {decimal(float(best.idxmin()))}"
            )
        ticks(plot.xaxis, at, [decimal(float(decay)) for decay in table.columns])
        for tick in plot.get_xticklabels():
            tick.set(rotation=25, ha="right")
        plot.set(title=optimizer, xlabel="weight decay")
    axes[0].set_ylabel("valid RMSE (stars)")
    axes[0].legend()
    return f"Lowest valid RMSE. {'; '.join(told)}."


def _curves(moments: Sequence[Moment]) -> tuple[np.ndarray, list[float], list[float]]:
    epochs = np.arange(1, len(moments) + 1)
    return epochs, [m.train_rmse for m in moments], [m.valid_rmse for m in moments]


def _stack(results: dict, n_factors: int, weight_decay: float) -> dict[str, np.ndarray]:
    """The stored runs of one setting, each quantity as (n_seeds, n_epochs)."""
    runs = [
        run
        for run in results["runs"]
        if (run["n_factors"], run["weight_decay"]) == (n_factors, weight_decay)
    ]
    if not runs:
        raise ValueError(
            f"no stored run has n_factors={n_factors} and weight_decay={weight_decay}: choose from "
            f"{sorted({run['n_factors'] for run in results['runs']})} and "
            f"{sorted({run['weight_decay'] for run in results['runs']})}"
        )
    keys = ("train_rmse", "valid_rmse", "size")
    return {key: np.array([run[key] for run in runs]) for key in keys}


def _band(ax: Axes, x: np.ndarray, values: np.ndarray, style: dict) -> None:
    """The mean over the seeds as a line, and a band from the lowest to the highest."""
    ax.plot(x, values.mean(axis=0), **style)
    outline = np.concatenate([values.min(axis=0), values.max(axis=0)[::-1]])
    ax.fill(np.concatenate([x, x[::-1]]), outline, color=style["color"], alpha=0.25, linewidth=0)


def _few(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def decimal(number: float) -> str:
    """A number as a decimal without trailing zeros, however small: 0.00001 and never 1e-05."""
    return np.format_float_positional(number, trim="-")
