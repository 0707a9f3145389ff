"""Read ratings.csv and movies.csv, and say exactly where and what is wrong when something is.

pandas reads at full speed and the checks are vectorised. Only when a check fails is the file read
a second time, row by row, for the number of the line as an editor shows it.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from .errors import DataError, readable

RATINGS_COLUMNS = {"userId": "int64", "movieId": "int64", "rating": "float64", "timestamp": "int64"}
MOVIES_COLUMNS = {"movieId": "int64", "title": "str", "genres": "str"}

# pandas reads a cell of any length. Python's reader, which looks for the line that is wrong, would
# stop at 131,072 characters and blame them.
csv.field_size_limit(2**31 - 1)

MOST_ID = 2**53 - 1  # above it an id that is written as 1000.0 or 1e3 is no longer exact
_ROWS_AT_ONCE = 1 << 16
LAST_SECOND = 4_102_444_799  # of the year 2099: what is later is in milliseconds

# int() and float() accept more than pandas does, such as "1_000", so the text is matched instead.
_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def read_ratings(folder: Path) -> pd.DataFrame:
    """Read a folder's ratings.csv (or ratings.csv.gz): userId, movieId, rating, timestamp.

    Raises DataError for anything that would fail later or give a wrong answer in silence.
    """
    path = find_table(folder, "ratings.csv")
    ratings = _read_table(path, RATINGS_COLUMNS)

    for name in ("userId", "movieId"):
        _refuse_ids(path, ratings[name])
    seconds = ratings["timestamp"]
    _refuse_below(0, path, seconds, "lies before 1970. Give seconds since 1970")
    milliseconds = "lies after the year 2100. Give seconds since 1970, not milliseconds"
    _refuse_above(LAST_SECOND, path, seconds, milliseconds)
    stars = ratings["rating"].to_numpy()
    row = _first_off_scale(stars)
    if row is not None:
        raise DataError(
            f"{path}, line {_line_of(path, row)}: rating {_as_written(stars[row])} is not on "
            "the scale. "
            "Ratings are half stars: 0.5, 1.0, 1.5 and so on up to 5.0."
        )
    pair = _first_repeat(ratings, ["userId", "movieId"])
    if pair is not None:
        first, again = pair
        raise DataError(
            f"{path}, line {_line_of(path, again)}: user {ratings['userId'][again]} rates movie "
            f"{ratings['movieId'][again]} a second time ({stars[again]:g}; it was "
            f"{stars[first]:g} on line {_line_of(path, first)}). Keep one of the two lines."
        )
    return ratings


def read_movies(folder: Path) -> pd.DataFrame:
    """Read a folder's movies.csv (or movies.csv.gz): movieId, title, genres.

    Raises DataError for anything that would fail later or give a wrong answer in silence.
    """
    path = find_table(folder, "movies.csv")
    movies = _read_table(path, MOVIES_COLUMNS)
    _refuse_ids(path, movies["movieId"])
    pair = _first_repeat(movies, ["movieId"])
    if pair is not None:
        first, again = pair
        raise DataError(
            f"{path}, line {_line_of(path, again)}: movie {movies['movieId'][again]} is listed a "
            f"second time ({_cut(movies['title'][again])!r}; it was "
            f"{_cut(movies['title'][first])!r} on line {_line_of(path, first)}). "
            "Keep one of the two lines."
        )
    return movies


def find_table(folder: Path, name: str) -> Path:
    """The path of a table in a folder, as it is or compressed with gzip."""
    with readable(folder):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
        deeper = sorted(folder.glob(f"*/{name}"))
    hint = f" There is one in {deeper[0].parent}: give that folder." if deeper else ""
    raise DataError(
        f"{folder} holds no {name}.{hint} "
        "A folder of ratings needs GroupLens's ratings.csv and movies.csv, unpacked from its zip."
    )


def line_of_row(folder: Path, name: str, row: int) -> tuple[Path, int]:
    """The file, and the line as an editor numbers it, that a row (from 0) of a table came from."""
    path = find_table(folder, name)
    return path, _line_of(path, row)


def _read_table(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    try:
        with readable(path):
            _check_header(path, columns)
        # An empty cell is the only one that means "missing": a film may well be called "None".
        # Columns that the course doesn't use stay text, so that nothing in them can be wrong.
        # numpy warns where an id is infinite, and pandas then says what is wrong with it.
        with readable(path), np.errstate(invalid="ignore"):
            table = pd.read_csv(
                path,
                dtype=defaultdict(lambda: "str", columns),
                encoding="utf-8",
                keep_default_na=False,
                na_values=[""],
            )
    except DataError as error:
        if isinstance(error.__cause__, gzip.BadGzipFile):
            raise _damaged(path) from None
        raise
    except (EOFError, zlib.error):
        raise _damaged(path) from None
    # Among them text that isn't UTF-8, which is a ValueError too.
    except (ValueError, OverflowError, csv.Error) as error:
        raise _cell_fault(path, columns) or _unexplained(path, error) from None

    if len(table) == 0:
        raise DataError(f"{path} has a header and no rows under it. Copy or download it again.")
    if list(table) != list(columns):  # or it would be copied for nothing
        table = table[list(columns)]
    # A whole number can't be missing: pandas refuses it above.
    if any(table[name].hasnans for name, kind in columns.items() if kind != "int64"):
        raise _cell_fault(path, columns) or _unexplained(path, "a row doesn't fit the header")
    return table


def _refuse_below(least: int, path: Path, column: pd.Series, what: str) -> None:
    """Raise DataError for the first row of a column of whole numbers that is less than `least`."""
    # The minimum needs no second column of memory, and nearly always it is all there is to ask.
    if column.min() < least:
        _refuse_row(int((column < least).to_numpy().argmax()), path, column, what)


def _refuse_above(most: int, path: Path, column: pd.Series, what: str) -> None:
    """Raise DataError for the first row of a column of whole numbers that is more than `most`."""
    if column.max() > most:
        _refuse_row(int((column > most).to_numpy().argmax()), path, column, what)


def _refuse_row(row: int, path: Path, column: pd.Series, what: str) -> None:
    raise DataError(
        f"{path}, line {_line_of(path, row)}: {column.name} {column[row]} {what}. Correct it, "
        "or delete the line."
    )


def _first_off_scale(stars: np.ndarray) -> int | None:
    """The first row whose rating is no half star from 0.5 to 5; None if there is none."""
    # So few rows at a time stay in the processor's cache, and take no memory worth mentioning.
    for start in range(0, len(stars), _ROWS_AT_ONCE):
        halves = stars[start : start + _ROWS_AT_ONCE] * 2
        on_scale = (halves >= 1) & (halves <= 10) & (halves == np.rint(halves))
        if not on_scale.all():
            return start + int(np.argmin(on_scale))
    return None


def _refuse_ids(path: Path, ids: pd.Series) -> None:
    _refuse_below(1, path, ids, "is no id. Ids count from 1")
    _refuse_above(MOST_ID, path, ids, f"is too large for an id. They go up to {MOST_ID:,}")


def _cut(text: str) -> str:
    """So much of a text as a message has room for."""
    return text if len(text) <= 100 else f"{text[:99]}…"


def _as_written(stars: float) -> str:
    """A rating with all its digits: 4.000001 is not 4."""
    return str(float(stars)).removesuffix(".0")


def _damaged(path: Path) -> DataError:
    return DataError(
        f"{path} is cut short or damaged: it can't be decompressed. Copy or download it again."
    )


def _check_header(path: Path, columns: dict[str, str]) -> None:
    rows = _numbered_rows(path)
    line, header = next(rows, (0, []))
    if not header:
        raise DataError(f"{path} is empty. Copy or download it again.")
    missing = [name for name in columns if name not in header]
    if missing:
        raise DataError(
            f"{path}, line {line}: no column {missing[0]!r} among {_cut(', '.join(header))!r}. "
            f"The first line must name {', '.join(columns)}, with commas between, as GroupLens "
            "writes them."
        )
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise DataError(
            f"{path}, line {line}: two columns are called {twice[0]!r}. Rename or delete the one "
            "that isn't meant."
        )
    # Where the first row is too long, pandas takes its first cell for a label and shifts the rest.
    line, cells = next(rows, (line, header))
    if len(cells) > len(header):
        raise DataError(_wrong_length(path, line, header, cells))


def _numbered_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row's first line in the file and its cells, header included, blank lines left out.

    pandas leaves blank lines out too, so its row n is the (n + 1)-th of these after the header.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        line = 1
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, cells
            line = reader.line_num + 1


def _line_of(path: Path, row: int) -> int:
    line, _ = next(islice(_numbered_rows(path), row + 1, None))
    return line


def _first_repeat(table: pd.DataFrame, key: list[str]) -> tuple[int, int] | None:
    """The first row whose key has been there before, with the row where it was; None if none."""
    # GroupLens's tables are sorted, and to see that is many times quicker than to look for repeats.
    if _rises([table[name].to_numpy() for name in key]):
        return None
    keys = table[key]
    repeated = keys.duplicated().to_numpy()
    if not repeated.any():
        return None
    again = int(np.argmax(repeated))
    same = (keys == keys.iloc[again]).all(axis=1).to_numpy()
    return int(np.argmax(same)), again


def _rises(columns: list[np.ndarray]) -> bool:
    """Whether each row comes after the one before it, by the first column, then by the next."""
    rising = np.zeros(len(columns[0]) - 1, dtype=bool)
    tied = np.ones(len(rising), dtype=bool)
    for column in columns:
        before, after = column[:-1], column[1:]
        rising |= tied & (after > before)
        tied &= after == before
    return bool(rising.all())


def _cell_fault(path: Path, columns: dict[str, str]) -> DataError | None:
    """Look through the file for the first cell that doesn't suit its column."""
    line = 0
    try:
        rows = _numbered_rows(path)
        _, header = next(rows)
        for line, cells in rows:
            if len(cells) != len(header):
                return DataError(_wrong_length(path, line, header, cells))
            for name, text in zip(header, cells, strict=True):
                wrong = _what_is_wrong(text, columns.get(name))
                if wrong:
                    return DataError(f"{path}, line {line}: {name} {wrong}")
    except UnicodeDecodeError:
        return _encoding_fault(path)
    except csv.Error as error:
        return DataError(f"{path}, after line {line}: {error}. Look for a stray quotation mark.")
    return None


def _what_is_wrong(text: str, kind: str | None) -> str | None:
    if kind is None:
        return None
    if not text:
        return "is empty. Fill the cell in, or delete the line."
    if kind == "int64" and text.isdecimal() and len(text) > 18:
        return f"{_cut(text)!r} is too large a number. Correct it, or delete the line."
    if kind == "int64" and not _is_whole(text):
        return f"{_cut(text)!r} is not a whole number. Correct it, or delete the line."
    if kind == "float64" and not (_NUMBER.fullmatch(text) and math.isfinite(float(text))):
        return f"{_cut(text)!r} is not a number. Correct it, or delete the line."
    return None


def _is_whole(text: str) -> bool:
    """Whether pandas reads `text` as a whole number: 1000 may also be written as 1000.0 or 1e3."""
    if _WHOLE_NUMBER.fullmatch(text):
        return True
    return bool(_NUMBER.fullmatch(text)) and float(text).is_integer()


def _wrong_length(path: Path, line: int, header: list[str], cells: list[str]) -> str:
    if any("\n" in cell for cell in cells):
        remedy = "A quotation mark there has no partner."
    elif len(cells) > len(header):
        remedy = (
            'Text with a comma needs quotation marks, "Matrix, The (1999)"; numbers a point, 4.5.'
        )
    else:
        remedy = "Fill in what is missing, or delete the line."
    return (
        f"{path}, line {line}: {len(cells)} cells where the header has {len(header)} "
        f"({','.join(cells)[:60]!r}). {remedy}"
    )


def _encoding_fault(path: Path) -> DataError:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        for line, content in enumerate(file, start=1):
            try:
                content.decode("utf-8")
            except UnicodeDecodeError as error:
                return DataError(
                    f"{path}, line {line}: byte {content[error.start]:#04x} is not UTF-8 text. "
                    "Save the file with the encoding UTF-8, or use GroupLens's own file."
                )
    return _unexplained(path, "its text isn't UTF-8")


def _unexplained(path: Path, reason: object) -> DataError:
    return DataError(
        f"{path} can't be read as a table of comma-separated values: {reason}. "
        "Compare it with GroupLens's own file, or download it again."
    )
