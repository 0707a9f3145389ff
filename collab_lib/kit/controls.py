"""The controls of all panels: one maker for each kind, one width for all."""

from collections.abc import Sequence
from typing import Any

from ipywidgets import (
    Checkbox,
    Dropdown,
    FloatSlider,
    IntSlider,
    SelectionSlider,
    Text,
)

# Wide enough for a label and a number beside a track that can still be dragged at 150 % zoom.
WIDTH = {"width": "22em", "min_width": "18em", "max_width": "100%"}


def slider(
    label: str, low: float, high: float, value: float, step: float = 1
) -> IntSlider | FloatSlider:
    """A slider from `low` to `high`: over whole numbers if all four are, else over decimals."""
    whole = all(float(number).is_integer() for number in (low, high, value, step))
    if whole:
        numbers = {"min": int(low), "max": int(high), "value": int(value), "step": int(step)}
        return IntSlider(description=label, layout=WIDTH, **numbers)
    decimals = len(f"{step:.6f}".rstrip("0").partition(".")[2])
    form = f".{decimals}f"
    numbers = {"min": low, "max": high, "value": value, "step": step}
    return FloatSlider(description=label, layout=WIDTH, readout_format=form, **numbers)


def choice(label: str, options: Sequence[Any], value: Any) -> SelectionSlider:
    """A slider over `options`, values or (name, value) pairs: for a few ordered choices."""
    return SelectionSlider(description=label, options=options, value=value, layout=WIDTH)


def pick(label: str, options: Sequence[Any], value: Any) -> Dropdown:
    """A list of `options`, values or (name, value) pairs, of which one is chosen."""
    return Dropdown(description=label, options=options, value=value, layout=WIDTH)


def box(label: str, value: bool = False) -> Checkbox:
    """A box to tick."""
    return Checkbox(description=label, value=value, indent=False, layout=WIDTH)


def text(label: str, placeholder: str = "") -> Text:
    """A line to type into; the picture follows each letter."""
    return Text(description=label, placeholder=placeholder, layout=WIDTH)
