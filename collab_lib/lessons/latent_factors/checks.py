"""The checks of lesson 3."""

from collections.abc import Callable, Sequence

import torch

from collab_lib.kit.check import Advice, Verdict, array, ask, check, number, right, wrong
from collab_lib.lessons.latent_factors import valleys

FIRST = (0.2, 0.9, 0.3)
OTHER = (0.9, -0.2, 0.4)
# Rows and columns with different numbers of ratings: no other mean of the squared errors is 7.
RATED = torch.tensor(
    [[4.0, float("nan"), 3.0, float("nan")], [float("nan"), float("nan"), 1.0, float("nan")]]
)
GRADIENT = torch.tensor([[-2 / 3, 0.0, 4 / 3, 0.0], [0.0, 0.0, 8 / 3, 0.0]])


@check
def check_downhill(downhill: Callable[[Callable, float, float, int], float]) -> Verdict:
    """Is `downhill(loss, start, lr, n_steps)` gradient descent in one number, for any loss?

    The loss may be asked for plain numbers and for tensors, so that autograd passes as well.
    """
    # A loss, a start, a learning rate and a number of steps. The last loss isn't a parabola.
    tasks = (
        (valleys.one_loss, 0.5, 0.05, 3),
        (valleys.one_loss, 2.0, 0.1, 1),
        (valleys.one_loss, 0.5, 0.05, 12),
        (lambda x: (x + 2) ** 2 + 7, 5.0, 0.3, 3),
        (lambda x: (x * x - 4) ** 2, 1.0, 0.01, 5),
    )
    for loss, start, lr, n_steps in tasks:
        called = f"downhill(loss, {start}, {lr}, {n_steps})"
        answer = ask(downhill, loss, start, lr, n_steps)
        if not isinstance(answer, str) and array(answer, f"What {called} returns").size > 1:
            return wrong(f"{called} returns more than one number. Return the last place alone.")
        answer = number(answer, f"What {called} returns")
        wanted = _walk(loss, start, lr, n_steps)
        if abs(answer - wanted) <= 0.01:
            continue
        said = f"{called} gives {answer:.3f}; it should be near {wanted:.3f}. "
        if 0 < abs(answer - start) < 0.01:
            return wrong(said + "It hardly moves. Is the change of the loss divided by the nudge?")
        mistakes = (
            (start, "That is the start: nothing has moved. Is `start` changed in the loop?"),
            (_walk(loss, start, -lr, n_steps), "You walk uphill: go against the slope, with a −."),
            (_walk(loss, start, lr, 1), "That is a single step: repeat it n_steps times."),
            (_walk(loss, start, 1.0, n_steps), "The learning rate is missing, or fixed at 1."),
            (_walk(loss, start, 0.1, n_steps), "Use the lr that is handed in, and not always 0.1."),
            (_walk(loss, start, lr, n_steps - 1), "One step is missing: count them again."),
            (_walk(loss, start, lr, n_steps + 1), "That is one step too many: count them again."),
            (float(loss(wanted)), "That is the loss at the end. Return the place itself."),
            (
                _walk(valleys.one_loss, start, lr, n_steps),
                "That is the way down the lesson's loss: use the `loss` that is handed in.",
            ),
            (_slope(loss, start), "That is the slope at the start. Use it to take the steps."),
            (start - n_steps * lr * _slope(loss, start), "Measure the slope anew at each step."),
        )
        for value, advice in mistakes:
            # A walk with too large steps gets far, and so does what a nudge leaves out.
            if abs(value - wanted) > 0.01 and abs(answer - value) <= 0.01 * max(1, abs(value)):
                return wrong(said + advice)
        return wrong(
            said
            + "Each step: the slope is the change of the loss for a nudge of 0.001, divided by "
            "0.001; then take lr times the slope off."
        )
    return right(
        "It finds the way down in every valley that we tried, also in one that is no parabola. "
        "That is gradient descent, from nothing."
    )


def _slope(loss: Callable[[float], float], x: float) -> float:
    return (loss(x + 1e-5) - loss(x - 1e-5)) / 2e-5


def _walk(loss: Callable[[float], float], start: float, lr: float, n_steps: int) -> float:
    for _ in range(n_steps):
        if abs(start) > 1e6:  # a walk uphill gets out of hand
            break
        start -= lr * _slope(loss, start)
    return start


@check
def check_contrast(movie: Sequence[float]) -> Verdict:
    """Does (0.2, 0.9, 0.3) match `movie` at 1 or more, and (0.9, -0.2, 0.4) at 0 or less?"""
    if isinstance(movie, dict | set | str):
        raise Advice("The movie is three numbers in order, such as (0.3, 0.7, 0.2).")
    factors = array(movie, "The movie")
    if factors.ndim == 0:
        raise Advice("The movie is three numbers, such as (0.3, 0.7, 0.2).")
    factors = factors.ravel().tolist()
    if len(factors) != 3:
        return wrong(f"The movie has {len(factors)} factors here, and needs three.")
    if not all(-1 <= factor <= 1 for factor in factors):
        return wrong("Keep every factor between -1 and 1: with larger ones it would be too easy.")
    first, second = (
        sum(p * m for p, m in zip(user, factors, strict=True)) for user in (FIRST, OTHER)
    )
    scores = f"The first user's match is {first:.2f}, the second's {second:.2f}"
    # A tensor holds its numbers as float32: a match of exactly 1 may be short by a millionth.
    if first >= 1 - 1e-6 and second <= 1e-6:
        return right(f"{scores}: the same movie, for one and not for the other.")
    if first < 1 - 1e-6 and second > 1e-6:
        return wrong(f"{scores}. In which factor do the two differ most? Use its sign.")
    if first < 1 - 1e-6:
        return wrong(f"{scores}. The second is right. {_more_for_the_first(factors)}")
    return wrong(f"{scores}. The second likes it still: take away what the second loves most.")


def _more_for_the_first(factors: Sequence[float]) -> str:
    """Where there is room for a better match with the first user."""
    names = ("science fiction", "romance", "comedy")
    rooms = [p * (1 - m) for p, m in zip(FIRST, factors, strict=True)]
    # The first two factors pull the two users apart; more comedy pleases both.
    if rooms[1] >= 0.05:
        return f"The first loves {names[1]}, and there is room for more of it."
    if rooms[2] >= 0.05:
        return f"The movie has all the {names[1]} already; the first likes {names[2]} as well."
    return f"A little more {names[0]} helps the first, and the second has room for it."


@check
def check_loss(loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Verdict:
    """Is `loss(predictions, ratings)` the mean squared error over the cells that aren't nan?

    The gradients are checked as well, since a nan can hide in them where the loss looks right.
    """
    predictions, ratings = _predictions(), RATED.clone()
    answer = ask(loss, predictions, ratings)
    if not isinstance(answer, torch.Tensor) or answer.numel() != 1:
        raise Advice("The loss is one number in a tensor: torch has to follow it back.")
    if answer.isnan().item():
        return wrong("The result is nan: a blank got into the sum. Keep the rated cells only.")
    value = number(answer, "The loss")
    errors = torch.tensor([-1.0, 2.0, 4.0])
    squares = errors**2
    zeros = ((predictions.detach() - ratings.nan_to_num()) ** 2).mean()
    known = (
        (zeros, "The blanks count as 0 stars here. Nobody gave 0 stars: leave them out."),
        (squares.sum(), "That is the sum of the squared errors. Take their mean."),
        (squares.sum() / 8, "You divide by all cells. Only three are rated: divide by three."),
        (squares.sum() / 2, "You divide by the number of rows. Divide by that of rated cells."),
        (squares.sum() / 4, "You divide by the number of columns. Divide by that of rated cells."),
        (9.25, "That is the mean of the rows' means. Take one mean over all rated cells."),
        (5.5, "That is the mean of the columns' means. Take one mean over all rated cells."),
        (errors.abs().mean(), "That is the mean distance. Square the errors first."),
        (errors.mean() ** 2, "You square the mean. Square each error first, then take the mean."),
        (
            squares.mean() ** 0.5,
            "That is the root of it, in stars. The loss goes without the root.",
        ),
    )
    for mistake, advice in known:
        if abs(value - float(mistake)) < 1e-4:
            return wrong(advice)
    if abs(value - 7) > 1e-4:
        return wrong(f"In a table with the errors -1, 2 and 4 you get {value:.3f}; it should be 7.")
    if not answer.requires_grad:
        return wrong(
            "The number is right, but torch can't follow it back: don't detach or convert."
        )
    predictions = _predictions()
    loss(predictions, ratings).sum().backward()
    if not torch.equal(ratings.isnan(), RATED.isnan()):
        return wrong(
            "The number is right, but your function changes the ratings that it is given: its next "
            "call finds no blanks. Pick the rated cells out, and leave the table as it is."
        )
    if predictions.grad is None:
        return wrong(
            "The number is right, but torch can't follow it back to the predictions: a tensor that "
            "is made anew from a number has forgotten how it was computed."
        )
    if predictions.grad.isnan().any():
        return wrong(
            "The number is right, but its gradient holds nan: a blank times zero is nan still. "
            "Pick the rated cells out, with [rated], before you square."
        )
    if not torch.allclose(predictions.grad, GRADIENT, atol=1e-4):
        return wrong("The number is right, but not its gradient: leave the predictions attached.")
    return right("The mean of 1, 4 and 16 is 7. The blanks pull at nothing, and get no gradient.")


def _predictions() -> torch.Tensor:
    return torch.tensor([[3.0, 2.0, 5.0, 1.0], [5.0, 5.0, 5.0, 1.0]], requires_grad=True)
