"""The checks of lesson 3."""

from collections.abc import Callable, Sequence

import torch

from collab_lib.kit.check import Verdict, right, wrong

FAN = (0.2, 0.9, 0.3)
OTHER = (0.9, -0.2, 0.4)


def check_match(match: Callable[[Sequence[float], Sequence[float]], float]) -> Verdict:
    """Does `match(user, movie)` give the dot product of two sequences of any equal length?"""
    cases = (((0.2, 0.9, 0.3), (0.3, 0.7, 0.2)), ((1.0, -2.0), (-3.0, 0.5)), ((2.0,), (4.0,)))
    for user, movie in cases:
        try:
            answer = match(user, movie)
        except Exception as error:
            return wrong(f"match({user}, {movie}) stops with {type(error).__name__}: {error}.")
        products = [p * m for p, m in zip(user, movie, strict=True)]
        try:
            value = float(answer)
        except (TypeError, ValueError):
            return wrong(
                f"match({user}, {movie}) gives {answer!r}, and a prediction is one number. "
                "Add the products up."
            )
        if abs(value - sum(products)) > 1e-6:
            return wrong(_advice_on_match(value, user, movie, products))
    return right("One product a factor, added up: the dot product, for any number of factors.")


def _advice_on_match(
    value: float, user: Sequence[float], movie: Sequence[float], products: list[float]
) -> str:
    said = f"match({user}, {movie}) gives {value:.2f} in place of {sum(products):.2f}. "
    if abs(value - sum(user) * sum(movie)) < 1e-6:
        return said + "Multiply factor by factor first, and add up afterwards."
    if abs(value - sum(products) / len(products)) < 1e-6:
        return said + "That is the mean of the products: leave out the division."
    if abs(value - sum(p + m for p, m in zip(user, movie, strict=True))) < 1e-6:
        return said + "You added the factors of a pair: multiply them."
    if abs(value - products[0]) < 1e-6:
        return said + "Only the first factor counts so far: go through all pairs, with zip."
    return said + "Multiply each factor of the user with the same factor of the movie, then add up."


def check_contrast(movie: Sequence[float]) -> Verdict:
    """Does (0.2, 0.9, 0.3) match `movie` at 1 or more, and (0.9, -0.2, 0.4) at 0 or less?"""
    try:
        factors = [float(factor) for factor in movie]
    except (TypeError, ValueError):
        return wrong("The movie is three numbers, such as (0.3, 0.7, 0.2).")
    if len(factors) != 3:
        return wrong(f"The movie has {len(factors)} factors here, and needs three.")
    if not all(-1 <= factor <= 1 for factor in factors):
        return wrong("Keep every factor between -1 and 1: with larger ones it would be too easy.")
    first, second = (
        sum(p * m for p, m in zip(user, factors, strict=True)) for user in (FAN, OTHER)
    )
    scores = f"The first user's match is {first:.2f}, the second's {second:.2f}"
    if first >= 1 - 1e-9 and second <= 1e-9:
        return right(f"{scores}: the same movie, for one and not for the other.")
    if first < 1 - 1e-9 and second > 1e-9:
        return wrong(f"{scores}. Which factor divides the two most? Give the movie more of it.")
    if first < 1 - 1e-9:
        return wrong(f"{scores}. The second is served; give the first more of what they love.")
    return wrong(f"{scores}. The second likes it still: take away what the second loves most.")


def check_loss(loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Verdict:
    """Is `loss(predictions, ratings)` the mean squared error over the cells that aren't nan?

    The gradients are checked as well, since a nan can hide in them where the loss looks right.
    """
    ratings = torch.tensor([[4.0, float("nan")], [float("nan"), 1.0]])
    predictions = torch.tensor([[3.0, 2.0], [5.0, 4.0]], requires_grad=True)
    try:
        answer = loss(predictions, ratings)
    except Exception as error:
        return wrong(f"Your function stops with {type(error).__name__}: {error}.")
    if not isinstance(answer, torch.Tensor) or answer.numel() != 1:
        return wrong(f"The loss is one number in a tensor, and this is {answer!r}.")
    value = answer.item()
    if value != value:
        return wrong("The result is nan: a blank got into the sum. Keep the rated cells only.")
    known = {
        9.75: "The blanks count as ratings of 0 stars here. Nobody gave 0 stars: leave them out.",
        10.0: "That is the sum of the squared errors. Take the mean, over the rated cells.",
        2.5: "You divide by all cells. Only two are rated, so divide by two.",
        2.0: "That is the mean distance. Square the errors before you take the mean.",
        5.0**0.5: "That is the root of it, good to read, in stars. The loss goes without the root.",
    }
    for wrong_value, advice in known.items():
        if abs(value - wrong_value) < 1e-4:
            return wrong(advice)
    if abs(value - 5.0) > 1e-4:
        return wrong(f"In a table with the errors -1 and 3 you get {value:.3f}; it should be 5.")
    if not answer.requires_grad:
        return wrong(
            "The number is right, but torch can't follow it back: don't detach or convert."
        )
    answer.backward()
    if predictions.grad is None or predictions.grad.isnan().any():
        return wrong(
            "The number is right, but its gradient holds nan: a blank times zero is nan still. "
            "Pick the rated cells out, with [rated], before you square."
        )
    return right("The mean of 1 and 9 is 5. The blanks pull at nothing, and get no gradient.")
