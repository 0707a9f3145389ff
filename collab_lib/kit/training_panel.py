"""A panel with a button that trains: a progress bar, a picture that follows, a way to cancel."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ipywidgets import HTML, Button, HBox, IntProgress
from ipywidgets.widgets import Widget

from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture

# A training waits this long after every epoch, so that the kernel can take in a press of Cancel,
# a moved slider or another cell: they all share one thread. It needs a few turns of the event loop.
PAUSE_SECONDS = 0.02
RUNS_KEPT = 4


@dataclass(frozen=True)
class Run:
    """One press of the button: the values of the controls, and what each epoch left so far."""

    settings: dict[str, Any]
    epochs: list[Any] = field(default_factory=list)


class TrainingPanel(Panel):
    """A `Panel` whose button trains a model with the values of the controls.

    draw: called as draw(runs, **values); `runs` are the last few `Run`s, the newest at the end,
        and none before the button was pressed for the first time; returns a `Picture`.
    train: called as train(**values); yields once an epoch whatever `draw` needs.
    stills: the settings (a value for every control) of the runs that the site shows as recorded.
    controls: as in `Panel`; one is named `n_epochs`: its value is the length of the progress bar.

    Training takes turns with everything else that the kernel does: after every epoch it lets go, so
    that Cancel works and other cells can run. While it lasts the controls are locked. An exception
    in `train` shows in the panel and is raised.

    Introduced in lesson 6.
    """

    def __init__(
        self,
        draw: Callable[..., Picture],
        train: Callable[..., Iterable[Any]],
        label: str = "Train",
        stills: Sequence[Mapping[str, Any]] | None = None,
        **controls: Widget,
    ):
        if "n_epochs" not in controls:
            raise ValueError("a panel that trains needs a control named n_epochs: add an IntSlider")
        self.runs: list[Run] = []
        self.task: asyncio.Task | None = None
        self._train = train
        self._cancelled = False
        self.recorded = stills
        self.start = Button(
            description=label,
            icon="play",
            button_style="primary",
            layout={"width": "auto"},
            tooltip=label,
        )
        self.cancel = Button(description="Cancel", icon="stop", disabled=True, tooltip="Cancel")
        self.progress = IntProgress(value=0, min=0, max=controls["n_epochs"].value)
        self.status = HTML('<span role="status">not trained yet</span>')
        self.start.on_click(self._press)
        self.cancel.on_click(self._press_cancel)
        row = HBox(
            [self.start, self.cancel, self.progress, self.status],
            layout={"flex_flow": "row wrap", "align_items": "center"},
        )
        super().__init__(lambda **values: draw(self.runs, **values), rows=[row], **controls)

    def train(self, **values: Any) -> Picture:
        """Set controls by name, train to the end without pauses, and return the picture.

        Raises ValueError while a training that the button started is going on.
        """
        if self.task is not None and not self.task.done():
            raise ValueError("this panel is training already: wait, or press Cancel")
        self(**values)
        for _ in self._epochs():
            pass
        return self.picture

    def _press(self, button: Button) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._train_in_turns())

    def _press_cancel(self, button: Button) -> None:
        self._cancelled = True

    async def _train_in_turns(self) -> None:
        for _ in self._epochs():
            await asyncio.sleep(PAUSE_SECONDS)

    def _epochs(self) -> Iterator[None]:
        """Train, and yield after every epoch when bar and picture are up to date."""
        try:
            run = Run(self._values())
        except ValueError as error:  # a value that the panel wasn't made for
            self._complain("The training did not start", error, self._remedy)
            raise
        self.runs[:] = [*self.runs[1 - RUNS_KEPT :], run]
        self.progress.max = run.settings["n_epochs"]
        self._cancelled = False
        self._lock(True)
        try:
            self._say("starting")
            yield
            for epoch in self._train(**run.settings):
                run.epochs.append(epoch)
                self._say(f"epoch {len(run.epochs)} of {self.progress.max}")
                self._follow()
                yield
                if self._cancelled:
                    self._say(f"cancelled after epoch {len(run.epochs)} of {self.progress.max}")
                    return
            self._say(f"done: {len(run.epochs)} epochs")
        except Exception as error:
            self._say("stopped")
            self._complain("The training stopped", error, self._remedy)
            raise
        finally:
            self._lock(False)

    @property
    def _remedy(self) -> str:
        return f"Set the controls to other values and press {self.start.description} again."

    def _say(self, text: str) -> None:
        self.progress.value = len(self.runs[-1].epochs)
        self.status.value = f'<span role="status">{text}</span>'

    def _lock(self, training: bool) -> None:
        self.cancel.disabled = not training
        for widget in (self.start, *self.controls.values()):
            widget.disabled = training
