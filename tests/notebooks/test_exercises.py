"""Each exercise: the starter doesn't pass its check, the folded solution does."""

import pytest
from nbclient import NotebookClient

from tests.notebooks.lessons import PATHS, exercises, has_tag, read


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_starters_do_not_pass(path):
    for _, check, _ in exercises(read(path)):
        (output,) = check.outputs
        assert output.data["text/plain"].startswith("✗ "), check.source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_solutions_pass(path, no_collab_data):
    notebook = read(path)
    for starter, _, solution in exercises(notebook):
        starter.source = solution
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    checks = [cell for cell in notebook.cells if has_tag(cell, "check")]
    assert checks
    for check in checks:
        assert check.outputs[0].data["text/plain"].startswith("✓ "), check.source
