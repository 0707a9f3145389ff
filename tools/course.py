"""What is said about the lessons in many places, written from notebooks/lessons.toml.

The navigation and the time of each lesson, the tables of contents in README and in Start here, and
the choice of lessons in the issue form. `python -m tools.notebooks` writes them.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tools.places import Places, read_places

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
GLOSSARY = "[Glossary](../docs/glossary.md)"
TIME = re.compile(r"\*\*Time\*\*.*")
DOOR = re.compile(r"(?<=<!-- from docs/places\.toml -->).*?(?=<!-- end -->)", re.DOTALL)
TABLE = re.compile(r"\| \| lesson \|.*?(?=\n\n|\Z)", re.DOTALL)
WORDS_A_MINUTE, CODE_LINES_A_MINUTE = 120, 10
MINUTES_A_TASK, MINUTES_AN_EXERCISE = 1.5, 6


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course; the fields are those of lessons.toml."""

    file: str
    title: str
    what: str
    minutes: int
    exercise_minutes: int
    module: str

    @property
    def number(self) -> int:
        return int(self.file[:2])

    @property
    def path(self) -> Path:
        return NOTEBOOKS / f"{self.file}.ipynb"

    @property
    def heading(self) -> str:
        """The number and the title, as the lesson's first line has them."""
        return f"{self.number}. {self.title}"

    @property
    def time(self) -> str:
        return f"**Time** {self.minutes} minutes, and {self.exercise_minutes} for the exercises"


def lessons() -> list[Lesson]:
    """All lessons, in order. Raises ValueError where lessons.toml names one twice or none."""
    table = tomllib.loads((NOTEBOOKS / "lessons.toml").read_text(encoding="utf-8"))["lesson"]
    found = [Lesson(**entry) for entry in table]
    if [lesson.number for lesson in found] != list(range(len(found))):
        raise ValueError("lessons.toml: the files must be numbered 00, 01, 02 … without a gap")
    return found


def lesson_paths() -> list[Path]:
    """The notebooks of all lessons, in order."""
    return [lesson.path for lesson in lessons()]


def lesson_named(name: str) -> Lesson:
    """The lesson that is meant by "5", "05", "05_dot_model" or "05_dot_model.ipynb".

    Raises ValueError, with the names of all lessons, if there is none.
    """
    for lesson in lessons():
        if Path(name).stem in (lesson.file, lesson.file[:2], str(lesson.number)):
            return lesson
    names = ", ".join(lesson.file for lesson in lessons())
    raise ValueError(f"there is no lesson {name}: take a number such as 3, or one of {names}")


def navigation(number: int) -> str:
    """The line on top and at the end of lesson `number`, with links to its neighbours."""
    course = lessons()
    if number == 0:
        return f"[Begin with lesson 1: {course[1].title} →]({course[1].file}.ipynb)"
    links = [
        f"[← {course[number - 1].title}]({course[number - 1].file}.ipynb)",
        f"[Contents]({course[0].file}.ipynb)",
        GLOSSARY,
    ]
    if number + 1 < len(course):
        links.append(f"[{course[number + 1].title} →]({course[number + 1].file}.ipynb)")
    return " · ".join(links)


def contents(folder: str = "") -> str:
    """The table of lessons, with links that begin with `folder`."""
    rows = [
        "| | lesson | what happens | minutes | and exercises |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows += [
        f"| {one.number} | [{one.title}]({folder}{one.file}.ipynb) | {one.what} | {one.minutes} | "
        f"{one.exercise_minutes} |"
        for one in lessons()
    ]
    return "\n".join(rows)


def front_door(places: Places) -> str:
    """README's links to where the course can be read and tried; nothing where no place is set."""
    links = [f"**[Read and try the lessons]({places.site})**"] if places.site else []
    links += [f"[{name}]({url})" for name, url in places.launch(lessons()[0].file).items()]
    if places.repository:
        links.append(f"`git clone https://github.com/{places.repository}`")
    return "\n\n" + " · ".join(links) + "\n\n" if links else ""


def write_head(notebook: NotebookNode, lesson: Lesson) -> None:
    """Put navigation and time of `lesson` where the notebook has its own."""
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    line = navigation(lesson.number)
    first = texts[0].source.split("\n\n")
    texts[0].source = "\n\n".join([first[0], line, *first[2:]])
    last = texts[-1].source.split("\n\n")
    texts[-1].source = "\n\n".join([*last[:-1], line])
    for cell in texts:
        if lesson.number == 0:
            cell.source = TABLE.sub(lambda _: contents(), cell.source)
        elif TIME.search(cell.source):
            cell.source = TIME.sub(lambda _: lesson.time, cell.source, count=1)
            break


def write_contents() -> None:
    """Write links and the table of lessons into README, and the lessons into the issue form."""
    readme = ROOT / "README.md"
    text = DOOR.sub(lambda _: front_door(read_places(environment={})), readme.read_text("utf-8"))
    readme.write_text(TABLE.sub(lambda _: contents("notebooks/"), text), encoding="utf-8")
    form = ROOT / ".github" / "ISSUE_TEMPLATE" / "lesson.yml"
    text = form.read_text(encoding="utf-8")
    options = "".join(f"        - {lesson.heading}\n" for lesson in lessons())
    text = re.sub(r"(?:        - \d+\. .*\n)+", lambda _: options, text)
    form.write_text(text, encoding="utf-8")


def minutes_needed(notebook: NotebookNode) -> tuple[float, float]:
    """The minutes that a lesson and its exercises take, by the rule that lessons.toml is held to.

    Words at 120 a minute (outside folded answers), lines of code at 10 a minute (cells that are
    folded away don't count), a minute and a half for each **Predict.** and each **Try this.**; for
    the exercises 6 minutes each, and nothing else of them counts.
    """
    words = code_lines = tasks = exercises = 0
    in_exercises = False
    for cell in notebook.cells:
        source = cell.source
        if cell.cell_type == "markdown":
            heading = re.match(r"## (.+)", source)
            if heading:
                in_exercises = heading[1] == "Exercises"
            exercises += len(re.findall(r"^### Exercise \d", source, re.MULTILINE))
            if in_exercises:
                continue
            shown = re.sub(r"<details>.*?</details>", "", source, flags=re.DOTALL)
            shown = re.sub(r"\]\([^)]*\)|```.*?```|\$\$.*?\$\$", " ", shown, flags=re.DOTALL)
            words += len(re.findall(r"[^\W\d_]+", shown))
            tasks += source.count("**Predict.**") + source.count("**Try this.**")
        elif not in_exercises and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            code_lines += sum(bool(line.strip()) for line in source.splitlines())
    minutes = words / WORDS_A_MINUTE + code_lines / CODE_LINES_A_MINUTE + MINUTES_A_TASK * tasks
    return minutes, MINUTES_AN_EXERCISE * exercises
