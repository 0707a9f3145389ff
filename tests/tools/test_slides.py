"""Slides: where texts are cut, and which place in the deck each cell gets."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from collab_lib.kit.controls import slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import picture
from tests.notebooks.lessons import PATHS, code_cells, read
from tools.slides import (
    LAYER,
    SCREEN,
    SLIDE_TYPES,
    has_picture,
    make_slides,
    paragraphs,
    text_height,
)


@picture(width=2, height=1)
def line(axes, n):
    """As the lessons' pictures: with numbers, in a table that is folded."""
    axes.plot([n, 2, 1], label="a")
    return f"A line from {n}."


def shown(thing):
    data, metadata = thing._repr_mimebundle_()
    return new_output("display_data", data, metadata=metadata)


QUESTION = "**Predict.** More or less?"
ANSWER = "<details><summary>Answer</summary>\n\nMore.\n\n</details>"
PICTURE = shown(line(3))
PANEL = shown(Panel(line, n=slider("n", 1, 5, 3)))
RESULT = new_output("execute_result", {"text/plain": "3"})
LONG = "\n\n".join(["word " * 60] * 4)


def code(source="x + 1", *outputs):
    return new_code_cell(source, outputs=list(outputs))


def deck(*cells):
    """The (slide type, beginning of the text) of every cell, from texts and code cells."""
    notebook = new_notebook(
        cells=[new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    )
    make_slides(notebook)
    return [(cell.metadata.slideshow.slide_type, cell.source[:12]) for cell in notebook.cells]


def types(*cells):
    return [slide_type for slide_type, _ in deck(*cells)]


def test_the_title_and_sections_start_slides_and_subsections_steps():
    assert types("# 1. Title", "## A section", "### A part") == ["slide", "slide", "subslide"]


def test_code_and_its_text_stay_together():
    assert types(
        "# Title", "## Section\n\nSome text.", code("1 + 2", RESULT), "That is three."
    ) == [
        "slide",
        "slide",
        "fragment",
        "fragment",
    ]


def test_a_text_is_cut_before_a_heading_and_before_a_prediction():
    text = f"That was three.\n\n{QUESTION}\n\n(A hint.)\n\n## Next\n\nHere.\n\n### Part"
    assert deck("# Title", text) == [
        ("slide", "# Title"),
        ("fragment", "That was thr"),
        ("subslide", "**Predict.**"),
        ("slide", "## Next\n\nHer"),
        ("subslide", "### Part"),
    ]


def test_a_prediction_stays_below_its_heading():
    assert types("# Title", f"## Section\n\nA few words.\n\n{QUESTION}") == ["slide", "slide"]


def test_a_text_after_a_prediction_is_its_answer():
    found = deck("# Title", f"## Section\n\n{QUESTION}\n\n(A hint.)\n\nMore.\n\nFar more.")
    assert found[1:] == [("slide", "## Section\n\n"), ("fragment", "More.\n\nFar m")]


def test_questions_are_steps_and_the_first_stays_below_the_heading():
    text = f"## Check yourself\n\n**1.** Why?\n\n{ANSWER}"
    assert deck("# Title", f"{text}\n\n**2.** How?\n\n**A.** And if?") == [
        ("slide", "# Title"),
        ("slide", "## Check you"),
        ("subslide", "**2.** How?"),
        ("subslide", "**A.** And i"),
    ]


def test_a_heading_in_code_or_in_a_folded_answer_cuts_nothing():
    text = "Run:\n\n```python\na = 1\n\n# a comment\n```\n\n<details>\n\n## Folded\n\n</details>"
    assert types("# Title", text) == ["slide", "fragment"]
    assert paragraphs("a\n\n```\nb\n\nc\n```\n\nd") == ["a", "```\nb\n\nc\n```", "d"]


def test_a_text_longer_than_a_screen_goes_on_in_a_step_below():
    found = deck("# Title", f"## Long\n\n{LONG}\n\n{LONG}")
    assert [slide_type for slide_type, _ in found[1:]] == ["slide", "subslide", "subslide"]
    assert text_height(LONG) < SCREEN < text_height(f"## Long\n\n{LONG}")


def test_the_address_of_a_link_takes_no_room():
    assert text_height(f"[word](../{'a' * 200}.md#word)") == text_height("[word]")


def test_cutting_loses_and_adds_nothing():
    text = f"One.\n\n{QUESTION}\n\n## Two\n\n\n- a\n- b\n\n    x = y\n\n{LONG}\n\n{LONG}"
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    make_slides(notebook)
    assert len(notebook.cells) > 3
    assert "\n\n".join(cell.source for cell in notebook.cells) == text


@pytest.mark.parametrize(
    "answer, slide_type", [(code("1 + 2", RESULT), "fragment"), (code("f()", PANEL), "subslide")]
)
def test_the_answer_to_a_prediction_comes_a_step_later(answer, slide_type):
    assert types("# Title", QUESTION, answer)[-1] == slide_type


def test_an_answer_that_has_no_room_gets_a_step_of_its_own():
    assert types("# Title", f"{QUESTION}\n\n{LONG}", code("f()", PICTURE))[-1] == "subslide"


def test_what_is_left_out_does_not_stand_for_the_answer():
    cells = ("# Title", QUESTION, code("assert True"), code("1 + 2", RESULT))
    assert types(*cells) == ["slide", "subslide", "skip", "fragment"]


def test_a_panel_and_its_task_are_one_step_and_what_follows_another():
    task = f"**Try this.** Move it.\n\n{ANSWER}"
    found = deck("# Title", "## Section", code("panel()", PANEL), f"{task}\n\n{LONG}")
    assert found[2:] == [
        ("subslide", "panel()"),
        ("", "**Try this.*"),
        ("subslide", "word word wo"),
    ]


def test_a_task_is_a_layer_so_that_the_deck_has_no_stop_there():
    notebook = new_notebook(
        cells=[new_markdown_cell("# Title"), code("f()", PANEL), new_markdown_cell("**Try this.**")]
    )
    make_slides(notebook)
    assert [cell.metadata.get(LAYER) for cell in notebook.cells] == [None, None, {"layer": "slide"}]


def test_a_short_text_stands_beside_a_picture_and_a_long_one_on_the_next_step():
    cells = ("# Title", "## Section", code("f()", PICTURE))
    assert types(*cells, "word " * 40)[-1] == "fragment"
    assert types(*cells, LONG)[-1] == "subslide"


@pytest.mark.parametrize(
    "source, slide_type",
    [
        ("import torch\nfrom math import pi", "skip"),
        ("assert x == 1", "skip"),
        ("y = x + 1\nassert y == 2", "skip"),
        ("y = x + 1\nz = y + 1\nassert z == 3", "fragment"),
        ("def f(x):\n    return x", "fragment"),
        ("%time x = 1", "fragment"),
    ],
)
def test_imports_and_checks_are_left_out(source, slide_type):
    assert types("# Title", code(source))[-1] == slide_type


def test_a_check_that_shows_something_stays():
    assert types("# Title", code("assert True", RESULT))[-1] == "fragment"


def test_a_folded_cell_is_left_out_if_it_shows_nothing():
    for outputs, slide_type in ((), "skip"), ((RESULT,), "fragment"):
        cell = code("def f(x):\n    return x", *outputs)
        cell.metadata.jupyter = {"source_hidden": True}
        assert types("# Title", cell)[-1] == slide_type


def test_the_references_are_left_out():
    text = "## What we learnt\n\n- Much.\n\n## Going further\n\n- A book."
    assert types("# Title", text, "[back](00_start_here.ipynb)") == [
        "slide",
        "slide",
        "skip",
        "skip",
    ]


def test_an_authors_choice_stays():
    cells = [new_markdown_cell("# Title"), new_markdown_cell("Aside.\n\n## Section")]
    cells[1].metadata.slideshow = {"slide_type": "skip"}
    assert deck(*cells) == [("slide", "# Title"), ("skip", "Aside."), ("slide", "## Section")]


def test_every_type_is_one_that_the_deck_knows():
    cells = ("# Title", f"Text.\n\n{QUESTION}", code("1 + 2", RESULT), code("assert True"))
    assert {*types(*cells)} <= SLIDE_TYPES


def test_a_second_run_changes_nothing():
    notebook = new_notebook(
        cells=[new_markdown_cell(f"# Title\n\n## Section\n\n{LONG}\n\n{QUESTION}")]
    )
    make_slides(notebook)
    before = [dict(cell) for cell in notebook.cells]
    make_slides(notebook)
    assert [dict(cell) for cell in notebook.cells] == before


def test_the_pictures_of_the_lessons_are_found():
    cells = [cell for path in PATHS for cell in code_cells(read(path))]
    drawn = [any("drawn" in o.get("metadata", {}) for o in cell.outputs) for cell in cells]
    assert [has_picture(cell) for cell in cells] == drawn and sum(drawn) > 60
