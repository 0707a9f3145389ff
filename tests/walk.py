"""What the tests of all panels share: move each control over its whole range."""

import itertools

from ipywidgets import Checkbox, Dropdown, SelectionSlider, ToggleButton
from ipywidgets.widgets import Widget

from collab_lib.kit.panel import Panel


def values_of(control: Widget, at_most: int = 6) -> list:
    """The ends of a control's range and some values between them, spread evenly."""
    if isinstance(control, Dropdown | SelectionSlider):
        values = [value for _, value in control._options_full]
    elif isinstance(control, Checkbox | ToggleButton):
        values = [False, True]
    else:
        steps = round((control.max - control.min) / control.step)
        values = [control.min + i * control.step for i in range(steps + 1)]
        values = [type(control.value)(value) for value in values]
    places = range(at_most) if len(values) > at_most else range(len(values))
    last = max(1, len(places) - 1)
    return [values[place * (len(values) - 1) // last] for place in places]


def walk(panel: Panel) -> None:
    """Set each control to values over its range: the picture and the sentence must follow."""
    for name, control in panel.controls.items():
        seen = [
            (panel(**{name: value}).sentence, panel.picture.png()) for value in values_of(control)
        ]
        for (sentence, png), (other_sentence, other_png) in itertools.pairwise(seen):
            assert sentence != other_sentence, f"{name}: the sentence stays the same"
            assert png != other_png, f"{name}: the picture stays the same"
