"""From a move on a page of the site to its new picture, on a screen of a phone's size.

python -m tools.benchmarks.site_moves    prints a line of JSON; `make site` comes first

Milliseconds on the clock, in Chromium, with the processor as it is and slowed four times.
"""

import json

from playwright.sync_api import Page, sync_playwright

from tools.benchmarks.workers import ROOT
from tools.chromium import CHROMIUM_OPTIONS, find_chromium
from tools.course import lesson_paths

SITE = ROOT / "build" / "site"
PHONE = {"width": 390, "height": 844}
SLOWED = (1, 4)
ROUNDS = 5
MOVABLE = ".panel-controls :is(input[type=range], select)"
FROM_MOVE_TO_PICTURE = """async ([panel, movable, k]) => {
    const control = panel.querySelectorAll(movable)[k];
    const image = panel.querySelector("img"), before = image.src, start = performance.now();
    const last = control.max ? +control.max : control.options.length - 1;
    control.value = +control.value < last ? +control.value + 1 : +control.value - 1;
    control.dispatchEvent(new Event("input"));
    while (image.src == before && performance.now() - start < 2000)
        await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""


def move_times(page: Page) -> list[float]:
    """Move the first control of each panel of an open page `ROUNDS` times: milliseconds each."""
    times = []
    for panel in page.locator(".panel").all():
        if panel.locator(MOVABLE).count() and panel.locator("img").count():
            handle = panel.element_handle()
            which = [handle, MOVABLE, 0]
            times += [page.evaluate(FROM_MOVE_TO_PICTURE, which) for _ in range(ROUNDS)]
    return times


def measure() -> dict[str, dict[str, list[float]]]:
    """All times by how often the processor is slowed, and by lesson."""
    found = {}
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        for rate in SLOWED:
            found[str(rate)] = {}
            for path in lesson_paths():
                page = browser.new_page(viewport=PHONE, has_touch=True)
                slow = {"rate": rate}
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", slow)
                page.goto((SITE / "notebooks" / f"{path.stem}.html").as_uri())
                found[str(rate)][path.stem] = move_times(page)
                page.close()
        browser.close()
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
