"""The three functions that give the course its tables, and one that says where they come from."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from .editions import Edition, choose
from .errors import DataError
from .reader import line_of_row, read_movies, read_ratings

Source = str | os.PathLike[str] | None


def load_ratings(source: Source = None, users: int | None = None, seed: int = 42) -> pd.DataFrame:
    """Load the ratings, a row a rating: userId, movieId, rating (half stars, 0.5 to 5.0), timestamp
    (seconds since 1970, UTC). Rows are in the order of the file. Lesson 1 introduces it.

    `source` is an edition's name (see `EDITIONS`), which is downloaded the first time, or a folder
    that holds ratings.csv and movies.csv. None means the environment variable COLLAB_DATA or, if
    that is not set, the edition that the course brings with it.

    users: keep the ratings of so many users, drawn with `seed`, so that a lesson whose tables have
    a cell for each user and movie can use a large edition. None means the environment variable
    COLLAB_USERS where `source` is None too, and else everybody. ValueError if it is less than 1.

    Raises DataError if there is no such source or something in it is wrong: a missing column, a
    cell that is no number, a rating off the scale, a user who rates a movie twice. The message
    names the file, the line and the remedy.
    """
    ratings = read_ratings(_folder(source))
    return _of_some_users(ratings, source, users, seed).reset_index(drop=True)


def load_movies(source: Source = None) -> pd.DataFrame:
    """Load the movies, a row a movie: movieId, title with its year, genres joined by "|".
    Lesson 1 introduces it.

    `source` and the errors are those of `load_ratings`; a movie listed twice is one of them.
    """
    return read_movies(_folder(source))


def load_collab(source: Source = None, users: int | None = None, seed: int = 42) -> pd.DataFrame:
    """Load the ratings with each movie's title: userId, movieId, rating, timestamp, title.
    Lesson 1 introduces it, and does by hand what this does: merge on movieId, drop genres.

    The order is that of the ratings. Ratings of a movie that isn't listed among the movies have no
    title: they are left out, and a printed line says how many; if no movie is listed, that is an
    error too. `source` and the other errors are those of `load_ratings` and `load_movies`.

    users, seed: as in `load_ratings`, a sample of users.
    """
    folder = _folder(source)
    movies = read_movies(folder)
    # Not numbered anew: the rows' numbers lead back to the lines of the file.
    ratings = _of_some_users(read_ratings(folder), source, users, seed)
    collab = ratings.merge(movies, on="movieId").drop(columns="genres")
    if len(collab) < len(ratings):
        _report_left_out(folder, ratings, movies)
    return collab


def describe_source(source: Source = None) -> str:
    """Say in a line which data the loaders use for `source`, where it is from, and how many users.

    Downloads nothing. Raises DataError if there is no such source.
    """
    chosen = choose(source)
    if isinstance(chosen, Path):
        line = f"the folder {chosen}"
    else:
        origin = "which the course brings with it" if chosen.is_bundled else "from GroupLens"
        line = f"{chosen}, {origin}"
    users = _asked_users() if source is None else None
    return line if users is None else f"{line}; of these, {users:,} users at most"


def _folder(source: Source) -> Path:
    chosen = choose(source)
    if not isinstance(chosen, Edition):
        return chosen
    if chosen.is_bundled:
        return Path(__file__).parent
    from .download import fetch

    return fetch(chosen)


def _asked_users() -> int | None:
    """How many users COLLAB_USERS asks for; None if it isn't set."""
    asked = os.environ.get("COLLAB_USERS", "").strip()
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and int(asked) > 0):
        raise DataError(
            f"the environment variable COLLAB_USERS is {asked!r}, and must be a whole number, 1 or "
            "more: so many users are drawn. Remove it to use everybody."
        )
    return int(asked)


def _of_some_users(
    ratings: pd.DataFrame, source: Source, users: int | None, seed: int
) -> pd.DataFrame:
    if users is None and source is None:
        users = _asked_users()
    if users is None:
        return ratings
    if users < 1:
        raise ValueError(f"users={users} leaves nobody: give 1 or more, or None for everybody")
    ids = ratings["userId"].unique()
    if users >= len(ids):
        return ratings
    kept = np.random.default_rng(seed).choice(np.sort(ids), users, replace=False)
    return ratings[ratings["userId"].isin(kept)]


def _report_left_out(folder: Path, ratings: pd.DataFrame, movies: pd.DataFrame) -> None:
    unlisted = ~ratings["movieId"].isin(movies["movieId"])
    row = int(unlisted.idxmax())
    path, line = line_of_row(folder, "ratings.csv", row)
    if unlisted.all():
        raise DataError(
            f"movies.csv lists none of the movies that {path} rates. "
            "The two files are of different editions: take both from the same zip."
        )
    # Printed, not warned: a notebook shows warnings on red, with a line of our source.
    print(
        f"Left out {unlisted.sum():,} of {len(ratings):,} ratings: movies.csv doesn't list their "
        f"movies. The first is movie {ratings['movieId'][row]} in {path}, line {line}."
    )
