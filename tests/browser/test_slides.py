"""Lessons as slides: they open as a deck, and a class predicts, looks and plays in it."""

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import (
    OpenNotebook,
    expect_no_errors,
    image_of,
    jupyterlab,
    wait_for_change,
    wait_until,
)
from tests.notebooks.lessons import FOLDER, PATHS
from tools.present import SETTINGS, write_extension
from tools.slides_pdf import as_html

NAME = "03_latent_factors.ipynb"
WITH_A_BOX = "02_pivot_table.ipynb"
HEIGHT = 720  # of a common projector, 1280 wide
SHOWN = ".jp-Cell.jp-deck-mod-visible"


@pytest.fixture
def presenting(browser, tmp_path_factory):
    """The address of a JupyterLab with the settings of `make slides`.

    Each test has one of its own: JupyterLab notes in its settings that a deck was left.
    """
    folder = tmp_path_factory.mktemp("lab")
    extensions = write_extension(folder / "labextensions")
    with jupyterlab(FOLDER, folder, overrides=SETTINGS, extensions=extensions) as address:
        yield address


class Deck(OpenNotebook):
    """A lesson as `make slides` opens it."""

    def __init__(self, browser, address: str, name: str):
        super().__init__(browser, address, name, view="lab", height=HEIGHT)
        expect(self.page.locator("body")).to_have_attribute("data-jp-deck-mode", "presenting")
        expect(self.page.locator(SHOWN)).to_have_count(1)
        self.cells = self.page.locator(".jp-Cell")

    def run_all_by_keyboard(self) -> None:
        """Restart and run all, once JupyterLab has asked the new kernel all it wants to know."""
        page, heard = self.page, 0
        wait_until(page, lambda: self.idle_messages > 0, 60, "the kernel did not start")
        while self.idle_messages != heard:
            heard = self.idle_messages
            page.wait_for_timeout(2000)
        page.keyboard.press("Control+Shift+Enter")
        expect(page.locator(".jp-Dialog .jp-mod-accept")).to_be_focused()
        page.keyboard.press("Enter")
        prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
        running = prompts.filter(has_text="[*]")
        wait_until(page, lambda: running.count() > 0, 60, "the run did not start")
        wait_until(page, lambda: running.count() == 0, 120, "the run did not end")

    def active(self) -> int:
        """The place of the cell that is current."""
        return self.cells.evaluate_all(
            "cells => cells.findIndex(cell => cell.classList.contains('jp-mod-active'))"
        )

    def shown(self) -> list[int]:
        """The places of the cells on the screen."""
        return self.cells.evaluate_all(
            "cells => [...cells.keys()].filter("
            "place => cells[place].classList.contains('jp-deck-mod-visible'))"
        )

    def go(self, key: str) -> None:
        before = self.active()
        self.page.keyboard.press(key)
        wait_until(self.page, lambda: self.active() != before, 60, f"{key} moves nothing")

    def go_on(self) -> None:
        """Press Space. Every press shows something new, on the screen."""
        before = self.shown()
        self.go("Space")
        new = set(self.shown()) - set(before)
        assert new, f"the press at cell {self.active()} shows nothing new"
        box = self.cells.nth(min(new)).bounding_box()
        assert 0 <= box["y"] < HEIGHT and box["height"] > 0

    def go_to_a_panel(self, with_control: str = "*") -> Locator:
        """Step by step to the next panel that has such a control.

        On the way, a prediction comes before what answers it.
        """
        while True:
            place = self.active()
            if "Predict." in self.cells.nth(place).inner_text():
                assert max(self.shown()) == place, "the answer is there with the question"
            self.go_on()
            assert self.active() in self.shown()
            panel = self.cells.nth(self.active()).locator(".jp-OutputArea-output")
            if panel.locator(f".jupyter-widgets {with_control}").count():
                return panel


def press(panel: Locator, control: Locator, key: str) -> None:
    before = image_of(panel)
    control.press(key)
    wait_for_change(panel, before)


def test_a_lesson_is_presented(browser, presenting):
    deck = Deck(browser, presenting, NAME)
    page, cells = deck.page, deck.cells
    try:
        title = cells.nth(0).locator("h1")
        expect(title).to_be_visible()
        zoom = title.evaluate("title => title.currentCSSZoom")
        assert 14 * zoom >= 20, "the text is too small for the back of a room"
        deck.run_all_by_keyboard()
        assert deck.shown() == [0], "the run has left the title"

        panel = deck.go_to_a_panel()
        place = deck.active()
        assert deck.shown() == [place, place + 1]
        task = cells.nth(place + 1)
        expect(task).to_contain_text("Try this.")
        # All of it is on the screen, and the slider follows the keys without leaving the slide.
        for part in (panel, task.locator("summary")):
            box = part.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT
        for key in ("ArrowRight", "ArrowLeft", "Home", "End"):
            press(panel, panel.locator(".noUi-handle").first, key)
        assert deck.active() == place

        # The answer opens and closes, by mouse and by keyboard.
        answer = task.locator("details")
        answer.locator("summary").click()
        expect(answer).to_have_attribute("open", "")
        answer.locator("summary").press("Space")
        expect(answer).not_to_have_attribute("open", "")

        # A remote control goes back and forward, and its "black" makes the screen black.
        cells.nth(place).focus()
        deck.go("PageUp")
        assert place not in deck.shown()
        deck.go("PageDown")
        assert deck.shown() == [place, place + 1]
        n_cells = cells.count()
        black = page.locator("#course-deck-black")
        page.keyboard.press("b")
        expect(black).to_be_visible()
        page.keyboard.press("b")
        expect(black).not_to_be_visible()

        # Below the slide stands its number; the notes know the plan for this part of the lesson.
        screens = [
            cell.metadata.slideshow.slide_type in {"slide", "subslide"}
            for cell in nbformat.read(FOLDER / NAME, as_version=4).cells
        ]
        number = f"{sum(screens[: place + 1])} / {sum(screens)}"
        expect(page.locator("#course-deck-line")).to_contain_text(f"CC BY 4.0 · {number} · ")
        with page.expect_popup() as opened:
            page.keyboard.press("n")
        notes = opened.value
        expect(notes.locator("#where")).to_contain_text(number)
        expect(notes.locator("tr.now").first).to_contain_text("A taste in three numbers")
        expect(notes.locator("#next")).not_to_be_empty()
        notes.close()

        # A list keeps the keys that it needs.
        panel = deck.go_to_a_panel("select")
        place = deck.active()
        press(panel, panel.locator("select").first, "ArrowDown")
        assert deck.active() == place
        assert cells.count() == n_cells

        page.keyboard.press("Escape")
        expect(page.locator("body")).not_to_have_attribute("data-jp-deck-mode", "presenting")
        expect(page.locator(".lm-MenuBar")).to_be_visible()
        expect_no_errors(deck)
        assert not deck.console
    finally:
        deck.close()


def test_a_box_keeps_the_keys_that_it_needs(browser, presenting):
    deck = Deck(browser, presenting, WITH_A_BOX)
    try:
        deck.run_all_by_keyboard()
        panel = deck.go_to_a_panel("input[type=checkbox]")
        place = deck.active()
        for _ in range(2):
            press(panel, panel.locator("input[type=checkbox]"), "Space")
        assert deck.active() == place
        expect_no_errors(deck)
        assert not deck.console
    finally:
        deck.close()


ENDS_AND_FEET = """sections => sections.map(one => [
    one.querySelector("div").getBoundingClientRect().bottom - one.getBoundingClientRect().top,
    one.querySelector("footer").getBoundingClientRect().top - one.getBoundingClientRect().top,
])"""


@pytest.mark.parametrize("number", [5, 12])
def test_on_paper_no_slide_reaches_its_foot(browser, tmp_path, number):
    """The style for paper that nbconvert brings lays cells out in another way."""
    file = tmp_path / "slides.html"
    file.write_text(as_html(nbformat.read(PATHS[number], as_version=4)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
    try:
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        places = page.locator("section").evaluate_all(ENDS_AND_FEET)
        assert len(places) > 40
        assert [n for n, (end, foot) in enumerate(places, start=1) if end > foot] == []
    finally:
        page.close()
