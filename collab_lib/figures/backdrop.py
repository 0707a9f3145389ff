"""What never changes in a panel's picture, drawn once: axes and labels take most of the time."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class Backdrop:
    """The pixels of a figure, to lie behind whatever is added to other figures of the same size.

    Introduced in lesson 8.
    """

    def __init__(self, drawn: Figure):
        canvas = FigureCanvasAgg(drawn)
        canvas.draw()
        self.pixels = np.asarray(canvas.buffer_rgba())[::-1].copy()

    def lay_into(self, figure: Figure) -> None:
        """Put the pixels behind everything in `figure`."""
        figure.add_artist(_Pixels(self.pixels))


class _Pixels(Artist):
    """Pixels that are copied as they are; `Figure.figimage` would work out each of them anew."""

    zorder = -1

    def __init__(self, pixels: np.ndarray):
        super().__init__()
        self.pixels = pixels

    def draw(self, renderer) -> None:
        renderer.draw_image(renderer.new_gc(), 0, 0, self.pixels)
