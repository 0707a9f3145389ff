"""A button that trains, in a real JupyterLab: the bar moves, Cancel works, other cells run."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import image_of, wait_for_change, wait_until

RAN = re.compile(r"\[\d+\]")
WITH_A_BAR = ".jp-OutputArea-output:has(.progress-bar)"


def epochs_done(panel: Locator) -> int:
    """How far the status line beside the bar has come."""
    found = re.search(r"epoch (\d+)", panel.locator("span[role=status]").inner_text())
    return int(found[1]) if found else 0


def width_of_bar(panel: Locator) -> float:
    style = panel.locator(".progress-bar").first.get_attribute("style")
    return float(re.search(r"width: ([\d.]+)%", style)[1])


def train_and_cancel_and_train(page: Page, panel: Locator) -> None:
    """Watch a training, run another cell meanwhile, cancel it, and let a second one end."""
    panel.scroll_into_view_if_needed()
    start = panel.locator("button.mod-primary")
    cancel = panel.get_by_role("button", name="Cancel")
    status = panel.locator("span[role=status]")
    expect(status).to_have_text("not trained yet")
    expect(cancel).to_be_disabled()
    sliders = panel.locator(".widget-hslider")
    epochs = sliders.filter(has_text=re.compile("epochs", re.IGNORECASE))
    epochs = epochs.locator(".noUi-handle").last
    epochs.press("End")

    before = image_of(panel)
    start.click()
    wait_for_change(panel, before)
    wait_until(page, lambda: epochs_done(panel) >= 2, 60, "no second epoch came")
    expect(start).to_be_disabled()
    assert 0 < width_of_bar(panel) < 100
    # Another cell runs in the middle of it: its prompt gets a new number.
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
    number = prompt.inner_text()
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    wait_until(
        page,
        lambda: RAN.match(prompt.inner_text()) and prompt.inner_text() != number,
        60,
        "another cell did not run during the training",
    )
    assert "done" not in status.inner_text(), "the training was over before the other cell"
    cancel.click()
    expect(status).to_contain_text("cancelled after epoch")
    expect(start).to_be_enabled()

    epochs.press("Home")
    before = image_of(panel)
    start.click()
    wait_for_change(panel, before)
    expect(status).to_contain_text("done", timeout=120_000)
    assert width_of_bar(panel) == 100
    expect(cancel).to_be_disabled()
