"""Names beside the points of a map, where many points lie close together."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patheffects import Stroke, withStroke
from matplotlib.text import Text

from collab_lib.kit.picture import COLOURS, drawable, plain

# A white rim keeps a name readable where it lies over lines.
RIM = {"linewidth": 3, "foreground": "white"}
HALO = [withStroke(**RIM)]


class Rim(Artist):
    """The white rim of a name, below every dot and line: it sets the name off, and hides no dot."""

    zorder = 0.5

    def __init__(self, text: Text):
        super().__init__()
        self.text = text
        self.set_in_layout(False)

    def draw(self, renderer) -> None:
        before = self.text.get_path_effects()
        self.text.set_path_effects([Stroke(**RIM)])
        self.text.draw(renderer)
        self.text.set_path_effects(before)


def label_contours(
    lines: ContourSet, spots: Sequence[tuple[float, float]], fontsize: float
) -> None:
    """Write the level of the nearest of `lines` at each of the `spots`, in data units.

    The lines stay whole and a white rim sets the numbers off. Where matplotlib finds the spots, and
    where it cuts a line for its number, depends on its version: on how wide it takes a letter for.
    """
    for text in lines.clabel(fmt="%g", fontsize=fontsize, manual=spots, inline=False):
        text.set_path_effects(HALO)


def name_points(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    order: Sequence[int],
    names: Sequence[str],
    room: float = 0,
    spare: bool = False,
    size: float = 9,
) -> dict[int, tuple[float, float]]:
    """Write the names of the points in `order`, each at the nearest free place beside its point.

    The limits of `axes` must be set. room: so many points of space stay free behind each name.
    spare: of the free places near a point, take the one where a name lies over the fewest dots.
    size: of the letters, in points.
    Returns where each name ends, in data units: room for more begins there.
    """
    font = FontProperties(size=size)
    x_limits, y_limits = axes.get_xlim(), axes.get_ylim()
    axes.set(xlim=x_limits, ylim=y_limits)  # the map stays where it is, whatever is written on it
    box = axes.get_position()
    width, height = 72 * axes.figure.get_size_inches()
    wide = (x_limits[1] - x_limits[0]) / (box.width * width)  # data units a point
    high = (y_limits[1] - y_limits[0]) / (box.height * height)
    gap, room = 7 * wide, room * wide
    taken = [(x[i] - gap, x[i] + gap, y[i]) for i in order]  # the points: no name may hide one
    ends = {}
    for i in order:
        name = drawable(names[i])
        letters = _width(name, font) * wide
        width = letters + room
        places = [
            (start, level)
            for level in y[i] + 6 * high * np.array([0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6])
            for start in (x[i] + gap, x[i] - gap - width)
            if x_limits[0] <= start and start + width <= x_limits[1]
            if y_limits[0] <= level <= y_limits[1]
        ]
        free = [
            (start, level)
            for start, level in places
            if not any(
                abs(level - other) < 11 * high and start < end and begin < start + width
                for begin, end, other in taken
            )
        ]
        candidates = free or places or [(x[i] + gap, y[i])]
        if spare:
            start, level = min(candidates, key=lambda place: _hidden(x, y, place, width, 5 * high))
        else:
            start, level = candidates[0]
        taken.append((start, start + width, level))
        if level != y[i]:  # a line leads to a name that had to move
            near_end = start if start > x[i] else start + width
            axes.plot([x[i], near_end], [y[i], level], color=COLOURS["grey"], linewidth=1, zorder=2)
        style = {"va": "center", "fontproperties": font, "zorder": 5}
        axes.add_artist(Rim(axes.annotate(plain(name), (start, level), **style)))
        ends[i] = (start + letters, level)
    return ends


def _width(name: str, font: FontProperties) -> float:
    """How wide `name` is, in points: the sum of the steps that the font gives to its letters.

    What matplotlib measures differs a little from version to version, and one name that finds no
    room is enough to move others.
    """
    face = get_font(findfont(font))
    face.set_size(100, 72)  # large: at the size itself, versions round differently
    steps = (face.load_char(ord(c), LoadFlags.NO_HINTING).linearHoriAdvance for c in name)
    return sum(steps) / 2**16 * font.get_size_in_points() / 100


def _hidden(
    x: np.ndarray, y: np.ndarray, place: tuple[float, float], width: float, half: float
) -> int:
    """How many dots lie under a name at `place`, `width` wide and twice `half` high."""
    start, level = place
    under = (x > start) & (x < start + width) & (abs(y - level) < half)
    return int(under.sum())
