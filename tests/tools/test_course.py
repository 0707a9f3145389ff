"""Which lesson is meant, wherever a command takes one."""

import json
import os
import sys

import pytest

from tests.notebooks.lessons import PATHS
from tools import fresh, handout, present
from tools.benchmarks import panel_updates
from tools.course import lesson_named, lesson_paths


def test_every_notebook_is_a_lesson():
    assert lesson_paths() == PATHS


@pytest.mark.parametrize("name", ["5", "05", "05_dot_model", "notebooks/05_dot_model.ipynb"])
def test_a_lesson_has_several_names(name):
    assert lesson_named(name).path == PATHS[5]


@pytest.mark.parametrize("name", ["13", "-1", "", "0_", "dot_model"])
def test_other_names_get_the_list(name):
    with pytest.raises(ValueError, match=f"no lesson {name}: .*{PATHS[0].stem}, {PATHS[1].stem}, "):
        lesson_named(name)


@pytest.mark.parametrize("command", [fresh, handout, panel_updates, present])
def test_each_command_names_the_lessons_and_does_nothing(command, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [command.__name__, "99"])
    with pytest.raises(
        SystemExit, match=f"^Nothing was .*: there is no lesson 99: .*{PATHS[12].stem}"
    ):
        command.main()
    assert capsys.readouterr().out == ""


def test_measuring_panels_writes_no_ratings_into_the_folder(monkeypatch, tmp_path, capsys):
    def measure(lessons):
        return {"file": os.environ["COLLAB_MY_RATINGS"], "lessons": len(lessons)}

    monkeypatch.setattr(panel_updates, "measure", measure)
    monkeypatch.setattr(sys, "argv", ["panel_updates"])
    monkeypatch.setenv("COLLAB_MY_RATINGS", str(tmp_path / "mine.csv"))
    panel_updates.main()
    told = json.loads(capsys.readouterr().out)
    assert told["lessons"] == len(PATHS) and not told["file"].startswith(str(tmp_path))
