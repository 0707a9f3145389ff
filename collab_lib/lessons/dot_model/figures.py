"""The figures of lesson 5: the scale of stars, a run that learns nothing, and who is to blame."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from matplotlib.ticker import LogLocator

from collab_lib.kit.marks import beside, cells, ticks
from collab_lib.kit.picture import COLOURS, picture
from collab_lib.scale import interpret, ranged_sigmoid

MIDDLE = 2.75  # of the scale from 0 to 5.5: what a model predicts whose numbers are all zero


@picture(height=4.2, places={"left": 0.09, "right": 0.98, "bottom": 0.13, "top": 0.92})
def squash(axes, score: float, upper_bound: float = 5.5) -> tuple[str, pd.DataFrame]:
    """The sigmoid from 0 to `upper_bound`, its rounding to half stars, and one `score` on it."""
    scores = torch.linspace(-6, 6, 601)
    stars = ranged_sigmoid(scores, 0, upper_bound)
    here = ranged_sigmoid(torch.tensor(float(score)), 0, upper_bound).item()
    rounded = {"color": COLOURS["grey"], "linewidth": 1.2, "label": "nearest rating"}
    axes.plot(scores, interpret(stars), **rounded)
    axes.plot(scores, stars, linewidth=2.5, label="sigmoid")
    axes.axhline(upper_bound, color=COLOURS["vermilion"], linestyle="--")
    bound = f"upper bound {upper_bound:g}"
    beside(axes, bound, (-5.9, upper_bound), up=-4, ha="left", color=COLOURS["vermilion"])
    axes.plot([score, score, -6.3], [0, here, here], ":", color=COLOURS["black"])
    axes.plot(score, here, "o", markersize=10, color=COLOURS["orange"], markeredgecolor="black")
    axes.set(xlim=(-6.3, 6.3), ylim=(0, 6.8))
    ticks(axes.yaxis, np.arange(0, 6.6, 0.5))
    axes.set(xlabel="score", ylabel="prediction (stars)")
    axes.set_title("From a score to stars", loc="left")  # y: not to be looked for at every move
    # beside the title: inside, the lines to the score would cross it at one score or another
    above = {"bbox_to_anchor": (1, 1), "borderaxespad": 0}
    axes.legend(loc="lower right", ncols=2, **above)
    if upper_bound > 5:
        needed = np.log(5 / (upper_bound - 5))
        top = f"Exactly five stars are predicted at a score of {needed:.2f}."
    else:
        top = "No score is high enough for exactly five stars; near them, rounding has to help."
    places = [-6, -4, -2, 0, 2, 4, 6]
    curve = ranged_sigmoid(torch.tensor(places), 0, upper_bound)
    table = pd.DataFrame({"score": places, "stars": curve, "nearest rating": interpret(curve)})
    return (
        f"A score of {score:.1f} becomes {here:.2f} stars, and the nearest rating is "
        f"{interpret(here):g}. {top}",
        table,
    )


@picture(width=6, height=4.2)
def compared(axes, predictions: torch.Tensor, ratings: torch.Tensor) -> str:
    """The squared errors that `predictions - ratings` leads to: one a rating, or a whole table.

    predictions: (n,) or (n, 1), in stars; ratings: (n,). A few of each: every number is written.
    """
    squared = (predictions - ratings).square()
    n = len(ratings)
    # One error a rating stands on the diagonal, and the other cells stay empty.
    table = squared if squared.ndim == 2 else torch.full((n, n), torch.nan)
    if squared.ndim == 1:
        table.fill_diagonal_(0)
        table += torch.diag(squared)
    rows = [f"{stars:.1f}" for stars in predictions.flatten().tolist()]
    columns = [f"{stars:g}" for stars in ratings.tolist()]
    frames = [(place, place) for place in range(n)]
    cells(axes, table.numpy(), rows, columns, frames=frames, cmap="Blues", vmin=0, vmax=16)
    axes.set(xlabel="rating (stars)", ylabel="prediction (stars)")
    axes.set_title("Squared errors; framed: those we want")
    wanted = table.diagonal().mean().item()
    return (
        f"Shapes {tuple(predictions.shape)} and {tuple(ratings.shape)} give "
        f"{squared.numel()} squared errors with a mean of {squared.mean():.2f}; "
        f"the {n} that we want have a mean of {wanted:.2f}."
    )


@picture()
def one_batch(axes, losses: dict[str, Sequence[float]], variance: float) -> str:
    """The loss of one batch, trained on again and again, for each of two models.

    losses: by name, the loss at each step. variance: of the batch's ratings, which is the loss of
    always predicting their mean.
    """
    styles = (("vermilion", "--"), ("blue", "-"))
    for (name, values), (colour, style) in zip(losses.items(), styles, strict=True):
        axes.plot(values, style, color=COLOURS[colour], linewidth=2.5, label=name)
    axes.axhline(variance, color=COLOURS["grey"], linestyle=":", label="always the batch's mean")
    axes.set(yscale="log", ylim=(1e-3, 20), title="Can it learn one batch by heart?")
    axes.set(xlabel="steps on the same batch", ylabel="squared error (stars², log scale)")
    axes.legend(loc="lower left")
    ends = "; ".join(f"{name}: {values[-1]:.2g}" for name, values in losses.items())
    return (
        f"Mean squared error after {len(next(iter(losses.values())))} steps on one batch: {ends}. "
        f"Always predicting the batch's mean: {variance:.2f}."
    )


@picture(height=3.4)
def fading(axes, norms: Sequence[float], shrink: float) -> str:
    """The size of the factors at each step beside what weight decay alone would leave of it.

    norms: sqrt(sum of squares) of a table of factors, before step 0, 1, 2 …; shrink: the factor by
    which one step of decay multiplies every number.
    """
    steps = np.arange(len(norms))
    alone = norms[0] * shrink**steps
    axes.plot(steps, norms, linewidth=3, label="measured")
    label = f"{shrink:g} to the power of the steps"
    axes.plot(steps, alone, "--", color=COLOURS["vermilion"], label=label)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.set(title="The factors fade away", xlabel="steps", ylabel="size of the user factors")
    axes.legend()
    return (
        f"In {steps[-1]:,} steps the size of the user factors falls from {norms[0]:.1f} to "
        f"{norms[-1]:.1f}; weight decay alone would leave {alone[-1]:.1f}."
    )


@picture(
    width=9,
    height=3.6,  # with five controls above it, a taller one would have to be scrolled
    places={"left": 0.08, "right": 0.985, "bottom": 0.15, "top": 0.89, "wspace": 0.24},
    ncols=2,
    width_ratios=[5, 4],
)
def suspects(
    axes, results: dict, shape: bool, decay: bool, start: bool, shared_bias: bool, epoch: int
) -> tuple[str, pd.DataFrame]:
    """What a stored run predicts after `epoch` epochs, and its valid loss up to there.

    results: what `load_results("failing_run")` holds. shape, decay, start, shared_bias: whether
    each fault is fixed. Predictions of three seeds are counted together; losses are drawn each.
    """
    moments = stored_run(results, shape, decay, start, shared_bias)["epochs"]
    now, mean_loss = moments[epoch], results["valid_loss_of_the_mean"]
    histogram, losses = axes
    edges = np.linspace(0, 5.5, len(now["per_mille"]) + 1)
    shares = np.array(now["per_mille"]) / 10
    histogram.stairs(shares, edges, fill=True, color=COLOURS["blue"])
    histogram.axvline(MIDDLE, color=COLOURS["vermilion"], linestyle="--")
    zero = "2.75: all weights zero"
    beside(histogram, zero, (MIDDLE, 99), -4, -1, ha="right", color=COLOURS["vermilion"])
    mean = {"color": COLOURS["black"], "linestyle": ":"}
    histogram.axvline(results["mean_rating"], **mean)
    beside(histogram, "mean rating", (results["mean_rating"], 99), 4, -1)
    histogram.set(xlim=(0, 5.5), ylim=(0, 100), xlabel="prediction (stars)")
    histogram.set_ylabel("% of the valid ratings")
    histogram.set_title(f"Predictions after epoch {epoch}")

    by_seed = np.array([moment["valid_loss"] for moment in moments])  # (epochs, seeds)
    at = np.arange(len(by_seed))
    for place, values in enumerate(by_seed.T):
        name = "valid loss, three seeds" if place == 0 else f"_seed {place}"
        losses.plot(at, values, color=COLOURS["sky"], linewidth=1, label=name)
    loss, top = by_seed[epoch].mean(), 2.1
    if loss < top:
        losses.plot(epoch, loss, "o", markersize=9, label=f"epoch {epoch}")
    else:  # an arrow where the dot would lie above the picture
        losses.plot(epoch, top - 0.05, "^", markersize=9, label=f"epoch {epoch}: {loss:.2f}")
    losses.axhline(mean_loss, **mean, label="always the mean")
    losses.set(xlim=(-0.3, len(at) - 0.7), ylim=(0.7, top), xlabel="epoch")
    ticks(losses.xaxis, at)
    losses.set_ylabel("mean squared error (stars²)")
    losses.set_title("Valid loss")
    losses.legend(loc="upper right")

    names = ("shape", "decay", "start", "shared bias")
    fixed = [n for n, on in zip(names, (shape, decay, start, shared_bias), strict=True) if on]
    told = "better than" if loss < mean_loss - 0.005 else "worse than"
    told = "the same as" if abs(loss - mean_loss) <= 0.005 else told
    table = pd.DataFrame({"epoch": at, "valid loss": by_seed.mean(axis=1)})
    return (
        f"Fixed: {', '.join(fixed) or 'nothing'}. After epoch {epoch} the predictions have a mean "
        f"of {now['mean']:.2f} stars and a spread of {now['spread']:.2f}; the valid loss is "
        f"{loss:.2f}, {told} always the mean ({mean_loss:.2f}).",
        table,
    )


def stored_run(results: dict, shape: bool, decay: bool, start: bool, shared_bias: bool) -> dict:
    """The stored run in which those faults are fixed: see tools/results/failing_run.py."""
    wanted = {
        "shape": "(batch,)" if shape else "(batch, 1)",
        "weight_decay": 0.001 if decay else 0.05,
        "start": 0.01 if start else 1.0,
        "shared_bias": shared_bias,
    }
    return next(run for run in results["runs"] if wanted.items() <= run.items())
