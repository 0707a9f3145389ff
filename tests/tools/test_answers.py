"""The table of checks and answers counts what the checks said."""

from collab_lib.kit.check import number, right, wrong
from tools.answers import Answers


def check_two(answer):
    return right("Two.") if number(answer) == 2 else wrong("Count again.")


def test_verdicts_are_counted_and_stay_what_they_are():
    check_two.__module__ = "collab_lib.lessons.toy.checks"
    answers = Answers()
    checked = answers.counted(check_two)
    assert answers.table().count("\n") == 1, "no row for a check that nobody asked"
    assert [checked(answer).passed for answer in (2, 2.0, 3, "two", None)] == [True] * 2 + [
        False
    ] * 3
    assert answers.table().endswith("| toy | check_two | 2 | 3 |")
