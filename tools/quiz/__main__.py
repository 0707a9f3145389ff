"""Write the question banks for Moodle (XML) and for Canvas and others (QTI), in build/quiz/.

python -m tools.quiz

lessons.xml, lessons.zip          the questions of *Do you remember?* and *Check yourself*: open
                                  ones, with the answer for whoever marks
course_test.xml, course_test.zip  the test before the course and after it: multiple choice, marked
                                  by the platform
"""

import argparse
from pathlib import Path

from tools.course import ROOT, lesson_paths
from tools.quiz import moodle, qti
from tools.quiz.questions import Question, course_test, of_lesson


def write(into: Path, paths: list[Path] | None = None) -> dict[str, int]:
    """Write both banks in both forms; returns how many questions each holds."""
    into.mkdir(parents=True, exist_ok=True)
    questions: list[Question] = []
    for path in lesson_paths() if paths is None else paths:
        questions += of_lesson(path)
    banks = {"lessons": questions, "course_test": course_test()}
    for name, bank in banks.items():
        title = f"Collaborative filtering: {name.replace('_', ' ')}"
        (into / f"{name}.xml").write_bytes(moodle.bank(bank))
        (into / f"{name}.zip").write_bytes(qti.package(bank, title))
    return {name: len(bank) for name, bank in banks.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "quiz")
    into = parser.parse_args().into
    for name, number in write(into).items():
        print(f"{number:4d} questions: {into / name}.xml for Moodle, .zip (QTI) for Canvas")


if __name__ == "__main__":
    main()
