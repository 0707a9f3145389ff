"""A Chromium or Chrome of this computer, and how it is started."""

import shutil
from pathlib import Path

# It draws pages, and nothing around them: a test takes a fifth less of the processor with it.
WITHOUT_A_SCREEN = ("chromium-headless-shell", "chrome-headless-shell")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium(playwright_own: str = "", on_a_screen: bool = False) -> str | None:
    """A Chromium or Chrome of this computer: on the path, in its usual place, or Playwright's.

    on_a_screen: one that can open a window, which a headless shell can't.
    """
    names = CHROMIUM_NAMES if on_a_screen else (*WITHOUT_A_SCREEN, *CHROMIUM_NAMES)
    found = [shutil.which(name) for name in names]
    places = [
        place for place in (*CHROMIUM_PLACES, playwright_own) if place and Path(place).exists()
    ]
    return next((place for place in (*found, *places) if place), None)
