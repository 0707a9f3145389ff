"""Each lesson with its solutions: they pass their checks, and every cell can be run again.

nbval runs each lesson as it is stored, on the bundled edition. Here it runs once more, on the
edition of September 2018 (the bundled one where COLLAB_SEED_DATA names none), with the solutions in
place of the starters. Then every cell runs a second time, from the last to the first: that is how a
reader goes back up and runs one cell again, and it must not meet what a later cell made under the
same name. By then the reader has rated one film, the least that a lesson can meet; so the cells
that depend on the reader's films run once more, from the top.
"""

import ast
import os

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from collab_lib import load_my_ratings, save_my_ratings
from tests.notebooks.lessons import PATHS, code_cells, exercises, has_tag, read

every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@every_notebook
def test_the_starters_do_not_pass(path):
    for _, check, _ in exercises(read(path)):
        (output,) = check.outputs
        assert output.data["text/plain"].startswith("✗ "), check.source


def run(client, cells) -> None:
    """Run `cells` of the client's notebook one after the other; a failure names its cell."""
    for place in cells:
        client.execute_cell(client.nb.cells[place], place)


def of_the_reader(cells) -> list[int]:
    """The places of the cells that use the reader's own films, or what such a cell made of them."""
    made, places = set(), []
    for place, cell in enumerate(cells):
        names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
        if "load_my_ratings()" in cell.source or {name.id for name in names} & made:
            made |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
            places.append(place)
    return places


def test_what_depends_on_the_reader_is_found():
    sources = ("a = 1", "b = load_my_ratings()", "c = b", "a + 1", "print(c)")
    assert of_the_reader([new_code_cell(source) for source in sources]) == [1, 2, 4]


@every_notebook
def test_solutions_pass_and_cells_can_be_run_again(path, monkeypatch, tmp_path):
    seed = os.environ.get("COLLAB_SEED_DATA", "").strip()
    monkeypatch.delenv("COLLAB_DATA", raising=False)
    if seed:
        monkeypatch.setenv("COLLAB_DATA", os.path.abspath(seed))
    notebook = read(path)
    for starter, _, solution in exercises(notebook):
        starter.source = solution
    code = [n for n, cell in enumerate(notebook.cells) if cell in code_cells(notebook)]
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=120, resources=resources)
    mine = tmp_path / "my_ratings.csv"
    with client.setup_kernel(env={**os.environ, "COLLAB_MY_RATINGS": str(mine)}):
        run(client, code)
        save_my_ratings(load_my_ratings(mine).tail(1).assign(rating=5.0), mine)
        run(client, code[::-1])
        run(client, [code[n] for n in of_the_reader(code_cells(notebook))])
    for cell in notebook.cells:
        if has_tag(cell, "check"):
            assert cell.outputs[0].data["text/plain"].startswith("✓ "), cell.source
