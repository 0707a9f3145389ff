"""Which ratings to use: the table of known MovieLens editions, and the choice of one.

GroupLens publishes MovieLens in editions, each a zip. Listed here are those that hold a ratings.csv
and a movies.csv of the form that the course reads.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import DataError, readable


@dataclass(frozen=True)
class Edition:
    """One edition of MovieLens.

    `zip_bytes` is the size of GroupLens's zip; None where there is nothing to download, because
    the course brings the edition with it. `checksum` is "algorithm:hexadecimal digits", None where
    GroupLens changes the zip from time to time.
    """

    name: str
    date: str
    n_ratings: int
    n_users: int
    zip_bytes: int | None = None
    checksum: str | None = None

    @property
    def is_bundled(self) -> bool:
        return self.zip_bytes is None

    def __str__(self) -> str:
        return (
            f"{self.name} (MovieLens, {self.date}: "
            f"{self.n_ratings:,} ratings by {self.n_users:,} users)"
        )


# The sha256 sums are those that TensorFlow Datasets checks, which also gives the sizes; the md5 sum
# is the one that GroupLens publishes beside ml-32m.zip.
_TABLE = (
    Edition("ml-latest-small-2016", "October 2016", 100_004, 671),
    Edition(
        "ml-latest-small",
        "September 2018",
        100_836,
        610,
        zip_bytes=978_202,
        checksum="sha256:696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
    ),
    Edition(
        "ml-20m",
        "October 2016",
        20_000_263,
        138_493,
        zip_bytes=198_702_078,
        checksum="sha256:96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
    ),
    Edition(
        "ml-25m",
        "November 2019",
        25_000_095,
        162_541,
        zip_bytes=261_978_986,
        checksum="sha256:8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
    ),
    Edition(
        "ml-32m",
        "October 2023",
        32_000_204,
        200_948,
        zip_bytes=238_950_008,
        checksum="md5:d472be332d4daa821edc399621853b57",
    ),
    # GroupLens replaces this one: the figures are those of July 2023, and there is no checksum.
    Edition("ml-latest", "July 2023 or later", 33_832_162, 330_975, zip_bytes=350_000_000),
)
EDITIONS: dict[str, Edition] = {edition.name: edition for edition in _TABLE}
BUNDLED = _TABLE[0]
_OLDER = ("ml-100k", "ml-1m", "ml-10m")

# What marks the top of a project: a relative folder is looked for no higher than this.
_ROOT_MARKS = ("pyproject.toml", ".git")


def choose(source: str | os.PathLike[str] | None = None) -> Edition | Path:
    """Decide which data `source` means: a known edition, or a folder that exists (as a full path).

    None means the environment variable COLLAB_DATA, and the bundled edition if that is unset or
    empty. A relative folder is looked for in the working folder, then in the folders above it up
    to the top of the project, so that the same COLLAB_DATA serves the project's folder and its
    notebooks. A folder that holds ratings comes before an edition of the same name.

    Raises DataError where there is neither, with the names that are known and the paths tried.
    """
    asked_by = ""
    if source is None:
        source = os.environ.get("COLLAB_DATA", "").strip()
        if not source:
            return BUNDLED
        asked_by = " (from COLLAB_DATA)"
    text = os.fspath(source)
    if not text.strip():
        raise DataError("source is empty. Give an edition's name or a folder, or leave it out.")

    try:
        candidates = _candidate_folders(Path(text).expanduser())
    except RuntimeError:  # "~somebody", of whom this computer knows nothing
        candidates = []
    edition = EDITIONS.get(text) if isinstance(source, str) else None
    for folder in candidates:
        with readable(folder):
            is_folder = folder.is_dir() and (edition is None or _holds_ratings(folder))
            is_file = folder.is_file()
        if is_folder:
            return folder
        if is_file:
            raise DataError(
                f"{folder}{asked_by} is a file, and a folder is needed. "
                "If it is a zip, unpack it and give the folder that holds ratings.csv."
            )
    if edition is not None:
        return edition
    raise DataError(_not_found(text, asked_by, candidates))


def _candidate_folders(path: Path) -> list[Path]:
    """The full paths that a path may mean, in the order in which to try them."""
    if path.is_absolute():
        return [path]
    here = Path.cwd()
    starts = [here]
    for above in (here, *here.parents):
        if above != here:
            starts.append(above)
        if any((above / mark).exists() for mark in _ROOT_MARKS):
            break
    else:
        starts = [here]
    return [Path(os.path.normpath(start / path)) for start in starts]


def _holds_ratings(folder: Path) -> bool:
    return (folder / "ratings.csv").is_file() or (folder / "ratings.csv.gz").is_file()


def _not_found(text: str, asked_by: str, candidates: list[Path]) -> str:
    close = difflib.get_close_matches(text, EDITIONS, n=1, cutoff=0.8)
    if text in _OLDER:
        guess = " GroupLens publishes it, but its files have another form."
    else:
        guess = f" Did you mean {close[0]!r}?" if close else ""
    tried = ", ".join(str(folder) for folder in candidates) or "a user of that name"
    return (
        f"{text!r}{asked_by} is neither an edition nor a folder.{guess} "
        f"Known editions: {', '.join(EDITIONS)}. "
        f"A folder that holds ratings.csv and movies.csv works too; looked for {tried}."
    )
