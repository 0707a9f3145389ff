"""Keys that are typed in a control stay in it: JupyterLab's own keys would act on the cell.

D D in a list deleted the panel, A and B inserted cells, an arrow on a list left for another cell.
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.browser.heard import PANEL
from tests.browser.lab import OpenNotebook, expect_no_errors

CELL = """
from collab_lib.kit.controls import box, choice, pick, slider, text
from collab_lib.kit.picture import picture
from collab_lib.kit.training_panel import TrainingPanel


@picture(height=2)
def drawn(axes, runs, **values):
    return str(values)


TrainingPanel(
    drawn,
    lambda **values: iter([1]),
    n_epochs=slider("epochs", 1, 9, 5),
    share=slider("the share of users who watch, and who say so", 0, 1, 0.5, step=0.1),
    rate=choice("rate", [0.1, 0.2, 0.4], 0.2),
    movie=pick("movie", ["Alien", "Brazil", "Dune"], "Brazil"),
    reveal=box("reveal"),
    search=text("search"),
)
"""
KEYS = ("a", "b", "d", "d", "x", "m", "y", "1", "ArrowDown", "ArrowUp", "Home", "0", "0")
KINDS = {
    "slider": ".noUi-handle",
    "list": "select",
    "button": "button.widget-button",
    "box": ".widget-checkbox input",
    "text": ".widget-text input",
}


@pytest.fixture(scope="module")
def notebook(browser, lab, served):
    """A notebook with every kind of control, run."""
    cells = [new_markdown_cell("before"), new_code_cell(CELL), new_markdown_cell("after")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), served / "notebooks" / "keys.ipynb")
    opened = OpenNotebook(browser, lab, "keys.ipynb")
    opened.run_all()
    opened.page.wait_for_selector(f"{PANEL} .noUi-handle", timeout=120_000)
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_keys_typed_in_a_control_stay_in_it(kind, notebook):
    page = notebook.page
    control = page.locator(f"{PANEL} {KINDS[kind]}").first
    cells = page.locator(".jp-Cell")
    control.scroll_into_view_if_needed()
    control.focus()
    for key in KEYS:
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert cells.count() == 3
    assert control.evaluate("it => it === document.activeElement"), "the focus went elsewhere"
    assert page.locator(".jp-Dialog").count() == 0
    expect_no_errors(notebook)


def test_a_list_is_chosen_from_by_letter_and_by_arrow(notebook):
    page = notebook.page
    movies = page.locator(f"{PANEL} select").last
    movies.select_option(label="Alien")
    movies.focus()
    page.keyboard.press("d")
    assert movies.evaluate("list => list.selectedOptions[0].text") == "Dune"
    page.keyboard.press("ArrowUp")
    assert movies.evaluate("list => list.selectedOptions[0].text") == "Brazil"


@pytest.mark.parametrize("width", [1280, 853, 600, 450])
def test_sliders_keep_a_track(notebook, width):
    """A projector at 1280 and 150 % shows 853 px of page, of which the file browser takes 250."""
    page = notebook.page
    page.set_viewport_size({"width": width, "height": 480})
    page.wait_for_timeout(300)
    for track in page.locator(f"{PANEL} .noUi-target").all():
        assert track.bounding_box()["width"] >= 80
    page.set_viewport_size({"width": 1280, "height": 900})
