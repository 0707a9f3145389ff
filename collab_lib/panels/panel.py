"""The one mechanism behind every panel of the course: controls, and a picture that follows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from ipywidgets import HTML, HBox, Layout, VBox
from ipywidgets.widgets import Widget

from collab_lib.figures.picture import Picture


class Panel:
    """Controls above a picture that is drawn anew whenever one of them changes.

    draw: called with the current value of each control under the control's name; returns a
        `Picture`. It gets everything else it needs from its own arguments or closure.
    controls: ipywidgets by name, shown in the order given, each with a `value`.
    keep_layout: place the axes of every picture where those of the first one are. Then nothing
        jumps, and matplotlib need not measure every label again, which takes a third of the time.
        For pictures whose labels keep their lengths.

    In a notebook with a kernel a panel is live. Everywhere else (a forge's page, exported HTML) the
    same cell shows the picture for the first values, with its sentence. An exception in `draw`
    shows as a message in the place of the picture and is raised as well, so that a test sees it.

    Introduced in lesson 1.
    """

    def __init__(
        self, draw: Callable[..., Picture], *, keep_layout: bool = False, **controls: Widget
    ):
        self.draw = draw
        self.keep_layout = keep_layout
        self.positions = None
        self.controls = controls
        self.view = HTML()
        self._held = False
        for control in controls.values():
            control.style = {"description_width": "initial"}
            control.observe(self._follow, names="value")
        rows = HBox(list(controls.values()), layout=Layout(flex_flow="row wrap"))
        self.widget = VBox([rows, self.view])
        self._follow()

    def __call__(self, **values) -> Picture:
        """Set controls by name, as a person would with a mouse, and return the picture.

        However many are set at a time, the picture is drawn once.
        """
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
            self.picture = self.draw(**{name: c.value for name, c in self.controls.items()})
            if self.keep_layout:
                self._place_axes()
            self.view.value = self.picture.html()
        except Exception as error:
            remedy = "Set the controls to other values, or run the cell again to start afresh."
            self._complain("This panel could not draw", error, remedy)
            raise

    def _complain(self, what: str, error: Exception, remedy: str) -> None:
        text = escape(f"{what}: {error} {remedy}")
        self.view.value = f'<p role="alert" style="color:#A00000">{text}</p>'

    def _place_axes(self) -> None:
        figure = self.picture.figure
        if self.positions is None:
            figure.draw_without_rendering()
            self.positions = [axes.get_position() for axes in figure.axes]
        figure.set_layout_engine("none")
        for axes, position in zip(figure.axes, self.positions, strict=True):
            axes.set_position(position)

    def _repr_mimebundle_(self, include=None, exclude=None):
        live = self.widget._repr_mimebundle_(include=include, exclude=exclude)
        return {**live, **self.picture._repr_mimebundle_()}
