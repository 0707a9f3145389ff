"""The workflows are valid by their schema, and run commands that the Makefile has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def test_they_are_valid_by_their_schema():
    command = [sys.executable, "-m", "check_jsonschema"]
    command += ["--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_they_run_what_the_makefile_has(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    made = [target for run in runs for target in re.findall(r"^make ([a-z]+)", run, re.M)]
    assert set(made) <= TARGETS
    assert made


def test_each_change_is_checked_and_each_night_everything():
    named = {path.stem: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    assert "pull_request" in named["check"] and "make check" in named["check"]
    assert "schedule" in named["nightly"] and "make test" in named["nightly"]
    assert "lowest-direct" in named["nightly"] and "deploy-pages" in named["site"]


def test_the_night_has_what_the_gate_installs_and_makes():
    """Nothing may be skipped there, so a tool that is missing would fail it every night."""
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named, at_will = re.findall(r"^apt-get install (.+)$", gate, re.M)
    assert at_will.endswith("chromium-headless-shell ||"), "quicker, and not needed"
    installed = {name for name in named.split() if not name.startswith("-")}
    made = set(re.findall(r"^make (\S+)$", gate, re.M))
    assert installed >= {"bubblewrap", "chromium"} and made >= {".venv-hub/hub", "test"}
    night = (ROOT / ".github" / "workflows" / "nightly.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(night)["jobs"]["test"]["steps"]
    runs = "\n".join(step.get("run", "") for step in steps)
    installs = {
        name for line in re.findall(r"apt-get install (.+)$", runs, re.M) for name in line.split()
    }
    assert installed - {"chromium"} <= installs, "the runner's image has Chrome, and nothing else"
    order = re.findall(r"^make (\S+)$", runs, re.M)
    assert made <= set(order)
    assert order[-1] == "test", "a tool that comes after the tests is missing all the same"
    test = next(step for step in steps if step.get("run") == "make test")
    for name in re.findall(r"^export (\w+)=", gate, re.M):
        assert name in test["env"] or f"{name}=" in runs, name


def test_every_target_is_listed_and_tells_what_it_does():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"\.PHONY: (.+)", text)[1].split())
    assert phony == TARGETS
    told = re.findall(r"^([a-z]+):.*## \S", text, re.M)
    assert set(told) == TARGETS
