"""Lesson 11: one of ten films rated anew with nothing but a keyboard; the list follows."""

import re
from statistics import median

from tests.browser.lab import OpenNotebook, expect_no_errors, image_of, wait_for_change

NAME = "11_newcomers.ipynb"


def test_a_rating_is_changed_by_keyboard(browser, lab):
    notebook = OpenNotebook(browser, lab, NAME)
    try:
        notebook.run_all()
        (panel,) = [p for p in notebook.panels() if p.get_by_text("explain the film").count()]
        as_rated, seconds, sentences, lists = image_of(panel), [], set(), set()
        stars, place = panel.locator(".noUi-handle").all()
        for handle, key, times in ((stars, "ArrowRight", 11), (place, "ArrowRight", 7)):
            handle.focus()
            for _ in range(times):
                before = image_of(panel)
                notebook.page.keyboard.press(key)
                seconds.append(wait_for_change(panel, before))
                sentence = panel.locator('[role="status"]').first.inner_text()
                sentences.add(sentence)
                lists.add(re.search(r"It begins with (.+?)\. ", sentence)[1])
        assert len(sentences) == 18 and len(lists) >= 3
        assert "with 5 stars in place of" in sentence
        print(f"key to picture {1000 * median(seconds):.0f} ms (median of {len(seconds)})")
        for handle, times in ((stars, 11), (place, 7)):
            handle.focus()
            for _ in range(times):
                before = image_of(panel)
                notebook.page.keyboard.press("ArrowLeft")
                wait_for_change(panel, before)
        assert image_of(panel) == as_rated
        expect_no_errors(notebook)
    finally:
        notebook.close()
