"""The editions that stored results are computed on: the bundled one, and that of September 2018.

The bundled edition is always there. That of 2018 is read from the folder that COLLAB_SEED_DATA or
COLLAB_DATA names; without one, its stored rows are kept as they are.
"""

import os
from collections.abc import Callable

from collab_lib import load_collab
from collab_lib.results import load_results

BUNDLED, OF_2018 = "ml-latest-small-2016", "ml-latest-small-2018"
N_RATINGS_OF_2018 = 100_836


def editions_at_hand() -> dict[str, str]:
    """Where `load_collab` finds each edition, by its name."""
    sources = {BUNDLED: BUNDLED}
    for variable in ("COLLAB_SEED_DATA", "COLLAB_DATA"):
        folder = os.environ.get(variable, "").strip()
        if folder and len(load_collab(folder)) == N_RATINGS_OF_2018:
            sources[OF_2018] = folder
    return sources


def for_each_edition(results: str, compute: Callable[[str], dict]) -> dict[str, dict]:
    """What `compute` finds on each edition at hand; of the other, what is stored in `results`."""
    found = {name: compute(source) for name, source in editions_at_hand().items()}
    if OF_2018 not in found:
        print(f"no folder with {OF_2018}: its stored rows are kept")
        found[OF_2018] = load_results(results)["editions"][OF_2018]
    return found
