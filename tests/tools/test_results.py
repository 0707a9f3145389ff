"""Stored results can't drift from the code: a few random entries are computed anew and compared.

Each module of `tools/results` has a `spot_check(results, rng)`. For some entries drawn with `rng`
it returns (what it is, the stored number, the same number now, how far apart they may be).
"""

import json
import os
import random
from importlib import import_module
from importlib.resources import files

import pytest

from collab_lib.results import load_results
from tools.results.__main__ import NAMES
from tools.results.feedback import SPOTS

STORED = sorted(f.name for f in files("collab_lib.results").iterdir() if f.name.endswith(".json"))
# The peers' rows come from another environment: `make bench BENCH=--store-peers` makes them.
RECOMPUTED = [file for file in STORED if file != "peers.json"]
# The nightly run sets another seed each time, so that in time every entry is looked at.
SEED = int(os.environ.get("COLLAB_RESULTS_SEED", "0"))


@pytest.mark.parametrize("file", STORED)
def test_every_stored_file_is_small_says_how_it_was_made_and_can_be_made_again(file):
    name = file.removesuffix(".json")
    assert name in NAMES or file not in RECOMPUTED, (
        f"no `python -m tools.results {name}` makes {file}"
    )
    text = files("collab_lib.results").joinpath(file).read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    stored = json.loads(text)
    assert set(stored) == {"made_with", "results"}
    assert {"edition", "python", "torch", "numpy", "pandas"} <= set(stored["made_with"])
    json.dumps(stored, allow_nan=False)


@pytest.mark.parametrize("name", [file.removesuffix(".json") for file in RECOMPUTED])
def test_random_entries_come_out_the_same_when_computed_anew(name):
    module = import_module(f"tools.results.{name}")
    assert hasattr(module, "spot_check"), f"tools/results/{name}.py needs a spot_check: see above"
    checks = module.spot_check(load_results(name), random.Random(SEED))
    assert checks, "spot_check must compare something"
    off = [
        f"{what}: stored {stored}, now {now:.4f}, may differ by {allowed:.4f}"
        for what, stored, now, allowed in checks
        if not abs(stored - now) <= allowed
    ]
    assert not off, f"run `python -m tools.results {name}`; with COLLAB_RESULTS_SEED={SEED}: {off}"


def test_no_section_of_the_simulated_world_is_left_unchecked():
    assert list(SPOTS) == list(load_results("feedback"))


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="weight_decay"):
        load_results("wheat_decay")
