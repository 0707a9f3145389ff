"""What several tests need: the ratings of both editions, and an honest skip."""

import os
from pathlib import Path

import pandas as pd
import pytest

from collab_lib import Ratings, load_collab
from collab_lib.movielens.editions import choose

BUNDLED = "ml-latest-small-2016"

# What whoever runs the tests has set must not change them, nor their own ten films.
for name in ("COLLAB_DATA", "COLLAB_USERS", "COLLAB_THREADS", "JUPYTERHUB_USER"):
    os.environ.pop(name, None)
os.environ["COLLAB_MY_RATINGS"] = "nobody/my_ratings.csv"


def skip(reason: str) -> None:
    """Skip the test, or fail it where skips are forbidden (COLLAB_FORBID_SKIPS=1)."""
    if os.environ.get("COLLAB_FORBID_SKIPS") == "1":
        pytest.fail(f"{reason}, and COLLAB_FORBID_SKIPS is 1")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def seed_folder() -> Path:
    """The folder with the edition of September 2018, which is never copied into the project."""
    named = os.environ.get("COLLAB_SEED_DATA", "").strip()
    if not named:
        skip("COLLAB_SEED_DATA names no folder with ml-latest-small of September 2018")
    return choose(named)


@pytest.fixture
def no_collab_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default source, whatever the environment of whoever runs the tests says."""
    for name in ("COLLAB_DATA", "COLLAB_USERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def collab() -> pd.DataFrame:
    """The long table of the bundled edition."""
    return load_collab(BUNDLED)


@pytest.fixture(scope="session")
def ratings(collab) -> Ratings:
    """The ratings of the bundled edition as tensors."""
    return Ratings.from_frame(collab)


@pytest.fixture(scope="session")
def split(ratings) -> tuple[Ratings, Ratings]:
    """The split that every lesson uses: train and valid."""
    return ratings.split(valid=0.2, by="random", seed=42)
