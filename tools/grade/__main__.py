"""Grade what students handed in: a notebook, a folder or a zip.

python -m tools.grade handed_in/            the marks go to the folder `marks`
python -m tools.grade moodle.zip --lesson 5 --out marks/lesson5

It takes files and names as Moodle and Canvas export them. Each notebook runs in a sandbox of its
own. What counts is what the original checks say, in a process that no student's code reaches.
Run the same command again to go on with a run that was broken off.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from tools.grade.handed_in import collect
from tools.grade.lessons import Lesson, originals
from tools.grade.report import Marks
from tools.grade.run import Grader
from tools.grade.sandbox import Limits, choose


def main(arguments: list[str] | None = None, lessons: list[Lesson] | None = None) -> int:
    given = _arguments(arguments)
    lessons = lessons or originals()
    if given.lesson and not any(_is(lesson, given.lesson) for lesson in lessons):
        names = ", ".join(lesson.name for lesson in lessons)
        print(
            f"Nothing was graded: there is no lesson {given.lesson}, only {names}.", file=sys.stderr
        )
        return 2
    out = given.out.resolve()
    hidden = {
        out,
        given.source.resolve() if given.source.is_dir() else given.source.parent.resolve(),
    }
    sandbox = choose(tuple(sorted(hidden)))
    print(sandbox.says, file=sys.stderr)
    if sandbox.kind == "none" and not given.unprotected:
        print("To go on without one, add --unprotected.", file=sys.stderr)
        return 2
    limits = Limits(whole=given.seconds, cell=min(60.0, given.seconds), memory=given.memory * 2**20)
    with tempfile.TemporaryDirectory(prefix="collab-grade-") as unpacked:
        try:
            hand_ins = collect(given.source, Path(unpacked), without=(out,))
        except (ValueError, OSError) as error:
            print(f"Nothing was graded: {error}.", file=sys.stderr)
            return 2
        marks = Marks(out)
        grader = Grader(lessons, sandbox, limits, given.jobs, given.lesson)
        done = (lambda *_: False) if given.again else marks.done
        known = sum(hand_in.name in marks.rows for hand_in in hand_ins)
        if known and not given.again:
            print(f"{known} of {len(hand_ins)} files have a row already.", file=sys.stderr)
        titles = {lesson.name: _title(lesson) for lesson in lessons}
        try:
            with tqdm(total=len(hand_ins), unit="file", file=sys.stderr) as bar:
                for row in grader.grade_all(hand_ins, done):
                    marks.add(row)
                    bar.update()
                bar.total = bar.n
        except KeyboardInterrupt:
            print("Broken off. The same command goes on from here.", file=sys.stderr)
            return 130
        finally:
            marks.write(titles)
    print(f"{len(marks.rows)} files: {out}/marks.csv, gradebook.csv and feedback/", file=sys.stderr)
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    jobs = max(1, min(4, (os.cpu_count() or 2) // 2 + 1))
    parser.add_argument("source", type=Path, help="a notebook, a folder or a zip")
    parser.add_argument("--out", type=Path, default=Path("marks"), help="default: marks")
    parser.add_argument("--lesson", help="the lesson that was set: 05, or 05_dot_model")
    parser.add_argument("--jobs", type=int, default=jobs, help=f"at the same time (here {jobs})")
    parser.add_argument("--seconds", type=float, default=300.0, help="for a notebook (300)")
    parser.add_argument("--memory", type=int, default=3072, help="MB for a notebook (3072)")
    parser.add_argument("--again", action="store_true", help="grade anew what has a row already")
    parser.add_argument("--unprotected", action="store_true", help="go on where there's no sandbox")
    given = parser.parse_args(arguments)
    if given.lesson and given.lesson.isdigit():
        given.lesson = given.lesson.zfill(2)
    for name in ("jobs", "seconds", "memory"):
        if not getattr(given, name) > 0:
            parser.error(f"--{name} must be above 0")
    return given


def _is(lesson: Lesson, name: str) -> bool:
    return name in (lesson.name, lesson.name.partition("_")[0])


def _title(lesson: Lesson) -> str:
    first = next((cell.source for cell in lesson.cells if cell.kind == "markdown"), lesson.name)
    return first.splitlines()[0].lstrip("# ") if first else lesson.name


def stop_when_told() -> None:
    """End as with Ctrl+C where the command is told to end: its judges and sandboxes have sessions
    of their own, and would go on without it."""

    def stop(*_: object) -> None:
        for number in told:  # once: what ends then isn't disturbed
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP, and nohup has it ignored
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    told = [number for number in known if signal.getsignal(number) != signal.SIG_IGN]
    for number in told:
        signal.signal(number, stop)


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main())
