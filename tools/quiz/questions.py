"""The questions of the lessons, read off the notebooks, and those of the test of the course."""

import html
import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

COURSE_TEST = Path(__file__).parent / "course_test.toml"
SECTIONS = ("Do you remember?", "Check yourself")
STARTS = re.compile(r"^\*\*(?P<mark>[0-9A-Za-z]{1,2})\.\*\* ", re.MULTILINE)
ANSWER = re.compile(
    r"<details>\s*<summary>Answers?</summary>\s*(?P<answer>.*?)\s*</details>", re.DOTALL
)
PICTURE = re.compile(r"<img[^>]*?>", re.DOTALL)
DATA = re.compile(r'src="data:image/png;base64,(?P<data>[A-Za-z0-9+/=\s]+)"')
ALT = re.compile(r'alt="(?P<alt>[^"]*)"')
# A link that leads out of the question: to another lesson, or to a place in this one.
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?!https?:)[^)]*\)")


@dataclass(frozen=True)
class Picture:
    """A PNG in base64, and the words for those who don't see it."""

    data: str
    words: str


@dataclass(frozen=True)
class Question:
    """One question. text, answer: HTML. choices: (text, is it right), for a multiple choice.

    name: of the lesson, the section and the number; it is the same each time.
    """

    name: str
    lesson: str
    text: str
    answer: str
    pictures: tuple[Picture, ...] = ()
    choices: tuple[tuple[str, bool], ...] = ()


def of_lesson(path: Path) -> list[Question]:
    """The questions of *Do you remember?* and *Check yourself*, pictures included.

    Raises ValueError where a question has no folded answer.
    """
    lesson = nbformat.read(path, as_version=4)
    title = lesson.cells[0].source.splitlines()[0].lstrip("# ")
    found = []
    for section in SECTIONS:
        text, pictures = _section(lesson.cells, section)
        short = "recall" if section == SECTIONS[0] else "check"
        for mark, asked in _split(text):
            answer = ANSWER.search(asked)
            if answer is None:
                raise ValueError(f"{path.name}, {section}: question {mark} has no folded answer")
            words = asked[: answer.start()]
            mine = tuple(pictures[int(n)] for n in re.findall(r"\x00(\d+)\x00", words))
            words = re.sub(r"\x00\d+\x00", "", words)
            found.append(
                Question(
                    f"{path.stem} {short} {mark}",
                    title,
                    to_html(words),
                    to_html(answer["answer"]),
                    mine,
                )
            )
    return found


def course_test(path: Path = COURSE_TEST, seed: int = 2) -> list[Question]:
    """The multiple-choice questions of the test before and after the course, choices shuffled."""
    shuffle = random.Random(seed).shuffle
    found = []
    for number, asked in enumerate(tomllib.loads(path.read_text("utf-8"))["question"], start=1):
        choices = [(asked["right"], True), *((text, False) for text in asked["wrong"])]
        shuffle(choices)
        found.append(
            Question(
                f"course test {number:02d} (lesson {asked['lesson']})",
                "Before and after the course",
                to_html(asked["text"]),
                to_html(asked["feedback"]),
                choices=tuple((to_html(text), right) for text, right in choices),
            )
        )
    return found


def to_html(markdown: str) -> str:
    """Markdown as HTML, with formulas as Moodle and Canvas read them, and without inner links."""
    text = markdown2html(LINK.sub(r"\g<text>", markdown.strip())).strip()
    text = re.sub(r"\$\$(.+?)\$\$", r"\\[\1\\]", text, flags=re.DOTALL)
    return re.sub(r"\$([^$\n]+?)\$", r"\\(\1\\)", text)


def _section(cells: list[NotebookNode], title: str) -> tuple[str, list[Picture]]:
    """The text of a section, with \\0 marks where its pictures are, and the pictures."""
    parts, pictures, inside = [], [], False
    for cell in cells:
        if cell.cell_type == "markdown":
            for part in re.split(r"(?m)^(?=#{1,2} )", cell.source):
                if part.startswith("#") and not part.startswith("###"):
                    inside = part.startswith(f"## {title}")
                    part = part.partition("\n")[2]
                if inside:
                    parts.append(part)
        elif inside:
            for picture in _pictures(cell):
                parts.append(f"\x00{len(pictures)}\x00")
                pictures.append(picture)
    return "\n\n".join(parts), pictures


def _split(text: str) -> list[tuple[str, str]]:
    """The mark and the text of each question, up to the next."""
    starts = list(STARTS.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)][: len(starts)]
    return [(s["mark"], text[s.end() : end]) for s, end in zip(starts, ends, strict=True)]


def _pictures(cell: NotebookNode) -> list[Picture]:
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        for tag in PICTURE.findall("".join(data.get("text/html", ""))):
            if source := DATA.search(tag):
                alt = ALT.search(tag)
                words = html.unescape(alt["alt"]) if alt else ""
                found.append(Picture("".join(source["data"].split()), words))
        if not found and "image/png" in data:
            found.append(Picture("".join(data["image/png"].split()), ""))
    return found
