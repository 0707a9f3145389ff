"""The figures of lesson 2: a window onto the pivot table, and a hidden rating with its guesses."""

from collections.abc import Sequence

import numpy as np

from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, plain


@house_style
def window(
    stars: np.ndarray, users: Sequence[int], titles: Sequence[str], density: float
) -> Picture:
    """Part of the pivot table: `stars` is (users, movies), NaN where there is no rating.

    users: the ids of the rows; titles: of the columns; density: the share of the whole table that
    is filled, for comparison.
    """
    figure = new_figure(9, 5)
    figure.set_layout_engine("none")  # a fixed place, with room for the longest of the short titles
    axes = figure.add_axes((0.1, 0.27, 0.89, 0.71))
    axes.pcolormesh(
        np.ma.masked_invalid(stars), vmin=0.5, vmax=5, cmap="viridis", edgecolors="#DDDDDD", lw=0.5
    )
    for row, column in zip(*np.nonzero(~np.isnan(stars)), strict=True):
        rating = stars[row, column]
        colour = "black" if rating > 3.2 else "white"
        text = axes.text(column + 0.5, row + 0.5, f"{rating:g}", color=colour, size=9)
        text.set(ha="center", va="center")
    axes.set_yticks(np.arange(len(users)) + 0.5, [str(user) for user in users], size=9)
    axes.set_xticks(
        np.arange(len(titles)) + 0.5,
        [plain(_short(title, 20)) for title in titles],
        rotation=50,
        ha="right",
        rotation_mode="anchor",
        size=9,
    )
    axes.tick_params(length=0)
    axes.invert_yaxis()
    axes.set_ylabel("user (id)")
    filled = int((~np.isnan(stars)).sum())
    return Picture(
        figure,
        f"{filled} of these {stars.size} cells are filled ({filled / stars.size:.0%}; "
        f"in the whole table {density:.1%}). The rows are the users {users[0]} to {users[-1]}, the "
        f"columns the movies from {titles[0]} to {titles[-1]}.",
    )


@house_style
def hidden_rating(
    user: int,
    title: str,
    known: Sequence[tuple[str, float]],
    guess: float,
    guesses: dict[str, float],
    truth: float | None,
) -> Picture:
    """A rating to guess, on the scale of stars; with `truth`, the answer and what others guessed.

    known: titles with ratings of the same user, as a help. guess: the reader's. guesses: the
    baselines' by name; they and `truth` are drawn only once `truth` is not None.
    """
    figure = new_figure(9, 3.6)
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
    left.axis("off")
    left.set_title(f"User {user} also rated", size=11)
    for line, (other, stars) in enumerate(known):
        left.text(0, 1 - (line + 0.5) / len(known), f"{stars:g}", weight="bold", size=10)
        left.text(0.08, 1 - (line + 0.5) / len(known), plain(_short(other, 40)), size=10)
    others = guesses if truth is not None else {}
    marks = {"your guess": guess, **others}
    for line, stars in enumerate(marks.values()):
        right.plot(stars, line, "s" if line == 0 else "o", markersize=10)
        right.annotate(
            f"{stars:.2f}", (stars, line), xytext=(0, 8), textcoords="offset points", ha="center"
        )
    right.set_yticks(range(len(guesses) + 1), [*marks, *[""] * (len(guesses) + 1 - len(marks))])
    right.set_ylim(len(guesses) + 0.5, -0.8)
    right.set_xlim(0.25, 5.25)
    right.set_xticks(np.arange(0.5, 5.5, 0.5))
    right.set_xlabel("rating (stars)")
    right.set_title(plain(_short(title, 44)), size=11)
    if truth is None:
        sentence = f"What did user {user} give {title}? Your guess so far: {guess:g} stars."
    else:
        right.axvline(truth, color=COLOURS["black"], linestyle="--", label="the rating")
        right.legend(loc="lower left", handlelength=1.2)
        told = ", ".join(f"{name} {stars:.2f}" for name, stars in guesses.items())
        sentence = (
            f"User {user} gave {title} {truth:g} stars. You said {guess:g}, "
            f"off by {abs(guess - truth):g}. The baselines said: {told}."
        )
    return Picture(figure, sentence)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
