"""Lesson 1: films found, rated and forgotten with nothing but a keyboard; the file follows."""

from collab_lib.my_ratings import load_my_ratings
from tests.browser.lab import OpenNotebook, expect_no_errors, image_of, wait_for_change, wait_until

NAME = "01_exploration.ipynb"


def test_ten_films_by_keyboard(browser, lab, served):
    file = served / "notebooks" / "my_ratings.csv"
    notebook = OpenNotebook(browser, lab, NAME)
    try:
        notebook.run_all()
        page, key = notebook.page, notebook.page.keyboard
        # The prompts of the stored run may still be there: the panel tells when it is alive.
        wait_until(page, notebook.panels, 120, "no panel")
        panel = notebook.panels()[0]
        n_cells = page.locator(".jp-Cell").count()
        sentence = panel.locator('[role="status"]').first
        assert "a guest stands in" in sentence.inner_text() and not file.exists()

        panel.locator("input[type=text]").focus()
        before = image_of(panel)
        key.type("amelie")
        wait_until(page, lambda: "Amelie: not seen" in sentence.inner_text(), 60, "nothing found")
        key.press("Tab")  # the list
        key.press("Tab")  # the slider
        for _ in range(9):
            key.press("ArrowRight")
        wait_until(page, lambda: "4.5 stars; everybody" in sentence.inner_text(), 60, "no stars")
        assert image_of(panel) != before
        assert load_my_ratings(file)[["movie", "rating"]].values.tolist() == [[4973, 4.5]]

        panel.locator("input[type=text]").fill("")
        wait_until(page, lambda: "Toy Story" in sentence.inner_text(), 60, "no first list")
        for n in range(2, 11):
            panel.locator(".noUi-handle").focus()
            key.press("PageUp")
            wait_until(
                page, lambda n=n: f"rated {n} films" in sentence.inner_text(), 60, f"not {n}"
            )
            panel.get_by_role("button", name="Next film").focus()
            key.press("Space")
            wait_until(page, lambda: "not seen" in sentence.inner_text(), 60, "no next film")
        assert "Ten are enough" in sentence.inner_text() and len(load_my_ratings(file)) == 10

        before = image_of(panel)
        panel.get_by_role("button", name="Forget me").focus()
        key.press("Space")
        panel.get_by_role("button", name="Press again").focus()
        key.press("Space")
        wait_for_change(panel, before)
        assert "The guest has rated 10 films" in sentence.inner_text() and not file.exists()
        assert page.locator(".jp-Cell").count() == n_cells, "a key went to the notebook"
        expect_no_errors(notebook)
    finally:
        if notebook.errors:
            print(notebook.errors)
        notebook.page.screenshot(path=served.parent / "my_ratings.png")
        notebook.close()
