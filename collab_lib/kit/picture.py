"""The one thing that every figure function returns: a matplotlib figure, its sentence, its numbers.

A figure function is written as a function that draws on axes and returns the sentence:

    @picture(height=3.4)
    def who_writes(axes, counts):
        "How the ratings are spread over the users."
        axes.plot(...)
        return "The 67 most active of 671 users wrote ..."

`who_writes(counts)` then returns a `Picture`.
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from html import escape
from importlib.resources import as_file, files
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib import rc_context, rc_params_from_file
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patheffects import Normal, Stroke
from PIL import Image

from collab_lib.kit.canvas import ONE_AT_A_TIME, Canvas, pixels_of
from collab_lib.kit.drawn import drawn
from collab_lib.kit.numbers import numbers_of

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
    "dark grey": "#505050",
    "grey": "#6F6F6F",
    "light grey": "#D0D0D0",
    "pale grey": "#EAEAEA",
}

with as_file(files(__package__) / "course.mplstyle") as _file:
    STYLE = dict(rc_params_from_file(_file, use_default_template=False))

DOTS_PER_INCH = 110
EDGE, MIDDLE_GREY = "#555555", "#949494"


@contextmanager
def _in_the_style() -> Iterator[None]:
    with ONE_AT_A_TIME, rc_context(STYLE):
        yield


# `@house_style` above a function that draws several axes by hand; `@picture` includes it.
house_style = _in_the_style()


def new_figure(width: float = 7.5, height: float = 4.0) -> Figure:
    """An empty figure of `width` × `height` inches in the style of the course."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    Canvas(figure)  # texts are as long when they are measured as when they are drawn
    return figure


def picture(
    width: float = 7.5, height: float = 4.0, places: Mapping[str, float] | None = None, **subplots
) -> Callable:
    """Above a function that draws on axes and returns the sentence: it then returns a `Picture`.

    width, height: of the figure, in inches.
    places: left, right, top, bottom, wspace, hspace as shares of the figure: the axes stay there
        whatever is drawn, so that nothing jumps in a panel.
    subplots: handed to `Figure.subplots`; with nrows or ncols the function gets the array of axes.

    The function may return (sentence, table): then the table, and not what is read off the axes,
    is what the picture offers as its numbers.
    """

    def decorate(draw: Callable) -> Callable[..., "Picture"]:
        @wraps(draw)
        def made(*args, **kwargs) -> Picture:
            with _in_the_style():
                figure = new_figure(width, height)
                if places is not None:
                    # None, and not "none": that one stands in for the other engine, which would
                    # refuse to let the places be set.
                    figure.set_layout_engine(None)
                    figure.subplots_adjust(**places)
                told = draw(figure.subplots(**subplots), *args, **kwargs)
                sentence, table = told if isinstance(told, tuple) else (told, None)
                return Picture(figure, sentence, table)

        return made

    return decorate


def outline(figure: Figure) -> None:
    """Give lines and dots an edge where their colour is less than 3:1 apart from white.

    3:1 is what the guidelines for web pages (WCAG 2.1, 1.4.11) ask of a picture's parts. The two
    light colours of the palette are below it, and no darker ones can be told apart as well.
    """
    legends = [*figure.legends, *filter(None, (axes.get_legend() for axes in figure.axes))]
    lines = [line for axes in figure.axes for line in axes.lines]
    for line in [*lines, *(line for legend in legends for line in legend.get_lines())]:
        if line.get_linestyle() != "None" and contrast(line.get_color()) < 3:
            if np.ptp(to_rgb(line.get_color())) == 0:  # grey: a darker one is enough
                line.set_color(MIDDLE_GREY)
                continue
            wider = Stroke(linewidth=line.get_linewidth() + 1.4, foreground=EDGE)
            line.set_path_effects([wider, Normal()])
        if line.get_marker() != "None" and contrast(line.get_markeredgecolor()) < 3:
            line.set(markeredgecolor=EDGE, markeredgewidth=0.6)


def contrast(colour) -> float:
    """How far apart a colour is from white: 1, the same, to 21, black (WCAG 2.1's formula)."""
    parts = np.array(to_rgb(colour))
    parts = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return 1.05 / (parts @ [0.2126, 0.7152, 0.0722] + 0.05)


def tint(colour: str, share: float) -> tuple[float, ...]:
    """`share` of a colour of the palette, the rest white: what lies under black letters."""
    return tuple(share * part + 1 - share for part in to_rgb(COLOURS[colour]))


def plain(text: str) -> str:
    """`text` as matplotlib should draw it, on as many lines: whatever a title is made of.

    A dollar sign must not start a formula, and what can't be drawn would be warned about each time.
    Twice is the same as once.
    """
    lines = (drawable(line) for line in text.split("\n"))
    return re.sub(r"(?<!\\)\$", r"\\$", "\n".join(lines))


def drawable(text: str) -> str:
    """`text` with a "□" for each character that can't be drawn."""
    return "".join(
        c if ord(c) in _glyphs() and unicodedata.category(c)[0] != "C" else "□" for c in text
    )


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


@dataclass(frozen=True)
class Picture:
    """A figure, one sentence that says what it shows, and its numbers; all from the same data.

    figure: a `matplotlib.figure.Figure`.
    sentence: the description: the caption under the figure, the alternative text of the image, and
        what a test compares, so that nobody needs to see the figure to learn what it shows.
    table: the numbers in the figure, for whoever can't see it or wants to copy them; without it
        they are read off the lines, bars, cells and named points that were drawn.
    """

    figure: Figure
    sentence: str
    table: pd.DataFrame | None = None

    def __post_init__(self):
        outline(self.figure)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The numbers in the figure, as a table."""
        return numbers_of(self.figure) if self.table is None else self.table

    @cached_property
    def drawn(self) -> str:
        """Every line, bar, dot, cell and text of the figure with its data, as text."""
        return drawn(self.figure)

    def png(
        self, pixels: Callable[[Figure], np.ndarray] = pixels_of, compress_level: int = 6
    ) -> bytes:
        """The figure as a PNG of 256 colours: a third of the size of a full one, and no slower.

        pixels: draws the figure; a panel has one that copies what it drew before. compress_level: 1
        takes half the time of 6, and a third more bytes.
        """
        image = Image.fromarray(pixels(self.figure)).convert("RGB")
        buffer = BytesIO()
        image.quantize(256, method=Image.Quantize.FASTOCTREE).save(
            buffer, "PNG", compress_level=compress_level
        )
        return buffer.getvalue()

    def html(
        self, pixels: Callable[[Figure], np.ndarray] = pixels_of, compress_level: int = 6
    ) -> str:
        """An `<img>` with the sentence as its alternative text, the sentence, and the numbers.

        The image keeps the width and the height of the figure, so that a page doesn't jump when one
        picture takes another's place, and shrinks on a narrow screen. The arguments are those of
        `png`.
        """
        width, height = (round(DOTS_PER_INCH * side) for side in self.figure.get_size_inches())
        data = base64.b64encode(self.png(pixels, compress_level)).decode("ascii")
        text = escape(self.sentence)
        return (
            f'<img alt="{text}" src="data:image/png;base64,{data}" width="{width}" '
            f'height="{height}" style="max-width:100%;height:auto;aspect-ratio:{width}/{height}">'
            f'<p role="status" style="max-width:{width}px;min-height:2.8em;line-height:1.4;'
            f'margin:0.3em 0 0">{text}</p>{self._folded_numbers()}'
        )

    def _folded_numbers(self) -> str:
        if self.numbers.empty:
            return ""
        table = self.numbers.to_html(index=False, border=0, na_rep="", float_format="{:.4g}".format)
        name = "The numbers in this picture"
        return (
            f'<details><summary>{name}</summary><div role="group" aria-label="{name}" tabindex="0" '
            f'style="max-height:20em;overflow:auto">{table}</div></details>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        # One copy of the picture: as HTML it has a description. What was drawn goes with it as
        # text, so that a test can tell a stored picture from what the code draws today.
        return {"text/html": self.html(), "text/plain": self.sentence}, {"drawn": self.drawn}
