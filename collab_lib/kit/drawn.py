"""What is drawn, as text: every artist of a figure with its colour, its place and its data.

A picture can be wrong while its sentence is right. Tests compare this text with a stored one; they
allow for the last digits, which differ between processors. Behind the sign ¦ stands how an artist
looks: widths, sizes, opacity, where named ticks are.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.category import StrCategoryLocator
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from collab_lib.kit.words import Words

DIGITS = 4
LOOK = "¦"


def drawn(figure: Figure) -> str:
    """The artists of `figure` in the order in which they are drawn, one line each."""
    lines = []
    for artist in figure.artists:
        if hasattr(artist, "drawn"):  # a backdrop: what was drawn once for many pictures
            lines += ["behind:", *(f"  {line}" for line in drawn(artist.drawn).splitlines())]
    for axes in figure.axes:
        lines += _axes(axes)
    lines += [f"text {t.get_text()!r}" for t in figure.texts]
    lines += [f"{LOOK} legend {_legend(legend)}" for legend in figure.legends]
    return "\n".join(lines)


def _axes(axes: Axes) -> list[str]:
    title = axes.get_title(loc="left") or axes.get_title()
    lines = [f"axes {title!r}"]
    if axes.axison:
        for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            low, high = sorted(axis.get_view_interval())
            flipped = " flipped" if axis.get_inverted() else ""
            lines.append(
                f"  {name} {axis.get_label_text()!r} {axis.get_scale()}{flipped} "
                f"{_short([low, high])} {_ticks(axis)}{_tick_places(axis)}"
            )
    for line in axes.lines:
        lines.append(
            f"  line {_label(line)} {to_hex(line.get_color())} {line.get_linestyle()} "
            f"{line.get_marker()} {_data(line.get_xydata())} {LOOK} {_opacity(line)} "
            f"width {line.get_linewidth():g} size {line.get_markersize():g} "
            f"edge {to_hex(line.get_markeredgecolor())}"
            f"{' outlined' if line.get_path_effects() else ''}"
        )
    for collection in axes.collections:
        lines.append(
            f"  {type(collection).__name__} {_label(collection)} {_colours(collection)} "
            f"{_data(_places(collection))} {LOOK} {_edges(collection)}"
        )
    for patch in axes.patches:
        path = patch.get_path().transformed(patch.get_patch_transform())
        lines.append(
            f"  patch {_label(patch)} {to_hex(patch.get_facecolor(), True)} "
            f"{to_hex(patch.get_edgecolor(), True)} {patch.get_hatch() or ''} "
            f"{_data(path.vertices)} {LOOK} width {patch.get_linewidth():g}"
        )
    for text in axes.texts:
        lines.append(
            f"  text {text.get_text()!r} {to_hex(text.get_color())} {_spot(text)} {LOOK} "
            f"{_opacity(text)} size {text.get_fontsize():g} {text.get_fontweight()}"
        )
    for artist in axes.artists:
        if isinstance(artist, Words):
            lines += [f"  {line}" for line in _words(artist)]
    legend = axes.get_legend()
    if legend is not None:
        names = [t.get_text() for t in legend.get_texts()]
        lines.append(f"  legend {names} {LOOK} {_legend(legend)}")
    return lines


def _words(artist: Words) -> list[str]:
    look = f"size {artist.font.get_size_in_points():g} {artist.font.get_weight()}"
    return [
        f"text {word.text!r} {to_hex(word.colour)} {_short([word.x, word.y])} {LOOK} "
        f"{_opacity(artist)} {look}"
        for word in artist.words
    ]


def _ticks(axis) -> str:
    """The ticks that have names; those that are numbers follow from the limits."""
    if isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return str([tick.get_text() for tick in axis.get_majorticklabels()])
    return type(axis.get_major_formatter()).__name__.removesuffix("Formatter")


def _tick_places(axis) -> str:
    """Where the ticks with names are."""
    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return ""
    return f" {LOOK} at {_short(axis.get_majorticklocs())}"


def _legend(legend) -> str:
    """Each name with the colour that stands for it."""
    colours = []
    for mark in legend.legend_handles:
        colour = mark.get_color() if hasattr(mark, "get_color") else mark.get_facecolor()
        colours.append(to_hex(colour if isinstance(colour, str) else np.ravel(colour)[:4]))
    names = [text.get_text() for text in legend.get_texts()]
    return str(dict(zip(names, colours, strict=True)))


def _opacity(artist) -> str:
    alpha = artist.get_alpha()
    return f"alpha {1 if alpha is None else np.mean(alpha):.2g}"


def _edges(collection) -> str:
    edges = [int(to_hex(colour, True)[1:], 16) for colour in collection.get_edgecolor()]
    sizes = collection.get_sizes() if hasattr(collection, "get_sizes") else []
    return (
        f"{_opacity(collection)} edges {_data(edges)} "
        f"widths {_data(collection.get_linewidth())} sizes {_data(sizes)}"
    )


def _spot(text) -> str:
    """Where a text stands: an annotation's point and its offset, or its place."""
    if not hasattr(text, "xyann"):
        return _short(text.get_position())
    offset = _short(text.xyann) if isinstance(text.anncoords, str) else ""
    arrow = " arrow" if text.arrowprops is not None else ""
    return f"{_short(text.xy)} {offset}{arrow}"


def _places(collection) -> np.ndarray:
    offsets = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
    paths = [path.vertices for path in collection.get_paths()]
    if len(offsets) > 1 or not paths:
        return offsets
    return np.concatenate([*paths, offsets])


def _colours(collection) -> str:
    values = collection.get_array()
    if values is not None:
        ends = _short(collection.get_clim())
        return f"{_map_name(collection)} {ends} {_data(np.ma.filled(values, np.nan))}"
    faces = [to_hex(colour, True) for colour in collection.get_facecolor()]
    faces = faces or [to_hex(colour, True) for colour in collection.get_edgecolor()]
    return f"{faces[0] if faces else 'none'} {_data([int(face[1:], 16) for face in faces])}"


def _map_name(artist) -> str:
    """The name of an artist's colour map; "unnamed" where nobody gave it one."""
    name = artist.get_cmap().name
    return "unnamed" if name == "from_list" else name  # the latter before matplotlib 3.11


def _label(artist) -> str:
    label = str(artist.get_label())
    return "" if label.startswith("_") else repr(label)


def _data(values) -> str:
    """An array in a few numbers: its size, its ends, its mean, and sums that feel a new order."""
    values = np.asarray(values, dtype=float).ravel()
    values = np.nan_to_num(values, nan=-1.0, posinf=1e9, neginf=-1e9)
    if not values.size:
        return "n=0"
    wave = np.arange(values.size)
    sums = [
        values.mean(),
        values.std(),
        (values * np.cos(wave)).mean(),
        (values * np.sin(wave)).mean(),
    ]
    return f"n={values.size} {_short([*values[:3], *values[-3:]])} {_short(sums)}"


def _short(values) -> str:
    return "(" + " ".join(f"{float(v):.{DIGITS}g}" for v in values) + ")"
