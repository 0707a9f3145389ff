"""Bring a lesson back as it was, and keep what was written in it.

python -m tools.fresh 3            your copy goes to notebooks/mine/, the fresh one takes its place
python -m tools.fresh --remember   keep copies of all lessons, for a folder that git doesn't know

In JupyterLab, a cell with `%run -m tools.fresh 3` does the same. On a class server, which sets
COLLAB_LESSONS to the folder of the fresh lessons, the lesson is that of the folder you are in.
Elsewhere the fresh lesson comes from the last commit, or else from the copies that `make lab` kept.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.course import NOTEBOOKS, lesson_named, lesson_paths

KEPT = Path(sys.prefix) / "share" / "collab_lib" / "lessons"


def fresh(path: Path) -> Path | None:
    """Bring back the lesson at `path`; returns where the old file is now, None if it was fresh.

    Raises ValueError where there is no fresh copy; then nothing is changed.
    """
    new = fresh_copy(path.name, path.parent)
    if path.exists() and path.read_bytes() == new:
        return None
    kept = keep(path) if path.exists() else None
    write(path, new)
    return kept


def fresh_copy(name: str, folder: Path = NOTEBOOKS) -> bytes:
    """The lesson as it was given out. Raises ValueError where there is none."""
    named = os.environ.get("COLLAB_LESSONS", "").strip()
    if named:
        return _read(Path(named) / name)
    git = ["git", "-C", str(folder), "show", f"HEAD:./{name}"]
    try:
        return subprocess.run(git, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return _read(KEPT / name)


def keep(path: Path) -> Path:
    """Copy a file to the folder `mine` beside it, under a name that nothing has yet."""
    folder = path.parent / "mine"
    folder.mkdir(exist_ok=True)
    number = 1
    while True:
        copy = folder / f"{path.stem}_{number}{path.suffix}"
        try:
            with copy.open("xb") as file:
                file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            return copy
        except FileExistsError:
            number += 1


def write(path: Path, data: bytes) -> None:
    """Write a file at once: whoever looks sees the old one or the new one, whole."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".fresh-")
    with os.fdopen(number, "wb") as file:
        file.write(data)
    os.chmod(name, 0o644)
    os.replace(name, path)


def remember() -> None:
    """Keep a copy of all lessons beside the packages."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for path in lesson_paths():
        shutil.copyfile(path, KEPT / path.name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ValueError(
            f"there is no fresh copy of {path.name} here. Download the course again, to another "
            "folder"
        ) from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", help="its number, such as 3")
    parser.add_argument("--remember", action="store_true", help="keep copies of all lessons")
    given = parser.parse_args()
    if given.remember:
        remember()
        return
    if not given.lesson:
        raise SystemExit("Which lesson? make fresh LESSON=3 brings lesson 3 back.")
    try:
        path = lesson_named(given.lesson).path
        if os.environ.get("COLLAB_LESSONS", "").strip():
            path = Path.cwd() / path.name
        kept = fresh(path)
    except ValueError as error:
        raise SystemExit(f"Nothing was changed: {error}.") from None
    if kept is None:
        print(f"{path.name} is as fresh as it was given out. Nothing was changed.")
    else:
        print(f"{path.name} is fresh again. Your copy is {kept.relative_to(path.parent)}.")
        print("In JupyterLab close the lesson's tab and open it again.")


if __name__ == "__main__":
    main()
