"""The ways to install the course ask for the same packages, and what is tested is written down."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

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


def test_pip_prefers_the_build_for_the_cpu_where_an_index_offers_one():
    """It takes the highest version that fits; so the pin must let the CPU's build in (README)."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = (Requirement(line) for line in lines if line.startswith("torch=="))
    (plain,) = (Version(one.version) for one in pin.specifier)
    offered = [plain, Version(f"{plain}+cpu")]
    assert max(pin.specifier.filter(offered)) == Version(f"{plain}+cpu")


def test_each_command_of_the_makefile_has_its_form_for_windows():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    on_windows = dict(
        re.findall(r"^\|[^|]*\| `[^`|]*make (\w+)[^`|]*` \| ([^|]*) \|$", readme, re.M)
    )
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    everything = set(re.findall(r"^(\w+):.*## ", makefile, re.M))
    # What only those need who change the course, and have make.
    inside = {
        "check",
        "notebooks",
        "results",
        "bench",
        "load",
        "versions",
        "places",
        "listen",
        "dist",
        "help",
    }
    assert set(on_windows) == everything - inside
    for command, told in on_windows.items():
        module = re.search(rf"^{command}:.*\n(?:\t.*\n)*?\t.*-m (tools\.\w+)", makefile, re.M)
        assert not module or module[1] in told or "WSL" in told, command
