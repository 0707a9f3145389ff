"""Compare what is drawn, as text, with what was drawn before: the words alike, the numbers nearly.

COLLAB_WRITE_SNAPSHOTS=1 writes the snapshots anew. Look at the pictures before you commit them.
"""

import os
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from collab_lib.kit.drawn import LOOK
from collab_lib.kit.picture import Picture

SNAPSHOTS = Path(__file__).parent / "snapshots"
NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
# Trained numbers differ in their last digits between processors, and a label shows few digits.
ROUNDING = 0.02
# A coordinate near 0 has no share of itself to differ by. Lessons are about differences of 0.01.
NEAR_ZERO = 0.003
# Numbers of one trained row, and counts of such, differ by more.
TRAINED = 0.06
YEARS = range(1900, 2100)

# The width of a cell's output in pixels, in a window of 1280; a wider picture is shrunk to it.
OUTPUT_WIDTH = 848
LEAST_TEXT = 11


def smallest_text(figure: Figure) -> float:
    """The size of the smallest text of `figure`, in pixels, where a notebook shows it."""
    behind = [artist.drawn for artist in figure.artists if hasattr(artist, "drawn")]
    hidden = {
        text for axes in figure.axes if not axes.axison for text in axes.xaxis.findobj(Text)
    } | {text for axes in figure.axes if not axes.axison for text in axes.yaxis.findobj(Text)}
    points = [
        text.get_fontsize()
        for one in (figure, *behind)
        for text in one.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text not in hidden
    ]
    width = figure.get_size_inches()[0] * figure.dpi
    return min(points, default=99.0) / 72 * figure.dpi * min(1, OUTPUT_WIDTH / width)


def difference(stored: str, now: str, tolerance: float = ROUNDING) -> str | None:
    """The first line of which a word differs, or a number by more than `apart` allows, or None.

    A notebook that was last run by an earlier version of `kit.drawn` says nothing of how artists
    look: then only what both say is compared.
    """
    if (LOOK in stored) != (LOOK in now):
        stored, now = _without_look(stored), _without_look(now)
    before, after = stored.splitlines(), now.splitlines()
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if NUMBER.sub("#", old) != NUMBER.sub("#", new):
            return f"line {number}\nstored: {old}\nnow:    {new}"
        for a, b in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True):
            if apart(a, b, tolerance):
                return f"line {number}: {a} is now {b}\nstored: {old}\nnow:    {new}"
    if len(before) != len(after):
        rest = (before if len(before) > len(after) else after)[min(len(before), len(after))]
        return f"{len(before)} artists are now {len(after)}; the first of the others:\n{rest}"
    return None


def apart(stored: str, now: str, tolerance: float = ROUNDING) -> bool:
    """Whether two numbers, as they are printed, say something else.

    Rounded, they may differ by the share `tolerance`, or in the last digit that they show where
    that is more: a label 4.4 that becomes 4.5. A year says something else at once. With TRAINED,
    the tolerance is a share and a number, and there are no years.
    """
    a, b = (float(number.replace("−", "-")) for number in (stored, now))
    widest = tolerance * (1 + max(abs(a), abs(b)))
    if tolerance == TRAINED:
        return abs(a - b) > widest
    if a in YEARS and b in YEARS:
        return a != b
    decimals = max(len(number.partition(".")[2]) for number in (stored, now))
    last_digit = 1.001 * 10**-decimals if decimals else 0
    share = tolerance * max(abs(a), abs(b)) + NEAR_ZERO
    return abs(a - b) > min(widest, max(share, last_digit))


def _without_look(text: str) -> str:
    """`text` without what stands behind the sign, and without lines that begin with it."""
    lines = [line.partition(LOOK)[0].rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def numbers(picture: Picture, rows: int = 40) -> str:
    """The first rows of the numbers that a picture brings with it; others are read off the axes."""
    if picture.table is None:
        return ""
    return "numbers:\n" + picture.table.head(rows).to_csv(index=False, float_format="%.4g")


def matches_snapshot(name: str, picture: Picture) -> None:
    """Fail unless `picture` says, draws and tells what tests/snapshots/<name>.txt says, and unless
    its smallest text can be read.
    """
    size = smallest_text(picture.figure)
    assert size >= LEAST_TEXT, f"{name}: its smallest text is {size:.1f} pixels high"
    path = SNAPSHOTS / f"{name}.txt"
    text = f"{picture.sentence}\n{picture.drawn}\n{numbers(picture)}"
    if os.environ.get("COLLAB_WRITE_SNAPSHOTS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    if not path.exists():
        pytest.fail(f"no snapshot {path.name}: run this test with COLLAB_WRITE_SNAPSHOTS=1")
    told = difference(path.read_text(encoding="utf-8"), text)
    if told:
        pytest.fail(f"{name} draws something else than {path.name} says, {told}")
