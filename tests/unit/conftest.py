"""What several unit tests need: the edition of the source text, where it is at hand."""

import os
from pathlib import Path

import pytest

from collab_lib.movielens.editions import choose


@pytest.fixture(scope="session")
def seed_folder() -> Path:
    """The folder with the edition of September 2018, which is never copied into the project."""
    named = os.environ.get("COLLAB_SEED_DATA", "").strip()
    if named:
        return choose(named)
    reason = "COLLAB_SEED_DATA names no folder with ml-latest-small of September 2018"
    if os.environ.get("COLLAB_FORBID_SKIPS") == "1":
        pytest.fail(f"{reason}, and COLLAB_FORBID_SKIPS is 1")
    pytest.skip(reason)


@pytest.fixture
def no_collab_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default source, whatever the environment of whoever runs the tests says."""
    monkeypatch.delenv("COLLAB_DATA", raising=False)
