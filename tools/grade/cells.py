"""Runs a notebook's cells without a kernel: no ports, no messages, no pictures."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(BaseException):
    """Raised in a cell, or in a student's function, that runs for longer than it may."""


class Cells:
    """A namespace and the cells that were run in it.

    seconds: for each cell.
    """

    def __init__(self, seconds: float | None = None) -> None:
        os.environ.setdefault("MPLBACKEND", "agg")
        from IPython.core.interactiveshell import InteractiveShell

        self.seconds = seconds
        self.shell = InteractiveShell.instance()
        self.shell.ast_node_interactivity = "none"  # nobody looks at what a cell shows
        self.shell.showtraceback = lambda *given, **named: None
        self.shell.showsyntaxerror = lambda *given, **named: None

    @property
    def names(self) -> dict[str, object]:
        return self.shell.user_ns

    def run(self, source: str) -> str | None:
        """Run one cell; returns what stopped it, or None."""
        try:
            with limited(self.seconds):
                result = self.shell.run_cell(source, store_history=False)
        except TookTooLong:
            return told(TookTooLong())
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else told(error)


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise TookTooLong in what is inside after so many seconds, where the system can."""
    possible = hasattr(signal, "setitimer") and (
        threading.current_thread() is threading.main_thread()
    )
    if seconds is None or not possible:
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def told(error: BaseException) -> str:
    """One line about an error, whatever its class is like."""
    if isinstance(error, TookTooLong):
        return "it took too long"
    try:
        text = f"{type(error).__name__}: {error}"
    except BaseException:
        text = "an error that can't be printed"
    return " ".join(text.split())[:300]
