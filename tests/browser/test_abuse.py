"""Panels that are treated roughly: 500 moves, two views, two tabs, a restart of the kernel."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, expect

from collab_lib.lessons.latent_factors.panels import dot_product_panel
from tests.browser.heard import PANEL, serious_faults
from tests.browser.lab import OpenNotebook, expect_no_errors, wait_until

CELL = """
from collab_lib.lessons.latent_factors import panels

panel = panels.dot_product_panel()
panel
"""
STOPPED = "The kernel was restarted, so this panel stands still."


@pytest.fixture(scope="module")
def notebook(browser, lab, served):
    """A panel of lesson 3, shown by two cells, run."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = new_notebook(cells=[new_code_cell(CELL), new_code_cell("panel")], metadata=kernel)
    nbformat.write(made, served / "notebooks" / "abuse.ipynb")
    opened = OpenNotebook(browser, lab, "abuse.ipynb")
    opened.run_all()
    opened.page.wait_for_selector(f"{PANEL} .noUi-handle", timeout=120_000)
    yield opened
    opened.close()


# What is shown anew comes a while after the cell has run: until then the old sliders are there.
MARK_AS_OLD = "panel => document.querySelectorAll(panel).forEach(one => one.dataset.old = 1)"


def values_of(view: Locator) -> list[float]:
    """The numbers beside the sliders."""
    texts = view.locator(".widget-readout").all_inner_texts()
    return [float(text.replace("−", "-")) for text in texts]


def expect_all_to_show(views: list[Locator], **moved: float) -> None:
    """Sliders, picture and sentence of each view are those of a panel with these values."""
    panel = dot_product_panel()
    picture = panel(**moved)
    wanted = [control.value for control in panel.controls.values()]
    for view in views:
        expect(view.locator("p[role=status]").first).to_have_text(picture.sentence)
        expect(view.locator("img").first).to_have_attribute("alt", picture.sentence)
        assert values_of(view) == pytest.approx(wanted)


def press(view: Locator, slider: int, *keys: str) -> None:
    """Press keys on one of the sliders."""
    handle = view.locator(".noUi-handle").nth(slider)
    handle.scroll_into_view_if_needed()
    handle.focus()
    for key in keys:
        view.page.keyboard.press(key)


def expect_no_errors_of_ours(notebook: OpenNotebook) -> None:
    """JupyterLab complains of what it had asked the old kernel; that is its own affair."""
    notebook.errors[:] = [error for error in notebook.errors if "Canceled future" not in error]
    expect_no_errors(notebook)


def test_five_hundred_moves_in_a_row_and_both_views_follow(notebook):
    first, second = notebook.panels()
    press(first, 0, *(["ArrowRight"] * 7 + ["ArrowLeft"] * 3) * 50)  # it ends at 1, less three
    expect_all_to_show([first, second], user_1=0.7)
    press(second, 1, "Home", "ArrowRight")
    expect_all_to_show([first, second], user_1=0.7, movie_1=-0.9)
    expect_no_errors(notebook)


def test_two_tabs_on_one_notebook_follow_each_other(notebook, browser, lab):
    page = notebook.page
    press(notebook.panels()[0], 0, "Home")
    page.keyboard.press("Control+s")  # the other tab opens what is saved
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    other = OpenNotebook(browser, lab, "abuse.ipynb")
    try:
        other.page.wait_for_selector(f"{PANEL} .noUi-handle", timeout=120_000)
        wait_until(other.page, lambda: len(other.panels()) == 2, 60, "the second view didn't come")
        views = [*notebook.panels(), *other.panels()]
        press(other.panels()[0], 1, "End")
        expect_all_to_show(views, user_1=-1.0, movie_1=1.0)
        press(notebook.panels()[1], 0, *["ArrowRight"] * 4)
        expect_all_to_show(views, user_1=-0.6, movie_1=1.0)
        expect_no_errors(other)
        expect_no_errors(notebook)
    finally:
        other.close()


def test_a_restart_in_sight_of_a_panel_is_told_and_running_again_revives_it(notebook):
    page = notebook.page
    page.click('.lm-MenuBar-item:has-text("Kernel")')
    page.click('.lm-Menu-item[data-command="kernelmenu:restart"]')
    page.click(".jp-Dialog .jp-mod-accept")
    told = page.get_by_text(STOPPED)
    expect(told).to_have_count(2)
    for message in told.all():
        expect(message).to_have_attribute("role", "status")
    # Nothing in the controls can be moved, and to try it leaves no flood of errors.
    said = len(notebook.console)
    for view in notebook.panels():
        before = values_of(view)
        press(view, 0, *["ArrowRight"] * 5)
        assert view.locator(".noUi-handle:focus").count() == 0
        assert values_of(view) == before
        expect(view.locator("p[role=status]").nth(1)).to_be_visible()  # what was drawn can be read
    assert not serious_faults(page, PANEL)
    expect_no_errors_of_ours(notebook)
    assert notebook.console[said:] == []

    page.evaluate(MARK_AS_OLD, PANEL)
    notebook.run_all(restart=False)  # as the message says
    expect(page.locator("[data-old]")).to_have_count(0, timeout=120_000)
    expect(told).to_have_count(0)
    page.wait_for_selector(f"{PANEL} .noUi-handle", timeout=120_000)
    wait_until(page, lambda: len(notebook.panels()) == 2, 60, "the second view didn't come")
    press(notebook.panels()[0], 0, "Home")
    expect_all_to_show(notebook.panels(), user_1=-1.0)
    expect_no_errors_of_ours(notebook)
