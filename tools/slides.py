"""Slides of a notebook: every cell that has none gets its place in the deck.

`python -m tools.notebooks --slides` does it to all notebooks and runs nothing.

- A text that goes over from one step to the next is cut there, because a deck shows whole cells:
  before a heading, before and after a **Predict.**, before a question, after the answer of a **Try
  this.**, and where it is longer than a screen.
- The title and each `##` start a slide. A `###`, a **Predict.**, a question and a panel start a
  step below it, and so does what would not fit on the screen any more.
- The task of a panel is there with it, and stays while the panel is used. Every other cell comes
  below what is there, at a press of its own. So each press shows something new, and what answers a
  **Predict.** comes after it.
- Imports, checks and Going further are left out. (So run all cells before you present.)

What fits is estimated, for the sizes that tools/present.py gives a deck.
"""

import ast
import re
from math import ceil

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell

# "" is what JupyterLab shows as "-": with the cell before. The deck stops at such a cell all the
# same, and the press shows nothing, unless it is a layer of its slide as well. At a cell whose type
# is "-" or "notes" the deck shows an empty screen, with no way on.
SLIDE_TYPES = {"slide", "subslide", "fragment", "", "skip"}
LAYER = "jupyterlab-slideshow"
PREDICT, TRY = "**Predict.**", "**Try this.**"
HEADING = re.compile(r"#{1,6} ")
QUESTION = re.compile(r"\*\*[0-9A-Z]\.\*\* ")
WIDGET = "application/vnd.jupyter.widget-view+json"

# Heights, in lines of text.
SCREEN, PICTURE = 20.0, 14.0
CODE_LINE, TABLE_ROW, GAP = 0.85, 0.95, 0.6
# Characters in a line: across the screen, of code, and in the column beside a picture.
WIDE, CODE_WIDE, NARROW = 90, 100, 26


def make_slides(notebook: NotebookNode) -> None:
    """Cut the texts into steps, and fill in what is missing."""
    notebook.cells = [part for cell in notebook.cells for part in cut(cell)]
    fill_in(notebook)


def fill_in(notebook: NotebookNode) -> None:
    """Give each cell that has no slide type one. An author's own choice stays."""
    for cell, slide_type in zip(notebook.cells, slide_types(notebook.cells), strict=True):
        if "slide_type" not in cell.metadata.get("slideshow", {}):
            cell.metadata["slideshow"] = from_dict({"slide_type": slide_type})
            if slide_type == "":
                cell.metadata[LAYER] = from_dict({"layer": "slide"})


def cut(cell: NotebookNode) -> list[NotebookNode]:
    """The cells that this one becomes. The first is itself, with what metadata it had."""
    if cell.cell_type != "markdown":
        return [cell]
    parts = [[]]
    for paragraph in paragraphs(cell.source):
        if parts[-1] and starts_a_part(paragraph, parts[-1]):
            parts.append([])
        parts[-1].append(paragraph)
    cells = [cell, *(new_markdown_cell() for _ in parts[1:])]
    for one, part in zip(cells, parts, strict=True):
        one.source = "\n\n".join(part)
    return cells


def paragraphs(text: str) -> list[str]:
    """The paragraphs; one of fenced code or of a folded answer stays whole."""
    whole = []
    for part in text.split("\n\n"):
        last = whole[-1] if whole else ""
        if last.count("```") % 2 or last.count("<details>") > last.count("</details>"):
            whole[-1] += "\n\n" + part
        else:
            whole.append(part)
    return whole


def starts_a_part(paragraph: str, before: list[str]) -> bool:
    """Whether a paragraph starts a cell of its own, after those before it."""
    if HEADING.match(paragraph):
        return True
    if before[0].startswith(TRY) and before[-1].startswith("<details>"):
        return True
    # The text after a question answers it, if it isn't a hint in brackets.
    if any(one.startswith(PREDICT) for one in before) and not paragraph.startswith("("):
        return True
    if paragraph.startswith(PREDICT):
        return not HEADING.match(before[0])
    if QUESTION.match(paragraph):
        return len(before) > 1 or not HEADING.match(before[0])
    too_long = text_height("\n\n".join([*before, paragraph])) > SCREEN
    return too_long and not (HEADING.match(before[-1]) or paragraph.startswith("    "))


def slide_types(cells: list[NotebookNode]) -> list[str]:
    """A slide type for each cell, as if none had one."""
    types = ["skip" if left_out else None for left_out in leave_out(cells)]
    shown = [place for place, kind in enumerate(types) if kind is None]
    free = beside = 0.0  # lines on the screen, and in the column beside a picture
    for place, following in zip(shown, [*shown[1:], None], strict=True):
        cell = cells[place]
        text = cell.source if cell.cell_type == "markdown" else ""
        if not text:
            needed = own = code_height(cell)
            beside = PICTURE if has_picture(cell) else 0.0
            if following is not None:
                needed += explanation_height(cells[following], beside)
                needed = needed if needed <= SCREEN else own
        elif beside and not starts_a_step(text):
            column = text_height(text, NARROW)
            needed = own = max(0.0, column - beside)
            beside = max(0.0, beside - column)
        else:
            needed = own = text_height(text)
            beside = 0.0
        if place == shown[0] or text.startswith("## "):
            types[place] = "slide"
        elif text.startswith(TRY):  # stays with its panel, however long
            types[place] = ""
        elif starts_a_step(text) or has_panel(cell) or needed > free:
            types[place] = "subslide"
        else:
            types[place] = "fragment"
        free = (SCREEN if types[place] in {"slide", "subslide"} else free) - own
    return types


def leave_out(cells: list[NotebookNode]) -> list[bool]:
    """Which cells a class need not see: imports, checks, and the references at the end."""
    answers, ending = [], False
    for cell in cells:
        if cell.cell_type == "markdown" and re.match("##? ", cell.source):
            ending = cell.source.startswith("## Going further")
        answers.append(ending or imports_or_checks(cell))
    return answers


def imports_or_checks(cell: NotebookNode) -> bool:
    """Whether a cell shows nothing, and is folded, or every second statement imports or asserts."""
    if cell.cell_type != "code" or cell.get("outputs"):
        return False
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        return True
    try:
        kinds = [type(statement) for statement in ast.parse(cell.source).body]
    except SyntaxError:  # a line for IPython: %time, !pip
        return False
    n_imports = kinds.count(ast.Import) + kinds.count(ast.ImportFrom)
    return max(n_imports, kinds.count(ast.Assert)) >= len(kinds) / 2


def starts_a_step(text: str) -> bool:
    return bool(text.startswith(PREDICT) or HEADING.match(text) or QUESTION.match(text))


def explanation_height(following: NotebookNode, beside: float) -> float:
    """What the cell after one of code adds to its height, if it is the text that belongs to it."""
    if following.cell_type != "markdown" or starts_a_step(following.source):
        return 0.0
    if beside:
        return max(0.0, text_height(following.source, NARROW) - beside)
    return text_height(following.source)


def text_height(text: str, width: int = WIDE) -> float:
    text = re.sub(r"<details>.*?</summary>.*?</details>", "(folded)", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)\s]+\)", "]", text)  # the address of a link isn't seen
    height = 0.0
    for paragraph in text.split("\n\n"):
        if HEADING.match(paragraph):
            height += 1.4
        elif paragraph.startswith("|"):
            height += TABLE_ROW * paragraph.count("\n")
        elif paragraph.startswith(("    ", "```")):
            height += CODE_LINE * (paragraph.count("\n") + 1)
        else:
            items = re.split(r"\n(?=- |\d+\. )", paragraph)
            height += sum(ceil(len(item) / width) for item in items)
        height += GAP
    return height


def code_height(cell: NotebookNode) -> float:
    """The height of a code cell with its outputs."""
    height = CODE_LINE * len(cell.source.splitlines()) + GAP
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if is_picture(output):
            height += PICTURE
        elif "<tr" in data.get("text/html", ""):
            height += TABLE_ROW * data["text/html"].count("<tr")
        else:
            lines = (output.get("text") or data.get("text/plain", "")).splitlines()
            height += CODE_LINE * sum(ceil(max(len(line), 1) / CODE_WIDE) for line in lines)
    return height


def has_picture(cell: NotebookNode) -> bool:
    return any(is_picture(output) for output in cell.get("outputs", []))


def is_picture(output: NotebookNode) -> bool:
    """A picture is stored as HTML, with its sentence and, folded, a table of its numbers."""
    return "<img " in output.get("data", {}).get("text/html", "")


def has_panel(cell: NotebookNode) -> bool:
    return any(WIDGET in output.get("data", {}) for output in cell.get("outputs", []))
