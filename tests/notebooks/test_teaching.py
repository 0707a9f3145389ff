"""The teacher's guide has for each lesson plans that fit the time, of sections that exist."""

import re
import tomllib

import pytest

from tests.notebooks.lessons import FOLDER, PATHS, prose, read

GUIDE = (FOLDER.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
CHAPTERS = dict(re.findall(r"^## (Lesson \d+): .+\n((?:(?!^## ).*\n?)+)", GUIDE, re.M))
PARTS = ("**Ask.**", "**Misconceptions**", "**Homework.**", "**When time runs short**")
PLANS = {"**In 50 minutes**": 50, "**Second session**": 50}
PLANS |= {"**In 75 minutes**": 75, "**In 90 minutes**": 90}
every_lesson = pytest.mark.parametrize("path", PATHS[1:], ids=lambda path: path.stem)


def chapter_of(path) -> str:
    return CHAPTERS[f"Lesson {int(path.stem[:2])}"]


@pytest.mark.parametrize(
    "path, plan",
    [
        pytest.param(path, plan, id=f"{path.stem}-{minutes}")
        for path in PATHS[1:]
        for plan, minutes in PLANS.items()
        if plan == "**In 50 minutes**" or plan in chapter_of(path)
    ],
)
def test_a_plan_fits_the_time_and_the_lesson(path, plan):
    chapter = chapter_of(path)
    rows = re.findall(
        r"^\| (\d+) \| (.+?) \| (.+?) \|$", chapter.split(plan)[1].split("**")[0], re.M
    )
    assert sum(int(row[0]) for row in rows) == PLANS[plan]
    headings = re.findall(r"^#+ (.+)$", prose(read(path)), re.M)
    for section in "; ".join(row[1] for row in rows).split("; "):
        assert section in headings


@every_lesson
def test_a_lesson_has_what_a_teacher_needs(path):
    chapter = chapter_of(path)
    for part in PARTS:
        assert chapter.count(part) == 1
    assert len(re.findall(r"^- \*\".+?\"\* \S+", chapter, re.M)) >= 3
    left_out = chapter.split(PARTS[-2])[1]  # the homework, and what may be left out
    headings = re.findall(r"^#+ (.+)$", prose(read(path)), re.M)
    assert set(re.findall(r'"([^"]+)"', left_out)) <= set(headings)


@every_lesson
def test_short_of_time_the_short_plan_gets_shorter(path):
    chapter = chapter_of(path)
    plan = chapter.split("**In 50 minutes**")[1].split("\n\n**")[0]
    named = re.findall(r'"([^"]+)"', chapter.split(PARTS[-1])[1].split("\n")[0])
    assert any(section in plan for section in named)


def test_every_question_for_a_discussion_is_answered():
    asked = re.findall(r"^\*\*([A-D])\.\*\*", prose(read(PATHS[-1])), re.M)
    assert asked == re.findall(r"^- \*\*([A-D])\*\*", chapter_of(PATHS[-1]), re.M)


@every_lesson
def test_the_map_of_outcomes_follows_the_lesson(path):
    """As many rows as the lesson promises, with its minutes; all its exercises, no other number."""
    number, text = int(path.stem[:2]), prose(read(path))
    told = tomllib.loads((FOLDER / "lessons.toml").read_text("utf-8"))["lesson"][number]
    minutes = f"{told['minutes']} + {told['exercise_minutes']}"
    rows = re.findall(rf"^\| {number} \((.+?)\) \| .+? \| (.+?) \| (.+?) \|$", GUIDE, re.M)
    promised = text.split("**You will be able to**")[1].split("**Before you start**")[0]
    assert len(rows) == len(re.findall(r"^- ", promised, re.M))
    assert {row[0] for row in rows} == {minutes}
    exercises = re.findall(r"^### Exercise (\d)", text, re.M)
    assert {n for row in rows for n in re.findall(r"\d", row[1])} == set(exercises)
    check_yourself = text.split("## Check yourself")[1].split("## Exercises")[0]
    questions = re.findall(r"^\*\*(\d)\.\*\*", check_yourself, re.M)
    assert {n for row in rows for n in re.findall(r"\d", row[2])} == set(questions)
