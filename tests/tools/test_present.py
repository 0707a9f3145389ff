"""Opening a lesson as slides: settings that end with it."""

import json
import os
from pathlib import Path

import pytest

from tools import present


def test_settings_come_and_go_with_the_server(monkeypatch):
    started = []

    def launch(arguments):
        first, *others = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
        settings = Path(first, "labconfig", "default_setting_overrides.json")
        started.append((arguments, json.loads(settings.read_text()), others, settings))
        assert f"--LabApp.user_settings_dir={Path(first, 'user_settings')}" in arguments
        assert f"--LabApp.workspaces_dir={Path(first, 'workspaces')}" in arguments

    monkeypatch.setattr(present.LabApp, "launch_instance", launch)
    monkeypatch.setattr("sys.argv", ["present", "5", "--no-browser"])
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "the-users-own")
    present.main()
    ((arguments, settings, others, path),) = started
    assert "--LabApp.default_url=/lab/tree/notebooks/05_dot_model.ipynb" in arguments
    assert arguments[-1] == "--no-browser"
    assert settings == present.SETTINGS
    assert others == ["the-users-own"]
    assert not path.exists()


def test_without_the_extension_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(present, "find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["present"])
    with pytest.raises(SystemExit, match=r"install --editable \"\.\[slides\]\""):
        present.main()
