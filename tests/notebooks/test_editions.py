"""Every notebook also runs on the edition of September 2018, with its asserts holding."""

import os

import pytest
from nbclient import NotebookClient

from tests.notebooks.lessons import PATHS, read


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs_on_the_source_texts_edition(path, seed_folder, monkeypatch):
    monkeypatch.setenv("COLLAB_DATA", str(seed_folder))
    notebook = read(path)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources, env=dict(os.environ)).execute()
