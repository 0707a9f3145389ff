"""A lesson that is opened, read and run stays as it is, in its file too, until somebody writes."""

from playwright.sync_api import expect

from tests.browser.lab import (
    WITHOUT_WINDOWING,
    OpenNotebook,
    image_of,
    jupyterlab,
    wait_for_change,
    wait_until,
)
from tests.notebooks.lessons import FOLDER

NAME = "00_start_here.ipynb"
AUTOSAVE = {"@jupyterlab/docmanager-extension:plugin": {"autosave": True, "autosaveInterval": 2}}
UNSAVED = ".lm-DockPanel-tabBar .lm-TabBar-tab.jp-mod-dirty"
EXTENSIONS = FOLDER.parent / "jupyter"  # as the installation finds them, from this folder


def test_a_lesson_is_written_when_somebody_writes_and_not_before(browser, tmp_path):
    settings = WITHOUT_WINDOWING | AUTOSAVE
    with jupyterlab(FOLDER, tmp_path, overrides=settings, extensions=EXTENSIONS) as address:
        file = tmp_path / "served" / "notebooks" / NAME
        before = file.read_bytes()
        lesson = OpenNotebook(browser, address, NAME, view="lab")
        page = lesson.page
        try:
            lesson.run_all()
            (panel,) = lesson.panels()
            shown = image_of(panel)
            panel.locator("select").select_option(index=5)
            wait_for_change(panel, shown)
            expect(page.locator(UNSAVED)).to_have_count(0)
            page.wait_for_timeout(5000)  # time enough for two savings by themselves
            assert file.read_bytes() == before
            assert not lesson.errors

            # The same autosave writes what somebody has written.
            page.locator(".jp-CodeCell .cm-content").first.click()
            page.keyboard.press("Control+End")
            page.keyboard.type("  # mine")
            wait_until(page, lambda: b"# mine" in file.read_bytes(), 120, "it isn't saved")
            expect(page.locator(UNSAVED)).to_have_count(0)

            # And who wants to keep the outputs saves by hand.
            written = file.read_bytes()
            lesson.run_all()
            page.wait_for_timeout(5000)
            assert file.read_bytes() == written
            page.keyboard.press("Control+s")
            wait_until(page, lambda: file.read_bytes() != written, 120, "Ctrl+S saves nothing")
        finally:
            lesson.close()
