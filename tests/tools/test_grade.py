"""Grading: what counts is what the original checks say, and nothing that is handed in does harm."""

import csv
import dataclasses
import io
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import skip
from tests.tools import hostile
from tests.tools.hostile import ANSWER, LESSON, answered, everything, notebook
from tools.grade import __main__ as command
from tools.grade import handed_in as files
from tools.grade import run
from tools.grade.handed_in import collect, plain, student_of
from tools.grade.lessons import originals
from tools.grade.report import Marks, best_of
from tools.grade.run import Grader, Row
from tools.grade.sandbox import COURSE, Limits, _unshare, choose, family, patience

LIMITS = Limits(whole=60, cell=8, processor=16, memory=2**30, processes=40, disk=2**24)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    """A course of one small lesson, whose checks need no ratings."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "03_small.ipynb").write_text(json.dumps(notebook(LESSON)), encoding="utf-8")
    return originals(folder)


@pytest.fixture(scope="module")
def graded(lessons, sandbox):
    """The rows of the whole bank, by the name of the case; graded once, four at a time."""
    # In a folder that anybody may enter, which pytest's own is not: whether a notebook sees the
    # others is up to the sandbox alone.
    with tempfile.TemporaryDirectory(dir="/tmp") as open_to_all:
        handed_in, marks = Path(open_to_all, "handed_in"), Path(open_to_all, "marks")
        for folder in (handed_in, marks):
            folder.mkdir()
        (marks / "rows.jsonl").write_text("{}\n")
        for folder in (marks.parent, handed_in, marks):
            folder.chmod(0o755)
        for case in everything():
            case.write(handed_in)
        os.environ["COLLAB_TEST_SECRET"] = "yes"
        try:
            hiding = dataclasses.replace(sandbox, hidden=(handed_in, marks))
            grader = Grader(lessons, hiding, LIMITS, jobs=4)
            hand_ins = collect(handed_in, handed_in)
            rows = {row.student: row for row in grader.grade_all(hand_ins, lambda *_: False)}
        finally:
            del os.environ["COLLAB_TEST_SECRET"]
        left = {path.name for path in handed_in.iterdir()}
    return rows, left


@pytest.mark.parametrize("case", everything(), ids=lambda case: case.name)
def test_whatever_is_handed_in_gets_its_marks_and_its_remark(case, graded):
    rows, left = graded
    row = rows[case.name]
    got = tuple(right for right, _ in row.marks) or None
    assert got == case.marks, row
    assert case.remark in row.remark and len(row.remark) <= 1000
    assert f"03_small_{case.name}.ipynb" in left


def test_the_bank_is_large():
    assert len(hostile.malformed()) >= 15
    assert len(hostile.hostile()) >= 30
    assert len(hostile.second_round()) >= 10


def command_lines(numbers) -> list[bytes]:
    """Of the processes that run."""
    lines = []
    for number in numbers:
        with suppress(OSError):
            lines.append(Path(f"/proc/{number}/cmdline").read_bytes())
    return lines


def everybody() -> list[bytes]:
    """The command lines of all the processes of the machine."""
    return command_lines(path.name for path in Path("/proc").glob("[0-9]*"))


def wait_for(happened: Callable[[], object]) -> None:
    """Until something has happened: what is started, or killed, takes a moment to be so."""
    for _ in range(2_000):
        if happened():
            return
        time.sleep(0.05)
    pytest.fail("it never happened")


def test_nothing_that_a_student_started_goes_on(graded):
    # A worker that isn't ours may be at work for another test, or for the teacher.
    assert not [line for line in command_lines(family(os.getpid())) if b"grade.worker" in line]
    lines = everybody()
    assert lines
    assert not [line for line in lines if b"86399.5" in line]


def test_each_wrong_answer_gets_the_advice_of_the_check(graded):
    rows, _ = graded
    assert rows["starter"].marks == [(False, "Count the rows."), (False, "Multiply by two.")]
    assert rows["right"].marks == [(True, "Three rows."), (True, "Twice as much.")]
    assert "SystemExit" in rows["raises_exit"].marks[1][1]


def grade(lessons, source, out, *more) -> list[dict]:
    """The rows of marks.csv after the command."""
    assert command.main([str(source), "--out", str(out), *more], lessons) == 0
    text = (out / "marks.csv").read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_moodle_and_canvas_files_are_graded_as_they_come(lessons, sandbox, tmp_path):
    good, bad = json.dumps(answered()), json.dumps(answered("n_rows = 4"))
    names = {
        "Dia Müller_1234567_assignsubmission_file_/03_small.ipynb": good,
        "mullerdia_LATE_99_4567_03_small-1.ipynb": bad,
        "group 2/ada/03_small.ipynb": good,
        "=HYPERLINK(1)_5_assignsubmission_file_03_small.ipynb": good,
        "../../outside.ipynb": good,
        "bo_7_8_answers.docx": "no notebook",
        "__MACOSX/._03_small.ipynb": "junk",
    }
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    rows = grade(lessons, tmp_path / "class.zip", tmp_path / "marks")
    table = {row["student"]: row for row in rows}
    assert len(rows) == len(names) - 1  # without the junk
    assert (table["Dia Müller"]["right"], table["Dia Müller"]["platform id"]) == ("2", "1234567")
    assert (table["mullerdia"]["right"], table["mullerdia"]["exercises"]) == ("1", "2")
    assert table["ada"]["right"] == table["outside"]["right"] == "2"
    assert table["bo"]["remark"] == "is not a notebook: ask for the .ipynb file"
    assert "'=HYPERLINK(1)" in table
    assert not (tmp_path.parent / "outside.ipynb").exists()
    gradebook = (tmp_path / "marks" / "gradebook.csv").read_text("utf-8-sig").splitlines()
    assert gradebook[0] == "student,platform id,03_small,right in all"
    assert "Dia Müller,1234567,2,2" in gradebook
    pages = [p.read_text("utf-8") for p in (tmp_path / "marks" / "feedback").iterdir()]
    (page,) = [page for page in pages if "mullerdia" in page]
    assert "Exercise 1: ✗ not yet." in page and "Count the rows." in page


def test_a_run_that_was_broken_off_goes_on_where_it_stopped(lessons, tmp_path, monkeypatch):
    for name in ("ada", "bo", "cem"):
        (tmp_path / f"03_small_{name}.ipynb").write_text(json.dumps(answered()), "utf-8")
    asked = []

    def fake(self, row, cells, lesson):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(row.student)
        row.marks = [(True, "yes"), (False, "no")]
        return row

    monkeypatch.setattr(Grader, "_grade", fake)
    monkeypatch.setattr(command, "choose", lambda hidden: choose(hidden, kinds=()))
    arguments = [str(tmp_path), "--out", str(tmp_path / "marks"), "--jobs", "1", "--unprotected"]
    assert command.main(arguments, lessons) == 130
    rows = tmp_path / "marks" / "rows.jsonl"
    assert len(rows.read_text("utf-8").splitlines()) == 2
    with rows.open("a", encoding="utf-8") as file:
        file.write('{"file": "03_small_cem.ipy')  # the machine went down while it was written
    monkeypatch.setattr(Grader, "_grade", lambda self, row, *_: asked.append(row.student) or row)
    assert command.main(arguments, lessons) == 0
    assert sorted(asked) == ["ada", "bo", "cem"]
    assert sorted(Marks(tmp_path / "marks").rows) == [
        f"03_small_{n}.ipynb" for n in ("ada", "bo", "cem")
    ]


def test_where_no_judge_can_be_started_each_file_has_a_row(lessons, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(run, "JudgeProcess", refuse)
    for name in ("ada", "bo"):
        (tmp_path / f"03_small_{name}.ipynb").write_text(json.dumps(answered()), "utf-8")
    grader = Grader(lessons, choose((), ()), LIMITS)
    rows = list(grader.grade_all(collect(tmp_path, tmp_path), lambda *_: False))
    assert {row.student for row in rows} == {"ada", "bo"}
    told = "could not be graded: [Errno 12] Cannot allocate memory"
    assert {row.remark for row in rows} == {told}


COMMAND = """
import sys
from pathlib import Path
from tools.grade.__main__ import main, stop_when_told
from tools.grade.lessons import originals

stop_when_told()
sys.exit(main(sys.argv[2:], originals(Path(sys.argv[1]))))
"""


def test_a_command_that_is_told_to_end_leaves_nothing_at_work(lessons, tmp_path):
    (tmp_path / "03_small_ada.ipynb").write_text(
        json.dumps(answered("import time\ntime.sleep(1e6)")), "utf-8"
    )
    given = [str(tmp_path), "--out", str(tmp_path / "marks"), "--unprotected"]
    place = [sys.executable, "-c", COMMAND, str(lessons[0].path.parent)]
    settings = {**os.environ, "PYTHONPATH": str(COURSE)}
    started = subprocess.Popen([*place, *given], env=settings, stderr=subprocess.DEVNULL)

    def workers() -> list[int]:
        lines = {number: command_lines([number]) for number in family(started.pid)}
        return [n for n, line in lines.items() if line and b"grade.worker" in line[0]]

    wait_for(lambda: workers() and (tmp_path / "marks").exists())
    below = family(started.pid)
    try:
        started.terminate()
        assert started.wait(60) == 130
        wait_for(lambda: not any(b"grade." in line for line in command_lines(below)))
    finally:
        for number in below:  # a judge, where the test fails; by then a number may be another's
            with suppress(OSError):
                if any(b"grade." in line for line in command_lines([number])):
                    os.kill(number, signal.SIGKILL)


def test_a_file_that_was_handed_in_again_is_graded_again(tmp_path):
    marks = Marks(tmp_path)
    marks.add(Row("a.ipynb", "one", "a", ""))
    assert marks.done("a.ipynb", "one")
    assert not marks.done("a.ipynb", "two")


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_files_of_a_student_the_better_one_counts(order, tmp_path):
    """And the rows are sorted by their files, in whatever order they came."""
    marks = Marks(tmp_path)
    rows = [
        Row("a.ipynb", "1", "ada", "", "03_small", [(True, "yes"), (True, "yes")]),
        Row("b.ipynb", "2", "ada", "", "03_small", [(True, "yes"), (False, "no")]),
    ]
    for row in rows[::order]:
        marks.add(row)
    assert best_of(rows[::order])["ada", ""]["03_small"] is rows[0]
    marks.write({"03_small": "Small"})
    table = csv.DictReader(io.StringIO((tmp_path / "marks.csv").read_text("utf-8-sig")))
    assert [row["file"] for row in table] == ["a.ipynb", "b.ipynb"]


def test_a_zip_that_holds_too_much_is_graded_as_far_as_it_goes(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ada", "bo", "cem"):
            archive.writestr(f"{name}/03_small.ipynb", name * 30)
    monkeypatch.setattr(files, "MOST_UNPACKED", 100)
    found = collect(tmp_path / "class.zip", tmp_path)
    assert found[0].read() == b"ada" * 30
    for hand_in in found[1:]:
        with pytest.raises(ValueError, match="the zip holds more than"):
            hand_in.read()
    monkeypatch.setattr(files, "MOST_FILES", 2)
    with pytest.raises(ValueError, match="holds more than 2 files"):
        collect(tmp_path / "class.zip", tmp_path)


def test_a_folder_that_may_not_be_read_has_a_row(tmp_path, monkeypatch):
    (tmp_path / "ada").mkdir()
    (tmp_path / "03_small_bo.ipynb").write_text("{}")
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "ada":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may read every folder
    found = {hand_in.name: hand_in for hand_in in collect(tmp_path, tmp_path)}
    assert sorted(found) == ["03_small_bo.ipynb", "ada"]
    with pytest.raises(ValueError, match="can't be opened: Permission denied"):
        found["ada"].read()


def test_without_a_sandbox_it_says_so_and_does_not_start(lessons, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "choose", lambda hidden: choose(hidden, kinds=()))
    (tmp_path / "03_small_ada.ipynb").write_text(json.dumps(answered()), "utf-8")
    assert command.main([str(tmp_path), "--out", str(tmp_path / "marks")], lessons) == 2
    assert "with your rights" in capsys.readouterr().err
    assert not (tmp_path / "marks").exists()


@pytest.mark.parametrize("kind", ["unshare", "none"])
def test_the_weaker_ways_run_a_notebook_too(kind, lessons, tmp_path):
    handed_in = tmp_path / "handed_in"
    handed_in.mkdir()
    (handed_in / "03_small_ada.ipynb").write_text(json.dumps(answered()), "utf-8")
    found = choose((handed_in,), kinds=(kind,) if kind != "none" else ())
    if found.kind != kind:
        skip(f"{kind} doesn't work here")
    server = socket.create_server(("127.0.0.1", 0))
    refused = "    n_rows = 0\nexcept OSError:\n    n_rows = 3"
    seconds = f"86398.{os.getpid()}"  # by which the process is known
    answers = {
        "spy": f"import os\nn_rows = 3 + len(os.listdir({str(handed_in)!r}))",
        "net": f"import socket\ntry:\n"
        f"    socket.create_connection({server.getsockname()!r}, timeout=9)\n{refused}",
        "writes": f"import collab_lib.kit.check as c\ntry:\n    open(c.__file__, 'a')\n{refused}",
        "leaves": "import subprocess\nn_rows = 3\n"
        f"subprocess.Popen(['sleep', {seconds!r}], start_new_session=True)",
    }
    for name, answer in answers.items():
        path = handed_in / f"03_small_{name}.ipynb"
        path.write_text(json.dumps(answered(answer)), encoding="utf-8")
    grader = Grader(lessons, found, LIMITS)
    with server:
        hand_ins = collect(handed_in, tmp_path)
        rows = {row.student: row for row in grader.grade_all(hand_ins, lambda *_: 0)}
    assert [right for right, _ in rows["ada"].marks] == [True, True]
    for name in ("spy", "net", "writes"):
        assert rows[name].marks[0][0] == (kind == "unshare"), rows[name]
    assert rows["leaves"].marks[0][0]
    wait_for(lambda: not any(seconds.encode() in line for line in everybody()))


@pytest.mark.parametrize("load, times", [(0.5, 1.0), (6.0, 3.0), (50.0, 10.0)])
def test_on_a_busy_machine_the_grader_waits_longer(load, times, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    assert patience() == times
    monkeypatch.delattr(os, "getloadavg")  # Windows
    assert patience() == 1.0


@pytest.mark.parametrize("times, right", [(1.0, False), (10.0, True)])
def test_a_slow_cell_is_late_or_not(times, right, lessons, sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "patience", lambda: times)
    slow = answered("import time\ntime.sleep(2)\nn_rows = 3")
    (tmp_path / "03_small_ada.ipynb").write_text(json.dumps(slow), "utf-8")
    grader = Grader(lessons, sandbox, Limits(cell=1.5))
    (row,) = grader.grade_all(collect(tmp_path, tmp_path), lambda *_: False)
    assert row.marks[0][0] == right
    assert ("took too long" in row.remark) != right


def only_row(lessons, sandbox, limits, before, tmp_path) -> Row:
    """What a notebook gets that runs `before`, with limits of its own."""
    path = tmp_path / "03_small_ada.ipynb"
    path.write_text(json.dumps(answered(before=before)), encoding="utf-8")
    grader = Grader(lessons, sandbox, limits)
    (row,) = grader.grade_all(collect(tmp_path, tmp_path), lambda *_: False)
    return row


def test_who_sleeps_and_hears_no_alarm_is_stopped_by_the_clock(
    lessons, sandbox, tmp_path, monkeypatch
):
    """No processor time is used, and no alarm of its own process reaches it."""
    monkeypatch.setattr(run, "patience", lambda: 1.0)
    before = (
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n"
        "time.sleep(1e6)"
    )
    row = only_row(lessons, sandbox, Limits(whole=3), before, tmp_path)
    assert row.remark == "stopped after 3 seconds"


def test_memory_is_counted_for_all_processes_together(lessons, sandbox, tmp_path):
    before = (
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
        "        kept = bytearray(2**27)\n        time.sleep(1e6)\ntime.sleep(1e6)"
    )
    row = only_row(lessons, sandbox, Limits(cell=20, memory=2**29), before, tmp_path)
    assert row.remark == "took more than 0.5 GB of memory"


def test_a_wrong_notebook_is_recognised(lessons, tmp_path):
    other = [
        ("markdown", f"# 4. Another lesson, sentence number {k}", f"04-{k}", []) for k in range(4)
    ]
    course = tmp_path / "course"
    course.mkdir()
    (course / "03_small.ipynb").write_text(json.dumps(notebook(LESSON)), "utf-8")
    (course / "04_other.ipynb").write_text(json.dumps(notebook(other)), "utf-8")
    handed_in = tmp_path / "handed_in"
    handed_in.mkdir()
    (handed_in / "04_other_ada.ipynb").write_text(json.dumps(answered()), "utf-8")
    (handed_in / "ada.ipynb").write_text(json.dumps(notebook(other)), "utf-8")
    grader = Grader(originals(course), choose((), ()), LIMITS, only="03")
    rows = {row.file: row for row in grader.grade_all(collect(handed_in, tmp_path), lambda *_: 0)}
    assert rows["04_other_ada.ipynb"].remark.startswith(
        "is named 04_other and is a copy of 03_small"
    )
    assert rows["ada.ipynb"].remark == "is a copy of 04_other, which wasn't asked for"


def test_files_of_one_name_have_a_row_each(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the names are the same
        for text in ("one", "two", "three"):
            archive.writestr("ada/03_small.ipynb", text)
    found = list(collect(tmp_path / "class.zip", tmp_path))
    assert [hand_in.read() for hand_in in found] == [b"one", b"two", b"three"]
    assert len({hand_in.name for hand_in in found}) == 3
    assert {student_of(hand_in.name, ["03_small"]) for hand_in in found} == {("ada", "")}


@pytest.mark.parametrize(
    "name, who",
    [
        ("Dia Müller_1234567_assignsubmission_file_/03_small.ipynb", ("Dia Müller", "1234567")),
        ("Participant_12_assignsubmission_file_03_small.ipynb", ("Participant", "12")),
        ("mullerdia_123_4567_03_small.ipynb", ("mullerdia", "123")),
        ("mullerdia_LATE_123_4567_03_small-2.ipynb", ("mullerdia", "123")),
        ("03_small_ada.ipynb", ("ada", "")),
        ("03_small-ada lovelace (1).ipynb", ("ada lovelace (1)", "")),
        ("ada/03_small.ipynb", ("ada", "")),
        ("ada/course/03_small.ipynb", ("ada", "")),
        ("course/03_small.ipynb", ("03_small", "")),
        ("03_small.ipynb", ("03_small", "")),
        ("ada.ipynb", ("ada", "")),
    ],
)
def test_who_handed_a_file_in(name, who):
    assert student_of(name, ["03_small"]) == who


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\uff1d1", "\u202e=1"]
)
def test_no_cell_of_a_table_is_a_formula(text):
    assert plain(text).startswith("'")
    assert plain("ada") == "ada"


def test_a_page_of_feedback_runs_nothing(tmp_path):
    marks = Marks(tmp_path)
    bad = "<script>alert(1)</script>"
    marks.add(Row(bad, "x", bad, "", "03_small", [(False, bad)], bad))
    marks.write({"03_small": bad})
    (page,) = (tmp_path / "feedback").iterdir()
    assert "<script" not in page.read_text("utf-8")
    assert "default-src 'none'" in page.read_text("utf-8")


def test_the_first_answer_is_what_the_starter_calls_it(lessons):
    (lesson,) = lessons
    assert [check.answers for check in lesson.checks] == [("n_rows",), ("double",)]
    assert ANSWER.startswith(lesson.checks[0].answers[0])


def test_the_layers_that_an_exercise_is_about_are_the_same_in_every_run():
    """The check compares with the layers of the judge's run, the answer with the student's."""
    import nbformat
    import torch

    path = Path(__file__).parents[2] / "notebooks" / "08_neural_network.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    source = next(c.source for c in cells if "first, last =" in c.source)
    begin = source[: source.index("activations")]
    runs = []
    for _ in range(2):
        names = {"torch": torch, "nn": torch.nn}
        exec(begin, names)
        runs.append(names["last"].weight @ names["first"].weight)
    assert torch.equal(*runs)


@pytest.mark.parametrize("arguments", [["--lesson", "50"], ["--jobs", "0"], ["--seconds", "-1"]])
def test_what_is_mistyped_grades_nothing(arguments, lessons, tmp_path, capsys):
    (tmp_path / "03_small_ada.ipynb").write_text(json.dumps(answered()), "utf-8")
    out = tmp_path / "marks"
    try:
        code = command.main([str(tmp_path), "--out", str(out), *arguments], lessons)
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2 and not out.exists()
    assert ("03_small" if "--lesson" in arguments else arguments[0]) in capsys.readouterr().err


@pytest.mark.parametrize(
    "remark", [f"{run.NOT_GRADED}: no room", f"is a copy of 03_x, {run.NOT_ASKED_FOR}"]
)
def test_where_the_machine_failed_there_is_no_0_and_the_next_run_grades(remark, tmp_path):
    marks = Marks(tmp_path)
    marks.add(Row("a.ipynb", "digest", "ada", "", "03_small", [], remark))
    marks.write({"03_small": "3. Small"})
    (_, row) = (tmp_path / "gradebook.csv").read_text("utf-8-sig").splitlines()
    assert row == "ada,,,0"
    assert not Marks(tmp_path).done("a.ipynb", "digest")
    marks.add(Row("a.ipynb", "digest", "ada", "", "03_small", [(False, "no")], ""))
    marks.write({"03_small": "3. Small"})
    assert (tmp_path / "gradebook.csv").read_text("utf-8-sig").splitlines()[1] == "ada,,0,0"
    assert Marks(tmp_path).done("a.ipynb", "digest")


def test_a_folder_with_an_odd_name_is_a_name_and_no_command(tmp_path):
    odd = tmp_path / 'x$(echo pwned)"y'
    odd.mkdir()
    script = _unshare((odd,), odd)[-2]
    words = shlex.split(script)
    assert words.count(str(odd)) == 2
