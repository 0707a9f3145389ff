"""How many answers the tests hand to each check: right ones accepted, wrong ones refused.

    python -m tools.answers                             every check, as a Markdown table
    python -m tools.answers tests/lessons/test_lists.py

The verdicts are counted while the tests run, so that the table can't differ from them.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import pytest

from collab_lib.kit import check as kit

LESSONS = Path(__file__).parents[1] / "tests" / "lessons"


class Answers:
    """A plugin of pytest: runs only the tests of checks, and counts what the checks say."""

    def __init__(self):
        self.verdicts = {}  # by check: a Counter of True and False
        self.door = kit.check

    def counted(self, judge_answer: Callable) -> Callable:
        """`@check`, which also counts."""
        lesson = judge_answer.__module__.split(".")[-2]
        verdicts = self.verdicts.setdefault((lesson, judge_answer.__name__), Counter())
        checked = self.door(judge_answer)

        @wraps(checked)
        def counting(*args, **kwargs):
            verdict = checked(*args, **kwargs)
            verdicts[verdict.passed] += 1
            return verdict

        return counting

    def pytest_collection_modifyitems(self, items: list) -> None:
        items[:] = [item for item in items if "check" in inspect.getsource(item.function)]

    def table(self) -> str:
        """One row for each check of which a test asked."""
        lines = ["| lesson | check | accepted | refused |", "| --- | --- | ---: | ---: |"]
        for (lesson, name), verdicts in sorted(self.verdicts.items()):
            if verdicts:
                lines.append(f"| {lesson} | {name} | {verdicts[True]} | {verdicts[False]} |")
        return "\n".join(lines)


def main(paths: list[str]) -> int:
    """Print the table, and return what pytest returns."""
    answers = Answers()
    kit.check = answers.counted  # before a lesson is imported, which takes it by its name
    paths = paths or [
        str(path)
        for path in sorted(LESSONS.glob("test_*.py"))
        if "check" in path.read_text(encoding="utf-8")
    ]
    code = pytest.main(["-q", "--no-summary", *paths], plugins=[answers])
    print(answers.table())
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
