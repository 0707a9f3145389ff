"""The panels of a lesson, alive: its cells run in this process, as a kernel would run them."""

import ast
import contextlib
import io
import os
from pathlib import Path

import nbformat
from IPython.display import display

from collab_lib.kit.panel import Panel

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def lesson_paths() -> list[Path]:
    """The notebooks of the course, in order."""
    return sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def panels_of(path: Path) -> list[Panel]:
    """Run the lesson at `path` from top to bottom; returns the panels that its cells end on."""
    names = {"__name__": "__main__", "display": display}
    found = []
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code":
                    shown = _run(cell.source, names, str(path))
                    if isinstance(shown, Panel):
                        found.append(shown)
    finally:
        os.chdir(before)
    return found


def _run(source: str, names: dict, file: str):
    """Run one cell; returns the value of its last expression, if it ends on one."""
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), names)
    if last is not None:
        return eval(compile(ast.Expression(last.value), file, "eval"), names)
    return None
