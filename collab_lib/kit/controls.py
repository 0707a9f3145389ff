"""The controls of all panels: one maker for each kind, one rule for their width."""

from collections.abc import Sequence
from typing import Any

from ipywidgets import (
    Button,
    Checkbox,
    Dropdown,
    FloatSlider,
    IntSlider,
    SelectionSlider,
    Text,
)


def width(label: str, longest: str = "") -> dict[str, str]:
    """Wide enough for the label and the longest value beside a track that can be dragged.

    Where a page is narrower than that, as at 150 % zoom beside the file browser, the parts of a
    slider stand below each other (jupyter/accessible-panels).
    """
    em = max(22.0, 0.6 * (len(label) + max(len(longest), 8)) + 11)
    return {"width": f"{em:.0f}em", "max_width": "100%"}


def slider(
    label: str, low: float, high: float, value: float, step: float = 1
) -> IntSlider | FloatSlider:
    """A slider from `low` to `high`: over whole numbers if all four are, else over decimals."""
    whole = all(float(number).is_integer() for number in (low, high, value, step))
    if whole:
        numbers = {"min": int(low), "max": int(high), "value": int(value), "step": int(step)}
        return IntSlider(description=label, layout=width(label), **numbers)
    decimals = len(f"{step:.6f}".rstrip("0").partition(".")[2])
    form = f".{decimals}f"
    numbers = {"min": low, "max": high, "value": value, "step": step}
    return FloatSlider(description=label, layout=width(label), readout_format=form, **numbers)


class Stepper(IntSlider):
    """A slider over whole numbers, and a button that moves it one on; made by `stepper`.

    button: what `Panel` shows beside the slider. Where the slider is at its end, it says so, and a
        press changes nothing. It isn't switched off there: that would take the keyboard's focus
        away from whoever pressed it.
    """

    def __init__(self, press: str, **kwargs):
        super().__init__(**kwargs)
        self.press = press
        self.button = Button(layout={"width": "11em", "margin": "2px 1.5em 2px 2px"})
        self.button.add_class("panel-step")
        self.button.on_click(self._move_on)
        self.observe(self._tell, names=["value", "max", "disabled"])
        self._tell()

    def _move_on(self, button: Button) -> None:
        self.value = min(self.value + self.step, self.max)

    def _tell(self, change=None) -> None:
        at_end = self.value >= self.max
        self.button.description = f"{self.press} (at the end)" if at_end else self.press
        self.button.tooltip = self.button.description  # an empty one is read aloud as "null"
        self.button.disabled = self.disabled


def stepper(label: str, low: int, high: int, value: int, press: str = "Step") -> Stepper:
    """A slider over whole numbers, with a button called `press` that moves it one on."""
    numbers = {"min": low, "max": high, "value": value}
    return Stepper(press, description=label, layout=width(label), **numbers)


def choice(label: str, options: Sequence[Any], value: Any) -> SelectionSlider:
    """A slider over `options`, values or (name, value) pairs: for a few ordered choices."""
    names = [str(one[0] if isinstance(one, tuple) else one) for one in options]
    layout = width(label, max(names, key=len))
    return SelectionSlider(description=label, options=options, value=value, layout=layout)


def pick(label: str, options: Sequence[Any], value: Any) -> Dropdown:
    """A list of `options`, values or (name, value) pairs, of which one is chosen."""
    return Dropdown(description=label, options=options, value=value, layout=width(label))


def box(label: str, value: bool = False) -> Checkbox:
    """A box to tick."""
    return Checkbox(description=label, value=value, indent=False, layout=width(label))


def text(label: str, placeholder: str = "") -> Text:
    """A line to type into; the picture follows each letter."""
    return Text(description=label, placeholder=placeholder, layout=width(label))
