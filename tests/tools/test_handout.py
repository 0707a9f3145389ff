"""Handouts and fresh copies: what students get, and that nothing of theirs is lost."""

import subprocess
import sys
import zipfile

import nbformat
import pytest

from tests.notebooks.lessons import PATHS, exercises, has_tag, read
from tools import fresh, handout
from tools.course import lesson_named

LESSON = PATHS[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    into = tmp_path_factory.mktemp("handout")
    handout.hand_out(PATHS, into)
    return into


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_students_get_neither_outputs_nor_solutions(path, folder):
    given, original = read(folder / "students" / path.name), read(path)
    nbformat.validate(given)
    assert not any(cell.get("outputs") for cell in given.cells)
    text = "\n".join(cell.source for cell in given.cells)
    assert "<summary>Solution" not in text
    assert text.count("<summary>Hint") == sum(
        cell.source.count("<summary>Hint") for cell in original.cells
    )
    for _, _, solution in exercises(original):
        assert solution.strip() not in text
    starters = [cell.source for cell in original.cells if has_tag(cell, "exercise")]
    assert [cell.source for cell in given.cells if has_tag(cell, "exercise")] == starters
    kept = {cell.id for cell in given.cells}
    assert {cell.id for cell in original.cells if cell.cell_type == "code"} <= kept


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_teacher_s_copy_is_solved_and_unfolded(path, folder):
    given, original = read(folder / "teacher" / path.name), read(path)
    nbformat.validate(given)
    assert [cell.id for cell in given.cells] == [cell.id for cell in original.cells]
    solutions = [solution.strip() for _, _, solution in exercises(original)]
    solved = [cell for cell in given.cells if has_tag(cell, "exercise")]
    assert [cell.source.strip() for cell in solved] == solutions
    assert not any("<details>" in cell.source for cell in given.cells)
    pictures = [cell for cell in given.cells if cell.get("outputs")]
    assert bool(pictures) == any(cell.get("outputs") for cell in original.cells)


def test_answers_are_left_out_where_that_is_wished():
    lesson = read(LESSON)
    text = "\n".join(c.source for c in handout.for_students(lesson, answers=False).cells)
    assert "<summary>Answer" not in text
    assert "<summary>Answer" in "\n".join(c.source for c in handout.for_students(lesson).cells)


def test_the_zip_holds_what_students_get(folder):
    with zipfile.ZipFile(folder / "students.zip") as archive:
        names = archive.namelist()
        assert names == [f"students/{path.name}" for path in PATHS]
        assert archive.read(names[0]) == (folder / "students" / PATHS[0].name).read_bytes()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder with one lesson, and the fresh copies elsewhere."""
    monkeypatch.setenv("COLLAB_LESSONS", str(tmp_path / "given"))
    for name in ("given", "notebooks"):
        (tmp_path / name).mkdir()
    (tmp_path / "given" / "03_x.ipynb").write_bytes(b"fresh")
    return tmp_path / "notebooks" / "03_x.ipynb"


def test_a_fresh_lesson_keeps_every_old_one(course):
    course.write_bytes(b"first")
    kept = [fresh.fresh(course)]
    assert course.read_bytes() == b"fresh"
    course.write_bytes(b"second")
    kept.append(fresh.fresh(course))
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]
    assert [path.name for path in kept] == ["03_x_1.ipynb", "03_x_2.ipynb"]
    assert fresh.fresh(course) is None  # nothing to keep
    assert sorted(path.name for path in course.parent.rglob("*.ipynb")) == [
        "03_x.ipynb",
        "03_x_1.ipynb",
        "03_x_2.ipynb",
    ]


def test_a_lesson_that_was_deleted_comes_back(course):
    assert fresh.fresh(course) is None
    assert course.read_bytes() == b"fresh"


def test_without_a_fresh_copy_nothing_is_changed(course, tmp_path, monkeypatch):
    monkeypatch.setenv("COLLAB_LESSONS", str(tmp_path / "nowhere"))
    course.write_bytes(b"mine")
    with pytest.raises(ValueError, match="Download the course again"):
        fresh.fresh(course)
    assert course.read_bytes() == b"mine"
    assert [path.name for path in course.parent.iterdir()] == ["03_x.ipynb"]


def test_git_brings_back_the_committed_lesson(course, monkeypatch):
    monkeypatch.delenv("COLLAB_LESSONS")

    def git(*words):
        subprocess.run(["git", "-C", str(course.parent), *words], check=True, capture_output=True)

    course.write_bytes(b"committed")
    git("init")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "x")
    course.write_bytes(b"mine")
    assert fresh.fresh(course).read_bytes() == b"mine"
    assert course.read_bytes() == b"committed"


def test_without_git_the_remembered_lesson_comes_back(course, tmp_path, monkeypatch):
    monkeypatch.delenv("COLLAB_LESSONS")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setattr(fresh, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(fresh, "lesson_paths", lambda: [course])
    course.write_bytes(b"as given")
    fresh.remember()
    course.write_bytes(b"mine")
    assert fresh.fresh(course).read_bytes() == b"mine"
    assert course.read_bytes() == b"as given"


def test_make_fresh_asks_for_a_number(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["fresh", ""])
    with pytest.raises(SystemExit, match="make fresh LESSON=3"):
        fresh.main()


def test_on_a_class_server_it_is_the_student_s_own_copy(tmp_path, monkeypatch, capsys):
    name = lesson_named("3").path.name
    given, home = tmp_path / "given", tmp_path / "home"
    for folder, text in ((given, b"fresh"), (home, b"mine")):
        folder.mkdir()
        (folder / name).write_bytes(text)
    monkeypatch.setenv("COLLAB_LESSONS", str(given))
    monkeypatch.chdir(home)
    monkeypatch.setattr(sys, "argv", ["fresh", "3"])
    fresh.main()
    assert (home / name).read_bytes() == b"fresh"
    assert [path.read_bytes() for path in (home / "mine").iterdir()] == [b"mine"]
    assert "is fresh again" in capsys.readouterr().out


def test_what_is_no_copy_of_a_lesson_is_never_deleted(tmp_path):
    (tmp_path / "students").mkdir()
    (tmp_path / "students" / "ada.ipynb").write_text("hers")
    with pytest.raises(ValueError, match=r"ada\.ipynb isn't a copy of a lesson"):
        handout.hand_out([LESSON], tmp_path)
    assert [one.name for one in tmp_path.rglob("*.ipynb")] == ["ada.ipynb"]


def test_a_lesson_without_a_solution_leaves_the_last_copies_as_they_were(tmp_path):
    handout.hand_out([LESSON], tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    bad = read(LESSON)
    for cell in bad.cells:
        cell.source = handout.SOLUTION.sub("", cell.source)
    broken = tmp_path.with_name(f"{tmp_path.name}_broken") / LESSON.name
    broken.parent.mkdir()
    nbformat.write(bad, broken)
    with pytest.raises(ValueError, match="no solution"):
        handout.hand_out([LESSON, broken], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
