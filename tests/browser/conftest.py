"""A JupyterLab and a Chromium for the tests of one module.

Playwright keeps an event loop running for as long as it lives: it must be gone before other tests
start a loop of their own.
"""

from pathlib import Path

import pytest

from tests.browser.lab import CHROMIUM, chromium, jupyterlab
from tests.conftest import skip
from tests.notebooks.lessons import FOLDER


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; without one the browser tests skip, saying so."""
    if not Path(CHROMIUM).exists():
        skip(f"there is no Chromium at {CHROMIUM}: install the package chromium to run this")
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the notebooks."""
    with jupyterlab(FOLDER, tmp_path_factory.mktemp("lab")) as address:
        yield address
