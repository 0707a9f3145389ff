"""The figures of lesson 7: what flows through the network, its training, and the scoreboard."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.patches import Rectangle

from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, plain


@house_style
def shapes(batch: int, n_user_factors: int, n_movie_factors: int, n_act: int) -> Picture:
    """Boxes as wide as the rows of each tensor are long, from the two lookups to the prediction."""
    both = n_user_factors + n_movie_factors
    steps = [
        ("look up", [(n_user_factors, "user", "blue"), (n_movie_factors, "movie", "orange")], 12),
        ("concatenate", [(n_user_factors, "", "blue"), (n_movie_factors, "", "orange")], 0),
        ("linear", [(n_act, "", "green")], 0),
        ("ReLU", [(n_act, "", "green")], 0),
        ("linear", [(1, "", "vermilion")], 0),
        ("sigmoid, to stars", [(1, "", "vermilion")], 0),
    ]
    figure = new_figure(9.5, 4.6)
    axes = figure.subplots()
    for line, (name, parts, gap) in enumerate(steps):
        x = 0
        for width, label, colour in parts:
            axes.add_patch(Rectangle((x, line - 0.3), width, 0.6, color=COLOURS[colour], lw=2))
            if label:
                axes.text(x + width / 2, line, label, ha="center", va="center", color="white")
            x += width + gap
        widths = [width for width, _, _ in parts]
        shown = [(batch, width) for width in widths] if gap else [(batch, sum(widths))]
        shape = " and ".join(str(each) for each in shown) if line < 5 else f"({batch},)"
        axes.text(420, line, shape, va="center", ha="right", family="monospace")
        axes.text(-6, line, name, va="center", ha="right")
    axes.set(xlim=(-80, 425), ylim=(len(steps) - 0.4, -0.6))
    axes.axis("off")
    axes.set_title("From two indices to a rating: the shape after each step")
    weights = both * n_act + n_act + n_act + 1
    return Picture(
        figure,
        f"A batch of {batch}: ({batch}, {n_user_factors}) and ({batch}, {n_movie_factors}) are "
        f"concatenated to ({batch}, {both}), become ({batch}, {n_act}) activations, and end as "
        f"({batch},) ratings. The two linear layers hold {weights:,} numbers.",
    )


@house_style
def agreement() -> Picture:
    """What four activations make of two factors by adding and bending, beside their product."""
    x = np.linspace(-1, 1, 81)
    across, up = np.meshgrid(x, x)
    bent = np.abs(across + up) - np.abs(across - up)
    figure = new_figure(8, 3.8)
    axes = figure.subplots(1, 2, sharey=True)
    names = ("four activations: |x + y| − |x − y|", "twice the product: 2xy")
    for ax, name, values in zip(axes, names, (bent, 2 * across * up), strict=True):
        shown = ax.pcolormesh(x, x, values, cmap="PuOr_r", vmin=-2, vmax=2, shading="nearest")
        lines = ax.contour(x, x, values, levels=[-1, -0.4, 0, 0.4, 1], colors="black", linewidths=1)
        ax.clabel(lines, fmt="%g", fontsize=9)
        ax.set_title(name, fontsize=10)
        ax.set_xlabel("x, a factor of the user")
        ax.set_aspect("equal")
    axes[0].set_ylabel("y, a factor of the movie")
    figure.colorbar(shown, ax=axes, label="value")
    return Picture(
        figure,
        "Both are above 0 where x and y have the same sign, below 0 where they differ, and 0 where "
        f"one of them is 0. For x = y = 0.5 the four activations give {2 * 0.5:g}, twice "
        f"the product gives {2 * 0.5 * 0.5:g}.",
    )


@house_style
def one_rating(steps: Mapping[str, torch.Tensor], user_id: int, title: str) -> Picture:
    """The numbers of one prediction, a strip a step, from the two vectors to the stars.

    steps: by name, in order, the vector after each step; the last three are "contributions",
    "score" and "stars".
    """
    strips = [(name, values) for name, values in steps.items() if len(values) > 1]
    longest = max(len(values) for _, values in strips)
    figure = new_figure(9.5, 4.6)
    figure.set_layout_engine("none")  # fixed places: see live_networks
    axes = figure.subplots(gridspec_kw={"left": 0.01, "right": 1, "bottom": 0, "top": 0.92})
    # One image for all strips, with empty rows between them: six images would take twice the time.
    shades = np.full((2 * len(strips), longest), np.nan)
    for line, (name, values) in enumerate(strips):
        largest = max(values.abs().max().item(), 1e-9)
        shades[2 * line, : len(values)] = values / largest
        axes.add_patch(Rectangle((0, line - 0.25), len(values), 0.5, fill=False, linewidth=0.8))
        axes.text(-3, line, name, va="center", ha="right")
        note = f"({len(values)},)  largest ±{largest:.2f}"
        axes.text(longest + 3, line, note, va="center", fontsize=9, family="monospace")
    extent = (0, longest, len(strips) - 0.25, -0.25)
    how = {"cmap": "PuOr_r", "vmin": -1, "vmax": 1, "interpolation": "nearest"}
    axes.imshow(shades, extent=extent, aspect="auto", **how)
    score, stars = steps["score"].item(), steps["stars"].item()
    line = len(strips)
    axes.text(-3, line, "their sum + c₂: the score", va="center", ha="right")
    axes.text(2, line, f"{score:.2f}   →   {stars:.2f} stars", va="center", fontsize=14)
    axes.set(xlim=(-70, longest + 72), ylim=(line + 0.5, -0.6))
    axes.axis("off")
    axes.set_title(plain(f"User {user_id} and {title}"[:80]))
    awake = int((steps["after ReLU"] > 0).sum())
    pulls = steps["contributions"]
    return Picture(
        figure,
        f"User {user_id} and {title}: {awake} of {len(pulls)} activations are above 0 after ReLU. "
        f"Together they push the score up by {pulls.clamp(min=0).sum():.2f} and down by "
        f"{-pulls.clamp(max=0).sum():.2f}; with c₂ it is {score:.2f}, which is {stars:.2f} stars.",
    )


@house_style
def live_networks(
    runs: Sequence, lines: Mapping[str, float], n_numbers: int, **chosen: object
) -> Picture:
    """Networks that the reader has trained: valid RMSE by epoch, the newest boldly.

    runs: each with `.settings` and `.epochs` (of `training.Epoch`). lines: RMSEs to compare with.
    n_numbers: how many numbers the chosen network trains. chosen: the controls as they stand.
    """
    figure = new_figure(9, 4.2)
    # Fixed places: looking for them takes longer than drawing, and nothing may jump.
    figure.set_layout_engine("none")
    places = {"left": 0.09, "right": 0.97, "bottom": 0.14, "top": 0.9}
    axes = figure.subplots(gridspec_kw=places)
    longest = max([chosen["n_epochs"], *(run.settings["n_epochs"] for run in runs)])
    for name, value in lines.items():
        axes.axhline(value, color=COLOURS["black"], linestyle=":", linewidth=1.2)
        axes.text(0.55, value, name, va="bottom", fontsize=9)
    for number, run in enumerate(runs):
        newest = run is runs[-1]
        values = [epoch.valid_rmse for epoch in run.epochs]
        if not values:
            continue
        colour = COLOURS[("blue", "orange", "green", "vermilion")[number % 4]]
        how = {"color": colour, "linewidth": 2.5 if newest else 1.2, "marker": "osD^"[number % 4]}
        label = f"{run.settings['start']} start, lr {run.settings['lr']:g}"
        axes.plot(range(1, len(values) + 1), values, label=label, **how)
    axes.set(xlim=(0.5, longest + 0.5), ylim=(0.83, 1.0), xlabel="epoch")
    axes.set_ylabel("valid RMSE (stars)")
    axes.set_xticks(range(1, longest + 1, 1 if longest < 13 else 2))
    axes.set_title(_settings(chosen), fontsize=11)
    if any(run.epochs for run in runs):
        axes.legend(loc="upper right", title="your runs")
    sentence = f"Chosen: {_settings(chosen)}; {n_numbers:,} numbers to train. "
    if not runs or not runs[-1].epochs:
        return Picture(figure, sentence + "You have not trained a network here yet.")
    last = runs[-1].epochs[-1]
    return Picture(
        figure,
        f"{sentence}Your newest run: valid RMSE {last.valid_rmse:.3f} after epoch {last.epoch} of "
        f"{runs[-1].settings['n_epochs']}.",
    )


LEAK = "best model and the clock"


@house_style
def ladder(scores: dict, peers: dict) -> Picture:
    """The whole scoreboard, an edition beside the other: mean RMSE and spread over three splits.

    scores, peers: what `load_results` returns for "scoreboard" and for "peers".
    """
    ours, theirs = scores["editions"], peers["editions"]
    rows = {name: {} for name in [*next(iter(ours.values()))["models"]]}
    for edition, table in ours.items():
        for name, row in table["models"].items():
            rows[name][edition] = row["rmse"]
        for name, row in theirs[edition].items():
            rows.setdefault(f"{name} (peer)", {})[edition] = row["rmse"]
    first = next(iter(ours))
    names = sorted(rows, key=lambda name: -np.mean(rows[name][first]))
    figure = new_figure(10, 5.6)
    all_axes = figure.subplots(1, len(ours), sharey=True, squeeze=False)[0]
    for axes, edition in zip(all_axes, ours, strict=True):
        low = min(np.mean(rows[name][edition]) for name in names) - 0.012
        high = np.mean(rows["both biases"][edition]) + 0.016
        for y, name in enumerate(names):
            values = rows[name][edition]
            mean = float(np.mean(values))
            colour, marker = _mark(name)
            if mean > high:
                axes.annotate(f"{mean:.3f} →", (high, y), ha="right", va="center", fontsize=9)
                continue
            axes.plot([min(values), max(values)], [y, y], color=COLOURS[colour], linewidth=2)
            face = "white" if name == LEAK else COLOURS[colour]
            style = {"color": COLOURS[colour], "markerfacecolor": face, "markersize": 8}
            axes.plot(mean, y, marker, **style)
            axes.annotate(
                f"{mean:.3f}",
                (mean, y),
                xytext=(0, 6),
                textcoords="offset points",
                fontsize=8,
                ha="center",
            )
        axes.set(xlim=(low, high), ylim=(len(names) - 0.4, -0.7), title=edition[-4:])
        axes.set_xlabel("RMSE (stars)")
        axes.grid(axis="y", alpha=0.3)
    all_axes[0].set_yticks(range(len(names)), [f"{n} (leak!)" if n == LEAK else n for n in names])
    figure.suptitle("● ours   ■ other libraries   ○ knows the future   — three splits", fontsize=10)
    parts = []
    for edition in ours:
        means = {name: np.mean(row[edition]) for name, row in rows.items() if name != LEAK}
        best_peer = min((name for name in means if "(peer)" in name), key=means.get)
        parts.append(
            f"edition {edition[-4:]}: global mean {means['global mean']:.3f}, both biases "
            f"{means['both biases']:.3f}, neural network {means['neural network']:.3f}, dot model "
            f"{means['dot model']:.3f}, best model {means['best model']:.3f}, best of the peers "
            f"{means[best_peer]:.3f} ({best_peer.removesuffix(' (peer)')})"
        )
    return Picture(figure, f"Mean RMSE over three splits; {'; '.join(parts)}.")


def _settings(chosen: Mapping[str, object]) -> str:
    return (
        f"{chosen['start']} start, {chosen['n_user_factors']} + {chosen['n_movie_factors']} "
        f"factors, {chosen['n_act']} activations, dropout {chosen['dropout']:g}, "
        f"lr {chosen['lr']:g}, {chosen['n_epochs']} epochs"
    )


def _mark(name: str) -> tuple[str, str]:
    if "(peer)" in name:
        return "vermilion", "s"
    return ("grey", "o") if name == LEAK else ("blue", "o")
