"""Recompute every stored result and write it into `collab_lib/results/`.

python -m tools.results             all
python -m tools.results failing_run  some, by name
"""

import json
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "collab_lib" / "results"
# Each module of this folder makes one file of results.
NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        start = time.perf_counter()
        results = import_module(f"tools.results.{name}").compute()
        made_with = {
            "edition": "see the results" if "editions" in results else "ml-latest-small-2016",
            "python": platform.python_version(),
            **{package: version(package) for package in ("torch", "numpy", "pandas")},
        }
        text = json.dumps({"made_with": made_with, "results": results}, separators=(",", ":"))
        # Written whole or not at all: a run that is stopped half way leaves the old file.
        new = FOLDER / f"{name}.json.new"
        new.write_text(text + "\n", encoding="utf-8")
        new.replace(FOLDER / f"{name}.json")
        print(f"{name}: {time.perf_counter() - start:.0f} s, {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
