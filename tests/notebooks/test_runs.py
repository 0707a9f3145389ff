"""Each lesson with its solutions: they pass their checks, and every cell can be run again.

nbval runs each lesson as it is stored, on the bundled edition. Here it runs once more, on the
edition of September 2018 (the bundled one where COLLAB_SEED_DATA names none), with the solutions in
place of the starters; and then every cell a second time from the top, as readers do who go back.
"""

import os

import pytest
from nbclient import NotebookClient

from tests.notebooks.lessons import PATHS, code_cells, exercises, has_tag, read

every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@every_notebook
def test_the_starters_do_not_pass(path):
    for _, check, _ in exercises(read(path)):
        (output,) = check.outputs
        assert output.data["text/plain"].startswith("✗ "), check.source


def run(notebook, path, cells) -> None:
    """Run `cells` of the notebook one after the other in one kernel; a failure names its cell."""
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=120, resources=resources)
    with client.setup_kernel(env=dict(os.environ)):
        for place in cells:
            client.execute_cell(notebook.cells[place], place)


@every_notebook
def test_solutions_pass_and_cells_can_be_run_again(path, monkeypatch):
    seed = os.environ.get("COLLAB_SEED_DATA", "").strip()
    monkeypatch.delenv("COLLAB_DATA", raising=False)
    if seed:
        monkeypatch.setenv("COLLAB_DATA", os.path.abspath(seed))
    notebook = read(path)
    for starter, _, solution in exercises(notebook):
        starter.source = solution
    code = [n for n, cell in enumerate(notebook.cells) if cell in code_cells(notebook)]
    run(notebook, path, code + code)
    for cell in notebook.cells:
        if has_tag(cell, "check"):
            assert cell.outputs[0].data["text/plain"].startswith("✓ "), cell.source
