"""Five hundred damaged folders: each is read rightly, or refused with an error that names the file.

The damage is drawn with a seed, so that a failure comes back.
"""

import random
import warnings

import pandas as pd
import pytest

from collab_lib.movielens import load_collab
from collab_lib.movielens.errors import DataError

RATINGS = [["userId", "movieId", "rating", "timestamp"]] + [
    [str(user), str(movie), f"{0.5 * (1 + (user * movie) % 10)}", str(1_000_000_000 + 60 * movie)]
    for user in range(1, 6)
    for movie in range(1, 7)
]
MOVIES = [["movieId", "title", "genres"]] + [
    [str(movie), f"Film {movie} (1999)", "Drama|Comedy"] for movie in range(1, 7)
]
LONG = "x" * 140_000  # more than Python's own reader takes, unless it is told to
CELLS = ["", "0", "-1", "1e3", "1.0", "inf", "-inf", "1e400", "nan", "None", "1_000", "9" * 30, "٣",
         "=1+1", '"', "a,b", "\x00", "4.000001", "1234567890123", " 7", "+7", "0x10",
         LONG]  # fmt: skip


def text(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode() + b"\n"


def damage(rng: random.Random, rows: list[list[str]]) -> bytes:
    """A table with one thing wrong with it, and sometimes two."""
    rows = [list(row) for row in rows]
    for _ in range(rng.choice([1, 1, 2])):
        row = rng.randrange(len(rows))
        kind = rng.choice(["cell", "drop", "longer", "shorter", "twice", "swap", "blank", "note"])
        if kind == "cell" and rows[row]:
            rows[row][rng.randrange(len(rows[row]))] = rng.choice(CELLS)
        elif kind == "drop":
            del rows[row]
        elif kind == "longer":
            rows[row].append(rng.choice(CELLS))
        elif kind == "shorter":
            rows[row] = rows[row][:-1]
        elif kind == "twice":
            rows.insert(row, list(rows[row]))
        elif kind == "swap":
            other = rng.randrange(len(rows))
            rows[row], rows[other] = rows[other], rows[row]
        elif kind == "note":  # a column that isn't used, with a long text in one of its cells
            for number, cells in enumerate(rows):
                cells.append("note" if number == 0 else LONG * (number == row))
        else:
            rows.insert(row, [])
    content = text(rows)
    where = rng.randrange(len(content))
    kind = rng.choice(["none"] * 6 + ["cut", "byte", "bom", "carriage", "empty"])
    if kind == "cut":
        return content[:where]
    if kind == "byte":
        return content[:where] + bytes([rng.randrange(128, 256)]) + content[where:]
    if kind == "bom":
        return b"\xef\xbb\xbf" + content
    if kind == "carriage":
        return content.replace(b"\n", b"\r\n")
    return b"" if kind == "empty" else content


@pytest.mark.parametrize("seed", range(500))
def test_a_damaged_folder_is_read_rightly_or_refused_by_name(tmp_path, seed):
    rng = random.Random(seed)
    tables = {"ratings.csv": RATINGS, "movies.csv": MOVIES}
    damaged = rng.choice(list(tables))
    for name, rows in tables.items():
        (tmp_path / name).write_bytes(damage(rng, rows) if name == damaged else text(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            collab = load_collab(tmp_path)
        except DataError as error:
            assert ".csv" in str(error) and 40 < len(str(error)) < 1000
            return
    assert collab["rating"].isin([0.5 * n for n in range(1, 11)]).all()
    assert (collab[["userId", "movieId"]] >= 1).all(axis=None)
    assert collab["timestamp"].between(0, 4_102_444_799).all()
    assert not collab.duplicated(["userId", "movieId"]).any()
    assert collab["title"].notna().all()
    # What is left of the original rows is read as it was written.
    original = pd.DataFrame(RATINGS[1:], columns=RATINGS[0]).astype(float)
    same = collab.merge(original, on=["userId", "movieId"], suffixes=("", "_written"))
    assert len(same) >= len(collab) - 2
    assert (same["rating"] == same["rating_written"]).sum() >= len(same) - 2
