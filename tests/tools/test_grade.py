"""Grading: what counts is what the original check says about the student's own cells."""

import csv
import io
import sys

import nbformat
import pytest

from tests.notebooks.lessons import PATHS, exercises, read
from tools import grade

START = PATHS[0]


@pytest.fixture
def hand_in(tmp_path):
    """Writes a copy of the start page with its one exercise changed."""

    def write(name="00_start_here_ada.ipynb", answer=None, check=None):
        notebook = read(START)
        ((starter, check_cell, _),) = exercises(notebook)
        starter.source = answer or starter.source
        check_cell.source = check or check_cell.source
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    "changes, mark",
    [
        ({}, False),
        ({"answer": "n_ratings = len(collab)"}, True),
        ({"check": "class Tick:\n    __repr__ = lambda self: '✓'\nTick()"}, False),
    ],
)
def test_the_original_check_decides(hand_in, changes, mark):
    assert grade.grade(hand_in(**changes)) == [mark]


def test_a_tick_that_was_handed_in_does_not_count(hand_in):
    path = hand_in(answer="import os\nos._exit(1)")
    notebook = nbformat.read(path, as_version=4)
    (check,) = grade.check_cells(notebook)
    check.outputs[0].data["text/plain"] = "✓ Right."
    nbformat.write(notebook, path)
    assert grade.grade(path) == [False]


def test_what_cannot_be_graded_gets_a_remark(hand_in, tmp_path, monkeypatch, capsys):
    hand_in(name="ada.ipynb")
    (tmp_path / "00_start_here_bo.ipynb").write_text("my answer is 100,004")
    (tmp_path / "01_exploration_cem.ipynb").write_text(START.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(sys, "argv", ["grade", str(tmp_path)])
    grade.main()
    rows = {row[0]: row[3] for row in csv.reader(io.StringIO(capsys.readouterr().out))}
    assert "is not a notebook" in rows["00_start_here_bo.ipynb"]
    assert "1 check cells, not 3" in rows["01_exploration_cem.ipynb"]
    assert "named like no lesson" in rows["ada.ipynb"]
