"""Each notebook in a real JupyterLab: opened, run, every control worked by keyboard, trained."""

import re
from statistics import median

import pytest
from playwright.sync_api import expect

from tests.browser.heard import PANEL, controls_heard, serious_faults
from tests.browser.lab import OpenNotebook, expect_no_errors, wait_until, work_by_keyboard
from tests.browser.training import WITH_A_BAR, train_and_cancel_and_train
from tests.notebooks.lessons import PATHS, code_cells, read

WIDGET = "application/vnd.jupyter.widget-view+json"
TRAIN = ("06_weight_decay", "08_neural_network")


def panels_in(path) -> int:
    return sum(WIDGET in o.get("data", {}) for c in code_cells(read(path)) for o in c.outputs)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_lesson_in_the_browser(path, browser, lab, served):
    # Lesson 1 rates a film on its way: the other lessons start with the guest's, in any order.
    for ratings in served.rglob("my_ratings.csv"):
        ratings.unlink()
    notebook = OpenNotebook(browser, lab, path.name)
    try:
        # Before anything runs, the saved picture of each panel is there.
        pictures = notebook.page.locator(".jp-OutputArea-output img[alt]")
        wait_until(
            notebook.page,
            lambda: pictures.count() >= panels_in(path),
            20,
            "the saved pictures of the panels did not show",
        )
        expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)

        notebook.run_all()
        expect_no_errors(notebook)
        panels = notebook.panels()
        assert len(panels) == panels_in(path)
        seconds = [took for panel in panels for took in work_by_keyboard(panel)]
        if seconds:
            print(f"{path.stem}: key to picture {1000 * median(seconds):.0f} ms (median)")
        expect_no_errors(notebook)
        if panels:
            expect_every_control_to_be_heard(notebook)
            expect_numbers_beside_their_sliders(notebook)
            expect_names_above_their_columns(notebook)
        trained = notebook.page.locator(WITH_A_BAR).all()
        assert bool(trained) == (path.stem in TRAIN)
        for panel in trained:
            train_and_cancel_and_train(notebook.page, panel)
        expect_no_errors(notebook)
    finally:
        notebook.close()


def expect_numbers_beside_their_sliders(notebook: OpenNotebook) -> None:
    """Where the page is as wide as a projector, a slider's parts stand on one line."""
    for slider in notebook.page.locator(f"{PANEL} .widget-slider").all():
        track = slider.locator(".slider-container").bounding_box()
        number = slider.locator(".widget-readout").bounding_box()
        if number is not None:
            assert number["x"] >= track["x"] + track["width"], slider.inner_text()
            assert number["y"] <= track["y"] <= number["y"] + number["height"], slider.inner_text()


ALIGNED = "cells => [...new Set(cells.map(cell => getComputedStyle(cell).textAlign))]"


def expect_names_above_their_columns(notebook: OpenNotebook) -> None:
    """In the numbers under a picture, a column's name begins where what is in it begins."""
    cells = notebook.page.locator(f"{PANEL} .dataframe :is(th, td)")
    assert cells.evaluate_all(ALIGNED) == ["left"]


def expect_every_control_to_be_heard(notebook: OpenNotebook) -> None:
    """Controls have names, sliders say what their labels show, and axe finds nothing serious."""
    for role, name, value in controls_heard(notebook.page):
        assert name and name != "null", f"a {role} without a name (its value is {value!r})"
        assert len(value) < 60 and not re.search(r"\d\.\d{6}", value), f"{name} says {value!r}"
    shown = notebook.page.locator(f"{PANEL} .widget-slider").all()
    for slider in shown:
        readout = slider.locator(".widget-readout")
        if readout.count():
            for handle in slider.locator(".noUi-handle").all():
                assert handle.get_attribute("aria-valuetext") == readout.inner_text().strip()
    assert not serious_faults(notebook.page, PANEL)
