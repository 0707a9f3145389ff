"""The panels of a lesson, alive: its cells run in this process, as a kernel would run them."""

import ast
import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
from IPython.display import display
from nbformat import NotebookNode

from collab_lib.kit.panel import Panel


def panels_of(path: Path) -> list[Panel]:
    """Run the lesson at `path` from top to bottom; returns the panels that its cells end on."""
    return [panel for _, panel in panels_as_shown(path, path.parent)]


def panels_as_shown(
    path: Path, folder: Path, whole: bool = True
) -> Iterator[tuple[NotebookNode, Panel]]:
    """Run the lesson at `path` in `folder`; yields (cell, panel) as soon as a cell shows a panel.

    The rest of the lesson runs when the next one is asked for. whole: also run what comes after the
    last panel, where the models of exercises and scoreboards take their time.
    """
    names = {"__name__": "__main__", "display": display}
    before = Path.cwd()
    cells = nbformat.read(path, as_version=4).cells
    for cell in cells if whole else cells[: _end_of_panels(cells)]:
        if cell.cell_type == "code":
            os.chdir(folder)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    shown = _run(cell.source, names, str(path))
            finally:
                os.chdir(before)
            if isinstance(shown, Panel):
                yield cell, shown


def _end_of_panels(cells: list[NotebookNode]) -> int:
    """The number of cells up to the last one that shows a panel, or may: its code says the word."""
    code = [
        "panel" in cell.source or "collab-panel" in str(cell.outputs)
        if cell.cell_type == "code"
        else False
        for cell in cells
    ]
    return max((place for place, shows in enumerate(code, start=1) if shows), default=0)


def _run(source: str, names: dict, file: str):
    """Run one cell; returns the value of its last expression, if it ends on one."""
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), names)
    if last is not None:
        return eval(compile(ast.Expression(last.value), file, "eval"), names)
    return None
