"""A JupyterLab and a Chromium for the tests of one module.

Playwright keeps an event loop running for as long as it lives: it must be gone before other tests
start a loop of their own.
"""

import pytest

from tests.browser.lab import chromium, jupyterlab
from tests.conftest import skip
from tests.notebooks.lessons import FOLDER


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; without one the browser tests skip, saying so."""
    with chromium() as started:
        if started is None:
            skip("there is no Chromium and no Chrome: install one of them to run this")
        yield started


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    """The folder in which a JupyterLab has all that is its own."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(browser, lab_folder):
    """The address of a JupyterLab that serves a copy of the notebooks."""
    with jupyterlab(FOLDER, lab_folder) as address:
        yield address


@pytest.fixture(scope="module")
def served(lab, lab_folder):
    """The folder that the JupyterLab serves: a copy of the project's notebooks and docs."""
    return lab_folder / "served"
