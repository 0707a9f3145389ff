"""What a check says about an answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The outcome of one exercise check.

    passed: whether the answer is right.
    message: one or two sentences: why it is right, or what to look at next.

    A notebook shows a verdict as its message with a tick or a cross, so that a wrong answer is
    advice on the page and never a traceback.
    """

    passed: bool
    message: str

    def __repr__(self) -> str:
        return f"{'✓' if self.passed else '✗'} {self.message}"


def right(message: str) -> Verdict:
    """A verdict for a right answer."""
    return Verdict(True, message)


def wrong(message: str) -> Verdict:
    """A verdict for a wrong answer: `message` is the advice."""
    return Verdict(False, message)
