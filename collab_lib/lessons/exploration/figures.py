"""The pictures of lesson 1: how ratings are spread over stars, years, users and movies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from collab_lib.kit.marks import beside, percent, ticks
from collab_lib.kit.picture import COLOURS, picture
from collab_lib.kit.text import name_of, short_title

STARS = np.arange(0.5, 5.5, 0.5)
WHOLE = STARS % 1 == 0


@picture()
def ratings_histogram(axes, ratings: pd.Series, name: str = "All years") -> str:
    """The share of each of the ten possible ratings among `ratings`, in stars."""
    shares = _shares(ratings)
    axes.bar(STARS[WHOLE], shares[WHOLE], width=0.4, label="whole stars")
    axes.bar(STARS[~WHOLE], shares[~WHOLE], width=0.4, hatch="//", label="half stars")
    for stars, share in zip(STARS, shares, strict=True):
        beside(axes, f"{share:.0%}", (stars, share), up=2)
    axes.set_ylim(0, 0.42)  # the same for every period, so that the bars can be compared
    axes.set_title(f"{name}: {len(ratings):,} ratings")
    axes.legend(loc="upper left")
    _finish(axes)
    return (
        f"{name}: the most common rating is {STARS[shares.argmax()]:g} stars "
        f"({shares.max():.0%}). {shares[~WHOLE].sum():.0%} of the ratings are half stars: "
        f"3.5 has {shares[6]:.0%} and 3 has {shares[5]:.0%}, 4.5 has {shares[8]:.0%} and "
        f"5 has {shares[9]:.0%}."
    )


@picture(height=3.4)
def half_stars_by_year(axes, ratings: pd.DataFrame) -> str:
    """The share of half stars among the ratings of each year; `ratings` has GroupLens's columns."""
    years = pd.to_datetime(ratings["timestamp"], unit="s").dt.year
    shares = (ratings["rating"] % 1 != 0).groupby(years).mean()
    first = shares.index[shares > 0].min()
    later = shares[shares.index > first]
    axes.bar(shares.index, shares, label="half stars")
    axes.axvline(first - 0.5, color=COLOURS["vermilion"], linestyle="--")
    at = (first - 0.5, later.max())
    beside(axes, f"first half star: {first}", at, right=-4, va="top", color=COLOURS["vermilion"])
    axes.set_title("Half stars, year by year")
    axes.set_xlabel("year of the rating")
    axes.set_ylabel("share of half stars")
    percent(axes.yaxis)
    return (
        f"Before {first} no rating is a half star; in {first}, the year of the change, "
        f"{shares[first]:.0%} are, and in each year after it between {later.min():.0%} and "
        f"{later.max():.0%}."
    )


@picture()
def beside_everybody(axes, mine: pd.DataFrame, everyone: pd.Series) -> tuple[str, pd.DataFrame]:
    """How often the reader (or the guest) and everybody give each rating, in shares.

    mine: as `load_my_ratings` returns it; everyone: stars.
    """
    who = "the guest" if mine.attrs.get("guest") else "you"
    shares = pd.DataFrame(
        {who: _shares(mine["rating"]), "everybody": _shares(everyone)}, index=STARS
    )
    told = {"label": f"{who}: {_times(len(mine))}", "width": 0.2}
    axes.bar(STARS - 0.1, shares[who], **told)
    told = {"label": f"everybody: {len(everyone):,} ratings", "width": 0.2, "hatch": "//"}
    axes.bar(STARS + 0.1, shares["everybody"], **told)
    axes.set_title(f"{who.capitalize()} beside everybody")
    axes.legend(loc="upper left")
    _finish(axes)
    return (
        f"{who.capitalize()} gave {mine['rating'].mean():.2f} stars on average, in "
        f"{_times(len(mine))}; everybody {everyone.mean():.2f}, in {len(everyone):,} ratings.",
        shares.rename_axis("rating (stars)").reset_index(),
    )


@picture()
def who_writes(axes, ratings_per_user: pd.Series, top_share: float = 0.1) -> str:
    """How many of all ratings the most active users gave, as their share of users grows."""
    counts = ratings_per_user.sort_values(ascending=False).to_numpy()
    users = np.arange(len(counts) + 1) / len(counts)
    ratings = np.concatenate([[0], counts.cumsum()]) / counts.sum()
    n_top = round(top_share * len(counts))
    written = ratings[n_top]
    axes.plot(users, ratings, linewidth=2.5, label="measured")
    axes.plot([0, 1], [0, 1], "--", color=COLOURS["grey"], label="if all gave equally many")
    axes.plot(users[n_top], written, "o", markersize=9, color=COLOURS["vermilion"])
    told = f"{top_share:.0%} of the users,\n{written:.0%} of the ratings"
    beside(axes, told, (users[n_top], written), right=14, up=-1, va="center")
    axes.set_title("Who gives the ratings")
    axes.set_xlabel("share of users, the most active first")
    axes.set_ylabel("share of all ratings")
    percent(axes.xaxis, axes.yaxis)
    axes.legend(loc="lower right")
    return (
        f"The {n_top} most active of {len(counts)} users ({top_share:.0%}) "
        f"gave {written:.0%} of all ratings."
    )


@picture()
def long_tail(axes, ratings_per_movie: pd.Series) -> tuple[str, pd.DataFrame]:
    """Movies from the most to the least rated, each with its number of ratings (a log scale)."""
    counts = ratings_per_movie.sort_values(ascending=False).to_numpy()
    half = int(np.searchsorted(counts.cumsum(), counts.sum() / 2)) + 1
    once = int((counts == 1).sum())
    ranks = np.arange(1, len(counts) + 1)
    head, tail = slice(half), slice(half - 1, None)
    look = {"color": COLOURS["orange"], "hatch": "//", "alpha": 0.8}
    axes.fill_between(ranks[head], counts[head], 0.8, **look)
    axes.fill_between(ranks[tail], counts[tail], 0.8, color=COLOURS["blue"], alpha=0.8)
    notes = (
        (f"{half:,} movies hold\nhalf of all ratings", (half / 2, counts[half // 2]), (0.16, 0.9)),
        (f"{once:,} movies have\none rating each", (len(counts) - once / 2, 1), (0.65, 0.55)),
    )
    for text, at, place in notes:
        line = {"arrowstyle": "-"}
        axes.annotate(text, at, place, textcoords="axes fraction", va="top", arrowprops=line)
    axes.set_yscale("log")
    axes.set_ylim(0.8)
    axes.set_xlim(0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_title("The long tail")
    axes.set_xlabel("movies, from the most to the least rated")
    axes.set_ylabel("ratings (log scale)")
    places = np.unique(np.geomspace(1, len(counts), 20).round().astype(int))
    table = pd.DataFrame({"place of the movie": places, "ratings": counts[places - 1]})
    return (
        f"Half of all ratings belong to the {half:,} most-rated of {len(counts):,} movies "
        f"({half / len(counts):.0%}); {once:,} movies ({once / len(counts):.0%}) have one rating."
    ), table


@picture()
def ratings_of(axes, name: str, ratings: pd.Series, everyone: pd.Series) -> str:
    """The ratings of one movie or one user (`name`) beside those of everyone, in shares."""
    times = _times(len(ratings))
    shares = _shares(ratings)
    axes.bar(STARS, shares, width=0.4, label=times)
    axes.plot(STARS, _shares(everyone), "o--", color=COLOURS["vermilion"], label="all ratings")
    axes.set_ylim(0, max(0.75, 1.05 * shares.max()))  # higher only for those who need it
    axes.set_title(short_title(name, 50))
    axes.legend(loc="upper left")
    _finish(axes)
    difference = ratings.mean() - everyone.mean()
    side = "above" if difference > 0 else "below"
    return (
        f"{name_of(name)}: {times}, on average {ratings.mean():.2f} stars, "
        f"{abs(difference):.2f} {side} the mean of all ratings; "
        f"they spread by {ratings.std(ddof=0):.2f} stars."
    )


@picture(width=8, height=3.4, ncols=2, sharey=True)
def two_movies(both, first: pd.Series, second: pd.Series) -> str:
    """The ratings of two movies, named only A and B: a question made of a picture."""
    told = []
    for axes, name, ratings in zip(both, "AB", (first, second), strict=True):
        shares = _shares(ratings)
        axes.bar(STARS, shares, width=0.4)
        axes.set_title(f"movie {name}: {len(ratings)} ratings")
        _finish(axes)
        ticks(axes.xaxis, STARS[1::2])
        told.append(
            f"Movie {name}: {len(ratings)} ratings, {shares[STARS <= 2].sum():.0%} of them 2 stars "
            f"or fewer and {shares[STARS >= 4.5].sum():.0%} of them 4.5 or 5"
        )
    both[1].set_ylabel("")
    return f"{'; '.join(told)}."


@dataclass(frozen=True)
class Rated:
    """A movie with the reader's stars and everybody's mean."""

    title: str
    stars: float
    mean: float


ROWS = 12


@picture(width=8, height=4.4, places={"left": 0.36, "right": 0.97, "top": 0.91, "bottom": 0.13})
def my_films(axes, rated: Sequence[Rated], who: str, at_hand: str, kept: str) -> str:
    """The films that the reader (or the guest) has rated, each beside everybody's mean.

    who: "you" or "the guest"; at_hand: what the controls say about the film that is chosen;
    kept: where the ratings are kept. The last twelve films are drawn.
    """
    shown = rated[-ROWS:]
    rows = range(len(shown))
    stars, means = [film.stars for film in shown], [film.mean for film in shown]
    axes.hlines(rows, stars, means, color=COLOURS["light grey"])
    axes.plot(means, rows, "D", color=COLOURS["orange"], label="everybody's mean")
    axes.plot(stars, rows, "s", markersize=9, color=COLOURS["blue"], label=who)
    for row, film in enumerate(shown):
        side = 1 if film.stars >= film.mean else -1
        beside(axes, f"{film.stars:g}", (film.stars, row), right=side * 9)
    ticks(axes.yaxis, rows, [short_title(film.title) for film in shown])
    axes.set_ylim(ROWS - 0.5, -0.5)
    axes.set_xlim(0.1, 5.4)
    ticks(axes.xaxis, STARS)
    axes.set_xlabel("stars")
    axes.set_ylabel("film")
    films = "1 film" if len(rated) == 1 else f"{len(rated)} films"
    axes.set_title(f"{who.capitalize()}: {films}")
    place = {"loc": "upper right", "bbox_to_anchor": (1.03, 1.13)}
    axes.legend(**place, ncols=2, columnspacing=1, handletextpad=0.3)
    mine, theirs = (np.mean([getattr(film, part) for film in rated]) for part in ("stars", "mean"))
    have = "have" if who == "you" else "has"
    return (
        f"{at_hand} {who.capitalize()} {have} rated {films}, on average {mine:.2f} stars; "
        f"everybody gives the same {'film' if len(rated) == 1 else 'films'} {theirs:.2f}. {kept}"
    )


def _times(n: int) -> str:
    return "1 rating" if n == 1 else f"{n:,} ratings"


def _shares(ratings: pd.Series) -> np.ndarray:
    return np.bincount((2 * ratings).astype(int), minlength=11)[1:] / len(ratings)


def _finish(axes) -> None:
    ticks(axes.xaxis, STARS)
    axes.set_xlabel("rating (stars)")
    axes.set_ylabel("share of ratings")
    percent(axes.yaxis)
