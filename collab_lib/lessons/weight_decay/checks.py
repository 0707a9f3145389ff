"""The checks behind the exercises of lesson 6."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch

from collab_lib.kit.check import Advice, Verdict, ask, check, choices, judge, number, right, wrong

DIAGNOSES = {"A": "wrong optimizer", "B": "underfitting", "C": "overfitting"}


@check
def check_penalised(penalised: Callable) -> Verdict:
    """Exercise 1: `penalised(loss, parameters, wd)` is loss + wd · Σ w² over all parameters."""
    if not callable(penalised):
        raise Advice("Hand in the function itself, without calling it.")
    parameters = [torch.tensor([[1.0, -2.0], [0.5, 3.0]]), torch.tensor([-4.0])]
    for parameter in parameters:
        parameter.requires_grad_()
    loss, wd = (parameters[0] ** 2).mean(), 0.1
    start = loss.item()
    # A clone that stays in the graph: `loss += …` may change it, and gradients still flow.
    answer = _ask_with_graph(penalised, loss.clone(), parameters, wd)
    if not isinstance(answer, torch.Tensor):
        number(answer)
        return wrong(
            "Return a tensor, or there is nothing to call backward() on; this is a plain number. "
            "Leave out .item()."
        )
    flat = torch.cat([parameter.detach().flatten() for parameter in parameters])
    squares = (flat**2).sum().item()
    wanted = start + wd * squares
    value = number(answer)
    if not math.isclose(value, wanted, rel_tol=1e-5):
        return _price_advice(value, start, wd, [p.detach() for p in parameters])
    if not answer.requires_grad:
        return wrong("The number is right, but no gradient can flow: leave out detach().")
    got = torch.autograd.grad(answer.sum(), parameters, allow_unused=True)
    slope = [parameters[0].detach() / 2 + wd * 2 * parameters[0], wd * 2 * parameters[1]]
    if any(g is None or not torch.allclose(g, s) for g, s in zip(got, slope, strict=True)):
        return wrong(
            "The number is right, but not its gradient: leave out detach(), item() and no_grad."
        )
    return right(
        "Every weight of every tensor pays wd times its square, and the gradient flows through the "
        "price as well."
    )


@check
def check_sgd_step(sgd_step: Callable) -> Verdict:
    """Exercise 2: one step of SGD on loss + wd · w², by the gradient shortcut."""
    weight, gradient, lr, wd = torch.tensor([2.0, -1.0]), torch.tensor([0.3, 0.7]), 0.07, 0.3
    oracle = weight.clone().requires_grad_()
    optimizer = torch.optim.SGD([oracle], lr=lr, weight_decay=2 * wd)
    oracle.grad = gradient.clone()
    optimizer.step()
    return judge(
        ask(sgd_step, weight, gradient, lr, wd),
        oracle,
        "The same step as torch.optim.SGD takes with weight_decay=2 * wd. Without a gradient the "
        "weight would shrink by the factor 1 - 2 * lr * wd.",
        "The step is lr times one slope: that of the loss and that of the price together. Return "
        "the new weight, and not the change.",
        [
            (
                weight - lr * gradient,
                "That step goes down the loss only. Which slope does the price wd · weight² have, "
                "and where does it belong?",
            ),
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
            (
                weight + lr * (gradient + wd * 2 * weight),
                "That is a step upwards. The loss gets smaller against the gradient.",
            ),
        ],
        atol=1e-6,
    )


@check
def check_share_kept(share_kept: Callable) -> Verdict:
    """Exercise 3: the share n / (n + N · weight_decay / 2) of a bias that a user keeps."""
    cases = np.array([(56, 80_000, 0.05), (56, 80_000, 1e-4), (500, 20_000, 1e-3)])
    n, n_ratings, decay = cases.T
    answers = [number(ask(share_kept, *case), "share_kept") for case in cases.tolist()]
    wanted = n / (n + n_ratings * decay / 2)
    off = np.abs(np.array(answers) - wanted).argmax()
    case = f"share_kept({n[off]:g}, {n_ratings[off]:.0f}, {decay[off]:g})"
    otherwise = (
        f"{case} should be {wanted[off]:.4f}; yours is {answers[off]:.4f}. The law: "
        "λ = N · weight_decay / 2, and n real ratings stand against λ imaginary ones."
    )
    if not any(answers):
        otherwise = "Your share is 0 each time. A // cuts off what comes after the point: use /."
    elif number(ask(share_kept, 500, 40_000, 1e-3), "share_kept") == answers[-1]:
        otherwise = (
            "Your answer is the same for 20,000 and for 40,000 ratings. Use the argument "
            "n_ratings, and no number from the lesson."
        )
    return judge(
        answers,
        wanted,
        "With 56 of 80,000 ratings and a weight decay of 0.05, as in the failing run of lesson 5, "
        f"that is {wanted[0]:.1%} (without a sigmoid). With 0.0001 it is {wanted[1]:.0%}.",
        otherwise,
        [
            (n / (n + decay / 2), "The loss is a mean over all ratings: N is missing in λ."),
            (n / (n + n_ratings * decay), "PyTorch's argument is twice the price: halve it."),
            (n / (n + 2 * n_ratings * decay), "PyTorch's argument is twice the price: halve it."),
            (
                n / (n + n * decay / 2),  # and N / (N + λ) is the same
                "n and N are mixed up: λ has all ratings in it, N, and against it stand the user's "
                "own, n.",
            ),
            (1 - wanted, "That is the share that is lost. Which share is kept?"),
            (n_ratings * decay / 2, "That is λ, the imaginary ratings. Which share is kept?"),
        ],
        atol=1e-4,
    )


@check
def check_diagnosis(diagnosis: Mapping[str, str]) -> Verdict:
    """Exercise 4: what went wrong in three trainings?"""
    if hasattr(diagnosis, "items"):  # otherwise `choices` says what to hand in
        diagnosis = {
            k: str(what).lower().replace("optimiser", "optimizer") for k, what in diagnosis.items()
        }
    told = choices(diagnosis, DIAGNOSES)
    advice = {
        "A": "A has a large gap in spite of a decay that was right for somebody. For whom?",
        "B": "B is nearly as bad on what it has seen as on what it hasn't. What does that mean?",
        "C": "C has no decay at all, and knows its training ratings by heart.",
    }
    for name, wanted in DIAGNOSES.items():
        if told[name] != wanted:
            return wrong(advice[name])
    return right("The gap tells overfitting from underfitting, and the optimizer tells the rest.")


def _ask_with_graph(penalised: Callable, loss, parameters, wd):
    """As `ask`, but with the parameters themselves: copies would be cut off from the loss."""
    return ask(lambda: penalised(loss, parameters, wd))


def _price_advice(answer: float, start: float, wd: float, parameters: list) -> Verdict:
    """The advice for the known mistake that gives `answer`, or else what is wanted."""
    flat = torch.cat([parameter.flatten() for parameter in parameters])
    squares = [(parameter**2).sum().item() for parameter in parameters]
    means = sum((parameter**2).mean().item() for parameter in parameters)
    squared_sums = sum(parameter.sum().item() ** 2 for parameter in parameters)
    norms = sum(parameter.norm().item() for parameter in parameters)
    square_first = "You square the sum; weights of opposite signs cancel. Sum the squares."
    no_root = "You add the root of the sum (the norm): leave the root out."
    known = {
        start: "That is the loss alone. Add wd times the sum of the squares to it.",
        start + sum(squares): (
            "You add the sum of the squares without its price: multiply it by wd."
        ),
        start + wd * flat.abs().sum().item(): (
            "You add up absolute values (that is L1, another penalty). Square the weights instead."
        ),
        start + wd * flat.sum().item(): (
            "You add up the weights themselves, so that a large negative one lowers the loss. "
            "Square them first."
        ),
        start + wd * flat.sum().item() ** 2: square_first,
        start + wd * squared_sums: square_first,
        start + wd * math.sqrt(sum(squares)): no_root,
        start + wd * norms: no_root,
        start + wd * means: (
            "You take the mean of the squares. Then a large table would pay no more than a small "
            "one: take the sum."
        ),
        start + wd * squares[0]: "Only the first tensor of the list pays. Go over all of them.",
        start + wd * squares[1]: "Only the last tensor of the list pays. Go over all of them.",
        wd * sum(squares): "That is the penalty alone. Add it to the loss.",
        start + wd / 2 * sum(squares): "That is half of the price: leave out the / 2.",
        start + 2 * wd * sum(squares): (
            "That is twice the price. The 2 comes in only when you differentiate."
        ),
    }
    for value, advice in known.items():
        if math.isclose(answer, value, rel_tol=1e-4):
            return wrong(advice)
    return wrong(
        "Try it on paper with one tensor and a small wd: first the loss, then what each weight "
        "pays."
    )
