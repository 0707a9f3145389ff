"""The reader's own ratings: ten films, kept in a file beside the notebooks and nowhere else.

Lesson 1 fills the file, later lessons come back to it, `forget_my_ratings` deletes it. Where there
is no file, a made-up guest stands in, so that every lesson runs for everybody.
"""

import os
import tempfile
from pathlib import Path

import pandas as pd

COLUMNS = ["movie", "title", "rating"]
NO_RATING = "is no rating (a movie's id once, its title, 0.5 to 5 stars in steps of a half)"
MOST_ID = 2**53 - 1  # above it a number with a decimal point is no longer exact

# A made-up guest, with a taste that can be recognised: science fiction and adventure, no romance.
# The ids are MovieLens's; all ten films are in both small editions.
GUEST = [
    (260, "Star Wars: Episode IV - A New Hope (1977)", 5.0),
    (2571, "Matrix, The (1999)", 5.0),
    (589, "Terminator 2: Judgment Day (1991)", 4.5),
    (1198, "Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark) (1981)", 4.5),
    (480, "Jurassic Park (1993)", 4.0),
    (1, "Toy Story (1995)", 3.5),
    (356, "Forrest Gump (1994)", 3.0),
    (597, "Pretty Woman (1990)", 2.0),
    (1721, "Titanic (1997)", 1.5),
    (587, "Ghost (1990)", 1.5),
]


def my_ratings_file() -> Path:
    """Where the reader's ratings are: `my_ratings.csv` beside the notebook.

    COLLAB_MY_RATINGS names another file. (Tests and `make notebooks` name one that isn't there, so
    that nobody's own ratings get into the stored lessons.)
    """
    return Path(os.environ.get("COLLAB_MY_RATINGS", "").strip() or "my_ratings.csv")


def load_my_ratings(path: str | Path | None = None) -> pd.DataFrame:
    """The reader's ratings, or the guest's if there is no file: movie (id), title, rating (stars).

    `.attrs["guest"]` says whether they are the guest's. Introduced in lesson 1.

    Raises ValueError, which names the file, the line and the remedy, if the file can't be read as
    such a table; the file stays as it is.
    """
    path = Path(path or my_ratings_file())
    remedy = "fix that line, or delete the file and rate the films in lesson 1 again"
    try:
        there = path.exists()
    except OSError as error:  # a name that can be no file
        raise ValueError(f"{path} can't be read as a table ({error}): {remedy}") from error
    if not there:
        frame = pd.DataFrame(GUEST, columns=COLUMNS)
        frame.attrs["guest"] = True
        return frame
    try:
        frame = pd.read_csv(
            path,
            dtype={"title": str},
            encoding="utf-8",
            keep_default_na=False,  # a film may be called None
            skip_blank_lines=False,  # the lines are counted
        )
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} can't be read as a table ({error}): {remedy}") from error
    if list(frame.columns) != COLUMNS:
        raise ValueError(f"{path} has the columns {list(frame.columns)}, not {COLUMNS}: {remedy}")
    frame = frame[frame.astype(str).ne("").any(axis=1)]
    if len(frame) == 0:
        raise ValueError(f"{path} holds no rating: delete it, or rate films in lesson 1")
    good = _are_ratings(frame)
    if not good.all():
        line = good.index[~good][0] + 2
        raise ValueError(f"{path}, line {line} {NO_RATING}: {remedy}")
    frame = frame.astype({"movie": float, "rating": float}).astype({"movie": int})
    frame = frame.reset_index(drop=True)
    frame.attrs["guest"] = False
    return frame


def _are_ratings(frame: pd.DataFrame) -> pd.Series:
    """Whether each row is a rating: what is saved can be read, and the other way round."""
    movies, stars = (pd.to_numeric(frame[name], errors="coerce") for name in ("movie", "rating"))
    titles = frame["title"].map(lambda title: isinstance(title, str) and title.strip() != "")
    return (
        movies.between(1, MOST_ID)
        & (movies % 1 == 0)
        & stars.between(0.5, 5)
        & (2 * stars % 1 == 0)
        & titles
        & ~movies.duplicated()
    )


def save_my_ratings(ratings: pd.DataFrame, path: str | Path | None = None) -> None:
    """Write `ratings`, with the columns movie, title and rating, to the file: whole or not at all.

    Introduced in lesson 1. Raises ValueError if a column is missing or a row is no rating, OSError
    if there is no writing there; then the file is as it was.
    """
    missing = set(COLUMNS) - set(ratings.columns)
    if missing:
        raise ValueError(f"the ratings lack the columns {sorted(missing)}: give {COLUMNS}")
    good = _are_ratings(ratings)
    if not good.all():
        row = ratings.loc[~good, COLUMNS].iloc[0].tolist()
        raise ValueError(f"{row} {NO_RATING}: nothing was saved")
    path = Path(path or my_ratings_file())
    number, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            ratings[COLUMNS].to_csv(file, index=False)
        os.replace(new, path)
    except BaseException:
        Path(new).unlink(missing_ok=True)
        raise


def forget_my_ratings(path: str | Path | None = None) -> bool:
    """Delete the file with the reader's ratings; returns whether there was one. Lesson 1."""
    path = Path(path or my_ratings_file())
    there = path.exists()
    path.unlink(missing_ok=True)
    return there
