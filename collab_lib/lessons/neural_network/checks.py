"""The checks of lesson 8."""

from typing import Any

import torch
from torch import nn

from collab_lib.kit.check import Advice, Verdict, array, check, number, right, wrong


@check
def check_shape(answer: Any, batch: int = 32, user: int = 10, movie: int = 4) -> Verdict:
    """Is `answer` the shape of (batch, user) and (batch, movie), concatenated along dim=1?"""
    shape = tuple(array(answer).ravel().tolist())
    if len(shape) != 2:
        raise Advice("The answer is a tuple of two numbers, such as (32, 10).")
    if shape == (batch, user + movie):
        return right("The rows stay side by side: their number is the same, their lengths add up.")
    if shape == (user + movie, batch):
        return wrong("The rows come first, then their length.")
    if shape[0] == 2 * batch:
        return wrong(
            "That puts the rows below each other, dim=0: their lengths would have to agree."
        )
    if shape == (batch, user * movie):
        return wrong("Lengths add up; nothing is multiplied in a concatenation.")
    return wrong("How many rows are there before, and after? And how long is each row then?")


@check
def check_parameters(answer: Any, model: nn.Module) -> Verdict:
    """Is `answer` the number of all trainable numbers of `model`?"""
    answer = number(answer)
    total = sum(p.numel() for p in model.parameters())
    tables = model.user_factors.numel() + model.movie_factors.numel()
    biases = sum(p.numel() for name, p in model.named_parameters() if name.endswith("bias"))
    if answer == total:
        return right(f"{tables / total:.0%} of the {total:,} numbers are in the two tables.")
    if answer == len(list(model.parameters())):
        return wrong("That counts the tensors. Each holds many numbers: p.numel().")
    if answer == tables:
        return wrong("Those are the two tables. The linear layers have weights and biases as well.")
    if answer == total - tables:
        return wrong("Those are the linear layers. The two tables are trained as well.")
    if answer == total - biases:
        return wrong("The biases c₁ and c₂ are missing: they are trained like the weights.")
    return wrong("Add up p.numel() over all p in model.parameters().")


@check
def check_one_layer(W: Any, c: Any, first: nn.Linear, last: nn.Linear) -> Verdict:
    """Do W, (1, n), and c do in one layer what `first` and `last` do one after the other?"""
    W, c = torch.tensor(array(W)), torch.tensor(array(c)).flatten()
    W1, c1 = first.weight.detach().double(), first.bias.detach().double()
    w2, c2 = last.weight.detach().double(), last.bias.detach().double()
    if W.numel() == W1.shape[1] and W.ndim < 2:
        W = W.reshape(1, -1)
    if W.shape == (W1.shape[1], 1):
        return wrong("The table has one row and five columns: turn it on its side (`.T`).")
    if W.shape != (1, W1.shape[1]):
        return wrong(
            f"W has the shape {tuple(W.shape)}, and must take {W1.shape[1]} numbers to 1. Which "
            "two tables have to be multiplied, and in which order, so that (1, 5) comes out?"
        )
    if not torch.allclose(W, w2 @ W1, atol=1e-5):
        return wrong("W isn't the product of both tables: the row meets W₁ first, and w₂ then.")
    if c.numel() != 1:
        return wrong(f"One layer with one output has one bias; yours has {c.numel()} numbers.")
    for mistake, advice in (
        (c2, "c₁ is missing. It goes through the second layer like everything else."),
        (w2 @ c1, "Nearly: the second layer has a bias of its own, c₂."),
        (c1.sum() + c2, "c₁ goes through the second layer: each of its numbers has a weight."),
    ):
        if torch.allclose(c, mistake.flatten(), atol=1e-5):
            return wrong(advice)
    if not torch.allclose(c, w2 @ c1 + c2, atol=1e-5):
        return wrong("W is right. What is left of last(first(row)) for a row of zeros?")
    return right(
        "Two linear layers are one: whatever they hold, they only weigh and add. It takes the "
        "ReLU between them to bend."
    )
