"""Bad input: each kind gets an error that names the file, the line, the value and the remedy."""

import csv
import gzip
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collab_lib.movielens import DataError, load_collab, load_movies, load_ratings

RATINGS_HEADER = "userId,movieId,rating,timestamp\n"
MOVIES_HEADER = "movieId,title,genres\n"
RATINGS = RATINGS_HEADER + "1,10,4.0,100\n1,20,3.5,200\n2,10,0.5,300\n"
MOVIES = MOVIES_HEADER + '10,GoldenEye (1995),Action\n20,"Matrix, The (1999)",Sci-Fi\n'


@pytest.fixture
def folder(tmp_path):
    def make(ratings: str | bytes | None = RATINGS, movies: str | bytes | None = MOVIES) -> Path:
        for name, content in (("ratings.csv", ratings), ("movies.csv", movies)):
            if content is not None:
                content = content.encode() if isinstance(content, str) else content
                (tmp_path / name).write_bytes(content)
        return tmp_path

    return make


BAD_RATINGS = {
    "missing file": (None, "holds no ratings.csv. A folder of ratings needs"),
    "empty file": ("", "ratings.csv is empty. Copy or download it again."),
    "blank file": ("\n \n", "ratings.csv is empty. Copy or download it again."),
    "header only": (RATINGS_HEADER, "ratings.csv has a header and no rows under it."),
    "no header": (
        "1,10,4.0,100\n",
        "ratings.csv, line 1: no column 'userId' among '1, 10, 4.0, 100'. The first line must "
        "name userId, movieId, rating, timestamp",
    ),
    "missing column": (
        "userId,movieId,rating\n1,10,4.0\n",
        "ratings.csv, line 1: no column 'timestamp' among 'userId, movieId, rating'.",
    ),
    "semicolons": (
        RATINGS.replace(",", ";"),
        "line 1: no column 'userId' among 'userId;movieId;rating;timestamp'. "
        "The first line must name userId, movieId, rating, timestamp, with commas between",
    ),
    "rating not a number": (
        RATINGS + "2,20,four,400\n",
        "ratings.csv, line 5: rating 'four' is not a number. Correct it, or delete the line.",
    ),
    "rating NaN": (RATINGS + "2,20,NaN,400\n", "line 5: rating 'NaN' is not a number."),
    "user not a number": (RATINGS + "Ann,20,4.0,1\n", "line 5: userId 'Ann' is not a whole number"),
    "user not whole": (RATINGS + "2.5,20,4.0,1\n", "line 5: userId '2.5' is not a whole number."),
    "user far too large": (RATINGS + "9" * 30 + ",20,4.0,1\n", "9' is too large a number."),
    "user zero": (RATINGS + "0,20,3.5,400\n", "ratings.csv, line 5: userId 0 is no id."),
    "movie negative": (RATINGS + "2,-20,3.5,400\n", "line 5: movieId -20 is no id. Ids count"),
    "id infinite": (RATINGS + "inf,20,3.5,400\n", "line 5: userId 'inf' is not a whole number."),
    "id too large": (RATINGS + "1e400,20,3.5,400\n", "userId '1e400' is not a whole number."),
    "id with a part": (RATINGS + "1.5,20,3.5,400\n", "userId '1.5' is not a whole number."),
    "rating near a half": (RATINGS + "2,20,4.000001,400\n", "rating 4.000001 is not on the scale"),
    "time in milliseconds": (
        RATINGS + "2,20,3.5,1476000000000\n",
        "line 5: timestamp 1476000000000 lies after the year 2100. Give seconds since 1970, not",
    ),
    "time before 1970": (RATINGS + "2,20,3.5,-1\n", "timestamp -1 lies before 1970."),
    "timestamp a date": (
        RATINGS + "2,20,4.0,2016-10-17\n",
        "line 5: timestamp '2016-10-17' is not a whole number.",
    ),
    "empty rating": (
        RATINGS + "2,20,,400\n",
        "ratings.csv, line 5: rating is empty. Fill the cell in, or delete the line.",
    ),
    "empty user": (RATINGS + ",20,4.0,400\n", "ratings.csv, line 5: userId is empty."),
    "short row": (
        RATINGS + "2,20,4.0\n",
        "line 5: 3 cells where the header has 4 ('2,20,4.0'). Fill in what is missing",
    ),
    "long row": (
        RATINGS + "2,20,4,0,400\n",
        "line 5: 5 cells where the header has 4 ('2,20,4,0,400'). Text with a comma needs",
    ),
    "every row long": (
        RATINGS.replace("00\n", "00,\n"),
        "line 2: 5 cells where the header has 4 ('1,10,4.0,100,')",
    ),
    "a number before every row": (
        RATINGS_HEADER + "0,1,10,4.0,100\n1,1,20,3.5,200\n",
        "line 2: 5 cells where the header has 4 ('0,1,10,4.0,100').",
    ),
    "rating between half stars": (
        RATINGS + "2,20,3.7,400\n",
        "ratings.csv, line 5: rating 3.7 is not on the scale. Ratings are half stars: 0.5, 1.0",
    ),
    "rating too low": (RATINGS + "2,20,0.0,400\n", "line 5: rating 0 is not on the scale."),
    "rating too high": (RATINGS + "2,20,5.5,400\n", "line 5: rating 5.5 is not on the scale."),
    # pandas 2 doesn't take this for a number, and pandas 3 does.
    "rating infinite": (RATINGS + "2,20,1e999,400\n", "ratings.csv, line 5: rating "),
    "rated twice": (
        RATINGS + "2,20,1.0,400\n1,20,2.0,500\n",
        "ratings.csv, line 6: user 1 rates movie 20 a second time (2; it was 3.5 on line 3). "
        "Keep one of the two lines.",
    ),
    "rated twice, one after the other": (
        RATINGS_HEADER + "1,10,4.0,100\n1,20,1.0,400\n1,20,2.0,500\n2,10,2.0,600\n",
        "ratings.csv, line 4: user 1 rates movie 20 a second time (2; it was 1 on line 3).",
    ),
    "rated twice, in a file out of order": (
        RATINGS_HEADER + "1,20,4.0,100\n2,10,1.0,400\n1,20,2.0,500\n",
        "ratings.csv, line 4: user 1 rates movie 20 a second time (2; it was 4 on line 2).",
    ),
    "not UTF-8": (
        RATINGS.encode() + b"2,20,4\xbd,400\n",
        "ratings.csv, line 5: byte 0xbd is not UTF-8 text. Save the file with the encoding UTF-8",
    ),
    "two columns of one name": (
        RATINGS_HEADER.replace("timestamp", "timestamp,userId") + "1,10,4.0,100,7\n",
        "ratings.csv, line 1: two columns are called 'userId'. Rename or delete the one",
    ),
    "user beyond what is exact": (
        RATINGS + "9007199254740993.0,20,3.5,400\n",
        "line 5: userId 9007199254740992 is too large for an id. They go up to",
    ),
    "tabs": (
        RATINGS.replace(",", "\t"),
        "line 1: no column 'userId' among 'userId\\tmovieId\\trating\\ttimestamp'.",
    ),
    "a pointer in place of the file": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 2438266\n",
        "line 1: no column 'userId' among 'version https://git-lfs.github.com/spec/v1'.",
    ),
    "a page about an error": (
        "<!doctype html><title>404</title>\n" * 3,
        "line 1: no column 'userId' among '<!doctype html><title>404</title>'.",
    ),
    "the other table": (MOVIES, "line 1: no column 'userId' among 'movieId, title, genres'."),
    "a workbook": (b"PK\x03\x04\x14\x00\xff\xfe" * 40, "byte 0xff is not UTF-8 text."),
    "decimal commas": (
        RATINGS.replace("4.0", "4,0"),
        "line 2: 5 cells where the header has 4 ('1,10,4,0,100'). Text with a comma needs",
    ),
    "NUL at the ends of the lines": (
        RATINGS.replace("\n", "\x00\n"),
        "line 1: no column 'timestamp' among 'userId, movieId, rating, timestamp\\x00'.",
    ),
    "other capitals": (
        RATINGS.replace("userId", "UserID"),
        "line 1: no column 'userId' among 'UserID, movieId, rating, timestamp'.",
    ),
    "UTF-16": (RATINGS.encode("utf-16"), "ratings.csv, line 1: byte 0xff is not UTF-8 text."),
}

BAD_MOVIES = {
    "missing file": (None, "holds no movies.csv. A folder of ratings needs"),
    "empty file": ("", "movies.csv is empty."),
    "missing column": (
        "movieId,name,genres\n10,Heat,Crime\n",
        "movies.csv, line 1: no column 'title' among 'movieId, name, genres'.",
    ),
    "listed twice": (
        MOVIES + '30,Heat (1995),Crime\n20,"Matrix, A",None\n',
        "movies.csv, line 5: movie 20 is listed a second time ('Matrix, A'; "
        "it was 'Matrix, The (1999)' on line 3). Keep one of the two lines.",
    ),
    "listed twice, one after the other": (
        MOVIES + "20,Matrix,Drama\n",
        "movies.csv, line 4: movie 20 is listed a second time",
    ),
    "comma without quotation marks": (
        MOVIES + "30,American President, The (1995),Comedy\n",
        "line 4: 4 cells where the header has 3 ('30,American President, The (1995),Comedy'). "
        "Text with a comma needs quotation marks",
    ),
    "first row with a comma too many": (
        MOVIES_HEADER + "30,American President, The (1995),Comedy\n",
        "movies.csv, line 2: 4 cells where the header has 3",
    ),
    "quotation mark without partner": (
        MOVIES + '30,"Heat (1995),Crime\n40,Casino (1995),Crime\n',
        "movies.csv, line 4: 2 cells where the header has 3 ('30,Heat (1995),Crime\\n40,Casino "
        "(1995),Crime\\n'). A quotation mark there has no partner.",
    ),
    "empty title": (MOVIES + "30,,Crime\n", "movies.csv, line 4: title is empty."),
    "empty genres": (MOVIES + "30,Heat (1995),\n", "movies.csv, line 4: genres is empty."),
    "id not a number": (MOVIES + "m30,Heat,Crime\n", "line 4: movieId 'm30' is not a whole number"),
    "half of a surrogate pair": (
        MOVIES.encode() + b"30,\xed\xa0\x80 (1999),Drama\n",
        "movies.csv, line 4: byte 0xed is not UTF-8 text.",
    ),
    "movie beyond what is exact": (MOVIES + "9" * 16 + ",Heat,Crime\n", "too large for an id."),
    "Latin-1": (
        (MOVIES + "30,Aimée & Jaguar (1999),Drama\n").encode("latin-1"),
        "movies.csv, line 4: byte 0xe9 is not UTF-8 text.",
    ),
}


@pytest.mark.parametrize(("content", "says"), BAD_RATINGS.values(), ids=BAD_RATINGS)
@pytest.mark.parametrize("load", [load_ratings, load_collab])
def test_bad_ratings(folder, load, content, says):
    with pytest.raises(DataError) as caught:
        load(folder(ratings=content))
    assert says in str(caught.value)
    assert str(folder(content)) in str(caught.value)


@pytest.mark.parametrize(("content", "says"), BAD_MOVIES.values(), ids=BAD_MOVIES)
@pytest.mark.parametrize("load", [load_movies, load_collab])
def test_bad_movies(folder, load, content, says):
    with pytest.raises(DataError) as caught:
        load(folder(movies=content))
    assert says in str(caught.value)
    assert str(folder(movies=content)) in str(caught.value)


def test_a_compressed_table_that_is_cut_short(tmp_path):
    packed = gzip.compress(RATINGS.encode())
    for damaged in (packed[: len(packed) // 2], b"no gzip at all"):
        (tmp_path / "ratings.csv.gz").write_bytes(damaged)
        with pytest.raises(DataError, match=r"ratings.csv.gz is cut short or damaged"):
            load_ratings(tmp_path)


def test_what_ends_in_gz_and_is_no_gzip(folder):
    for content in (RATINGS.encode(), gzip.compress(RATINGS.encode()) + b"and more"):
        place = folder(None)
        (place / "ratings.csv.gz").write_bytes(content)
        with pytest.raises(DataError, match=r"ratings.csv.gz is cut short or damaged"):
            load_ratings(place)


@pytest.mark.parametrize("kind", ["folder", "link to itself", "pipe"])
def test_a_table_that_is_no_file(folder, kind):
    place = folder(None)
    path = place / "ratings.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)
    with pytest.raises(DataError, match=r"holds no ratings.csv"):
        load_ratings(place)


def test_a_folder_one_too_high_up(tmp_path):
    (tmp_path / "ml-25m").mkdir()
    (tmp_path / "ml-25m" / "ratings.csv").write_text(RATINGS)
    with pytest.raises(DataError) as caught:
        load_ratings(tmp_path)
    assert f"There is one in {tmp_path / 'ml-25m'}: give that folder." in str(caught.value)


def test_the_line_is_the_one_that_an_editor_shows(folder):
    """Blank lines count, and so do line breaks within quotation marks."""
    ratings = RATINGS.replace("\n", "\r\n\r\n") + "  \r\n2,20,9.0,400\r\n"
    with pytest.raises(DataError, match="line 10: rating 9 is not on the scale"):
        load_ratings(folder(ratings))
    movies = MOVIES_HEADER + '5,"Two\nlines",Drama\n\n6,Six,Drama\n5,Five,Drama\n'
    with pytest.raises(DataError, match=r"line 6: movie 5 .* on line 2\)"):
        load_movies(folder(movies=movies))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n",
        lambda text: text.rstrip("\n"),
    ],
    ids=["CRLF", "byte-order mark", "blank lines at the end", "no line break at the end"],
)
def test_harmless_differences_are_read_the_same(folder, change):
    expected = load_collab(folder())
    assert load_collab(folder(change(RATINGS), change(MOVIES))).equals(expected)


def test_columns_come_in_grouplens_order_and_others_are_left_out(folder):
    ratings = "note,timestamp,rating,movieId,userId\n,100,4.0,10,1\n,200,3.5,20,1\n,300,0.5,10,2\n"
    expected = load_ratings(folder())
    pd.testing.assert_frame_equal(load_ratings(folder(ratings)), expected)


@pytest.mark.parametrize("row", [1, 3])
def test_a_long_cell_of_a_column_that_is_not_used_is_read_and_not_blamed(folder, row):
    lines = RATINGS.splitlines()
    noted = [f"{line},{'x' * 140_000 if n == row else ''}" for n, line in enumerate(lines)]
    noted[0] = lines[0] + ",note"
    content = "\n".join(noted) + "\n"
    pd.testing.assert_frame_equal(load_ratings(folder(content)), load_ratings(folder()))
    with pytest.raises(DataError, match=r"ratings.csv, line 4: rating 3.7 is not on the scale"):
        load_ratings(folder(content.replace("2,10,0.5", "2,10,3.7")))


def test_a_film_may_be_called_none(folder):
    movies = MOVIES_HEADER + "10,None,NA\n20,NaN,null\n"
    assert list(load_movies(folder(movies=movies))["title"]) == ["None", "NaN"]


def test_ratings_of_unlisted_movies_are_left_out_and_counted(folder, capsys):
    source = folder(RATINGS + "2,77,4.0,400\n2,20,4.0,500\n2,78,4.0,600\n")
    collab = load_collab(source)
    assert list(collab["movieId"]) == [10, 20, 10, 20]
    assert list(collab.index) == [0, 1, 2, 3]
    out, err = capsys.readouterr()
    assert out == (
        "Left out 2 of 6 ratings: movies.csv doesn't list their movies. "
        f"The first is movie 77 in {source / 'ratings.csv'}, line 5.\n"
    )
    assert err == ""
    assert len(load_ratings(source)) == 6


def test_two_tables_of_different_editions(folder):
    with pytest.raises(DataError, match=r"none of the movies that .*ratings.csv rates"):
        load_collab(folder(movies=MOVIES_HEADER + "77,Heat (1995),Crime\n"))


HALF_STARS = st.integers(1, 10).map(lambda half: half / 2)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
PAIRS = st.lists(
    st.tuples(st.integers(1, 2**53 - 1), st.integers(1, 50)), min_size=1, max_size=30, unique=True
)
EACH_IN_ITS_OWN_FOLDER = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@EACH_IN_ITS_OWN_FOLDER
@given(pairs=PAIRS, data=st.data())
def test_what_is_written_is_read(tmp_path_factory, pairs, data):
    movie_ids = sorted({movie for _, movie in pairs})
    ratings = [(user, movie, data.draw(HALF_STARS), data.draw(st.integers(0, 4_102_444_799)))
               for user, movie in pairs]  # fmt: skip
    movies = [(movie, data.draw(TEXT), data.draw(TEXT)) for movie in movie_ids]
    folder = tmp_path_factory.mktemp("films")
    _write(folder / "ratings.csv", RATINGS_HEADER, ratings)
    _write(folder / "movies.csv", MOVIES_HEADER, movies)

    titles = {movie: title for movie, title, _ in movies}
    collab = load_collab(folder)
    assert list(collab.itertuples(index=False, name=None)) == [
        (*rating, titles[rating[1]]) for rating in ratings
    ]
    assert list(load_movies(folder).itertuples(index=False, name=None)) == movies


@EACH_IN_ITS_OWN_FOLDER
@given(
    n_rows=st.integers(1, 30),
    position=st.floats(0, 1, exclude_max=True),
    column=st.integers(0, 3),
    text=st.sampled_from(["", "x", "NaN", "1_0", "--1", "0x1", "1 2", "\u0661"]),
)
def test_one_damaged_cell_is_found_wherever_it_is(tmp_path_factory, n_rows, position, column, text):
    rows = [[user, 10, 4.0, 100] for user in range(1, n_rows + 1)]
    row = int(position * n_rows)
    rows[row][column] = text
    folder = tmp_path_factory.mktemp("films")
    _write(folder / "ratings.csv", RATINGS_HEADER, rows)
    name = RATINGS_HEADER.strip().split(",")[column]
    with pytest.raises(DataError, match=f"ratings.csv, line {row + 2}: {name} "):
        load_ratings(folder)


def _write(path: Path, header: str, rows: list) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(header)
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize("written", ["1000", "1000.0", "1e3", "+1000", " 1000"])
def test_a_whole_number_may_be_written_in_several_ways(folder, written):
    content = RATINGS + f"2,20,3.5,400\n{written},20,4.5,500\n"
    assert load_ratings(folder(ratings=content))["userId"].iloc[-1] == 1000
    # The same where another cell is at fault: that one is blamed.
    with pytest.raises(DataError, match="movieId 'x'"):
        load_ratings(folder(ratings=content + "3,x,3.5,400\n"))
