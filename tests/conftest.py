"""What several tests need: the ratings of both editions, an honest skip, pictures in nbval."""

import os
from pathlib import Path

import pandas as pd
import pytest
from nbval.plugin import IPyNbCell

from collab_lib import Ratings, load_collab
from collab_lib.movielens.editions import choose
from tests.drawn import ROUNDING, TRAINED, difference

BUNDLED = "ml-latest-small-2016"

# What whoever runs the tests has set must not change them, nor their own ten films.
for name in ("COLLAB_DATA", "COLLAB_THREADS", "JUPYTERHUB_USER"):
    os.environ.pop(name, None)
os.environ["COLLAB_MY_RATINGS"] = "nobody/my_ratings.csv"

compare_texts = IPyNbCell.compare_outputs


def pytest_itemcollected(item: pytest.Item) -> None:
    """Of a cell whose texts nbval must not compare, the pictures are compared all the same."""
    if isinstance(item, IPyNbCell) and "nbval-ignore-output" in item.cell.metadata.get("tags", []):
        item.options["check"] = item.pictures_alone = True


def compare_texts_and_pictures(cell, test, ref, *rest) -> bool:
    """nbval compares texts; of a picture, compare also what is drawn, which is stored beside it.

    Trained numbers differ between processors and versions of torch, so their texts are not
    compared, and their pictures by a wider measure. A map is tagged `names-where-there-is-room`: in
    which order its names find a place hangs on the last digit.
    """
    cell.comparison_traceback = []
    trained = getattr(cell, "pictures_alone", False)
    if not (trained or compare_texts(cell, test, ref, *rest)):
        return False
    if "names-where-there-is-room" in cell.cell.metadata.get("tags", []):
        return True
    drawn = [
        [o["metadata"]["drawn"] for o in outputs if "drawn" in o.get("metadata", {})]
        for outputs in (ref, test)
    ]
    for stored, now in zip(*drawn, strict=True):
        told = difference(stored, now, TRAINED if trained else ROUNDING)
        if told:
            cell.comparison_traceback.append(f"the code draws another picture, {told}")
            return False
    return True


IPyNbCell.compare_outputs = compare_texts_and_pictures


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
    monkeypatch.delenv("COLLAB_DATA", raising=False)


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
