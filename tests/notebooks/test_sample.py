"""Every lesson runs from top to bottom on a sample of users, as it does on a sample of any edition.

The sentences and numbers of a lesson need not hold there, so Python leaves the asserts out.
"""

import os

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tests.notebooks.lessons import PATHS, code_cells, read

N_USERS = 300
WHO = "from collab_lib import load_ratings\nprint(load_ratings()['userId'].nunique(), __debug__)"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
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
