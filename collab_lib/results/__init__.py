"""Stored results: runs too long for a lesson, in small JSON files made by `make results`."""

import json
from importlib.resources import files


def load_results(name: str) -> dict:
    """The stored results `name`. (Their file also says with what they were made.)

    Raises ValueError, with the names there are, if there is no such file.
    """
    folder = files(__package__)
    file = folder / f"{name}.json"
    if not file.is_file():
        names = sorted(f.name.removesuffix(".json") for f in folder.iterdir() if ".json" in f.name)
        raise ValueError(f"there are no stored results {name!r}: choose one of {names}")
    return json.loads(file.read_text(encoding="utf-8"))["results"]
