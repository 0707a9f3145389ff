"""The one mechanism behind every panel of the course: controls, and a picture that follows them."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from typing import Any

from ipywidgets import HTML, HBox, VBox
from ipywidgets.widgets import Widget

from collab_lib.kit.frames import Frames
from collab_lib.kit.picture import Picture

WRAP = {"flex_flow": "row wrap"}


class Panel:
    """Controls above a picture that is drawn anew whenever one of them changes.

    draw: called with the current value of each control under the control's name; returns a
        `Picture`. It gets everything else it needs from its own arguments or closure.
    controls: ipywidgets by name, shown in the order given, each with a `value`; one that has a
        `button` (`kit.controls.stepper`) is shown with it.
    keep_layout: place the axes of every picture where those of the first one are. Then nothing
        jumps, and matplotlib need not measure every label again, which takes a third of the time.
        For pictures whose labels keep their lengths.
    stills: by control, the values to keep for the site, where there is no kernel: a page offers the
        product of these lists. A control that isn't named keeps all its values; a line of text has
        to be named. `tools/stills.py` draws them.
    rows: more widgets between the controls and the picture.

    In a notebook with a kernel a panel is live. Everywhere else (a forge's page, exported HTML) the
    same cell shows the picture for the first values, with its sentence. An exception in `draw`
    shows as a message in the place of the picture and is raised as well, so that a test sees it.

    Introduced in lesson 1.
    """

    def __init__(
        self,
        draw: Callable[..., Picture],
        *,
        keep_layout: bool = False,
        stills: Mapping[str, Sequence] | None = None,
        rows: Sequence[Widget] = (),
        **controls: Widget,
    ):
        self.draw = draw
        self.keep_layout = keep_layout
        self.stills = stills
        self.positions = None
        self.frames = Frames()
        self.controls = controls
        self.view = HTML()
        self._held = False
        unknown = set(stills or ()) - set(controls)
        if unknown:
            raise ValueError(f"stills names no controls {sorted(unknown)}: use {list(controls)}")
        self._allowed = {name: _range_of(control) for name, control in controls.items()}
        for control in controls.values():
            control.style = {"description_width": "initial"}
            _name(control)
            control.observe(self._follow, names="value")
        first = HBox([_shown(control) for control in controls.values()], layout=WRAP)
        self.widget = VBox([first, *rows, self.view])
        _pass_by_what_is_there()
        self._follow()

    def __call__(self, **values) -> Picture:
        """Set controls by name, as a person would with a mouse, and return the picture.

        However many are set at a time, the picture is drawn once. Raises ValueError for a control
        that there isn't, or a number outside of a slider's range; then nothing is set.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise ValueError(f"there is no control {name}: set one of {list(self.controls)}")
            self._check(name, value)
        with self.held():
            for name, value in values.items():
                self.controls[name].value = value
        self._follow()
        return self.picture

    @contextmanager
    def held(self) -> Iterator[None]:
        """Change controls inside the block without a picture for each state in between."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def _follow(self, change=None) -> None:
        if self._held:
            return
        try:
            with _uninterrupted():
                self.picture = self.draw(**self._values())
                if self.keep_layout:
                    self._place_axes()
                self.view.value = self.picture.html(self.frames.pixels, compress_level=1)
        except Exception as error:
            remedy = "Set the controls to other values, or run the cell again to start afresh."
            self._complain("This panel could not draw", error, remedy)
            raise

    def _values(self) -> dict[str, Any]:
        """The value of each control; ValueError for one that the panel wasn't made for."""
        values = {name: control.value for name, control in self.controls.items()}
        for name, value in values.items():
            self._check(name, value)
        return values

    def _check(self, name: str, value: Any) -> None:
        low, high = self._allowed[name] or (None, None)
        if low is not None and not low <= value <= high:
            raise ValueError(f"{name} is {value}, and goes from {low} to {high}.")
        if value is None:
            raise ValueError(f"{name} has no value: choose one.")

    def _complain(self, what: str, error: Exception, remedy: str) -> None:
        text = escape(f"{what}: {error} {remedy}")
        self.view.value = (
            f'<p role="alert" style="border-left:4px solid #D55E00;padding-left:0.6em">{text}</p>'
        )

    def _place_axes(self) -> None:
        if self.positions is None:
            # One more picture to measure: what was laid out has ticks, and its frame another look.
            measured = self.draw(**self._values()).figure
            measured.draw_without_rendering()
            self.positions = [axes.get_position() for axes in measured.axes]
        figure = self.picture.figure
        figure.set_layout_engine("none")
        for axes, position in zip(figure.axes, self.positions, strict=True):
            axes.set_position(position)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # The view by its model's name: the same in ipywidgets 7, which has no such method, and 8.
        view = {"model_id": self.widget.model_id, "version_major": 2, "version_minor": 0}
        data, metadata = self.picture._repr_mimebundle_()
        n = len(self.controls)
        names = escape(
            ", ".join(control.description or name for name, control in self.controls.items())
        )
        hint = (
            f'<p class="panel-hint">{n} control{"s" * (n > 1)} ({names}): run this lesson to move '
            f"{'them' if n > 1 else 'it'}.</p>"
        )
        data["text/html"] = f'<div class="collab-panel">{hint}{data["text/html"]}</div>'
        return {"application/vnd.jupyter.widget-view+json": view, **data}, metadata


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Python's collector of garbage wait until the block is over and the picture is out."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def _pass_by_what_is_there() -> None:
    """Let Python's collector of garbage pass by all that was made before the first panel.

    It would go through pandas, torch and matplotlib at every twentieth picture or so, and the
    slider would stand still for 0.3 s. What pictures leave behind is still cleared away.
    """
    gc.freeze()


def _range_of(control: Widget) -> tuple[float, float] | None:
    """The ends that a slider over numbers was made with."""
    if hasattr(control, "min") and hasattr(control, "max"):
        return control.min, control.max
    return None


def _shown(control: Widget) -> Widget:
    """A control as the panel shows it: with its button, if it has one."""
    button = getattr(control, "button", None)
    return control if button is None else HBox([control, button], layout=WRAP)


def _name(control: Widget) -> None:
    """Let a control's tooltip be its name: an empty one is read aloud as "null"."""
    trait = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
    if control.has_trait(trait):
        setattr(control, trait, control.description)
