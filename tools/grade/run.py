"""Grades many submissions at once, each in a sandbox, and survives all of them."""

import contextlib
import hashlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field

from tools.grade.handed_in import HandIn, student_of
from tools.grade.lessons import Lesson, cells_of, recognise
from tools.grade.sandbox import COURSE, Limits, Sandbox, end, patience

SECONDS_FOR_A_LESSON = 300.0
GRACE = 90.0  # for the checks, beyond what the notebook itself may take
NOT_GRADED, NOT_ASKED_FOR = "could not be graded", "which wasn't asked for"


@dataclass
class Row:
    """What is known about one file. marks: (right, advice) for each exercise of its lesson."""

    file: str
    digest: str
    student: str
    platform_id: str
    lesson: str = ""
    marks: list[tuple[bool, str]] = field(default_factory=list)
    remark: str = ""

    @property
    def right(self) -> int:
        return sum(right for right, _ in self.marks)

    @property
    def may_change(self) -> bool:
        """Whether another run could come to something else: the machine failed, or --lesson did."""
        return self.remark.startswith(NOT_GRADED) or self.remark.endswith(NOT_ASKED_FOR)


class Grader:
    """Knows the lessons and the way into the sandbox.

    only: the one lesson that was set, by its name or number; None: whichever a file is a copy of.
    """

    def __init__(
        self,
        lessons: list[Lesson],
        sandbox: Sandbox,
        limits: Limits | None = None,
        jobs: int = 1,
        only: str | None = None,
    ) -> None:
        self.lessons, self.sandbox, self.limits = lessons, sandbox, limits or Limits()
        self.jobs, self.only = jobs, only
        self._here = threading.local()
        self._judges: list[JudgeProcess] = []
        self._free = list(range(jobs))

    def grade_all(self, hand_ins: list[HandIn], done: Callable) -> Iterator[Row]:
        """A row for each file as soon as it is known; not for those that are done(name, digest)."""
        try:
            with ThreadPoolExecutor(self.jobs) as pool:
                futures = []
                for row, cells, lesson in self._prepared(hand_ins, done):
                    if lesson is None:
                        yield row
                    else:
                        futures.append(pool.submit(self._grade, row, cells, lesson))
                try:
                    for future in as_completed(futures):
                        yield future.result()
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    self.close()
                    raise
        finally:
            self.close()

    def close(self) -> None:
        for judge in self._judges:
            judge.close()
        self._judges.clear()

    def _prepared(self, hand_ins: list[HandIn], done: Callable) -> Iterator[tuple]:
        """Rows by lesson, so that a judge is started once; those with a remark only come first."""
        ready = []
        for hand_in in hand_ins:
            row, cells, lesson = self._look_at(hand_in)
            if done(row.file, row.digest):
                continue
            if lesson is None:
                yield row, (), None
            else:
                ready.append((row, cells, lesson))
        yield from sorted(ready, key=lambda known: known[2].name)

    def _look_at(self, hand_in: HandIn) -> tuple[Row, tuple, Lesson | None]:
        names = [lesson.name for lesson in self.lessons]
        row = Row(hand_in.name, "", *student_of(hand_in.name, names))
        try:
            data = hand_in.read()
            row.digest = hashlib.sha256(data).hexdigest()
            if not hand_in.name.lower().endswith(".ipynb"):
                raise ValueError("is not a notebook: ask for the .ipynb file")
            cells = cells_of(data)
            lesson = self._lesson_of(hand_in.name, cells)
        except Exception as error:
            row.remark = str(error) or type(error).__name__
            return row, (), None
        row.lesson = lesson.name
        return row, cells, lesson

    def _lesson_of(self, name: str, cells: tuple) -> Lesson:
        found = recognise(cells, self.lessons)
        if found is None:
            raise ValueError("is no copy of a lesson of this course: hardly a cell is the same")
        named = next((one.name for one in self.lessons if one.name in name), found.name)
        if named != found.name:
            raise ValueError(f"is named {named} and is a copy of {found.name}: ask which was meant")
        if self.only is not None and self.only not in (found.name, found.name.partition("_")[0]):
            raise ValueError(f"is a copy of {found.name}, {NOT_ASKED_FOR}")
        return found

    def _grade(self, row: Row, cells: tuple, lesson: Lesson) -> Row:
        try:
            judge = self._judge(lesson)
            job = {
                "cells": [[c.kind, c.source, c.id, c.tags] for c in cells],
                "slot": self._here.slot,
                "patience": patience(),
            }
            result = judge.ask(job, job["patience"] * (self.limits.whole + GRACE))
            row.remark = str(result["remark"])
            row.marks = [(bool(right), str(advice)) for right, advice in result["marks"] or ()]
        except Exception as error:
            # There is none where the system has no room for another process.
            if (judge := getattr(self._here, "judge", None)) is not None:
                judge.close()
            row.remark = f"{NOT_GRADED}: {error}"
        return row

    def _judge(self, lesson: Lesson) -> "JudgeProcess":
        here = self._here
        if not hasattr(here, "slot"):
            here.slot, here.judge = self._free.pop(), None
        judge = here.judge
        if judge is None or judge.lesson != lesson or not judge.alive:
            if judge is not None:
                judge.close()
            here.judge = judge = JudgeProcess(lesson, self.sandbox, self.limits)
            self._judges.append(judge)
            judge.ready()
        return judge


class JudgeProcess:
    """A trusted process (judge.py), seen from here."""

    def __init__(self, lesson: Lesson, sandbox: Sandbox, limits: Limits) -> None:
        self.lesson, self.sandboxed = lesson, 0
        settings = {
            "lesson": str(lesson.path),
            "kind": sandbox.kind,
            "hidden": [str(path) for path in sandbox.hidden],
            "limits": asdict(limits),
        }
        environment = {**os.environ, "PYTHONPATH": str(COURSE), "OMP_NUM_THREADS": "1"}
        environment |= {"MPLBACKEND": "agg", "COLLAB_THREADS": "1", "PYTHONSAFEPATH": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.grade.judge", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        self._rest = b""

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ready(self) -> None:
        result = self._line(time.monotonic() + patience() * SECONDS_FOR_A_LESSON)
        if "broken" in result:
            raise RuntimeError(result["broken"])

    def ask(self, job: dict, seconds: float) -> dict:
        self.process.stdin.write(json.dumps(job).encode("ascii") + b"\n")
        self.process.stdin.flush()
        limit = time.monotonic() + seconds
        while "pid" in (result := self._line(limit)):
            self.sandboxed = int(result["pid"])
        self.sandboxed = 0
        return result

    def _line(self, limit: float) -> dict:
        while b"\n" not in self._rest:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise TimeoutError("a check didn't end in time")
            part = os.read(self.process.stdout.fileno(), 2**16)
            if not part:
                raise RuntimeError("the judge has stopped")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """Kill the judge, and the sandbox that it has started."""
        for number in (self.sandboxed, self.process.pid):
            if number and (number != self.process.pid or self.alive):
                end(number)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
