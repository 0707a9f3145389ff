"""The checks of lesson 9."""

import math
import re
from collections.abc import Mapping
from typing import Any

from collab_lib.kit.check import Advice, Verdict, ask, check, number, right, wrong

# (prediction, similarities, residuals, damping)
NEIGHBOURS = (
    (3.6, [0.4, 0.2, 0.1], [0.5, 0.5, 1.0], 0.3),
    (4.0, [0.5], [-1.0], 0.3),
    (3.0, [0.2, 0.2], [1.0, -1.0], 0.5),
    (3.2, [], [], 0.3),
    (2.5, [0.3, 0.6], [0.5, -0.25], 1.0),
)


@check
def check_correct(correct: Any) -> Verdict:
    """Does `correct` add Σ s e / (Σ s + damping) to the prediction?"""
    for prediction, similar, errors, damping in NEIGHBOURS:
        answer = number(ask(correct, prediction, list(similar), list(errors), damping))
        moved = sum(s * e for s, e in zip(similar, errors, strict=True))
        total = sum(similar)
        wanted = moved / (total + damping)
        change = answer - prediction
        for mistake, advice in (
            (wanted - prediction, "That is the correction alone. Add it to the prediction."),
            (moved / total if total else None, "The damping is missing below the line."),
            (
                moved / total + damping if total else None,
                "Yours divides first and adds the damping afterwards: put brackets round all that "
                "stands below the line.",
            ),
            (moved, "You add Σ s · e. Divide it by Σ s + damping: it is a weighted mean."),
            (-wanted, "The residual is rating less prediction: a positive one raises, so add it."),
            (
                sum(errors) / (len(errors) + damping),
                "Every neighbour counts alike in yours: weigh each residual by its similarity.",
            ),
            (
                moved / (len(errors) + damping),
                "Below the line stands the sum of the similarities, not the number of films.",
            ),
        ):
            if mistake is None or math.isclose(mistake, wanted, abs_tol=1e-6):
                continue
            if math.isclose(change, mistake, abs_tol=1e-5):
                return wrong(advice)
        if not math.isclose(change, wanted, abs_tol=1e-5):
            return wrong("Compute Σ s · e and Σ s apart, and write both down for three neighbours.")
    return right("Without neighbours nothing is added, and a few weak ones move it only a little.")


@check
def check_width(width: Any) -> Verdict:
    """Is `width(n, noise, spread)` the width of the plausible biases, σ / √(n + σ² / τ²)?"""
    # Without ratings many mistakes are the same number, so that is asked last.
    for n, noise, spread in ((3, 0.8, 0.45), (100, 1.0, 0.5), (12, 0.4, 0.3), (0, 0.8, 0.45)):
        answer = number(ask(width, n, noise, spread), "What your function returns")
        damping = noise**2 / spread**2
        wanted = noise / math.sqrt(n + damping)
        if math.isclose(answer, wanted, rel_tol=1e-4):
            continue
        if math.isclose(answer, wanted**2, rel_tol=1e-4):
            return wrong("That is the square of the width, the variance: take its root.")
        if math.isclose(answer, noise / (n + damping), rel_tol=1e-4):
            return wrong("The root of n + λ is missing.")
        if any(math.isclose(answer, noise / (n + damping) * k, rel_tol=1e-4) for k in (0.5, 2)):
            return wrong("Python reads ** 1 / 2 as (** 1) / 2: put brackets round 1 / 2.")
        if n and math.isclose(answer, noise / math.sqrt(n), rel_tol=1e-4):
            return wrong("You left λ out: it keeps the width at τ while there are no ratings.")
        if math.isclose(answer, spread / math.sqrt(n + damping), rel_tol=1e-4):
            return wrong("Above the line stands σ, the noise of a rating, and not τ.")
        if math.isclose(answer, spread / math.sqrt(n + spread**2 / noise**2), rel_tol=1e-4):
            return wrong("You have exchanged the two: σ is `noise`, and τ is `spread`.")
        if math.isclose(answer, noise / math.sqrt(n + noise / spread), rel_tol=1e-4):
            return wrong("λ is σ² / τ²: both are squared.")
        if math.isclose(answer, noise / math.sqrt(n + spread**2 / noise**2), rel_tol=1e-4):
            return wrong("λ is upside down: the noisier the ratings, the larger it is.")
        return wrong("Compute λ first, from noise and spread; then σ / √(n + λ).")
    return right("It begins at τ and falls: a hundred ratings leave less than a tenth of a star.")


LEAKS = {"B", "D"}
WHY = {
    "A": "A is known before anybody rates the film.",
    "B": "B is made of the hidden ratings as well: the film's mean contains what is asked for.",
    "C": "C was given before: the site has it when it predicts.",
    "D": "D looks at ratings that were given after the one that is asked for.",
    "E": "E was given before: a site that predicts during a sitting knows it.",
}


@check
def check_leaks(answer: Any) -> Verdict:
    """Are exactly the leaks among A to E named?"""
    if isinstance(answer, str):
        text = re.sub(r"\b[Aa] (?!and\b|or\b)(?=[a-z]{2})", "", answer)  # "a leak" names no letter
        letters = re.findall(r"\b[A-Z]\b", text) or re.findall(r"\b[A-Z]\b", text.upper())
        answer = letters or list(text.upper())  # "BD" names two
    elif isinstance(answer, Mapping):
        if not all(is_leak in (True, False) for is_leak in answer.values()):
            raise Advice('Name the letters of the leaks in a set, such as {"A", "C"}.')
        answer = [letter for letter, is_leak in answer.items() if is_leak]
    try:
        named = {str(letter).strip().upper() for letter in answer}
    except TypeError as error:
        raise Advice('Name the letters of the leaks in a set, such as {"A", "C"}.') from error
    if not named <= set(WHY):
        return wrong('The letters go from A to E: name those of the leaks, such as {"A", "C"}.')
    too_many, missing = sorted(named - LEAKS), sorted(LEAKS - named)
    if too_many:
        return wrong(f"{WHY[too_many[0]]} So it is no leak.")
    if missing:
        return wrong(
            "There is one more. Ask of each: is it there at the moment of the prediction?"
            if named
            else "Ask of each: is it there at the moment of the prediction? For some it isn't."
        )
    return right(f"{WHY['B']} {WHY['D']}")
