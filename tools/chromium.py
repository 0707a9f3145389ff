"""A Chromium or Chrome of this computer, and how it is started without a screen."""

import shutil
from pathlib import Path

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


def find_chromium(playwright_own: str = "") -> str | None:
    """A Chromium or Chrome of this computer: on the path, in its usual place, or Playwright's."""
    found = [shutil.which(name) for name in CHROMIUM_NAMES]
    places = [
        place for place in (*CHROMIUM_PLACES, playwright_own) if place and Path(place).exists()
    ]
    return next((place for place in (*found, *places) if place), None)
