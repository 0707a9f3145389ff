"""The figures of lesson 1: how ratings are spread over stars, years, movies and users."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from collab_lib.kit.picture import COLOURS, Picture, house_style, new_figure, plain

STARS = np.arange(0.5, 5.5, 0.5)


@house_style
def ratings_histogram(ratings: pd.Series) -> Picture:
    """The share of each of the ten possible ratings among `ratings`, in stars."""
    shares = _shares(ratings)
    figure = new_figure()
    axes = figure.subplots()
    whole = STARS % 1 == 0
    axes.bar(STARS[whole], shares[whole], width=0.4, label="whole stars")
    axes.bar(STARS[~whole], shares[~whole], width=0.4, hatch="//", label="half stars")
    for stars, share in zip(STARS, shares, strict=True):
        axes.annotate(f"{share:.0%}", (stars, share), ha="center", va="bottom")
    axes.set_title(f"{len(ratings):,} ratings")
    axes.legend(loc="upper left")
    _finish(axes)
    best = STARS[shares.argmax()]
    return Picture(
        figure,
        f"The most common rating is {best:g} stars ({shares.max():.0%} of all); "
        f"{shares[~whole].sum():.0%} of the ratings are half stars, "
        f"and {shares[STARS >= 3].sum():.0%} are 3 stars or more.",
    )


@house_style
def half_stars_by_year(ratings: pd.DataFrame) -> Picture:
    """The share of half stars among the ratings of each year; `ratings` has GroupLens's columns."""
    years = pd.to_datetime(ratings["timestamp"], unit="s").dt.year
    shares = (ratings["rating"] % 1 != 0).groupby(years).mean()
    first = shares.index[shares > 0].min()
    later = shares[shares.index > first]
    figure = new_figure(height=3.4)
    axes = figure.subplots()
    axes.bar(shares.index, shares)
    axes.axvline(first - 0.5, color=COLOURS["vermilion"], linestyle="--")
    axes.annotate(
        f"first half star: {first}",
        (first - 0.7, later.max()),
        ha="right",
        va="top",
        color=COLOURS["vermilion"],
    )
    axes.set_title("Half stars, year by year")
    axes.set_xlabel("year of the rating")
    axes.set_ylabel("share of half stars")
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    return Picture(
        figure,
        f"Before {first} no rating is a half star; in {first}, the year of the change, "
        f"{shares[first]:.0%} are, and in each year after it between {later.min():.0%} and "
        f"{later.max():.0%}.",
    )


@house_style
def long_tail(ratings_a_movie: pd.Series) -> Picture:
    """Movies from the most to the least rated, each with its number of ratings (a log scale)."""
    counts = ratings_a_movie.sort_values(ascending=False).to_numpy()
    half = int(np.searchsorted(counts.cumsum(), counts.sum() / 2)) + 1
    once = int((counts == 1).sum())
    ranks = np.arange(1, len(counts) + 1)
    figure = new_figure()
    axes = figure.subplots()
    axes.fill_between(
        ranks[:half], counts[:half], 0.8, color=COLOURS["orange"], hatch="//", alpha=0.8
    )
    axes.fill_between(ranks[half - 1 :], counts[half - 1 :], 0.8, color=COLOURS["blue"], alpha=0.8)
    axes.annotate(
        f"{half:,} movies hold\nhalf of all ratings",
        (half / 2, counts[half // 2]),
        xytext=(0.16, 0.9),
        textcoords="axes fraction",
        va="top",
        arrowprops={"arrowstyle": "-"},
    )
    axes.annotate(
        f"{once:,} movies have\none rating each",
        (len(counts) - once / 2, 1),
        xytext=(0.75, 0.45),
        textcoords="axes fraction",
        ha="center",
        arrowprops={"arrowstyle": "-"},
    )
    axes.set_yscale("log")
    axes.set_ylim(0.8)
    axes.set_xlim(0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_title("The long tail")
    axes.set_xlabel("movies, from the most to the least rated")
    axes.set_ylabel("ratings (log scale)")
    return Picture(
        figure,
        f"Half of all ratings belong to the {half:,} most-rated of {len(counts):,} movies "
        f"({half / len(counts):.0%}); {once:,} movies ({once / len(counts):.0%}) have one rating.",
    )


@house_style
def who_writes(ratings_a_user: pd.Series, top_share: float = 0.1) -> Picture:
    """How many of all ratings the most active users wrote, as their share of users grows."""
    counts = ratings_a_user.sort_values(ascending=False).to_numpy()
    users = np.arange(len(counts) + 1) / len(counts)
    ratings = np.concatenate([[0], counts.cumsum()]) / counts.sum()
    n_top = round(top_share * len(counts))
    written = ratings[n_top]
    figure = new_figure()
    axes = figure.subplots()
    axes.plot(users, ratings, linewidth=2.5, label="measured")
    axes.plot([0, 1], [0, 1], "--", color=COLOURS["grey"], label="if all rated equally much")
    axes.plot(users[n_top], written, "o", markersize=9, color=COLOURS["vermilion"])
    axes.annotate(
        f"{top_share:.0%} of the users,\n{written:.0%} of the ratings",
        (users[n_top], written),
        xytext=(14, -4),
        textcoords="offset points",
        va="center",
    )
    axes.set_title("Who writes the ratings")
    axes.set_xlabel("share of users, the most active first")
    axes.set_ylabel("share of all ratings")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, 0))
    axes.legend(loc="lower right")
    return Picture(
        figure,
        f"The {n_top} most active of {len(counts)} users ({top_share:.0%}) "
        f"wrote {written:.0%} of all ratings.",
    )


@house_style
def ratings_of(name: str, ratings: pd.Series, everyone: pd.Series) -> Picture:
    """The ratings of one movie or one user (`name`) beside those of everyone, in shares."""
    figure = new_figure()
    axes = figure.subplots()
    axes.bar(STARS, _shares(ratings), width=0.4, label=f"{len(ratings):,} ratings")
    axes.plot(STARS, _shares(everyone), "o--", color=COLOURS["vermilion"], label="all ratings")
    axes.set_ylim(0, 0.75)
    axes.set_title(plain(name if len(name) < 60 else name[:58] + "…"))
    axes.legend(loc="upper left")
    _finish(axes)
    difference = ratings.mean() - everyone.mean()
    side = "above" if difference > 0 else "below"
    times = "1 rating" if len(ratings) == 1 else f"{len(ratings):,} ratings"
    return Picture(
        figure,
        f"{name}: {times}, on average {ratings.mean():.2f} stars, "
        f"{abs(difference):.2f} {side} the mean of everyone; "
        f"they spread by {ratings.std(ddof=0):.2f} stars.",
    )


def _shares(ratings: pd.Series) -> np.ndarray:
    return np.bincount((2 * ratings).astype(int), minlength=11)[1:] / len(ratings)


def _finish(axes) -> None:
    axes.set_xticks(STARS)
    axes.set_xlabel("rating (stars)")
    axes.set_ylabel("share of ratings")
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
