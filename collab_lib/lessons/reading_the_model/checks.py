"""The checks of lesson 7."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from collab_lib.kit.check import Verdict, ask, check, choices, judge, number, right, wrong
from collab_lib.lessons.reading_the_model.stretch import copy_of, stretched
from collab_lib.models import DotProduct

CONTROLS = {"A": "halves of the ratings", "B": "stretch", "C": "another seed"}


@check
def check_worth(worth: Callable[[float, float], float]) -> Verdict:
    """Exercise 1: by how many stars a bias moves a prediction of so many stars."""
    cases = np.array([(-1.0, 3.5), (0.5, 3.5), (1.0, 5.0), (2.0, 1.0)])
    bias, stars = cases.T
    answers = np.array(
        [number(ask(worth, *case), f"worth{tuple(case)}") for case in cases.tolist()]
    )
    after = 5.5 / (1 + (5.5 / stars - 1) * np.exp(-bias))
    return judge(
        answers,
        after - stars,
        f"A bias of −1 takes {stars[0] - after[0]:.2f} of 3.5 stars. The same step of the score "
        "is worth less near the ends of the scale.",
        f"worth(-1, 3.5) should be {after[0] - stars[0]:.3f}; yours is {answers[0]:.3f}. From "
        "stars to the score, add the bias, back to stars, and subtract the stars before.",
        [
            (
                bias * stars * (1 - stars / 5.5),
                "That is the slope times the bias. It is right for tiny biases, but the sigmoid "
                "bends: go through the score.",
            ),
            (after, "That is the prediction with the bias. By how much did the bias move it?"),
            (stars - after, "The sign is turned: a bias above 0 adds stars."),
            (bias, "A bias is counted in the score. What is it worth in stars?"),
            (
                5.5 / (1 + np.exp(-(stars + bias))) - stars,
                "Stars are no score: undo the sigmoid before you add the bias.",
            ),
        ],
        atol=1e-3,
    )


@check
def check_similarity(similarity: Callable, model: DotProduct) -> Verdict:
    """Exercise 2: does `similarity(model, a, b)` ask the factors, and stay under a stretch?"""
    # the first three have one movie in common, and so have the last three
    pairs = [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3)]

    def of(a_model: DotProduct) -> np.ndarray:
        answers = (ask(similarity, a_model, a, b) for a, b in pairs)
        return np.array([number(answer, "A similarity") for answer in answers])

    before = of(model)
    if np.ptp(before) < 1e-9:
        return wrong(
            "Your similarity is the same for all pairs of movies: it should tell them apart."
        )
    if np.ptp(before[:3]) < 1e-9 or np.ptp(before[2:]) < 1e-9:
        return wrong("Only one of the two movies has a say in it: compare a with b.")
    others = [of(stretched(model, 0.7, seed)) for seed in (1, 2)]
    if not all(np.allclose(before, after, atol=1e-3, rtol=1e-3) for after in others):
        return wrong(
            f"A stretch changes it from {before[0]:.2f} to {others[0][0]:.2f}, though no "
            "prediction changes. Compare what stays: the products of all users with either movie."
        )
    blank = copy_of(model)
    with torch.no_grad():
        blank.movie_factors.copy_(blank.movie_factors.flip(0))
    if np.allclose(before, of(blank), atol=1e-6):
        return wrong(
            "No stretch changes it, but other factors of the movies don't, either. Ask those of "
            "the `model` that your function is given, and of no other."
        )
    itself = number(ask(similarity, model, 0, 0), "A similarity")
    if itself < before[:3].max() - 1e-6:
        return wrong("A movie should be as similar to itself as anything can be.")
    turned = copy_of(model)
    n_factors = model.movie_factors.shape[1]
    generator = torch.Generator().manual_seed(0)
    turn = torch.linalg.qr(torch.randn(n_factors, n_factors, generator=generator)).Q
    with torch.no_grad():
        turned.user_factors.copy_(model.user_factors @ turn)
        turned.movie_factors.copy_(model.movie_factors @ turn)
    if not np.allclose(before, of(turned), atol=1e-3, rtol=1e-3):
        return right(
            "No stretch changes it. Turning the factors of users and movies together does, though "
            "no prediction changes then, either: only their products stay."
        )
    return right(
        "It asks only for products of users and movies. Whatever two models predict alike, they "
        "find alike."
    )


@check
def check_controls(control: Mapping[str, str]) -> Verdict:
    """Exercise 3: which experiment could prove which claim wrong?"""
    told = choices(control, CONTROLS)
    advice = {
        "A": "A blames the people. Which experiment gives other ratings to the same people?",
        "B": "B speaks of models that predict the same. Which experiment makes such a model?",
        "C": "C denies all chance. Which experiment changes nothing but chance?",
    }
    for name, wanted in CONTROLS.items():
        if told[name] != wanted:
            return wrong(advice[name])
    return right(
        "Each of the three could have come out the other way, which is what makes it a test."
    )
