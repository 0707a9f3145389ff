"""The panels of lesson 5: the sigmoid with its rounding, and the search for who is to blame."""

from functools import partial

from collab_lib.kit.controls import box, slider
from collab_lib.kit.panel import Panel
from collab_lib.lessons.dot_model.figures import squash, suspects


def squash_panel() -> Panel:
    """Slide a score along the sigmoid, and the upper bound of its scale."""
    return Panel(
        squash,
        score=slider("Score", -6, 6, 1.0, 0.1),
        upper_bound=slider("Upper bound (stars)", 4.5, 6.5, 5.5, 0.25),
        stills={"score": [-6, -4, -2, -1, 0, 0.5, 1, 1.5, 2, 2.3, 3, 4, 5, 6]},
    )


def detective_panel(results: dict) -> Panel:
    """Four switches and an epoch over the stored runs `results`; nothing is trained."""
    last = len(results["runs"][0]["epochs"]) - 1
    return Panel(
        partial(suspects, results),
        shape=box("Fix the shape"),
        decay=box("Fix the decay"),
        start=box("Fix the start"),
        shared_bias=box("Add a shared bias"),
        epoch=slider("After epoch", 0, last, 3),
    )
