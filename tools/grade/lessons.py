"""The course's own notebooks: what their exercises ask, and of which one a hand-in is a copy."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOLUTION = re.compile(
    r"<details><summary>Solution</summary>\s*```python\n(.*?)```.*?</details>", re.DOTALL
)


class Malformed(ValueError):
    """A file that is no notebook that can be run."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, in the one form that the grader uses."""

    kind: str
    source: str
    id: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """An exercise as the original notebook has it.

    place: of the check cell among the cells. given: names that the lesson defines and the check
    uses. answers: names that the student's cell defines and the check uses.
    """

    number: int
    place: int
    source: str
    id: str
    given: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def checks(self) -> list[Check]:
        return list(_checks(self.cells))


def cells_of(text: str | bytes) -> tuple[Cell, ...]:
    """The cells of a notebook's JSON. Raises Malformed for anything else, however odd it is."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        raise Malformed("is not a notebook: ask for the .ipynb file") from None
    if not isinstance(notebook, dict):
        raise Malformed("is not a notebook: its JSON is no object")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        raise Malformed("is a notebook of 2015 or older: save it with a Jupyter of today")
    if not isinstance(cells, list):
        raise Malformed("is not a notebook: it has no list of cells")
    return tuple(_cell(number, cell) for number, cell in enumerate(cells, start=1))


def _cell(number: int, cell: object) -> Cell:
    if not isinstance(cell, dict):
        raise Malformed(f"is damaged: cell {number} is no cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or not isinstance(cell.get("cell_type"), str):
        raise Malformed(f"is damaged: cell {number} has no text or no type")
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    tags = tuple(t for t in tags if isinstance(t, str)) if isinstance(tags, list) else ()
    name = cell.get("id")
    source = source.encode("utf-8", "replace").decode(
        "utf-8"
    )  # half of a surrogate pair is no text
    return Cell(cell["cell_type"], source, name if isinstance(name, str) else "", tags)


def originals(folder: Path = NOTEBOOKS) -> list[Lesson]:
    """The lessons of the course, in their order."""
    paths = sorted(folder.glob("[0-9]*.ipynb"))
    return [Lesson(path, cells_of(path.read_bytes())) for path in paths]


def recognise(cells: tuple[Cell, ...], lessons: list[Lesson]) -> Lesson | None:
    """The lesson of which these are the cells: most of the long ones are still as they were."""

    def long_cells(of: tuple[Cell, ...]) -> set[str]:
        return {" ".join(cell.source.split()) for cell in of if len(cell.source) > 30}

    mine = long_cells(cells)
    common = {lesson.name: len(mine & long_cells(lesson.cells)) for lesson in lessons}
    best = max(lessons, key=lambda lesson: common[lesson.name], default=None)
    return best if best is not None and common[best.name] >= 2 else None


def places_of_checks(cells: tuple[Cell, ...], lesson: Lesson) -> dict[int, Check]:
    """Where in a hand-in the check cells are: by id, then by text, then by their order."""
    free = {place: cell for place, cell in enumerate(cells) if cell.kind == "code"}
    found: dict[int, Check] = {}

    def take(check: Check, same) -> bool:
        place = next((place for place, cell in free.items() if same(cell)), None)
        if place is not None:
            found[place] = check
            del free[place]
        return place is not None

    left = lesson.checks
    for same_as in (
        lambda check: lambda cell: bool(cell.id) and cell.id == check.id and "check" in cell.tags,
        lambda check: lambda cell: cell.source.strip() == check.source.strip(),
        lambda check: lambda cell: "check" in cell.tags and _calls(check) & _names(cell.source),
    ):
        left = [check for check in left if not take(check, same_as(check))]
    tagged = [place for place, cell in free.items() if "check" in cell.tags]
    if len(tagged) == len(left):
        found.update(zip(tagged, left, strict=True))
    return found


def _checks(cells: tuple[Cell, ...]):
    number, exercise = 0, ""
    for place, cell in enumerate(cells):
        if cell.kind != "code":
            continue
        if "exercise" in cell.tags:
            exercise = cell.source
        if "check" in cell.tags:
            number += 1
            used = _names(cell.source) - _stored(cell.source)
            rest = "\n".join(c.source for c in cells[place + 1 : place + 4] if c.kind != "code")
            solution = SOLUTION.search(rest)
            answers = used & _stored(exercise)
            if solution and answers & _stored(solution[1]):
                answers &= _stored(solution[1])
            yield Check(
                number,
                place,
                cell.source,
                cell.id,
                tuple(sorted(used - answers)),
                tuple(sorted(answers)),
            )


def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _names(source: str) -> set[str]:
    """The names that a cell reads, and the last part of each dotted one."""
    nodes = list(ast.walk(_tree(source)))
    read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return read | {n.attr for n in nodes if isinstance(n, ast.Attribute)}


def _calls(check: Check) -> set[str]:
    calls = [n.func for n in ast.walk(_tree(check.source)) if isinstance(n, ast.Call)]
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}


def _stored(source: str) -> set[str]:
    """The names that a cell defines."""
    found = set()
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found
