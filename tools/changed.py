"""The lessons that have changed: their notebooks, since a commit, for `make check`.

python -m tools.changed          since the last commit, what isn't committed
python -m tools.changed main     since the branch left main

A lesson has changed if its notebook has, or anything in its folder of collab_lib.
"""

import subprocess
import sys

from tools.course import ROOT, Lesson, lessons


def changed_files(since: str = "HEAD") -> set[str]:
    """The paths, from the top of the project, that differ from the commit `since`; new ones too."""
    git = ["git", "-C", str(ROOT)]
    base = subprocess.run([*git, "merge-base", since, "HEAD"], capture_output=True, text=True)
    if base.returncode:
        sys.exit(f"git knows no commit {since!r}: {base.stderr.strip()}")
    calls = (
        [*git, "diff", "--name-only", base.stdout.strip()],
        [*git, "ls-files", "--others", "--exclude-standard"],
    )
    return {
        line
        for call in calls
        for line in subprocess.run(call, capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )
        if line
    }


def changed_lessons(files: set[str]) -> list[Lesson]:
    """The lessons whose notebook or folder is among `files`."""
    return [
        lesson
        for lesson in lessons()
        if f"notebooks/{lesson.file}.ipynb" in files
        or any(file.startswith(f"collab_lib/lessons/{lesson.module}/") for file in files)
    ]


if __name__ == "__main__":
    for lesson in changed_lessons(changed_files(*sys.argv[1:2])):
        print(lesson.path.relative_to(ROOT))
