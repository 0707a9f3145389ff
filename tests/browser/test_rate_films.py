"""Lesson 8: ten films rated with nothing but a keyboard, and the place and the list follow."""

import re
from statistics import median

from tests.browser.lab import OpenNotebook, expect_no_errors, image_of, wait_for_change

NAME = "08_bias_and_feedback_loops.ipynb"
# Presses of the right arrow from "not seen": 10 is 5 stars, 2 is 1 star. None leaves a film out.
PRESSES = [10, 2, None, 8, None, 10, 1, None, 9, 4, 10, 2, None, 7]


def test_ten_films_by_keyboard(browser, lab):
    notebook = OpenNotebook(browser, lab, NAME)
    try:
        notebook.run_all()
        (panel,) = [p for p in notebook.panels() if p.get_by_text("Reset: no film rated").count()]
        page, seconds, places, lists = notebook.page, [], set(), set()
        unrated = image_of(panel)
        panel.get_by_role("button", name="Reset").focus()
        for presses in PRESSES:
            page.keyboard.press("Tab")
            for _ in range(presses or 0):
                before = image_of(panel)
                page.keyboard.press("ArrowRight")
                seconds.append(wait_for_change(panel, before))
            sentence = panel.locator('[role="status"]').inner_text()
            if presses:
                places.add(re.search(r"you are ([\d.]+) from", sentence)[1])
                lists.add(re.search(r"your list starts with (.+?), and (\d+)", sentence).groups())

        rated = [presses for presses in PRESSES if presses]
        assert len(rated) == 10 and sentence.startswith("10 films rated")
        assert f"{sum(rated) / 2 / len(rated):.2f} stars on average" in sentence
        assert len(places) >= 5 and len(lists) >= 3
        print(f"key to picture {1000 * median(seconds):.0f} ms (median of {len(seconds)})")

        before = image_of(panel)
        panel.get_by_role("button", name="Reset").focus()
        page.keyboard.press("Space")
        wait_for_change(panel, before)
        assert image_of(panel) == unrated
        expect_no_errors(notebook)
    finally:
        notebook.close()
