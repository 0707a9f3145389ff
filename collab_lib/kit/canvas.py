"""A figure as pixels. A text that was drawn before is copied: letters take most of the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import RLock, get_ident

import numpy as np
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

MARGIN = 2  # pixels around a text, for the edges of its letters
ONE_AT_A_TIME = RLock()  # matplotlib's settings are those of all threads


def pixels_of(figure: Figure) -> np.ndarray:
    """The figure as it looks: (height, width, 4), red, green, blue and opacity from 0 to 255."""
    canvas = Canvas(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


class Canvas(FigureCanvasAgg):
    """matplotlib's canvas, with one `Renderer` for all figures of a size.

    matplotlib keeps how long texts are with the renderer, and would measure all of them anew.
    """

    def get_renderer(self) -> "Renderer":
        self.renderer = _renderer(*self.figure.bbox.size, self.figure.dpi, get_ident())
        return self.renderer


class Renderer(RendererAgg):
    """matplotlib's renderer, but texts are copied, to whole pixels, and not drawn each time."""

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None) -> None:
        if ismath:
            with _unfitted():
                super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        # A copy, since matplotlib may change the font of a text later.
        left, below, pixels = _written(s, prop.copy(), self.dpi, angle, gc.get_rgb())
        self.draw_image(gc, round(x) + left, self.height - round(y) + below, pixels)

    def get_text_width_height_descent(self, s, prop, ismath) -> tuple[float, float, float]:
        if ismath:
            with _unfitted():
                return super().get_text_width_height_descent(s, prop, ismath)
        return _size(s, prop.copy(), self.dpi)


@lru_cache(8)
def _renderer(width: float, height: float, dpi: float, thread: int) -> Renderer:
    # JupyterLab moves a panel in one thread while a cell may draw in another.
    return Renderer(width, height, dpi)


@contextmanager
def _unfitted() -> Iterator[None]:
    """Don't fit letters to whole pixels inside the block: that takes half as long again."""
    with ONE_AT_A_TIME:
        before = rcParams["text.hinting"]  # `rc_context` would copy all settings, for each text
        rcParams["text.hinting"] = "none"
        try:
            yield
        finally:
            rcParams["text.hinting"] = before


@lru_cache(8_000)
@_unfitted()
def _size(text: str, font: FontProperties, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent of a text, in pixels."""
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(text, font, False)


@lru_cache(2_000)
@_unfitted()
def _written(
    text: str, font: FontProperties, dpi: float, angle: float, colour: tuple[float, ...]
) -> tuple[int, int, np.ndarray]:
    """The pixels of a text, the lowest row first, and where their corner is from its start."""
    width, height, descent = _size(text, font, dpi)
    corners = np.array([(x, y) for x in (0, width) for y in (-descent, height - descent)])
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned = corners @ [[cos, sin], [-sin, cos]]
    left, below = np.floor(turned.min(axis=0)).astype(int) - MARGIN
    right, above = np.ceil(turned.max(axis=0)).astype(int) + MARGIN
    alone = RendererAgg(right - left, above - below, dpi)
    gc = alone.new_gc()
    gc.set_foreground(colour, isRGBA=True)
    alone.draw_text(gc, -left, above, text, font, angle)
    return int(left), int(below), np.asarray(alone.buffer_rgba())[::-1].copy()
