"""The numbers behind a picture, read off what was drawn: nobody has to see it to work with it."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

MOST_ROWS = 60


def numbers_of(figure: Figure, most_rows: int = MOST_ROWS) -> pd.DataFrame:
    """One row per number that a reader of the picture could read off its axes.

    The columns: "plot" (the title, where there are several), "what" (the label of the line, bar or
    dots), then the names of the two axes. Of a long line `most_rows` points are kept, spread
    evenly; dots without a label are left out, since nobody could tell them apart.
    """
    rows = [row for axes in figure.axes if axes.axison for row in _rows(axes, most_rows)]
    told = {name for row in rows for name, value in row.items() if str(value)}
    # One table at the end: many small ones, put together, take as long as half of the drawing.
    table = pd.DataFrame(rows)
    return table.loc[:, [name for name in table if name in told]]


def _rows(axes: Axes, most_rows: int) -> Iterator[dict]:
    """A row, by the names of its columns, for each number that can be read off `axes`."""
    plot = {}
    if len(axes.figure.axes) > 1:
        plot = {"plot": axes.get_title(loc="left") or axes.get_title()}
    for label, x, y in _points(axes, most_rows):
        what = {"what": "" if label.startswith("_") else label.replace(r"\$", "$")}
        x_name, y_name = _name(axes, "x"), _name(axes, "y")
        y_name = y_name if y_name != x_name else f"{y_name} (up)"
        for one_x, one_y in zip(x, y, strict=True):
            yield plot | what | {x_name: one_x, y_name: one_y}
    for mesh in axes.collections:
        if isinstance(mesh, QuadMesh) and _named(axes.xaxis) and _named(axes.yaxis):
            for row in _cells(axes, np.ma.filled(mesh.get_array(), np.nan)):
                yield plot | row


def _points(axes: Axes, most_rows: int) -> Iterator[tuple[str, Sequence, Sequence]]:
    """The label, the x and the y of each set of bars, line or set of dots."""
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            yield str(bars.get_label()), *_bars(axes, bars)
    for line in axes.lines:
        label = str(line.get_label())
        in_data = line.get_transform().contains_branch_seperately(axes.transData)
        if not all(in_data):  # it goes all the way across: a guide to the eye, or one number
            if any(in_data) and not label.startswith("_"):
                x, y = (
                    [place] if told else [np.nan]
                    for place, told in zip(line.get_xydata()[0], in_data, strict=True)
                )
                yield label, x, y
        elif not label.startswith("_") or len(axes.lines) == 1:
            yield label, *_line(axes, line, most_rows)
    for dots in axes.collections:
        label = str(dots.get_label())
        places = np.ma.filled(np.ma.asarray(dots.get_offsets(), float), np.nan)
        if not label.startswith("_") and 1 <= len(places) <= most_rows:
            yield label, *places.T


def _name(axes: Axes, which: str) -> str:
    """What the x or the y axis is called; plots that share it may have one label for all."""
    sharing = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
    labels = [getattr(one, f"get_{which}label")() for one in (axes, *sharing)]
    nameless = "name" if _named(getattr(axes, f"{which}axis")) else which
    return next(filter(None, labels), nameless)


def _bars(axes: Axes, bars: BarContainer) -> tuple[Sequence, Sequence]:
    if bars.orientation == "horizontal":
        places = [bar.get_y() + bar.get_height() / 2 for bar in bars]
        return [bar.get_width() for bar in bars], _ticks(axes.yaxis, places)
    places = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    return _ticks(axes.xaxis, places), [bar.get_height() for bar in bars]


def _line(axes: Axes, line: Line2D, most_rows: int) -> tuple[Sequence, Sequence]:
    x, y = np.asarray(line.get_xydata(), dtype=float).T  # in numbers, where the data are names
    if len(x) > most_rows:
        kept = np.linspace(0, len(x) - 1, most_rows).round().astype(int)
        x, y = x[kept], y[kept]
    return _ticks(axes.xaxis, x), _ticks(axes.yaxis, y)


def _cells(axes: Axes, values: np.ndarray) -> Iterator[dict]:
    if values.size > 400:
        return
    rows, columns = (np.arange(n, dtype=float) for n in values.shape)
    names = [str(c) for c in _ticks(axes.xaxis, columns)]
    # Two columns of one name are told apart by their places.
    names = [f"{c} ({at})" if names.count(c) > 1 else c for at, c in enumerate(names, start=1)]
    for row, cells in zip(_ticks(axes.yaxis, rows), values, strict=True):
        yield {axes.get_ylabel() or "row": str(row), **dict(zip(names, cells, strict=True))}


def _ticks(axis, places) -> list:
    """The places by name, where the axis names every one of them; or else the numbers."""
    if _named(axis):
        # Not the ticks' own labels: to ask for them would make the ticks.
        at = axis.get_majorticklocs()
        told = axis.get_major_formatter().format_ticks(at)
        names = {round(float(one), 6): name for one, name in zip(at, told, strict=True)}
        if all(round(float(place), 6) in names for place in places):
            return [
                names[round(float(place), 6)].replace("\n", " ").replace(r"\$", "$")
                for place in places
            ]
    return list(places)


def _named(axis) -> bool:
    """Do the ticks have names, and stay where they are?"""
    return isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator)
