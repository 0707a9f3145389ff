"""CONTRIBUTING lists the files of a lesson: each exists, and no other file names a lesson."""

import re
import subprocess

import pytest

from tools.course import ROOT, lessons

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def files_of(section: str) -> list[str]:
    """The files in the first column of the table in a section."""
    table = TEXT.split(f"## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize("section", ["Add a lesson", "Add a panel, change a figure"])
@pytest.mark.parametrize("lesson", lessons()[1:], ids=lambda lesson: lesson.file)
def test_every_file_named_is_there_for_every_lesson(section, lesson):
    assert len(files_of(section)) >= 5
    for name in files_of(section):
        name = name.replace("NN_name", lesson.file).replace("name", lesson.module)
        if name != ".github/ISSUE_TEMPLATE/lesson.yml":
            assert (ROOT / name).exists(), name


def test_no_other_file_has_to_name_a_lesson():
    """A file that names the last lesson is listed, or is its own."""
    last = lessons()[-1]
    named = files_of("Add a lesson")
    listed = {n.replace("NN_name", last.file).replace("name", last.module) for n in named}
    grep = ["git", "-C", str(ROOT), "grep", "-l", "-E", f"{last.file}|{last.module}"]
    found = subprocess.run(grep, capture_output=True, text=True, check=True).stdout.splitlines()
    own = (
        f"collab_lib/lessons/{last.module}/",
        f"tests/lessons/test_{last.module}",
        f"tests/snapshots/{last.module}",
        "notebooks/",  # links between lessons are the authors' choice
        "tools/results/",  # stored results are named after what they hold
    )
    for file in found:
        assert file in listed or file.startswith(own), f"CONTRIBUTING doesn't list {file}"


WORDS = (
    r"Predict\.|Try this\.|Check yourself|Going further|What we learnt|Do you remember|"
    r"<summary>(Answer|Hint|Solution)|FOLDED\.format"
)


def test_a_translator_is_told_every_file_that_looks_for_words_of_a_lesson():
    grep = ["git", "-C", str(ROOT), "grep", "-l", "-E", WORDS, "--", "*.py", "*.md", "*.js"]
    found = subprocess.run(grep, capture_output=True, text=True, check=True).stdout.splitlines()
    elsewhere = ("collab_lib/lessons/", "tests/lessons/", "CHANGELOG.md", "tests/tools/test_contr")
    listed = files_of("Translate the course")
    assert sorted(listed) == sorted(file for file in found if not file.startswith(elsewhere))
