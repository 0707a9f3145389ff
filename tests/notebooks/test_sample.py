"""Every lesson runs from top to bottom on a sample of users, as it does on a sample of any edition.

The sentences and numbers of a lesson need not hold there, so Python leaves the asserts out. `make
test` takes three lessons: tables, a model, stored results. COLLAB_EVERY_LESSON=1 takes all, as each
night does.
"""

import os

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tests.notebooks.lessons import PATHS, code_cells, read

N_USERS = 300
EVERY = os.environ.get("COLLAB_EVERY_LESSON", "") == "1"
CHOSEN = [path for path in PATHS if EVERY or path.stem[:2] in ("02", "07", "10")]
WHO = "from collab_lib import load_ratings\nprint(load_ratings()['userId'].nunique(), __debug__)"


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
def test_a_lesson_runs_on_a_sample_of_users(path):
    notebook = read(path)
    who = new_code_cell(WHO)
    notebook.cells = [*code_cells(notebook), who]
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=1200, resources=resources)
    environment = {**os.environ, "COLLAB_USERS": str(N_USERS), "PYTHONOPTIMIZE": "1"}
    with client.setup_kernel(env=environment):
        for place, cell in enumerate(notebook.cells):
            client.execute_cell(cell, place)
    assert who.outputs[0].text.split() == [str(N_USERS), "False"]
