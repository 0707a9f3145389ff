"""The pictures of lesson 2: a window onto the pivot table, baselines, damping, guesses."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.marks import beside, fill_cells, percent, ticks
from collab_lib.kit.picture import COLOURS, STYLE, Picture, house_style, new_figure, picture
from collab_lib.kit.text import name_of, short_title
from collab_lib.lessons.pivot_table.game import Case, error_so_far

MOST_WRONG = 2.6  # stars: a longer bar ends at the frame, and its number is written
STARS = np.arange(0.5, 5.5, 0.5)
GROUPS = {"0": (0, 0), "1": (1, 1), "2–4": (2, 4), "5–9": (5, 9), "10–19": (10, 19)}
GROUPS |= {"20–49": (20, 49), "50 or more": (50, 10**9)}
LOOKS = {
    "global mean": ("grey", "v"),
    "user mean": ("blue", "o"),
    "movie mean": ("orange", "s"),
    "both biases": ("green", "D"),
}


@house_style
def window(
    stars: np.ndarray, users: Sequence[int], titles: Sequence[str], density: float
) -> Picture:
    """Part of the pivot table: `stars` is (users, movies), NaN where there is no rating.

    users: the ids of the rows; titles: of the columns; density: the share of the whole table that
    is filled, for comparison.
    """
    figure, (axes,) = _window_frame(*stars.shape).figure_in_front()
    names = [str(user) for user in users]
    fill_cells(axes, stars, form="{:g}", cmap="viridis", vmin=0.5, vmax=5, aspect="auto")
    across, down = np.arange(len(titles) + 1) - 0.5, np.arange(len(names) + 1) - 0.5
    thin = {"color": COLOURS["light grey"], "linewidth": 0.5}
    axes.vlines(across, down[0], down[-1], **thin)
    axes.hlines(down, across[0], across[-1], **thin)
    # Names as plain texts: all of them change with each move, and ticks take far longer to make.
    size = STYLE["ytick.labelsize"]
    for row, name in enumerate(names):
        left = across[0] - 0.09
        axes.text(left, row, name, ha="right", va="center_baseline", fontsize=size)
    slanting = {"rotation": 50, "rotation_mode": "anchor", "ha": "right", "va": "top"}
    for column, title in enumerate(titles):
        axes.text(column, down[-1] + 0.15, short_title(title), fontsize=size, **slanting)
    filled = int((~np.isnan(stars)).sum())
    table = pd.DataFrame(stars, index=pd.Index(names, name="user (id)"), columns=list(titles))
    sentence = (
        f"{filled} of these {stars.size} cells are filled ({filled / stars.size:.0%}; "
        f"in the whole table {density:.1%}). The rows are the users {users[0]} to {users[-1]}, the "
        f"columns the movies from {name_of(titles[0])} to {name_of(titles[-1])}."
    )
    return Picture(figure, sentence, table.reset_index())


@cache
def _window_frame(n_users: int, n_movies: int) -> Backdrop:
    """What all windows share: their place, and what the rows are."""
    figure = new_figure(9, 5.2)
    figure.set_layout_engine("none")
    axes = figure.add_axes([0.1, 0.36, 0.89, 0.62])
    axes.set(xticks=[], yticks=[], xlim=(-0.5, n_movies - 0.5), ylim=(n_users - 0.5, -0.5))
    axes.spines[:].set_visible(False)
    axes.set_ylabel("user (id)", labelpad=28)  # beyond the longest number
    return Backdrop(figure)


@picture(height=4.2)
def error_by_count(
    axes, errors: Mapping[str, np.ndarray], n_ratings: np.ndarray, groups: Mapping = GROUPS
) -> str:
    """The RMSE of baselines on the hidden ratings, by how often their movie was rated in train.

    errors: by name of the baseline, prediction minus rating (n,); n_ratings: (n,).
    """
    parts = [(n_ratings >= low) & (n_ratings <= high) for low, high in groups.values()]
    lines = {
        name: [np.sqrt(np.square(error[part]).mean()) for part in parts]
        for name, error in errors.items()
    }
    for name, line in lines.items():
        colour, marker = LOOKS[name]
        axes.plot(range(len(parts)), line, color=COLOURS[colour], marker=marker, label=name)
    names = [
        f"{name}\n{part.mean():.0%} of the\nhidden"
        for name, part in zip(groups, parts, strict=True)
    ]
    ticks(axes.xaxis, range(len(parts)), names)
    axes.set_xlabel("train ratings of the movie")
    axes.set_ylabel("RMSE (stars)")
    axes.set_title("How wrong, by how often the movie was rated")
    axes.legend()
    few = n_ratings < 5
    told = [
        f"{'no' if at == 0 else name} train rating{'' if at < 2 else 's'}: "
        + ", ".join(f"{who} {line[at]:.2f}" for who, line in lines.items())
        for at, name in ((0, "0"), (1, "1"), (len(parts) - 1, list(groups)[-1]))
    ]
    return (
        f"RMSE on the hidden ratings of movies with {'; with '.join(told)}. "
        f"{few.mean():.0%} of the hidden ratings are of movies with fewer than 5."
    )


@picture(width=9, height=3.8, ncols=2, width_ratios=[3, 2])
def damping(
    both, dampings: Sequence[float], train: Sequence[float], valid: Sequence[float], chosen: float
) -> str:
    """Train and hidden RMSE of both biases by λ, and how much of a difference is believed."""
    left, right = both
    places = range(len(dampings))
    at = list(dampings).index(chosen)
    left.axvline(at, color=COLOURS["grey"], linewidth=1)
    left.plot(places, valid, "s--", color=COLOURS["vermilion"], label="hidden")
    left.plot(places, train, "o-", color=COLOURS["blue"], label="train")
    for line, up in ((valid, 8), (train, -8)):
        beside(left, f"{line[at]:.3f}", (at, line[at]), up=up, right=4)
    ticks(left.xaxis, places, [f"{value:g}" for value in dampings])
    left.set_ylim(min(train) - 0.03, max(valid) + 0.03)
    left.set_xlim(-0.5, len(dampings) + 0.3)
    left.set_xlabel("damping λ")
    left.set_ylabel("RMSE (stars)")
    left.set_title("Both biases")
    left.legend(loc="lower right")
    counts = [1, 3, 10, 30, 100]
    shares = [n / (n + chosen) for n in counts]
    right.barh(range(len(counts)), shares, label="believed", color=COLOURS["blue"])
    for row, share in enumerate(shares):
        beside(right, f"{share:.0%}", (share, row), right=4)
    ticks(right.yaxis, range(len(counts)), [f"{n} rating{'s' * (n > 1)}" for n in counts])
    right.set_ylim(len(counts) - 0.5, -0.5)
    right.set_xlim(0, 1.18)
    ticks(right.xaxis, [0, 0.5, 1])
    percent(right.xaxis)
    right.set_ylabel("number of ratings")
    right.set_xlabel("share believed")
    right.set_title(f"λ = {chosen:g}: believed")
    return (
        f"With λ = {chosen:g} the RMSE is {train[at]:.3f} on the train ratings and {valid[at]:.3f} "
        f"on the hidden ones. Of a difference that rests on 1 rating {shares[0]:.0%} is believed, "
        f"on 10 ratings {shares[2]:.0%}, on 100 ratings {shares[4]:.0%}."
    )


@picture(height=3.4)
def two_beliefs(axes, few: int = 2, many: int = 20) -> str:
    """How much of a difference is believed as λ grows, for movies named only A and B."""
    lambdas = np.linspace(0, 30, 121)
    for name, n, look in (("A", many, "-"), ("B", few, "--")):
        axes.plot(lambdas, n / (n + lambdas), look, label=f"movie {name}")
        beside(axes, name, (30, n / (n + 30)), right=4)
    axes.axhline(0.5, color=COLOURS["grey"], linewidth=1)
    ticks(axes.xaxis, range(0, 31, 2))
    axes.set_ylim(0, 1.05)
    percent(axes.yaxis)
    axes.set_xlabel("damping λ")
    axes.set_ylabel("share believed")
    axes.set_title("Two movies, both one star above what is expected")
    axes.legend(loc="upper right")
    return (
        "How much of one star is believed, for two movies. Both start at 100 % where λ is 0. "
        f"A reaches one half at λ = {many} and B at λ = {few}."
    )


@picture(width=8, height=3.2)
def my_hidden(
    axes, hidden: pd.DataFrame, guesses: Mapping[str, Sequence[float]], who: str
) -> tuple[str, pd.DataFrame]:
    """The reader's (or the guest's) hidden ratings, and what the baselines say about them.

    hidden: title, rating; guesses: by name of the baseline, a prediction for each.
    """
    rows = np.arange(len(hidden))
    # One below the other: baselines often agree, and a mark must not hide another.
    shifts = np.linspace(-0.22, 0.22, len(guesses))
    for (name, stars), shift in zip(guesses.items(), shifts, strict=True):
        colour, marker = LOOKS[name]
        axes.plot(stars, rows + shift, marker, color=COLOURS[colour], label=name)
    axes.plot(
        hidden["rating"],
        rows,
        "*",
        color=COLOURS["vermilion"],
        markersize=14,
        label=f"what {who} said",
    )
    ticks(axes.yaxis, rows, [short_title(title) for title in hidden["title"]])
    axes.set_ylim(len(hidden) - 0.5, -0.5)
    axes.set_xlim(0.25, 5.25)
    ticks(axes.xaxis, STARS)
    axes.set_xlabel("stars")
    axes.set_ylabel("film")
    axes.set_title(f"Hidden ratings of {who}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    told = [
        f"{name_of(row.title)}: {who} said {row.rating:g}; "
        + ", ".join(f"{name} {stars[at]:.2f}" for name, stars in guesses.items())
        for at, row in enumerate(hidden.itertuples())
    ]
    table = hidden[["title", "rating"]].reset_index(drop=True).assign(**guesses)
    return f"{'. '.join(told)}.", table


@picture(
    width=9.5,
    height=4,
    places={"left": 0.02, "right": 0.94, "top": 0.88, "bottom": 0.14, "wspace": 0.42},
    ncols=3,
    width_ratios=[1.25, 1, 0.75],
)
def guess(
    three, case: Case, own: float, shown: bool, played: Sequence[tuple[Case, float]]
) -> tuple[str, pd.DataFrame]:
    """A rating to guess; if `shown`, the truth, what the baselines say, and all errors so far.

    own: the reader's guess. played: the earlier cases, each with the reader's guess.
    """
    left, middle, right = three
    _known(left, case)
    names = ["your guess", *case.guesses]
    guesses = {"your guess": own, **(case.guesses if shown else {})}
    for row, (name, stars) in enumerate(guesses.items()):
        colour, marker = LOOKS.get(name, ("black", "P"))
        middle.plot(stars, row, marker, color=COLOURS[colour], markersize=10)
        side = 1 if stars >= case.truth or not shown else -1
        beside(middle, f"{stars:.2f}", (stars, row), right=8 * side)
    ticks(middle.yaxis, range(len(names) + 1), [*names, "the rating"])
    middle.set_ylim(len(names) + 0.5, -0.6)
    middle.set_xlim(0, 5.9)
    ticks(middle.xaxis, range(1, 6))
    middle.set_xlabel("stars")
    middle.set_title(short_title(case.title))
    if shown:
        middle.axvline(case.truth, color=COLOURS["vermilion"], linestyle="--", zorder=0)
        middle.plot(case.truth, len(names), "*", color=COLOURS["vermilion"], markersize=14)
        beside(middle, f"{case.truth:g}", (case.truth, len(names)), right=10)
    all_played = [*played, (case, own)] if shown else list(played)
    errors = _errors(all_played, names)
    for row, (name, error) in enumerate(errors.items()):
        colour, _ = LOOKS.get(name, ("black", ""))
        right.barh(row, error, color=COLOURS[colour], height=0.5)
        beside(right, f"{error:.2f}", (min(error, MOST_WRONG), row), right=4)
    right.set_yticks([])
    right.set_ylim(len(names) + 0.5, -0.6)
    right.set_xlim(0, MOST_WRONG)
    right.set_xlabel("RMSE so far (stars)")
    cases = "1 case" if len(all_played) == 1 else f"{len(all_played)} cases"
    right.set_title(f"After {cases}" if all_played else "No case yet")
    so_far = ", ".join(f"{name.replace('your guess', 'you')} {e:.2f}" for name, e in errors.items())
    if shown:
        told = ", ".join(f"{name} {stars:.2f}" for name, stars in case.guesses.items())
        first = (
            f"User {case.user} gave {name_of(case.title)} {case.truth:g} stars. You said {own:g}, "
            f"off by {abs(own - case.truth):.1f}. The baselines said: {told}."
        )
    else:
        first = (
            f"What did user {case.user} give {name_of(case.title)}? The user's mean is "
            f"{case.user_mean:.2f} over {case.user_count} ratings, the movie's "
            f"{case.movie_mean:.2f} over {case.movie_count}. Your guess: {own:g} stars."
        )
    told = f" RMSE after {cases}: {so_far}." if errors else ""
    rows = [(name, guesses.get(name, np.nan), errors.get(name, np.nan)) for name in names]
    return first + told, pd.DataFrame(rows, columns=["who", "guess (stars)", "RMSE so far (stars)"])


def _known(axes, case: Case) -> None:
    axes.axis("off")
    axes.set_title(f"User {case.user}")
    lines = [
        (f"{case.user_mean:.2f}", f"the user's mean ({case.user_count} ratings)"),
        (f"{case.movie_mean:.2f}", f"this movie's mean ({case.movie_count} ratings)"),
        ("", "other ratings of this user:"),
        *((f"{stars:g}", short_title(title)) for title, stars in case.known),
    ]
    for line, (number, words) in enumerate(lines):
        height = 1 - (line + 0.5) / len(lines)
        axes.text(0, height, number, weight="bold", size=10, va="center")
        axes.text(0.15, height, words, size=10, va="center")


def _errors(played: Sequence[tuple[Case, float]], names: Sequence[str]) -> dict[str, float]:
    if not played:
        return {}
    truths = [case.truth for case, _ in played]
    guesses = {name: [case.guesses.get(name, own) for case, own in played] for name in names}
    return {name: error_so_far(stars, truths) for name, stars in guesses.items()}
