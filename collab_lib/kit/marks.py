"""Marks that several figures share: a table of coloured cells, a text beside a point, per cent."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from matplotlib.ticker import FixedFormatter, FixedLocator, PercentFormatter

from collab_lib.kit.picture import COLOURS, STYLE
from collab_lib.kit.words import Word, write


def cells(
    axes: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    texts: Callable[[int, int], str] | None = None,
    form: str = "{:.2f}",
    frames: Iterable[tuple[int, int]] = (),
    **how,
) -> None:
    """A table of coloured cells with a text in each, and the names of its rows and columns.

    rows, columns: their names. The other arguments are those of `fill_cells`.
    """
    fill_cells(axes, values, texts, form, frames, **how)
    ticks(axes.xaxis, range(len(columns)), columns)
    ticks(axes.yaxis, range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def fill_cells(
    axes: Axes,
    values: np.ndarray,
    texts: Callable[[int, int], str] | None = None,
    form: str = "{:.2f}",
    frames: Iterable[tuple[int, int]] = (),
    **how,
) -> None:
    """Coloured cells with a text in each.

    values: (n_rows, n_columns); nan leaves a cell empty.
    texts: (row, column) -> the text of that cell, if it isn't the number in the format `form`.
    frames: the cells (row, column) that get a frame. how: as for `mesh_of`.
    """
    values = np.asarray(values, dtype=float)
    mesh = mesh_of(axes, values, **how)
    # Black or white, whichever stands out from the colour (luminance of Rec. 709).
    dark = mesh.cmap(mesh.norm(values))[..., :3] @ [0.2126, 0.7152, 0.0722] < 0.45
    words = []
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            text = form.format(value) if texts is None else texts(row, column)
            words.append(Word(column, row, text, "white" if dark[row, column] else "black"))
    write(axes, words, STYLE["font.size"])
    for row, column in frames:
        corner = (column - 0.5, row - 0.5)
        frame = {"fill": False, "edgecolor": COLOURS["vermilion"], "linewidth": 2.5}
        axes.add_artist(Rectangle(corner, 1, 1, **frame))


def mesh_of(axes: Axes, values: np.ndarray, aspect: str = "equal", **how) -> QuadMesh:
    """Coloured cells around the points (column, row), the first row on top.

    values: (n_rows, n_columns); nan leaves a cell empty. how: for `pcolormesh`: cmap, vmin, vmax.
    """
    down, across = (np.arange(n + 1) - 0.5 for n in np.shape(values))
    # Not `imshow`: to work an image out, pixel by pixel, takes 10 ms more.
    mesh = axes.pcolormesh(across, down, np.ma.masked_invalid(np.asarray(values, float)), **how)
    axes.set(xlim=(across[0], across[-1]), ylim=(down[-1], down[0]), aspect=aspect)
    return mesh


def beside(
    axes: Axes, text: str, at: tuple[float, float], right: float = 0, up: float = 0, **how
) -> Annotation:
    """`text`, `right` and `up` points away from the point `at` of the data."""
    sides = {
        "ha": "left" if right > 0 else "right" if right < 0 else "center",
        "va": "bottom" if up > 0 else "top" if up < 0 else "center",
    }
    return axes.annotate(text, at, (right, up), textcoords="offset points", **sides | how)


def ticks(axis: Axis, places: Sequence[float], names: Sequence[str] | None = None) -> None:
    """Ticks of `axes.xaxis` or `axes.yaxis` at `places`, with `names` or else their numbers.

    `axis.set_ticks` makes each at once, in 0.7 ms; a panel that copies its frame needs none.
    """
    axis.set_major_locator(FixedLocator(list(places)))
    if names is not None:
        axis.set_major_formatter(FixedFormatter([str(name) for name in names]))


def percent(*axes: Axis) -> None:
    """Write the ticks of `axes.xaxis` or `axes.yaxis` as per cent."""
    for axis in axes:
        axis.set_major_formatter(PercentFormatter(1, 0))
