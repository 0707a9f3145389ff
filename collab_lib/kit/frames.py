"""Ticks and labels that stay as they are from one picture to the next are copied, not drawn."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from collab_lib.kit.backdrop import Pixels
from collab_lib.kit.canvas import pixels_of

KEPT = 8


class Frames:
    """The frames of a panel's last pictures: their ticks and labels take half of the drawing.

    Only where the places of the axes are fixed; all other figures are drawn as usual.
    """

    def __init__(self):
        self._kept: dict[tuple, np.ndarray] = {}

    def pixels(self, figure: Figure) -> np.ndarray:
        """What `pixels_of(figure)` gives; a frame that was drawn before is laid behind the rest."""
        fixed = figure.get_layout_engine() is None or isinstance(
            figure.get_layout_engine(), PlaceHolderLayoutEngine
        )
        framed = [axes for axes in figure.axes if axes.axison and not _gridded(axes)]
        if not fixed or not framed:
            return pixels_of(figure)
        key = (tuple(figure.get_size_inches()), *map(_look, framed))
        frames = [figure.patch]
        for axes in framed:
            frames += [axes.patch, axes.xaxis, axes.yaxis]
        if key not in self._kept:
            shown = {id(part) for part in [*frames, *framed]}
            parts = [*figure.get_children(), *(p for axes in framed for p in axes.get_children())]
            with _hidden(part for part in parts if id(part) not in shown):
                self._kept[key] = pixels_of(figure)[::-1].copy()
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
        behind = figure.add_artist(Pixels(self._kept[key], figure))
        try:
            with _hidden(frames):
                return pixels_of(figure)
        finally:
            behind.remove()


@contextmanager
def _hidden(parts: Iterable[Artist]) -> Iterator[None]:
    """Hide the visible ones of `parts` inside the block."""
    visible = [part for part in parts if part.get_visible()]
    for part in visible:
        part.set_visible(False)
    try:
        yield
    finally:
        for part in visible:
            part.set_visible(True)


def _gridded(axes: Axes) -> bool:
    """Has `axes` grid lines? They lie between what is drawn: not behind all of it."""
    kinds = (axis.get_tick_params(which) for axis in _axis(axes) for which in ("major", "minor"))
    return any(kind.get("gridOn") for kind in kinds)


def _axis(axes: Axes) -> tuple[Axis, Axis]:
    return axes.xaxis, axes.yaxis


def _look(axes: Axes) -> tuple:
    """All that the ticks and labels of `axes` depend on: two that are equal look the same."""
    place = (axes.get_position(True).bounds, axes.get_aspect(), axes.get_facecolor())
    return (*place, *(part for axis in _axis(axes) for part in _look_of(axis)))


def _look_of(axis: Axis) -> Iterator:
    yield axis.get_scale(), tuple(axis.get_view_interval()), axis.get_visible()
    yield _style(axis.label), axis.labelpad, axis.get_label_position()
    for which in ("major", "minor"):
        minor = which == "minor"
        places = axis.get_ticklocs(minor=minor)
        formatter = axis.get_minor_formatter() if minor else axis.get_major_formatter()
        yield tuple(places), tuple(formatter.format_ticks(places)), formatter.get_offset()
        yield repr(axis.get_tick_params(which))
        # `vars`, since asking for the ticks makes them where there are none yet.
        ticks = vars(axis).get(f"{which}Ticks", ())
        yield tuple(_style(label) for tick in ticks for label in (tick.label1, tick.label2))


def _style(text) -> tuple:
    return (
        text.get_text(),
        text.get_visible(),
        text.get_color(),
        text.get_fontsize(),
        text.get_weight(),
        text.get_rotation(),
        text.get_ha(),
        text.get_va(),
    )
