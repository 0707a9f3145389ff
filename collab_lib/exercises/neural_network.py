"""The checks of lesson 7."""

from torch import nn

from collab_lib.exercises.verdict import Verdict, right, wrong


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
