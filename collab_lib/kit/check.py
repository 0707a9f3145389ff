"""What a check says about an answer, and the one door through which every answer goes.

    @check
    def check_rmse(answer):
        "Is `answer` a function that returns the RMSE?"
        return judge(ask(answer, predictions, ratings), wanted, praise="...", otherwise="...")

Whatever a student hands in (a function that raises, None, text, NaN, a tensor of another shape)
ends as advice on the page and never as a traceback.
"""

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import torch


@dataclass(frozen=True)
class Verdict:
    """The outcome of one exercise check.

    passed: whether the answer is right.
    message: one or two sentences: why it is right, or what to look at next.

    A notebook shows a verdict in a frame, as its message with a sign and a word, and a screen
    reader speaks it.
    """

    passed: bool
    message: str

    def __repr__(self) -> str:
        return f"{'✓' if self.passed else '✗'} {self.message}"

    def _repr_html_(self) -> str:
        sign, word = ("✓", "Right.") if self.passed else ("✗", "Not yet.")
        colour = "#009E73" if self.passed else "#D55E00"
        # The text keeps the page's own colour, so that it can be read on white and on black.
        return (
            f'<div role="status" style="border:1px solid {colour};border-left:6px solid {colour};'
            f'padding:0.5em 0.8em;max-width:45em;white-space:normal;overflow-wrap:anywhere">'
            f"<strong>{sign} {word}</strong> {escape(self.message)}</div>"
        )


class Advice(Exception):
    """Raised inside a check where an answer can't be judged: its text becomes the advice."""


def right(message: str) -> Verdict:
    """A verdict for a right answer."""
    return Verdict(True, message)


def wrong(message: str) -> Verdict:
    """A verdict for a wrong answer: `message` is the advice."""
    return Verdict(False, message)


def check(judge_answer: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """`@check` above a check: whatever goes wrong with an answer becomes advice.

    Only a press of *Stop* (KeyboardInterrupt) still stops.
    """

    @wraps(judge_answer)
    def checked(*args, **kwargs) -> Verdict:
        try:
            return judge_answer(*args, **kwargs)
        except Advice as advice:
            return wrong(str(advice))
        except (Exception, SystemExit) as error:
            return wrong(
                f"Your answer can't be checked: it stops with {_named(error)}. Run it by itself in "
                "a cell above, to see in which line."
            )

    return checked


def ask(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """What the student's `function` returns for copies of the arguments.

    Copies, since a function may change what it is given, and the check still needs it.
    Raises Advice if it is no function, raises, or returns nothing.
    """
    if not callable(function):
        raise Advice(f"Hand in the function itself, without calling it; this is {_seen(function)}.")
    try:
        answer = function(*map(_copy, args), **{k: _copy(v) for k, v in kwargs.items()})
    except (Exception, SystemExit) as error:
        raise Advice(f"Your function stops with {_named(error)}.") from error
    if answer is None:
        raise Advice("Your function returns nothing: end it with `return …`.")
    return answer


def number(answer: Any, what: str = "Your answer") -> float:
    """`answer` as a float: from Python, numpy, pandas or torch, alone or as the only element.

    Raises Advice for anything else, NaN and infinity included.
    """
    if isinstance(answer, bool | np.bool_ | str | bytes | complex) or answer is None:
        raise Advice(f"{what} should be a number; this is {_seen(answer)}.")
    values = array(answer, what)
    if values.size != 1:
        raise Advice(
            f"{what} should be one number; this has the shape {values.shape}. Is there a sum or a "
            "mean missing?"
        )
    value = float(values.reshape(()))
    if not math.isfinite(value):
        raise Advice(f"{what} is {value}, which is no number to compare with.")
    return value


def array(answer: Any, what: str = "Your answer") -> np.ndarray:
    """`answer` as a numpy array of floats; raises Advice where that isn't possible."""
    try:
        if isinstance(answer, torch.Tensor):
            answer = answer.detach().cpu().numpy()
        elif isinstance(answer, list | tuple) and any(isinstance(a, torch.Tensor) for a in answer):
            answer = [array(a, what) for a in answer]
        values = np.asarray(answer)
        if values.dtype.kind not in "iufb":
            raise TypeError
        return values.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise Advice(f"{what} should be made of numbers; this is {_seen(answer)}.") from error


def choices(answer: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    """The reader's choice for each name in `wanted`, in small letters: one of its values.

    Raises Advice if it is no dict, if a name is missing or not asked for, or if a choice is none of
    the values.
    """
    if not hasattr(answer, "items"):
        raise Advice(f"Hand in a dict, as in the starter: {{{next(iter(wanted))!r}: …}}.")
    chosen = {name: str(what).strip().lower() for name, what in dict(answer).items()}
    if set(chosen) != set(wanted):
        raise Advice(f"Give one answer for each of {', '.join(wanted)}.")
    offered = sorted(set(wanted.values()))
    for what in chosen.values():
        if what not in offered:
            raise Advice(f"{what!r} is none of these: {', '.join(map(repr, offered))}.")
    return chosen


def judge(
    answer: Any,
    wanted: Any,
    praise: str,
    otherwise: str,
    mistakes: Iterable[tuple[Any, str]] = (),
    atol: float = 1e-4,
) -> Verdict:
    """`praise` if `answer` is `wanted`; else the advice of the first mistake that it is.

    answer, wanted: numbers, or arrays and tensors of one shape; equal within `atol`.
    mistakes: (what a known mistake gives, the advice for it). otherwise: the advice for the rest.
    """
    values, goal = array(answer), array(wanted)
    for mistake, advice in mistakes:
        mistake = array(mistake)
        differs = mistake.shape != goal.shape or not np.allclose(mistake, goal, rtol=0, atol=atol)
        if differs and values.shape == mistake.shape and np.allclose(values, mistake, 0, atol):
            return wrong(advice)
    if values.size == 1 and goal.size == 1:
        values, goal = values.reshape(()), goal.reshape(())
    if values.shape != goal.shape:
        return wrong(f"The shape is {values.shape}; it should be {goal.shape}. {otherwise}")
    if np.allclose(values, goal, rtol=0, atol=atol):
        return right(praise)
    return wrong(otherwise)


def _copy(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        clone = value.detach().clone()
        return clone.requires_grad_(value.requires_grad)
    if isinstance(value, tuple):
        return tuple(map(_copy, value))
    copied = np.ndarray | list | dict | pd.DataFrame | pd.Series | torch.nn.Module
    return copy.deepcopy(value) if isinstance(value, copied) else value


def _named(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    text = " ".join(text.split()).rstrip(".")  # the advice sets the full stop
    text = text if len(text) <= 200 else text[:199] + "…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _seen(answer: Any) -> str:
    """An answer in a few words, for a message."""
    if callable(answer):
        return "a function"
    if hasattr(answer, "shape") and getattr(answer, "shape", ()) != ():
        return f"a {type(answer).__name__} of the shape {tuple(answer.shape)}"
    try:
        text = repr(answer)
    except Exception:
        return f"a {type(answer).__name__}"
    return text if len(text) <= 60 else f"a {type(answer).__name__}"
