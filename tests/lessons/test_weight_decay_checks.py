"""The checks of lesson 6: right answers pass, and each common mistake gets its own advice."""

import math

import pandas as pd
import pytest
import torch

from collab_lib.lessons.weight_decay.checks import (
    check_best_decay,
    check_penalised,
    check_sgd_step,
    check_steps_to_halve,
)

PENALTIES = {
    "the loss alone": lambda loss, ps, wd: loss,
    "without its price": lambda loss, ps, wd: loss + sum((p**2).sum() for p in ps),
    "absolute values": lambda loss, ps, wd: loss + wd * sum(p.abs().sum() for p in ps),
    "the weights themselves": lambda loss, ps, wd: loss + wd * sum(p.sum() for p in ps),
    "square the sum": lambda loss, ps, wd: loss + wd * sum(p.sum() for p in ps) ** 2,
    "the root": lambda loss, ps, wd: loss + wd * sum((p**2).sum() for p in ps).sqrt(),
    "the mean": lambda loss, ps, wd: loss + wd * sum((p**2).mean() for p in ps),
    "Only the first": lambda loss, ps, wd: loss + wd * (ps[0] ** 2).sum(),
    "Only the last": lambda loss, ps, wd: loss + wd * (ps[-1] ** 2).sum(),
    "the penalty alone": lambda loss, ps, wd: wd * sum((p**2).sum() for p in ps),
    ".item()": lambda loss, ps, wd: loss.item() + wd * sum((p**2).sum().item() for p in ps),
    "no gradient can flow": lambda loss, ps, wd: (loss + wd * _squares(ps)).detach(),
    "not its gradient": lambda loss, ps, wd: loss + wd * _squares(ps).detach(),
    "stops with AttributeError": lambda loss, ps, wd: loss + wd * (ps.square()).sum(),
    "what is wanted is": lambda loss, ps, wd: loss + 7,
}


def _squares(parameters):
    return sum((p**2).sum() for p in parameters)


def test_the_price_passes():
    verdict = check_penalised(lambda loss, ps, wd: loss + wd * _squares(ps))
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", PENALTIES)
def test_a_wrong_price_gets_its_advice(advice):
    verdict = check_penalised(PENALTIES[advice])
    assert not verdict.passed and advice in verdict.message, verdict


STEPS = {
    "knows nothing of wd": lambda w, g, lr, wd: w - lr * g,
    "the 2 is missing": lambda w, g, lr, wd: w - lr * (g + wd * w),
    "the learning rate multiplies it": lambda w, g, lr, wd: w - lr * g - 2 * wd * w,
    "makes weights grow": lambda w, g, lr, wd: w - lr * (g - 2 * wd * w),
    "needs its slope": lambda w, g, lr, wd: w - lr * (g + wd * w**2),
    "same shape": lambda w, g, lr, wd: 3.0,
    "changes the weight": lambda w, g, lr, wd: w.sub_(lr * (g + 2 * wd * w)),
    "stops with": lambda w, g, lr, wd: w - lr * undefined,  # noqa: F821
    "Not yet": lambda w, g, lr, wd: w + 1,
}


def test_the_step_passes():
    verdict = check_sgd_step(lambda w, g, lr, wd: w - lr * (g + wd * 2 * w))
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", STEPS)
def test_a_wrong_step_gets_its_advice(advice):
    verdict = check_sgd_step(STEPS[advice])
    assert not verdict.passed and advice in verdict.message, verdict


HALVES = {
    "the 2 twice": lambda lr, wd: math.log(0.5) / math.log(1 - 2 * lr * wd),
    "the same share": lambda lr, wd: 0.5 / (lr * wd),
    "learning rate is missing": lambda lr, wd: math.log(0.5) / math.log(1 - wd),
    "sign is wrong": lambda lr, wd: -math.log(0.5) / math.log(1 - lr * wd),
    "number of steps": lambda lr, wd: torch.tensor(1.0),
    "stops with": lambda lr, wd: math.log(-1),
    "about": lambda lr, wd: 12.0,
}


@pytest.mark.parametrize(
    "answer",
    [
        lambda lr, wd: math.log(0.5) / math.log(1 - lr * wd),
        lambda lr, wd: math.ceil(math.log(0.5) / math.log(1 - lr * wd)),
        lambda lr, wd: math.log(2) / (lr * wd),
    ],
)
def test_the_half_life_passes_exactly_rounded_or_approximated(answer):
    verdict = check_steps_to_halve(answer)
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", HALVES)
def test_a_wrong_half_life_gets_its_advice(advice):
    verdict = check_steps_to_halve(HALVES[advice])
    assert not verdict.passed and advice in verdict.message, verdict


RUNS = pd.DataFrame(
    [
        (5, 0.0, 0.1, 1.2),
        (5, 0.0, 0.1, 0.8),
        (5, 0.1, 0.7, 0.9),
        (5, 0.1, 0.7, 0.9),
        (5, 0.2, 1.0, 1.05),
        (9, 0.0, 0.1, 1.1),
        (9, 0.1, 0.7, 1.0),
        (9, 0.2, 1.0, 1.04),
    ],
    columns=["n_factors", "weight_decay", "train", "valid"],
)


def test_the_choice_by_the_mean_valid_rmse_passes():
    assert check_best_decay({5: 0.1, 9: 0.1}, RUNS).passed
    assert check_best_decay(pd.Series({5: 0.1, 9: 0.1}), RUNS).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({5: 0.0, 9: 0.0}, "by heart"),
        ({5: 0.2, 9: 0.2}, "smallest gap"),
        ({5: 0.0, 9: 0.1}, "[5]"),
        ({5: 0.1}, "for each of [5, 9]"),
    ],
)
def test_another_choice_gets_its_advice(answer, advice):
    verdict = check_best_decay(answer, RUNS)
    assert not verdict.passed and advice in verdict.message, verdict
