"""What was handed in: a file, a folder or a zip, as people and learning platforms make them."""

import itertools
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

MOST_BYTES = 30 * 2**20
MOST_FILES = 5_000
MOST_UNPACKED = 2 * 2**30
HUB_FOLDER = "course"  # `make hub` puts the lessons of each student there
JUNK = {"__MACOSX", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini"}

# What a spreadsheet takes for a formula, in narrow and wide letters.
FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")

# Moodle: "Dia Müller_1234567_assignsubmission_file_05_dot_model.ipynb", or a folder of that name.
MOODLE = re.compile(r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$")
# Canvas: "mullerdia_LATE_123_4567_05_dot_model-1.ipynb".
CANVAS = re.compile(r"^(?P<who>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<rest>.+)$")


@dataclass(frozen=True)
class HandIn:
    """One file. name: as it is shown, its folders included. path: where it lies; None: it can't be
    read, and `problem` says why."""

    name: str
    path: Path | None
    problem: str = ""

    def read(self) -> bytes:
        """The file's bytes. Raises ValueError with a remark for what is no plain file."""
        if self.path is None:
            raise ValueError(self.problem)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            number = os.open(self.path, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise ValueError(f"can't be read: {error.strerror}") from None
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise ValueError("is no plain file")
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"has more than {MOST_BYTES // 2**20} MB: clear its outputs")
        return data


def student_of(name: str, lessons: Sequence[str] = ("05_dot_model",)) -> tuple[str, str]:
    """The student and the platform's number for a file's name, folders included.

    lessons: the names that a student's own part comes after.

    >>> student_of("Dia Müller_1234567_assignsubmission_file_/05_dot_model.ipynb")
    ('Dia Müller', '1234567')
    >>> student_of("mullerdia_LATE_123_4567_05_dot_model-1.ipynb")
    ('mullerdia', '123')
    >>> student_of("05_dot_model_ada.ipynb"), student_of("group 1/ada/05_dot_model.ipynb")
    (('ada', ''), ('ada', ''))
    """
    parts = list(PurePosixPath(name).parts)
    for part in reversed(parts):
        stem = part[: -len(".ipynb")] if part.endswith(".ipynb") else part
        for pattern in (MOODLE, CANVAS):
            if match := pattern.match(stem):
                return match["who"].strip(), match["id"]
    stem = PurePosixPath(parts[-1]).stem if parts else ""
    lesson = next((one for one in lessons if stem.startswith(one)), "")
    own = re.sub(r"^\(\d+\)$", "", stem[len(lesson) :].strip("_- "))
    if own:
        return own, ""
    folders = [part for part in parts[:-1] if part != HUB_FOLDER]
    return (folders[-1] if folders else stem), ""


def collect(source: Path, into: Path, without: tuple[Path, ...] = ()) -> Iterator[HandIn]:
    """Every file in `source`, in the order of the names; a zip is unpacked in `into`.

    without: folders that hold no submissions, the marks for instance.
    Raises ValueError where there is no such source, or more files than a class hands in.
    """
    if source.is_dir():
        found = list(_in_folder(source, without))
    elif zipfile.is_zipfile(source):
        found = list(_in_zip(source, into))
    elif source.exists():
        found = [HandIn(source.name, source)]
    else:
        raise ValueError(f"there is no {source}")
    if len(found) > MOST_FILES:
        raise ValueError(f"{source} holds more than {MOST_FILES:,} files: is it the right folder?")
    return _each_with_its_name(sorted(found, key=lambda hand_in: hand_in.name))


def _each_with_its_name(found: list[HandIn]) -> list[HandIn]:
    """Two files of a zip can have one name, or odd bytes that look the same: later ones get a
    number."""
    taken: set[str] = set()
    named = []
    for hand_in in found:
        stem, ending = os.path.splitext(hand_in.name)
        free = (f"{stem} ({number}){ending}" for number in itertools.count(2))
        name = (
            hand_in.name if hand_in.name not in taken else next(n for n in free if n not in taken)
        )
        taken.add(name)
        named.append(replace(hand_in, name=name))
    return named


def _in_folder(folder: Path, without: tuple[Path, ...]) -> Iterator[HandIn]:
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append, followlinks=False):
        here = Path(place)
        for name in list(folders):
            path = here / name
            if name in JUNK or path.resolve() in without:
                folders.remove(name)
            elif path.is_symlink():
                yield HandIn(_shown(path, folder), None, "is a link: links aren't followed")
                folders.remove(name)
            elif name.endswith(".ipynb"):
                yield HandIn(_shown(path, folder), None, "is a folder, not a file")
        for name in files:
            path = here / name
            if name in JUNK:
                continue
            if path.is_symlink():
                yield HandIn(_shown(path, folder), None, "is a link: links aren't followed")
            else:
                yield HandIn(_shown(path, folder), path)
    for error in closed:
        problem = f"is a folder that can't be opened: {error.strerror}"
        yield HandIn(_shown(Path(error.filename), folder), None, problem)


def _in_zip(source: Path, into: Path) -> Iterator[HandIn]:
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MOST_FILES:
            raise ValueError(f"{source} holds more than {MOST_FILES:,} files")
        left = MOST_UNPACKED
        for number, member in enumerate(members):
            name = member.filename.replace("\\", "/")
            if JUNK & set(PurePosixPath(name).parts):
                continue
            if stat.S_ISLNK(member.external_attr >> 16):
                yield HandIn(name, None, "is a link: links aren't followed")
                continue
            data = b""
            try:
                if left >= 0:
                    with archive.open(member) as file:
                        data = file.read(MOST_BYTES + 1)
            except Exception as error:  # a password, a broken member, an unknown compression
                yield HandIn(name, None, f"can't be unpacked: {error}")
                continue
            left -= len(data)
            if left < 0:  # half a notebook would be called none
                most = f"{MOST_UNPACKED / 2**30:.1f} GB"
                yield HandIn(name, None, f"wasn't unpacked: the zip holds more than {most}")
                continue
            target = into / f"{number}.ipynb"  # never the name that the zip gives
            target.write_bytes(data)
            yield HandIn(name, target)


def _shown(path: Path, folder: Path) -> str:
    """The path as text, whatever bytes its name has."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")


def plain(text: str, longest: int = 500) -> str:
    """Text that is safe in a table: one line, no control characters, and no formula.

    >>> plain("=HYPERLINK(1)"), plain(" +1"), plain("05_dot_model_ada.ipynb")
    ("'=HYPERLINK(1)", "'+1", '05_dot_model_ada.ipynb')
    """
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text))
    text = " ".join(text.split())[:longest]
    return "'" + text if text[:1] in FORMULA else text
