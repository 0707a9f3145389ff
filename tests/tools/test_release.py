"""What a reader is told about the course is the same wherever it is told."""

import json
import re
import tomllib

import yaml

from tools.course import ROOT, lessons


def test_the_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\S+) \((\S+)\)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest.groups() == (version, str(citation["date-released"]))
    assert citation["version"] == version


def test_the_issue_form_offers_every_lesson():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/lesson.yml").read_text("utf-8"))
    (choice,) = [part for part in form["body"] if part["type"] == "dropdown"]
    assert choice["attributes"]["options"][:-1] == [lesson.heading for lesson in lessons()]
    assert {"lesson", "cell", "environment"} <= {part["id"] for part in form["body"]}


def test_files_that_the_pages_name_exist():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_an_installation_brings_all_that_jupyter_is_to_find():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    brought = wheel["targets"]["wheel"]["shared-data"]
    assert set(brought) == {f"jupyter/{folder.name}" for folder in (ROOT / "jupyter").iterdir()}
    for package in (ROOT / "jupyter").glob("*/package.json"):
        told = json.loads(package.read_text("utf-8"))
        place = brought[f"jupyter/{told['name']}"]
        assert place == f"share/jupyter/labextensions/{told['name']}"
        assert (package.parent / told["jupyterlab"]["_build"]["load"]).exists()
