"""What never changes in a panel's picture, drawn once: axes and labels take most of the time."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.picture import new_figure, outline


class Backdrop:
    """The pixels of a figure, to lie behind whatever is added to other figures of the same size.

    Introduced in lesson 3.
    """

    def __init__(self, drawn: Figure):
        outline(drawn)
        self.pixels = pixels_of(drawn)[::-1].copy()
        self.drawn = drawn

    def lay_into(self, figure: Figure) -> None:
        """Put the pixels behind everything in `figure`."""
        figure.add_artist(Pixels(self.pixels, self.drawn))

    def figure_in_front(self) -> tuple[Figure, list[Axes]]:
        """A new figure with the pixels behind it, and an axes in front of each that was drawn.

        It has the place, the limits and the scales of that one, and shows only what is added to it:
        frame, ticks and labels are in the pixels.
        """
        figure = new_figure(*self.drawn.get_size_inches())
        figure.set_layout_engine("none")
        self.lay_into(figure)
        bare = []
        for axes in self.drawn.axes:
            scales = {"xlim": axes.get_xlim(), "ylim": axes.get_ylim(), "yscale": axes.get_yscale()}
            bare.append(figure.add_axes(axes.get_position(), **scales))
            bare[-1].set_axis_off()
        return figure, bare


class Pixels(Artist):
    """Pixels that are copied as they are; `Figure.figimage` would work out each of them anew."""

    zorder = -1

    def __init__(self, pixels: np.ndarray, drawn: Figure):
        super().__init__()
        self.pixels = pixels
        self.drawn = drawn  # what the pixels show, for `kit.drawn`

    def draw(self, renderer) -> None:
        renderer.draw_image(renderer.new_gc(), 0, 0, self.pixels)
