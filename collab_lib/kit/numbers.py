"""The numbers behind a picture, read off what was drawn: nobody has to see it to work with it."""

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
    tables = [table for axes in figure.axes if axes.axison for table in _tables(axes, most_rows)]
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    return table.loc[:, [c for c in table if table[c].astype(str).str.len().gt(0).any()]]


def _tables(axes: Axes, most_rows: int) -> list[pd.DataFrame]:
    found = []
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            found.append(_bars(axes, bars))
    for line in axes.lines:
        label = str(line.get_label())
        if not label.startswith("_") or len(axes.lines) == 1:
            found.append(_line(axes, line, label, most_rows))
    for mesh in axes.collections:
        if isinstance(mesh, QuadMesh) and _named(axes.xaxis) and _named(axes.yaxis):
            found.append(_cells(axes, np.ma.filled(mesh.get_array(), np.nan)))
    for dots in axes.collections:
        label = str(dots.get_label())
        places = np.ma.filled(np.ma.asarray(dots.get_offsets(), float), np.nan)
        if not label.startswith("_") and 1 <= len(places) <= most_rows:
            found.append(_frame(axes, label, places[:, 0], places[:, 1]))
    return found


def _bars(axes: Axes, bars: BarContainer) -> pd.DataFrame:
    label = str(bars.get_label())
    if bars.orientation == "horizontal":
        places = [bar.get_y() + bar.get_height() / 2 for bar in bars]
        return _frame(axes, label, [bar.get_width() for bar in bars], _ticks(axes.yaxis, places))
    places = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    return _frame(axes, label, _ticks(axes.xaxis, places), [bar.get_height() for bar in bars])


def _line(axes: Axes, line: Line2D, label: str, most_rows: int) -> pd.DataFrame:
    x, y = np.asarray(line.get_xydata(), dtype=float).T  # in numbers, where the data are names
    if len(x) > most_rows:
        kept = np.linspace(0, len(x) - 1, most_rows).round().astype(int)
        x, y = x[kept], y[kept]
    return _frame(axes, label, _ticks(axes.xaxis, x), _ticks(axes.yaxis, y))


def _cells(axes: Axes, values: np.ndarray) -> pd.DataFrame:
    if values.size > 400:
        return pd.DataFrame()
    rows, columns = (np.arange(n, dtype=float) for n in values.shape)
    table = pd.DataFrame(values, columns=[str(c) for c in _ticks(axes.xaxis, columns)])
    table.insert(0, axes.get_ylabel() or "row", [str(r) for r in _ticks(axes.yaxis, rows)])
    return _with_plot(axes, table)


def _ticks(axis, places) -> list:
    """The places by name, where the axis names every one of them; or else the numbers."""
    if _named(axis):
        names = {
            round(float(at), 6): tick.get_text()
            for at, tick in zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        }
        if all(round(float(place), 6) in names for place in places):
            return [
                names[round(float(place), 6)].replace("\n", " ").replace(r"\$", "$")
                for place in places
            ]
    return list(places)


def _named(axis) -> bool:
    """Do the ticks have names, and stay where they are?"""
    return isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator)


def _frame(axes: Axes, label: str, x, y) -> pd.DataFrame:
    x_name, y_name = axes.get_xlabel() or "x", axes.get_ylabel() or "y"
    label = "" if label.startswith("_") else label
    names = [x_name, y_name if y_name != x_name else f"{y_name} (up)"]
    table = pd.DataFrame(dict(zip(names, (list(x), list(y)), strict=True)))
    table.insert(0, "what", label)
    return _with_plot(axes, table)


def _with_plot(axes: Axes, table: pd.DataFrame) -> pd.DataFrame:
    if len(axes.figure.axes) > 1:
        table.insert(0, "plot", axes.get_title(loc="left") or axes.get_title())
    return table
