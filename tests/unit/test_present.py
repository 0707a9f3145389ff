"""Opening a lesson as slides: which one is meant, and settings that end with it."""

import json
import os
from pathlib import Path

import pytest

from tests.notebooks.lessons import PATHS
from tools import present


@pytest.mark.parametrize("name", ["5", "05", "05_dot_model", "05_dot_model.ipynb"])
def test_a_lesson_has_several_names(name):
    assert present.lesson(name) == PATHS[5]


@pytest.mark.parametrize("name", ["9", "dot_model"])
def test_other_names_get_the_list(name):
    with pytest.raises(SystemExit, match=f"{PATHS[0].stem}, {PATHS[1].stem}, "):
        present.lesson(name)


def test_settings_come_and_go_with_the_server(monkeypatch):
    started = []

    def launch(arguments):
        first, *others = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
        settings = Path(first, "labconfig", "default_setting_overrides.json")
        started.append((arguments, json.loads(settings.read_text()), others, settings))
        assert Path(os.environ["JUPYTERLAB_SETTINGS_DIR"]).parent == Path(first)
        assert Path(os.environ["JUPYTERLAB_WORKSPACES_DIR"]).parent == Path(first)

    monkeypatch.setattr(present.LabApp, "launch_instance", launch)
    monkeypatch.setattr("sys.argv", ["present", "5"])
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        monkeypatch.setenv(name, "the user's own")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "the-users-own")
    present.main()
    ((arguments, settings, others, path),) = started
    assert arguments[-1] == str(PATHS[5])
    assert settings == present.SETTINGS
    assert others == ["the-users-own"]
    assert not path.exists()


def test_without_the_extension_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(present, "find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["present"])
    with pytest.raises(SystemExit, match=r"install --editable \"\.\[slides\]\""):
        present.main()
