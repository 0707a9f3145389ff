"""Copies of the lessons to hand out: one for students, without solutions, and one for teachers.

python -m tools.handout                  all lessons, in build/handout/
python -m tools.handout 5                lesson 5
python -m tools.handout --no-answers     without the folded answers as well, for a quiz that counts

build/handout/students/ and students.zip are for students. build/handout/teacher/ has the same
lessons with the exercises solved in their cells, and everything unfolded. Cells keep their ids, so
that `python -m tools.grade` knows what comes back.
"""

import argparse
import copy
import re
import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode

from tools.course import ROOT, lesson_named, lesson_paths

COPIES = ("students", "teacher")
FOLDED = r"<details>\s*<summary>{}</summary>.*?</details>\s*"
SOLUTION = re.compile(FOLDED.format("Solution"), re.DOTALL)
ANSWER = re.compile(FOLDED.format("Answers?"), re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def for_students(lesson: NotebookNode, answers: bool = True) -> NotebookNode:
    """A copy without outputs and without solutions; `answers=False`: without any folded answer."""
    copied = copy.deepcopy(lesson)
    for cell in copied.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = SOLUTION.sub("", cell.source)
            if not answers:
                cell.source = ANSWER.sub("", cell.source)
            cell.source = cell.source.strip()
    copied.cells = [cell for cell in copied.cells if cell.cell_type == "code" or cell.source]
    return copied


def for_teachers(lesson: NotebookNode) -> NotebookNode:
    """A copy with its outputs, every exercise solved in its cell, and all answers unfolded."""
    copied = copy.deepcopy(lesson)
    for place, cell in enumerate(copied.cells):
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags:
            cell.source = solution_after(copied.cells[place + 1 :])
        if {"exercise", "check"} & set(tags):
            cell.outputs, cell.execution_count = [], None  # they belong to the starter
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("<details>", "<details open>")
    return copied


def solution_after(cells: list[NotebookNode]) -> str:
    """The code of the first solution in these cells. Raises ValueError where there is none."""
    for cell in cells:
        found = SOLUTION.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return CODE.search(found[0])[1].rstrip()
    raise ValueError("there is no solution below this exercise")


def hand_out(paths: list[Path], into: Path, answers: bool = True) -> list[Path]:
    """Write both copies of each lesson, and the zip; returns the files for students.

    Raises ValueError where a lesson lacks a solution, or where a folder holds something that isn't
    a copy of a lesson and would be lost; then nothing is changed.
    """
    copies = {lesson.name for lesson in lesson_paths()} | {path.name for path in paths}
    for name in COPIES:
        for there in sorted((into / name).glob("*")):
            if there.name not in copies:
                raise ValueError(f"{there} isn't a copy of a lesson: name another folder, --into")
    into.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into, prefix=".new-") as folder:
        new = Path(folder)
        for name in COPIES:
            (new / name).mkdir()
        with zipfile.ZipFile(new / "students.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                lesson = nbformat.read(path, as_version=4)
                nbformat.write(for_students(lesson, answers), new / "students" / path.name)
                nbformat.write(for_teachers(lesson), new / "teacher" / path.name)
                archive.write(new / "students" / path.name, f"students/{path.name}")
        for name in COPIES:
            shutil.rmtree(into / name, ignore_errors=True)
        for made in new.iterdir():
            made.replace(into / made.name)
    return [into / "students" / path.name for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", help="its number; without one, all lessons")
    parser.add_argument("--no-answers", action="store_true", help="leave out all folded answers")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "handout")
    given = parser.parse_args()
    try:
        chosen = [lesson_named(given.lesson).path] if given.lesson else lesson_paths()
        written = hand_out(chosen, given.into, not given.no_answers)
    except ValueError as error:
        raise SystemExit(f"Nothing was written: {error}.") from None
    print(f"{len(written)} lessons in {given.into}/students, students.zip and teacher/")


if __name__ == "__main__":
    main()
