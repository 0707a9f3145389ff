"""The checks of lesson 7."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import nn

from collab_lib.dataset import Ratings
from collab_lib.evaluation import precision, top_lists
from collab_lib.kit.check import Verdict, right, wrong


def check_shape(
    answer: tuple[int, int], batch: int = 32, user: int = 10, movie: int = 4
) -> Verdict:
    """Is `answer` the shape of (batch, user) and (batch, movie), concatenated along dim=1?"""
    if not isinstance(answer, tuple) or len(answer) != 2:
        return wrong("The answer is a tuple of two numbers, such as (32, 10).")
    if answer == (batch, user + movie):
        return right("The rows stay side by side: their number is the same, their lengths add up.")
    if answer == (2 * batch, user) or answer[0] == 2 * batch:
        return wrong(
            "That puts the rows below each other, dim=0: their lengths would have to agree."
        )
    if answer == (batch, user * movie):
        return wrong("Lengths add up; nothing is multiplied in a concatenation.")
    return wrong("How many rows are there before, and after? And how long is each row then?")


def check_parameters(answer: int, model: nn.Module) -> Verdict:
    """Is `answer` the number of all trainable numbers of `model`?"""
    total = sum(p.numel() for p in model.parameters())
    tables = model.user_factors.numel() + model.movie_factors.numel()
    if answer == total:
        return right(f"{tables / total:.0%} of the {total:,} numbers are in the two tables.")
    if answer == len(list(model.parameters())):
        return wrong("That counts the tensors. Each holds many numbers: p.numel().")
    if answer == tables:
        return wrong("Those are the two tables. The linear layers have weights and biases as well.")
    if answer == total - tables:
        return wrong("Those are the linear layers. The two tables are trained as well.")
    return wrong("Add up p.numel() over all p in model.parameters().")


def check_dcg(dcg: Callable[[Sequence[bool]], float]) -> Verdict:
    """Does `dcg(hits)` add 1 / log2(place + 1) for each hit, the places counted from 1?"""
    for hits in ([True, False], [False, True], [True, False, True, True], [False, False]):
        try:
            answer = float(dcg(hits))
        except Exception as error:
            return wrong(f"Your function stops with {type(error).__name__}: {error}")
        places = [place for place, hit in enumerate(hits, start=1) if hit]
        if math.isclose(answer, _discounted(places), abs_tol=1e-6):
            continue
        if math.isclose(answer, sum(hits), abs_tol=1e-6):
            return wrong(
                "You count the hits: a hit on the last place is worth as much as the first."
            )
        if math.isclose(answer, sum(1 / place for place in places), abs_tol=1e-6):
            return wrong(
                "You divide by the place. Divide by log2 of the place + 1: it falls slower."
            )
        if math.isclose(answer, sum(1 / math.log(p + 1) for p in places), abs_tol=1e-6):
            return wrong(
                "That is the natural logarithm. Take math.log2, so that a first hit counts 1."
            )
        if places and math.isclose(answer, _discounted([p + 1 for p in places]), abs_tol=1e-6):
            return wrong("The first place must count 1: start to count at 1, not at 2.")
        return wrong(f"For {hits} it should be {_discounted(places):.3f}; yours is {answer:.3f}.")
    return right("A hit on place 1 counts 1, on place 3 a half, on place 10 still 0.29.")


def check_better_lists(
    scores: torch.Tensor, train: Ratings, valid: Ratings, predicted: torch.Tensor
) -> Verdict:
    """Do lists by `scores` hit more than lists by `predicted` and by the number of ratings?"""
    if not isinstance(scores, torch.Tensor) or scores.shape != predicted.shape:
        return wrong(f"The answer is a tensor of the shape {tuple(predicted.shape)}, like scores.")
    if torch.equal(scores, predicted):
        return wrong("Those are the predicted scores alone: let the number of ratings count too.")
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies).float()
    ours, plain, popular = (
        precision(top_lists(table, train), valid)
        for table in (scores, predicted, counts.expand_as(predicted))
    )
    told = f"precision {ours:.3f}; predicted {plain:.3f}, most rated {popular:.3f}"
    if ours <= plain:
        return wrong(f"That is no better than the predictions alone ({told}). Is the sign right?")
    if ours <= popular + 0.003:
        return wrong(f"Not better than the list of the most rated ({told}): try another weight.")
    return right(f"Taste and popularity together beat each of them alone ({told}).")


def _discounted(places: Sequence[int]) -> float:
    return sum(1 / math.log2(place + 1) for place in places)
