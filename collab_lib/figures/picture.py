"""The one thing that every figure function returns: a matplotlib figure and its description."""

import base64
from dataclasses import dataclass
from html import escape
from io import BytesIO

import numpy as np
from cycler import cycler
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# Okabe and Ito's palette: told apart by people with any of the common colour blindnesses.
COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#7F7F7F",
}

STYLE = {
    "font.size": 11,
    "axes.titlesize": 13,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.prop_cycle": cycler(color=[COLOURS[c] for c in ("blue", "orange", "green", "vermilion")]),
    "legend.frameon": False,
    "figure.facecolor": "white",
}

DOTS_PER_INCH = 110

# `@house_style` above a figure function: it draws in the style of the course, and only it does.
house_style = rc_context(STYLE)


def new_figure(width: float = 7.5, height: float = 4.0) -> Figure:
    """An empty figure of `width` × `height` inches in the style of the course."""
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def plain(text: str) -> str:
    """`text` as matplotlib should draw it: a dollar sign in a title must not start a formula."""
    return text.replace("$", r"\$")


def pixels_of(figure: Figure) -> np.ndarray:
    """The figure as it looks: (height, width, 4), red, green, blue and opacity from 0 to 255."""
    canvas = FigureCanvasAgg(figure)
    # Whether letters are fitted to whole pixels is decided here; it takes half as long again.
    with rc_context({"text.hinting": "none"}):
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())


@dataclass(frozen=True)
class Picture:
    """A figure and one sentence that says what it shows, both made from the same numbers.

    figure: a `matplotlib.figure.Figure`.
    sentence: the description: the caption under the figure, the alternative text of the image, and
        what a test compares, so that nobody needs to see the figure to learn what it shows.
    """

    figure: Figure
    sentence: str

    def png(self) -> bytes:
        """The figure as a PNG of 256 colours: a third of the size of a full one, and no slower."""
        pixels = Image.fromarray(pixels_of(self.figure)).convert("RGB")
        buffer = BytesIO()
        pixels.quantize(256, method=Image.Quantize.FASTOCTREE).save(buffer, "PNG")
        return buffer.getvalue()

    def html(self) -> str:
        """An `<img>` with the sentence as its alternative text, and the sentence below it.

        The image keeps the width and the height of the figure, so that a page doesn't jump when one
        picture takes another's place, and shrinks on a narrow screen.
        """
        return self._html(self.png())

    def _html(self, png: bytes) -> str:
        width, height = (round(DOTS_PER_INCH * side) for side in self.figure.get_size_inches())
        data = base64.b64encode(png).decode("ascii")
        text = escape(self.sentence)
        return (
            f'<img alt="{text}" src="data:image/png;base64,{data}" width="{width}" '
            f'height="{height}" style="max-width:100%;height:auto;aspect-ratio:{width}/{height}">'
            f'<p role="status" style="max-width:{width}px;min-height:2.8em;line-height:1.4;'
            f'margin:0.3em 0 0">{text}</p>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = self.png()
        return {"text/html": self._html(png), "image/png": png, "text/plain": self.sentence}
