"""The trusted process: it runs the original lesson, and its checks on what students answered.

It never runs a student's code. That runs in a sandbox, which this process starts, and only values
come back (wire.py). One judge serves many submissions of one lesson, one after the other.

Its input has one job a line, its output one result a line, both JSON.
"""

import ast
import contextlib
import copy
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tools.grade.cells import Cells, limited, told
from tools.grade.lessons import Cell, Check, Lesson, cells_of, places_of_checks
from tools.grade.sandbox import Limits, Running, Sandbox, family
from tools.grade.wire import Peer, TooLate, Unreadable, WireError

SECONDS_FOR_A_CHECK = 30.0  # beyond what one call of a student's function may take


class Judge:
    """The original lesson, run once; what its checks are given is kept as it was at each check."""

    def __init__(self, lesson: Lesson, seconds: float) -> None:
        self.lesson, self.seconds = lesson, SECONDS_FOR_A_CHECK + seconds
        self.given: dict[int, dict[str, object]] = {}
        checks = {check.place: check for check in lesson.checks}
        cells = Cells()
        for place, cell in enumerate(lesson.cells):
            if place in checks:
                check = checks[place]
                names = {n: cells.names[n] for n in check.given if n in cells.names}
                self.given[check.number] = {name: _copy(value) for name, value in names.items()}
                cells.run(cell.source)  # it may import what later cells use
            elif cell.kind == "code" and (error := cells.run(cell.source)) is not None:
                raise RuntimeError(f"the original {lesson.name} stops in its cell {place}: {error}")

    def verdict(
        self, check: Check, answers: dict[str, object], error: str, patience: float
    ) -> tuple[bool, str]:
        """Whether the original check calls the answers right, and its advice."""
        stopped = f" Before it the notebook stopped: {error}." if error else ""
        missing = [name for name in check.answers if name not in answers]
        if missing:
            return False, f"There is no `{missing[0]}`.{stopped}"
        unreadable = [n for n in check.answers if isinstance(answers[n], Unreadable)]
        if unreadable:
            kind = answers[unreadable[0]].name
            return False, f"`{unreadable[0]}` is of a type that the check can't read: {kind}."
        names = {n: _copy(value) for n, value in self.given[check.number].items()}
        names |= {name: answers[name] for name in check.answers}
        *before, last = ast.parse(check.source).body
        try:
            with limited(patience * self.seconds):
                exec(compile(ast.Module(before, []), "check", "exec"), names)
                verdict = eval(compile(ast.Expression(last.value), "check", "eval"), names)
        except WireError:
            raise
        except BaseException as problem:
            return False, f"The check stopped: {told(problem)}."
        passed = getattr(verdict, "passed", None) is True
        message = str(getattr(verdict, "message", ""))
        return passed, " ".join(message.split())[:1000]


def _copy(value: object) -> object:
    """A copy that a check may change; functions, modules and the like are themselves."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def grade(judge: Judge, job: dict, sandbox: Sandbox, limits: Limits, tell) -> dict:
    """Run one notebook in the sandbox; returns a verdict for each check, and a remark."""
    cells = tuple(
        Cell(kind, source, name, tuple(tags)) for kind, source, name, tags in job["cells"]
    )
    places, patience = places_of_checks(cells, judge.lesson), job["patience"]
    whole = patience * limits.whole
    verdicts: dict[int, tuple[bool, str]] = {}
    remarks: list[str] = []
    seen = {check.number for check in places.values()}
    late = [check for check in judge.lesson.checks if check.number not in seen]
    if late:
        numbers = ", ".join(str(check.number) for check in late)
        remarks.append(f"check {numbers} is missing: looked at after the last cell")
    by_number = {check.number: check for check in judge.lesson.checks}
    code = [place for place, cell in enumerate(cells) if cell.kind == "code"]
    ended: list = []

    def asked(check: Check) -> dict:
        return {"number": check.number, "names": list(check.answers)}

    def begin(message: dict) -> dict:
        return {
            "cells": [cells[place].source for place in code],
            "checks": {str(k): asked(places[p]) for k, p in enumerate(code) if p in places},
            "at the end": [asked(check) for check in late],
            "seconds": patience * limits.cell,
            "processor": limits.processor,
            "bytes": limits.memory,
            "processes": limits.processes,
            "file": limits.disk,
        }

    def look(message: dict) -> None:
        check = by_number[message["check"]]
        if check.number not in verdicts:  # the first answer counts
            answers = {n: peer.decode(message["names"][n]) for n in message["names"]}
            error = message["errors"][0][1] if message["errors"] else ""
            verdicts[check.number] = judge.verdict(check, answers, str(error)[:300], patience)

    def finish(message: dict) -> None:
        ended.append(True)
        for place, error in message["errors"][:1]:
            remarks.append(f"code cell {int(place) + 1} stopped: {str(error)[:200]}")

    running = sandbox.start(limits, job["slot"])
    tell({"pid": running.process.pid})
    watch = Watch(running, limits)
    read, write = running.process.stdout.fileno(), running.process.stdin.fileno()
    do = {"begin": begin, "judge": look, "end": finish}
    peer = Peer(read, write, do, time.monotonic() + whole)
    try:
        while not ended:
            peer.serve()
    except TooLate:
        remarks.append(f"stopped after {whole:.0f} seconds")
    except WireError as error:
        remarks.append(watch.found or f"the notebook's process {error}{running.reason()}")
    except Exception as error:  # a message with other parts than ours
        remarks.append(f"wrote nonsense to the grader ({type(error).__name__})")
    finally:
        watch.stop()
        running.close()
        end_orphans()
    nothing = (False, "The notebook didn't come as far as this exercise.")
    return {
        "marks": [verdicts.get(check.number, nothing) for check in judge.lesson.checks],
        "remark": "; ".join(remarks)[:1000],
    }


class Watch:
    """Kills a sandbox that takes more memory than it may, all its processes together."""

    def __init__(self, running: Running, limits: Limits) -> None:
        self.running, self.limits, self.found = running, limits, ""
        self.over = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.over.wait(0.3):
            if self.running.memory() > self.limits.memory:
                self.found = f"took more than {self.limits.memory / 2**30:.1f} GB of memory"
                with contextlib.suppress(OSError):
                    self.running.process.kill()
                return

    def stop(self) -> None:
        self.over.set()


def adopt_orphans() -> None:
    """Become the parent of what a notebook's process leaves behind when it ends, and be able to
    find it: without a sandbox it would go on as a child of the system's first process. Linux."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def end_orphans() -> None:
    """Kill every process that is left below this one; it may fork while it is looked for."""
    for _ in range(100):
        if not (left := family(os.getpid())):
            return
        for number in left:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def limit_memory(more: int) -> None:
    """Let answers take so many bytes here, on top of what the lesson takes: a range of 10**10
    numbers is a short message. Linux; elsewhere there is no such limit."""
    try:
        import resource

        status = Path("/proc/self/status").read_text("utf-8")
    except (ImportError, OSError):
        return
    taken = 1024 * int(status.partition("VmData:")[2].split()[0])
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (taken + more, most))


def main() -> None:
    settings = json.loads(sys.argv[1])
    lines, nowhere = os.fdopen(os.dup(1), "w", encoding="utf-8"), os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)  # what the lesson prints is no result

    def tell(result: dict) -> None:
        print(json.dumps(result), file=lines, flush=True)

    adopt_orphans()
    path = Path(settings["lesson"])
    limits = Limits(**settings["limits"])
    sandbox = Sandbox(settings["kind"], tuple(Path(p) for p in settings["hidden"]))
    try:
        judge = Judge(Lesson(path, cells_of(path.read_bytes())), limits.cell)
    except Exception as error:
        tell({"broken": told(error)})
        return
    limit_memory(limits.memory)
    tell({"ready": True})
    for line in sys.stdin:
        try:
            tell(grade(judge, json.loads(line), sandbox, limits, tell))
        except Exception as error:
            tell({"marks": None, "remark": f"could not be graded: {told(error)}"})


if __name__ == "__main__":
    main()
