"""The ways to install the course ask for the same packages, and what is tested is written down."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What conda calls by another name: the builds without a graphics card and without Qt.
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def name_and_rest(requirement: str) -> tuple[str, str]:
    name, rest = re.fullmatch(r"([A-Za-z0-9_-]+)(.*)", requirement).groups()
    return name.lower().replace("_", "-"), rest


def test_conda_installs_what_pip_installs():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, by_pip = environment["dependencies"]
    asked = dict(name_and_rest(p) for p in packages)
    python = asked.pop("python")
    asked.pop("pip")
    asked = {CONDA_NAMES.get(name, name): rest for name, rest in asked.items()}
    # Conda's users get JupyterLab along, with the widgets that it needs.
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    assert asked == dict(name_and_rest(p) for p in wanted)
    assert python == PROJECT["requires-python"]
    assert by_pip == {"pip": ["-e ."]}


def test_every_package_asked_for_has_an_exact_version():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pinned = {name.lower().replace("_", "-") for name in pinned}
    extras = PROJECT["optional-dependencies"]
    # The peers of the benchmark live in an environment of their own, with their own versions.
    asked = PROJECT["dependencies"] + [p for e in extras if e != "bench" for p in extras[e]]
    missing = {name_and_rest(p)[0] for p in asked} - pinned
    assert not missing
