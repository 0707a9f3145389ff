"""The teacher's guide has for each lesson plans that fit the time, of sections that exist."""

import re

import pytest

from tests.notebooks.lessons import FOLDER, PATHS, prose, read

GUIDE = (FOLDER.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
CHAPTERS = dict(re.findall(r"^## (Lesson \d): .+\n((?:(?!^## ).*\n?)+)", GUIDE, re.M))
PARTS = ("**Ask.**", "**What goes wrong in heads**", "**When time runs short**")
every_lesson = pytest.mark.parametrize("path", PATHS[1:], ids=lambda path: path.stem)


def chapter_of(path) -> str:
    return CHAPTERS[f"Lesson {int(path.stem[:2])}"]


@every_lesson
@pytest.mark.parametrize("minutes", [50, 90])
def test_a_plan_fits_the_time_and_the_lesson(path, minutes):
    plan = chapter_of(path).split(f"**In {minutes} minutes**")[1].split("**")[0]
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", plan, re.M)
    assert sum(int(row[0]) for row in rows) == minutes
    headings = re.findall(r"^#+ (.+)$", prose(read(path)), re.M)
    for section in "; ".join(row[1] for row in rows).split("; "):
        assert section in headings


@every_lesson
def test_a_lesson_has_what_a_teacher_needs(path):
    chapter = chapter_of(path)
    for part in PARTS:
        assert chapter.count(part) == 1
    assert len(re.findall(r"^- \*\".+?\"\* \S+", chapter, re.M)) >= 3
    left_out = chapter.split(PARTS[-1])[1]
    headings = re.findall(r"^#+ (.+)$", prose(read(path)), re.M)
    assert set(re.findall(r'"([^"]+)"', left_out)) <= set(headings)


def test_every_question_for_a_discussion_is_answered():
    asked = re.findall(r"^\*\*([A-D])\.\*\*", prose(read(PATHS[-1])), re.M)
    assert asked == re.findall(r"^- \*\*([A-D])\*\*", CHAPTERS["Lesson 8"], re.M)
