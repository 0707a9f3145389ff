"""The checks of lesson 10."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from collab_lib.kit.check import Advice, Verdict, ask, check, number, right, wrong


@check
def check_dcg(dcg: Any) -> Verdict:
    """Does `dcg(hits)` add 1 / log2(place + 1) for each hit, the places counted from 1?"""
    for hits in ([True, False, True, True], [True, False], [False, True], [False, False]):
        places = [place for place, hit in enumerate(hits, start=1) if hit]
        try:
            answer = number(ask(dcg, hits), "What your function returns")
        except Advice as advice:
            # The commonest slip divides by log2(1), and deserves its own advice.
            if isinstance(advice.__cause__, ZeroDivisionError):
                return wrong(
                    "Your function divides by 0. log2(1) is 0: did you count from 1, and add 1 to "
                    "the place?"
                )
            raise
        if math.isclose(answer, _discounted(places), abs_tol=1e-5):
            continue
        if math.isclose(answer, len(places), abs_tol=1e-5):
            return wrong(
                "You count the hits: a hit on the last place is worth as much as the first."
            )
        if math.isclose(answer, sum(1 / place for place in places), abs_tol=1e-5):
            return wrong(
                "You divide by the place. Divide by log2 of the place + 1: it falls slower."
            )
        if math.isclose(answer, sum(1 / math.log(p + 1) for p in places), abs_tol=1e-5):
            return wrong(
                "That is the natural logarithm. Take math.log2, so that a first hit counts 1."
            )
        if places and math.isclose(answer, _discounted([p + 1 for p in places]), abs_tol=1e-5):
            return wrong("The first place must count 1: start to count at 1, not at 2.")
        return wrong(
            "Go through the list with the place in hand, from 1 on, and add something "
            "for a hit only."
        )
    return right("A hit on place 1 counts 1, on place 3 a half, on place 10 still 0.29.")


PAIRS = (
    ([4.0, 3.0, 2.0], [True, True, False]),
    ([1.0, 2.0, 3.0, 4.0], [True, False, True, False]),
    ([0.5, 0.5, 0.1, 0.2, 0.9], [True, False, False, False, False]),
    ([2.0, 2.0], [True, False]),
)


@check
def check_auc(auc: Any) -> Verdict:
    """Does `auc(scores, liked)` give the share of (liked, not liked) pairs in the right order?"""
    for scores, liked in PAIRS:
        answer = number(ask(auc, list(scores), list(liked)), "What your function returns")
        pairs = [
            (up, down)
            for up, good in zip(scores, liked, strict=True)
            if good
            for down, other in zip(scores, liked, strict=True)
            if not other
        ]
        more = sum(up > down for up, down in pairs)
        ties = sum(up == down for up, down in pairs)
        if math.isclose(answer, (more + 0.5 * ties) / len(pairs), abs_tol=1e-5):
            continue
        if ties and math.isclose(answer, more / len(pairs), abs_tol=1e-5):
            return wrong("A tie is neither right nor wrong: let it count a half.")
        if ties and math.isclose(answer, (more + ties) / len(pairs), abs_tol=1e-5):
            return wrong("You count a tie as right: let it count a half.")
        if 0 < ties < len(pairs) and math.isclose(answer, more / (len(pairs) - ties), abs_tol=1e-5):
            return wrong("You leave ties out: let each count a half above the line, and 1 below.")
        if math.isclose(answer, 1 - (more + 0.5 * ties) / len(pairs), abs_tol=1e-5):
            return wrong("Turned round: a pair is right if the liked film has the higher score.")
        if math.isclose(answer, more + 0.5 * ties, abs_tol=1e-5):
            return wrong("You count the right pairs. Divide by the number of pairs.")
        return wrong(
            "Make all pairs of a liked film and another one; how many of them are in the "
            "right order, as a share of all such pairs?"
        )
    return right("A coin gets 0.5, whoever knows everything gets 1.")


@check
def check_weight(answer: Any, inside: pd.Series, hidden: pd.Series) -> Verdict:
    """Is `answer` the weight that is best inside train?

    inside, hidden: nDCG by weight, on the inner part and on the hidden ratings.
    """
    answer = number(answer)
    best, forbidden = inside.idxmax(), hidden.idxmax()
    near = np.abs(inside.index.to_numpy() - answer)
    if near.min() > 1e-6:  # a weight may come in 32 bits
        return wrong(f"Choose one of the weights that were tried: {_listed(inside.index)}.")
    if math.isclose(answer, best, abs_tol=1e-6):
        told = f"It has {hidden[best]:.3f} on the hidden ratings"
        if hidden[best] < hidden[forbidden]:
            told += f"; the best there would have been {hidden[forbidden]:.3f}, had we peeked"
        return right(f"Chosen inside train, and only then measured. {told}.")
    if math.isclose(answer, forbidden, abs_tol=1e-6):
        return wrong(
            "That is the best weight on the hidden ratings. Whoever chooses by them has seen them: "
            "the number that is reported then is too good."
        )
    return wrong("There is a weight with a higher nDCG inside train.")


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in numbers)


def _discounted(places: Sequence[int]) -> float:
    return sum(1 / math.log2(place + 1) for place in places)
