"""Runs as the student, in the student's own folder: brings the lessons, then starts the server.

An update of the course never touches what a student has changed: an untouched lesson is replaced,
a changed one stays, and the new one is put beside it, in `new/`.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

GIVEN = ".given.json"  # which version of each lesson this student was given


def bring_lessons(course: Path, folder: Path) -> dict[str, str]:
    """Bring the lessons in `course` to `folder`; returns what was done with each one.

    "given", "updated" (it was untouched), "beside" (it was changed), or "kept".
    """
    folder.mkdir(exist_ok=True)
    given = _read(folder / GIVEN)
    done = {}
    for source in sorted(course.glob("[0-9]*.ipynb")):
        data, target = source.read_bytes(), folder / source.name
        new, old = _digest(data), given.get(source.name)
        if new == old:
            done[source.name] = "kept"
            continue
        if not target.exists():
            done[source.name] = "given"
        elif _digest(target.read_bytes()) == old:
            done[source.name] = "updated"
        else:
            done[source.name] = "beside"
            target = folder / "new" / source.name
            target.parent.mkdir(exist_ok=True)
        _write(target, data)
        given[source.name] = new
        _write(folder / GIVEN, json.dumps(given).encode())
    return done


def _read(path: Path) -> dict:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, data: bytes) -> None:
    """Write a file whole, or not at all."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    os.replace(new, path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    course = Path(os.environ["COLLAB_LESSONS"])
    os.chdir(Path.home())
    try:
        bring_lessons(course, Path.home() / "course")
    except OSError as error:  # a full disk must not keep anybody from the own work
        print(f"The lessons could not be brought: {error}", file=sys.stderr)
    command = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
