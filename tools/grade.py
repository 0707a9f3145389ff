"""Run the notebooks that students handed in, and print a table of which exercises are right.

python -m tools.grade handed_in/ > marks.csv

A file's name begins like its lesson's: 05_dot_model_ada.ipynb. The original check cells take the
place of those handed in, so that an edited check doesn't count. This runs the students' code: do it
where that can do no harm.
"""

import argparse
import csv
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SECONDS_A_CELL = 120


def grade(path: Path) -> list[bool]:
    """Run one notebook; returns for each exercise of its lesson whether the check says ✓.

    Raises ValueError where the file is no notebook, where its name begins like that of no lesson,
    and where it hasn't the lesson's check cells.
    """
    lesson = lesson_of(path)
    try:
        notebook = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        raise ValueError("is not a notebook: ask for the .ipynb file") from None
    checks, originals = check_cells(notebook), check_cells(lesson)
    if len(checks) != len(originals):
        raise ValueError(
            f"has {len(checks)} check cells, not {len(originals)}: look at it yourself"
        )
    for check, original in zip(checks, originals, strict=True):
        check.source = original.source
        check.outputs = []  # a tick that was handed in doesn't count
    place = {"metadata": {"path": path.parent}}
    client = NotebookClient(notebook, timeout=SECONDS_A_CELL, allow_errors=True, resources=place)
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        print(f"{path.name} was stopped: {str(error).splitlines()[0]}", file=sys.stderr)
    return [says_right(check) for check in checks]


def lesson_of(path: Path) -> NotebookNode:
    """The lesson whose name the file's name begins with."""
    for lesson in NOTEBOOKS.glob("[0-9]*.ipynb"):
        if path.stem.startswith(lesson.stem):
            return nbformat.read(lesson, as_version=4)
    raise ValueError("is named like no lesson: rename it, 05_dot_model_ada.ipynb for instance")


def check_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if "check" in cell.metadata.get("tags", [])]


def says_right(check: NotebookNode) -> bool:
    """Whether the cell's own result is a tick; what it printed doesn't count."""
    results = [output for output in check.outputs if output.output_type == "execute_result"]
    return any(result.data["text/plain"].startswith("✓") for result in results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds the notebooks, one for each student")
    paths = sorted(parser.parse_args().folder.glob("*.ipynb"))
    table = csv.writer(sys.stdout)
    table.writerow(["notebook", "right", "of", "exercises that are right, or a remark"])
    for path in tqdm(paths, unit="notebook"):
        try:
            marks = grade(path)
        except ValueError as error:
            table.writerow([path.name, "", "", error])
        else:
            right = [str(number) for number, mark in enumerate(marks, start=1) if mark]
            table.writerow([path.name, len(right), len(marks), " ".join(right)])


if __name__ == "__main__":
    main()
