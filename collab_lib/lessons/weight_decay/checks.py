"""The checks behind the exercises of lesson 6."""

import math
from collections.abc import Callable, Mapping

import pandas as pd
import torch

from collab_lib.kit.check import Verdict, right, wrong


def check_penalised(penalised: Callable) -> Verdict:
    """Exercise 1: `penalised(loss, parameters, wd)` is loss + wd · Σ w² over all parameters."""
    parameters = [torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([-4.0])]
    for parameter in parameters:
        parameter.requires_grad_()
    loss, wd = (parameters[0] ** 2).mean(), 0.1
    answer = _call(penalised, loss, parameters, wd)
    if isinstance(answer, Verdict):
        return answer
    if not isinstance(answer, torch.Tensor):
        return wrong(
            f"Return a tensor, or there is nothing to call backward() on; this is {answer!r}. "
            "Leave out .item()."
        )
    flat = torch.cat([parameter.detach().flatten() for parameter in parameters])
    start, squares = loss.item(), (flat**2).sum().item()
    known = {
        start: "That is the loss alone. Add wd times the sum of the squares to it.",
        start + squares: "You add the sum of the squares without its price: multiply it by wd.",
        start + wd * flat.abs().sum().item(): (
            "You add up absolute values (that is L1, another penalty). Square the weights instead."
        ),
        start + wd * flat.sum().item(): (
            "You add up the weights themselves, so that a large negative one lowers the loss. "
            "Square them first."
        ),
        start + wd * flat.sum().item() ** 2: (
            "You square the sum; weights of opposite signs cancel. Sum the squares."
        ),
        start + wd * math.sqrt(squares): "You add the root of the sum (the norm): leave it out.",
        start + wd * sum((p.detach() ** 2).mean().item() for p in parameters): (
            "You take the mean of the squares. Then a large table would pay no more than a small "
            "one: take the sum."
        ),
        start + wd * (parameters[0].detach() ** 2).sum().item(): (
            "Only the first tensor of the list pays. Go over all of them."
        ),
        start + wd * (parameters[1].detach() ** 2).sum().item(): (
            "Only the last tensor of the list pays. Go over all of them."
        ),
        wd * squares: "That is the penalty alone. Add it to the loss.",
    }
    if answer.ndim == 0 and math.isclose(answer.item(), start + wd * squares, rel_tol=1e-5):
        if not answer.requires_grad:
            return wrong("The number is right, but no gradient can flow: leave out detach().")
        (gradient, *_) = torch.autograd.grad(
            answer, parameters, retain_graph=True, allow_unused=True
        )
        (slope_of_loss, *_) = torch.autograd.grad(loss, parameters, allow_unused=True)
        if not torch.allclose(gradient, slope_of_loss + wd * 2 * parameters[0]):
            return wrong(
                "The number is right, but not its gradient: leave out detach(), item() and no_grad."
            )
        return right(
            "Every weight of every tensor pays wd times its square, "
            "and the gradient flows through the price as well."
        )
    return _known(answer, known, "loss + wd * the sum of p**2, summed over every p of parameters")


def check_sgd_step(sgd_step: Callable) -> Verdict:
    """Exercise 2: one step of SGD on loss + wd · w², by the gradient shortcut."""
    weight, gradient, lr, wd = torch.tensor([2.0, -1.0]), torch.tensor([0.3, 0.7]), 0.1, 0.25
    before = weight.clone()
    answer = _call(sgd_step, weight, gradient, lr, wd)
    if isinstance(answer, Verdict):
        return answer
    if not torch.equal(weight, before):
        return wrong("Your function changes the weight it was given. Return a new one instead.")
    if not isinstance(answer, torch.Tensor) or answer.shape != weight.shape:
        return wrong("Return the new weight, a tensor of the same shape as the old one.")
    oracle = weight.clone().requires_grad_()
    optimizer = torch.optim.SGD([oracle], lr=lr, weight_decay=2 * wd)
    oracle.grad = gradient.clone()
    optimizer.step()
    if torch.allclose(answer, oracle.detach()):
        return right(
            "The same step as torch.optim.SGD takes with weight_decay=2 * wd. "
            "Without a gradient the weight would shrink by the factor 1 - 2 * lr * wd."
        )
    known = [
        (weight - lr * gradient, "That step knows nothing of wd. Add wd * 2 * weight to it."),
        (
            weight - lr * (gradient + wd * weight),
            "The derivative of weight**2 is 2 * weight: the 2 is missing.",
        ),
        (
            weight - lr * gradient - 2 * wd * weight,
            "The decay is part of the gradient, so the learning rate multiplies it as well.",
        ),
        (
            weight - lr * (gradient - wd * 2 * weight),
            "That makes weights grow: add the decay to the gradient, don't subtract it.",
        ),
        (
            weight - lr * (gradient + wd * weight**2),
            "You added the penalty itself. A step needs its slope: 2 * weight.",
        ),
    ]
    for value, advice in known:
        if torch.allclose(answer, value):
            return wrong(advice)
    return wrong("Not yet: first gradient + wd * 2 * weight, then one step down by lr times it.")


def check_steps_to_halve(steps_to_halve: Callable) -> Verdict:
    """Exercise 3: after how many steps decay alone has halved a weight, for torch's argument."""
    for lr, decay in ((0.1, 0.05), (0.5, 0.1), (0.01, 1.0)):
        answer = _call(steps_to_halve, lr, decay)
        if isinstance(answer, Verdict):
            return answer
        wanted = math.log(0.5) / math.log(1 - lr * decay)
        if not isinstance(answer, (int, float)):
            return wrong(f"Return a number of steps; this is {answer!r}.")
        if abs(answer - wanted) <= 1:
            continue
        known = {
            math.log(0.5) / math.log(1 - 2 * lr * decay): (
                "You count the 2 twice: torch's argument already contains it, so each step "
                "multiplies by 1 - lr * weight_decay."
            ),
            0.5 / (lr * decay): (
                "A weight doesn't lose the same amount each step but the same share. "
                "Solve (1 - lr * weight_decay) ** n = 1/2."
            ),
            math.log(0.5) / math.log(1 - decay): "The learning rate is missing: lr * weight_decay.",
            -wanted: "The size is right and the sign is wrong: log(1/2) is negative too.",
        }
        return _known(
            torch.tensor(float(answer)), known, f"about {wanted:.0f} steps for {lr=} and {decay=}"
        )
    return right(
        "About 0.69 / (lr * weight_decay) steps, whatever the weight. "
        "Compare that with the steps in an epoch before you choose a weight decay."
    )


def check_best_decay(best: Mapping[int, float], runs: pd.DataFrame) -> Verdict:
    """Exercise 4: for each number of factors the weight decay with the lowest mean valid RMSE.

    best: the weight decay by number of factors.
    runs: one row a run, with the columns n_factors, weight_decay, train and valid (RMSE in stars).
    """
    means = runs.groupby(["n_factors", "weight_decay"])[["train", "valid"]].mean()
    means["gap"] = means["valid"] - means["train"]
    lowest = {
        column: {width: table[column].idxmin()[1] for width, table in means.groupby("n_factors")}
        for column in ("train", "valid", "gap")
    }
    answer = dict(best)
    if answer == lowest["valid"]:
        return right(
            "Chosen by the mean over seeds on ratings the model has not seen. "
            "The more factors, the more there is to gain, if the decay is right."
        )
    if set(answer) != set(lowest["valid"]):
        return wrong(f"Give one weight decay for each of {sorted(lowest['valid'])} factors.")
    if answer == lowest["train"]:
        return wrong("Those fit the training ratings best: that rewards learning by heart.")
    if answer == lowest["gap"]:
        return wrong(
            "Those have the smallest gap, but a model that learns nothing has no gap either. "
            "Look for the lowest valid RMSE."
        )
    off = [width for width in sorted(answer) if answer[width] != lowest["valid"][width]]
    return wrong(
        f"Not yet for {off} factors: take the mean of valid over the seeds, "
        "then the weight decay where it is lowest (idxmin)."
    )


def _call(function: Callable, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return wrong(f"Your function stops with {type(error).__name__}: {error}")


def _known(answer: torch.Tensor, known: Mapping[float, str], wanted: str) -> Verdict:
    """The advice for the known mistake that gives `answer`, or else what is wanted."""
    if answer.ndim == 0:
        for value, advice in known.items():
            if math.isclose(answer.item(), value, rel_tol=1e-4):
                return wrong(advice)
    return wrong(f"Not yet: what is wanted is {wanted}.")
