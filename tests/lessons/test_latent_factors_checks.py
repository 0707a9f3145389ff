"""The checks of lesson 3 against a bank: right answers in many forms, wrong ones with advice."""

import numpy as np
import pytest
import torch

from collab_lib.lessons.latent_factors.checks import check_contrast, check_downhill, check_loss

NAN = float("nan")


def downhill(loss, start, lr, n_steps):
    for _ in range(n_steps):
        slope = (loss(start + 0.001) - loss(start)) / 0.001
        start = start - lr * slope
    return start


def by_both_sides(loss, start, lr, n_steps):
    for _ in range(n_steps):
        start -= lr * (loss(start + 0.001) - loss(start - 0.001)) / 0.002
    return np.float64(start)


def by_torch(loss, start, lr, n_steps):
    place = torch.tensor(start, requires_grad=True)
    for _ in range(n_steps):
        loss(place).backward()
        with torch.no_grad():
            place -= lr * place.grad
        place.grad = None
    return place


def by_recursion(loss, start, lr, n_steps):
    if n_steps == 0:
        return start
    slope = (loss(start + 1e-4) - loss(start)) / 1e-4
    return by_recursion(loss, start - lr * slope, lr, n_steps - 1)


@pytest.mark.parametrize("answer", [downhill, by_both_sides, by_torch, by_recursion])
def test_every_way_downhill_passes(answer):
    assert check_downhill(answer).passed


def lost(loss, start, lr, n_steps):
    place = start
    for _ in range(n_steps):
        place = start - lr * (loss(start + 0.001) - loss(start)) / 0.001
    return place


def same_slope(loss, start, lr, n_steps):
    slope = (loss(start + 0.001) - loss(start)) / 0.001
    for _ in range(n_steps):
        start -= lr * slope
    return start


def not_divided(loss, start, lr, n_steps):
    for _ in range(n_steps):
        start -= lr * (loss(start + 0.001) - loss(start))
    return start


def uphill_not_divided(loss, start, lr, n_steps):
    return not_divided(loss, start, -lr, n_steps)


def whole_trail(loss, start, lr, n_steps):
    return [downhill(loss, start, lr, n) for n in range(n_steps + 1)]


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda loss, start, lr, n_steps: start, "nothing has moved"),
        (not_divided, "divided by the nudge"),
        (uphill_not_divided, "divided by the nudge"),
        (whole_trail, "the last place alone"),
        (lambda *given: torch.tensor(whole_trail(*given)), "the last place alone"),
        (lambda *given: (whole_trail(*given)[-1], 0.0), "the last place alone"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, -lr, n_steps), "against the slope"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, lr, 1), "single step"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, 1, n_steps), "learning rate is"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, 0.1, n_steps), "handed in"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, lr, n_steps + 1), "too many"),
        (lambda loss, start, lr, n_steps: loss(downhill(loss, start, lr, n_steps)), "the loss at"),
        (lambda loss, start, lr, n_steps: (loss(start + 1e-3) - loss(start)) / 1e-3, "That is the"),
        (lost, "single step"),
        (same_slope, "anew at each step"),
        (lambda loss, start, lr, n_steps: downhill(loss, start, lr, n_steps - 1), "is missing"),
        (lambda loss, start, lr, n_steps: 3.7, "should be near 1.836"),
        (
            lambda loss, start, lr, n_steps: downhill(
                lambda p: (1.5 * p - 4.5) ** 2, start, lr, n_steps
            ),
            "the `loss` that is handed in",
        ),
        (lambda loss, start, lr, n_steps: start - lr * loss(start), "divided by"),
        (lambda loss, start, lr, n_steps: None, "returns nothing"),
        (lambda loss, start, lr, n_steps: print, "made of numbers"),
        (lambda loss, start, lr, n_steps: [start], "nothing has moved"),
        (lambda loss, start, lr, n_steps: NAN, "nan"),
        (lambda loss, start, lr, n_steps: "1.9", "should be a number"),
        (lambda loss, start: start, "stops with TypeError"),
        (1.9, "Hand in the function itself"),
    ],
)
def test_mistakes_on_the_way_down_get_advice(answer, advice):
    verdict = check_downhill(answer)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.mark.parametrize(
    "movie",
    [
        (-0.5, 1.0, 1.0),
        [-0.5, 1, 1],
        torch.tensor([-0.6, 1.0, 1.0]),
        np.array([-0.5, 1.0, 1.0], dtype=np.float32),
        (torch.tensor(-0.5), torch.tensor(1.0), torch.tensor(1.0)),
        torch.tensor([[-0.5, 1.0, 1.0]]),
        torch.tensor([-1.0, 1.0, 1.0], requires_grad=True),
    ],
)
def test_a_contrast_passes_in_every_form(movie):
    assert check_contrast(movie).passed


@pytest.mark.parametrize(
    ("movie", "advice"),
    [
        ((0.3, 0.7, 0.2), "differ most"),
        ((1, 1, 1), "likes it still"),
        ((-1, 0, 0), "loves romance, and there is room"),
        ((-0.5, 1, 0.2), "has all the romance already; the first likes comedy as well"),
        ((-5, 1, 1), "between -1 and 1"),
        ((NAN, 1, 1), "between -1 and 1"),
        ((1, 1), "needs three"),
        (3, "three numbers"),
        ("-0.5, 1, 1", "three numbers"),
        ({-0.5, 1.0, 0.9}, "in order"),
        (("-0.5", "1", "1"), "made of numbers"),
        (None, "made of numbers"),
        (print, "made of numbers"),
    ],
)
def test_mistakes_in_the_contrast_get_advice(movie, advice):
    verdict = check_contrast(movie)
    assert not verdict.passed
    assert advice in verdict.message


def errors(predictions, ratings):
    return (predictions - ratings)[~ratings.isnan()]


def with_a_loop(predictions, ratings):
    total, n = 0.0, 0
    for row, stars in zip(predictions, ratings, strict=True):
        for prediction, rating in zip(row, stars, strict=True):
            if not rating.isnan():
                total, n = total + (prediction - rating) ** 2, n + 1
    return total / n


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, r: (errors(p, r) ** 2).mean(),
        lambda p, r: torch.nn.functional.mse_loss(p[~r.isnan()], r[~r.isnan()]),
        lambda p, r: (
            torch.where(r.isnan(), 0.0, p - r.nan_to_num()).pow(2).sum() / (~r.isnan()).sum()
        ),
        lambda p, r: (errors(p, r) ** 2).mean().reshape(1),
        with_a_loop,
    ],
)
def test_a_masked_loss_passes_in_every_form(loss):
    assert check_loss(loss).passed


def blanks_become_zeros(p, r):
    rated = ~r.isnan()
    r[~rated] = 0
    return (((p - r) * rated) ** 2).sum() / rated.sum()


def of_rows(p, r):
    return torch.stack(
        [((a - b)[~b.isnan()] ** 2).mean() for a, b in zip(p, r, strict=True)]
    ).mean()


@pytest.mark.parametrize(
    ("loss", "advice"),
    [
        (lambda p, r: ((p - r) ** 2).mean(), "nan"),
        (lambda p, r: ((p - r.nan_to_num()) ** 2).mean(), "0 stars"),
        (lambda p, r: (errors(p, r) ** 2).sum(), "Take their mean"),
        (lambda p, r: (errors(p, r) ** 2).sum() / r.numel(), "divide by three"),
        (lambda p, r: (errors(p, r) ** 2).sum() / len(r), "number of rows"),
        (lambda p, r: (errors(p, r) ** 2).sum() / r.shape[1], "number of columns"),
        (of_rows, "rows' means"),
        (lambda p, r: ((p - r) ** 2).nanmean(dim=0).nanmean(), "columns' means"),
        (lambda p, r: errors(p, r).abs().mean(), "Square the errors"),
        (lambda p, r: errors(p, r).mean() ** 2, "square the mean"),
        (lambda p, r: (errors(p, r) ** 2).mean().sqrt(), "without the root"),
        (lambda p, r: ((p - r) ** 2).nanmean(), "gradient holds nan"),
        (lambda p, r: (errors(p, r) ** 2).mean().detach(), "detach"),
        (lambda p, r: (errors(p, r) ** 2).mean().detach().requires_grad_(), "made anew"),
        (
            lambda p, r: torch.tensor(((p - r) ** 2).nanmean().item(), requires_grad=True),
            "made anew",
        ),
        (blanks_become_zeros, "changes the ratings"),
        (lambda p, r: (errors(p, r) ** 2).mean().item(), "one number in a tensor"),
        (lambda p, r: errors(p, r), "one number in a tensor"),
        (lambda p, r: (errors(p, r) ** 4).mean(), "should be 7"),
        (lambda p, r: p / 0 + unknown, "stops with NameError"),  # noqa: F821
        (lambda p, r: None, "returns nothing"),
        (7.0, "Hand in the function itself"),
    ],
)
def test_mistakes_in_the_loss_get_advice(loss, advice):
    verdict = check_loss(loss)
    assert not verdict.passed
    assert advice in verdict.message
