"""The tool that makes the bundled edition, on a table of four rows, and what stands beside it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import collab_lib.movielens
from collab_lib.movielens import load_movies, load_ratings
from tools import rebuild_bundled_edition as tool


@pytest.fixture
def table() -> pd.DataFrame:
    """As the package has it: one table, the year apart, one film without title and year."""
    return pd.DataFrame(
        {
            "rownames": [1, 2, 3, 4],
            "movieId": [2571, 108583, 51372, 2571],
            "title": ["Matrix, The", np.nan, '"Great Performances" Cats', "Matrix, The"],
            "year": [1999.0, np.nan, 1998.0, 1999.0],
            "genres": ["Action|Sci-Fi", "Comedy", "Musical", "Action|Sci-Fi"],
            "userId": [2, 1, 1, 1],
            "rating": [4.0, 5.0, 0.5, 3.5],
            "timestamp": [40, 10, 20, 30],
        }
    )


def test_the_table_is_taken_apart_into_grouplens_own(table, tmp_path):
    ratings, movies = tool.split_table(table)
    tool.write(ratings, tmp_path / "ratings.csv.gz")
    tool.write(movies, tmp_path / "movies.csv.gz")

    assert list(load_ratings(tmp_path).itertuples(index=False, name=None)) == [
        (1, 2571, 3.5, 30),
        (1, 51372, 0.5, 20),
        (1, 108583, 5.0, 10),
        (2, 2571, 4.0, 40),
    ]
    assert list(load_movies(tmp_path).itertuples(index=False, name=None)) == [
        (2571, "Matrix, The (1999)", "Action|Sci-Fi"),
        (51372, '"Great Performances" Cats (1998)', "Musical"),
        (108583, "Fawlty Towers (1975-1979)", "Comedy"),
    ]


def test_the_same_table_gives_the_same_bytes(table, tmp_path):
    ratings, _ = tool.split_table(table)
    tool.write(ratings, tmp_path / "first.csv.gz")
    tool.write(ratings, tmp_path / "another-name.csv.gz")
    first = (tmp_path / "first.csv.gz").read_bytes()
    assert first == (tmp_path / "another-name.csv.gz").read_bytes()
    # Bytes 4 to 7 of a gzip file are its time stamp.
    assert first[4:8] == bytes(4)


def test_what_is_bundled_passes_the_tools_check_and_less_does_not():
    ratings, movies = load_ratings("ml-latest-small-2016"), load_movies("ml-latest-small-2016")
    tool.check(ratings, movies)
    with pytest.raises(SystemExit, match=r"ratings: 100003, and 100004 is known"):
        tool.check(ratings[1:], movies)
    with pytest.raises(SystemExit, match="mean: "):
        tool.check(ratings.assign(rating=5.5 - ratings["rating"]), movies)


def test_writing_what_is_bundled_again_changes_nothing(tmp_path):
    """The content, that is: another version of zlib may compress it in another way."""
    import gzip

    for name, load in (("ratings.csv.gz", load_ratings), ("movies.csv.gz", load_movies)):
        tool.write(load("ml-latest-small-2016"), tmp_path / name)
        bundled = (Path(collab_lib.movielens.__file__).parent / name).read_bytes()
        assert gzip.decompress((tmp_path / name).read_bytes()) == gzip.decompress(bundled)


def test_the_conditions_and_the_citation_are_beside_the_data():
    text = (Path(collab_lib.movielens.__file__).parent / "LICENSE-DATA.txt").read_text("utf-8")
    for needed in (
        "10.1145/2827872",
        "used for research",
        "endorses",
        "acknowledge",
        "redistribute",
        "commercial",
        "development data set",
    ):
        assert needed in text
