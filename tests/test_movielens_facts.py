"""The numbers that are known about the two editions the course is written for."""

import csv
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from collab_lib.movielens import EDITIONS, load_collab, load_movies, load_ratings

bundled_only = pytest.mark.usefixtures("no_collab_data")


@bundled_only
def test_facts_of_the_bundled_edition():
    ratings, movies = load_ratings(), load_movies()
    assert list(ratings.columns) == ["userId", "movieId", "rating", "timestamp"]
    assert list(movies.columns) == ["movieId", "title", "genres"]
    assert len(ratings) == 100_004 == EDITIONS["ml-latest-small-2016"].n_ratings
    assert ratings["userId"].nunique() == 671 == EDITIONS["ml-latest-small-2016"].n_users
    assert ratings["movieId"].nunique() == len(movies) == 9_066
    assert round(ratings["rating"].mean(), 6) == 3.543608
    assert round(ratings["rating"].std(), 6) == 1.058064
    per_user = ratings.groupby("userId").size()
    assert (per_user.min(), per_user.max()) == (20, 2391)
    assert list(ratings["userId"].unique()) == list(range(1, 672))
    # The first and the last second of the edition, as its README gives them.
    moments = pd.to_datetime(ratings["timestamp"], unit="s")
    assert str(moments.min().date()) == "1995-01-09"
    assert str(moments.max().date()) == "2016-10-16"


@bundled_only
def test_titles_of_the_bundled_edition_have_grouplens_form():
    titles = load_movies().set_index("movieId")["title"]
    assert titles[1] == "Toy Story (1995)"
    assert titles[2571] == "Matrix, The (1999)"
    assert titles[3854] == "Aimée & Jaguar (1999)"
    assert titles[51372] == '"Great Performances" Cats (1998)'
    without_year = titles[~titles.str.fullmatch(r"(?s).+ \((18|19|20)\d\d\)")]
    assert without_year.to_dict() == {
        108548: "Big Bang Theory, The (2007-)",
        108583: "Fawlty Towers (1975-1979)",
        143410: "Hyena Road",
        151307: "The Lovers and the Despot",
        162376: "Stranger Things",
    }


@bundled_only
def test_genres_of_the_bundled_edition_are_grouplens_genres():
    genres = set("|".join(load_movies()["genres"]).split("|"))
    assert len(genres) == 20
    assert {"Film-Noir", "IMAX", "Sci-Fi", "(no genres listed)"} <= genres


def test_titles_and_genres_agree_with_the_edition_of_2018(seed_folder):
    both = load_movies("ml-latest-small-2016").merge(
        load_movies(seed_folder), on="movieId", suffixes=("", "_2018")
    )
    assert len(both) == 7_063
    renamed = both[both["title"] != both["title_2018"]].set_index("movieId")
    assert renamed["title"].to_dict() == {
        94494: "96 Minutes (2011)",
        135569: "Star Trek 3 (2016)",
    }
    assert (both["genres"] == both["genres_2018"]).sum() == 7_061


@bundled_only
def test_the_bundled_edition_loads_without_a_word(capsys):
    collab = load_collab()
    assert len(collab) == 100_004
    assert capsys.readouterr() == ("", "")


@bundled_only
def test_collab_is_the_merge_of_the_source_text():
    collab = load_collab()
    by_hand = load_ratings().merge(load_movies(), on="movieId").drop(columns="genres")
    pd.testing.assert_frame_equal(collab, by_hand)
    assert list(collab.columns) == ["userId", "movieId", "rating", "timestamp", "title"]
    pd.testing.assert_frame_equal(collab.drop(columns="title"), load_ratings())


@pytest.mark.parametrize("source", ["ml-latest-small-2016", "seed"])
def test_columns_have_the_types_that_pandas_gives_them(source, request):
    collab = load_collab(request.getfixturevalue("seed_folder") if source == "seed" else source)
    numbers = {name: str(dtype) for name, dtype in collab.dtypes.items() if name != "title"}
    assert numbers == {
        "userId": "int64",
        "movieId": "int64",
        "rating": "float64",
        "timestamp": "int64",
    }
    assert pd.api.types.is_string_dtype(collab["title"])
    assert isinstance(collab.index, pd.RangeIndex)


def test_the_seed_folder_reads_as_plain_pandas_reads_it(seed_folder):
    for load, name in ((load_ratings, "ratings.csv"), (load_movies, "movies.csv")):
        pd.testing.assert_frame_equal(load(seed_folder), pd.read_csv(seed_folder / name))


# What the source text prints for the edition of September 2018.
HEAD = """\
   userId  movieId  rating  timestamp                        title
0       1        1     4.0  964982703             Toy Story (1995)
1       1        3     4.0  964981247      Grumpier Old Men (1995)
2       1        6     4.0  964982224                  Heat (1995)
3       1       47     5.0  964983815  Seven (a.k.a. Se7en) (1995)
4       1       50     5.0  964982931   Usual Suspects, The (1995)"""

DESCRIBE = """\
              userId        movieId         rating     timestamp
count  100836.000000  100836.000000  100836.000000  1.008360e+05
mean      326.127564   19435.295718       3.501557  1.205946e+09
std       182.618491   35530.987199       1.042529  2.162610e+08
min         1.000000       1.000000       0.500000  8.281246e+08
25%       177.000000    1199.000000       3.000000  1.019124e+09
50%       325.000000    2991.000000       3.500000  1.186087e+09
75%       477.000000    8122.000000       4.000000  1.435994e+09
max       610.000000  193609.000000       5.000000  1.537799e+09"""


def test_the_head_and_the_describe_table_of_the_source_text(seed_folder):
    collab = load_collab(seed_folder)
    assert len(collab) == 100_836 == EDITIONS["ml-latest-small"].n_ratings
    assert collab.head().to_string() == HEAD
    assert collab.describe().to_string() == DESCRIBE


def test_the_describe_table_computed_without_pandas(seed_folder):
    rows = _rows(seed_folder / "ratings.csv")
    names, *lines = DESCRIBE.splitlines()
    printed = {line.split()[0]: line.split()[1:] for line in lines}
    for position, name in enumerate(names.split()):
        values = sorted(float(row[name]) for row in rows)
        mean = statistics.fmean(values)
        spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        computed = {
            "count": len(values),
            "mean": mean,
            "std": spread**0.5,
            "min": values[0],
            "max": values[-1],
        }
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        computed |= dict(zip(("25%", "50%", "75%"), quartiles, strict=True))
        form = ".6e" if name == "timestamp" else ".6f"
        assert {key: format(value, form) for key, value in computed.items()} == {
            key: cells[position] for key, cells in printed.items()
        }


def test_the_ratings_a_user_and_the_number_of_movies_of_the_source_text(seed_folder):
    collab = load_collab(seed_folder)
    per_user = collab.groupby("userId").size()
    assert len(per_user) == 610 == EDITIONS["ml-latest-small"].n_users
    assert per_user.head().to_dict() == {1: 232, 2: 29, 3: 39, 4: 216, 5: 44}
    assert per_user.tail().to_dict() == {606: 1115, 607: 187, 608: 831, 609: 37, 610: 1302}
    assert len(collab.groupby("movieId").count()) == 9_724


def test_the_pivot_table_of_the_source_text(seed_folder):
    pivot = load_collab(seed_folder).pivot(index="userId", columns="movieId", values="rating")
    assert pivot.shape == (610, 9_724)
    assert list(pivot.columns[:4]) == [1, 2, 3, 4]
    assert list(pivot.columns[-4:]) == [193583, 193585, 193587, 193609]
    empty = np.nan
    np.testing.assert_array_equal(pivot.loc[1, 1:8], [4, empty, 4, empty, empty, 4, empty, empty])
    np.testing.assert_array_equal(pivot.loc[608, [1, 2, 3, 10]], [2.5, 2.0, 2.0, 4.0])
    assert pivot.notna().sum().sum() == 100_836


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
