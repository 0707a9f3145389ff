"""How long the kernel needs to bring a panel's picture up to date: drawing and encoding it.

Milliseconds of CPU, since a processor that is shared with others makes the clock say anything.

python -m tools.benchmarks.panel_updates [LESSON …]    prints a line of JSON
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from ipywidgets import Text
from ipywidgets.widgets import Widget

from collab_lib.kit.panel import Panel
from tools.course import Lesson, lesson_named, lessons
from tools.lesson_panels import panels_of

VALUES_A_CONTROL = 8
SEARCHES = ("matrix", "toy", "nothing is called that", "the")


def moves(control: Widget, at_most: int = VALUES_A_CONTROL) -> Iterator[tuple[str, Any]]:
    """What to set on a control, trait and value, to take it over its range; never twice the same.

    A choice moves by the place in its list, a slider by its steps, a box of text by `SEARCHES`.
    """
    if isinstance(control, Text):
        yield from (("value", text) for text in SEARCHES)
    elif hasattr(control, "options"):
        yield from (("index", int(i)) for i in spread(0, len(control.options) - 1, at_most))
    elif isinstance(control.value, bool):
        yield from (("value", value) for value in (not control.value, control.value))
    else:
        steps = round((control.max - control.min) / control.step)
        for i in spread(0, steps, at_most):
            yield "value", type(control.value)(control.min + i * control.step)


def spread(first: int, last: int, at_most: int) -> np.ndarray:
    """At most `at_most` whole numbers from `first` to `last`, evenly spread, both ends included."""
    return np.linspace(first, last, min(at_most, last - first + 1)).round().astype(int)


def update_times(panel: Panel) -> list[float]:
    """Move each control of a panel over its range: CPU milliseconds until its picture follows."""
    times = []
    for control in panel.controls.values():
        for trait, value in moves(control):
            before = panel.view.value
            start = time.process_time()
            setattr(control, trait, value)
            elapsed = 1000 * (time.process_time() - start)
            if panel.view.value != before:
                times.append(elapsed)
    return times


def measure(measured: list[Lesson]) -> dict:
    """Median and longest update, and how many there were, of each panel of the lessons."""
    results = {}
    for lesson in measured:
        for place, panel in enumerate(panels_of(lesson.path), start=1):
            times = update_times(panel)
            results[f"{lesson.file}, panel {place}"] = {
                "median_ms": median(times),
                "longest_ms": max(times),
                "updates": len(times),
            }
    return results


def main() -> None:
    try:
        chosen = [lesson_named(name) for name in sys.argv[1:]] or lessons()
    except ValueError as error:
        raise SystemExit(f"Nothing was measured: {error}.") from None
    with TemporaryDirectory() as folder:
        # The panel of lesson 1 keeps whatever is rated in it.
        os.environ["COLLAB_MY_RATINGS"] = str(Path(folder, "my_ratings.csv"))
        print(json.dumps(measure(chosen)))


if __name__ == "__main__":
    main()
