"""What the tests of the notebooks share: where they are, and what is in a cell."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9]*.ipynb"))
SOLUTION = re.compile(
    r"<details><summary>Solution</summary>\s*```python\n(.*?)```.*?</details>", re.DOTALL
)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def exercises(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode, str]]:
    """The starter cell, the check cell and the solution's code of each exercise."""
    for place, cell in enumerate(notebook.cells):
        if has_tag(cell, "exercise"):
            check, *rest = notebook.cells[place + 1 :]
            told = next(c.source for c in rest if "<summary>Solution" in c.source)
            yield cell, check, SOLUTION.search(told).group(1)
