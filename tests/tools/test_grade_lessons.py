"""The course's own lessons through the whole of the grader: solved, and as they are handed out.

A lesson costs three runs of it, so `make test` takes two: one whose answers are functions over
arrays, one whose answers are models. COLLAB_EVERY_LESSON=1 takes all, as each night does.
"""

import os
import zipfile

import nbformat
import pytest

from tools.course import lesson_paths
from tools.grade.__main__ import main
from tools.grade.report import Marks
from tools.handout import for_students, for_teachers

EVERY = os.environ.get("COLLAB_EVERY_LESSON", "") == "1"
CHOSEN = [path for path in lesson_paths() if EVERY or path.stem[:2] in ("03", "05")]
USELESS = ("There is no `", "The check stopped", "The notebook didn't come", "Your answer can't be")


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
def test_solved_gets_full_marks_and_the_handout_gets_advice(path, sandbox, tmp_path):
    lesson = nbformat.read(path, as_version=4)
    named = {
        f"Ada Solved_11_assignsubmission_file_/{path.name}": for_teachers(lesson),  # Moodle
        f"newbo_LATE_12_3456_{path.stem}-1.ipynb": for_students(lesson),  # Canvas
    }
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name, notebook in named.items():
            archive.writestr(name, nbformat.writes(notebook))
    out = tmp_path / "marks"
    number = path.stem[:2]
    assert main([str(tmp_path / "class.zip"), "--out", str(out), "--lesson", number]) == 0
    rows = {row.student: row for row in Marks(out).rows.values()}
    solved, starter = rows["Ada Solved"], rows["newbo"]
    n_exercises = sum("exercise" in c.metadata.get("tags", []) for c in lesson.cells)
    assert [right for right, _ in solved.marks] == [True] * n_exercises, solved
    assert [right for right, _ in starter.marks] == [False] * n_exercises, starter
    assert solved.remark == starter.remark == ""
    for _, advice in starter.marks:
        assert len(advice) > 40 and not advice.startswith(USELESS), advice
