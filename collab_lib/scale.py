"""The scale of ratings: from any number to stars, and from stars to the nearest half star."""

import torch

MIN_RATING, MAX_RATING = 0.5, 5.0


def interpret(prediction: float | torch.Tensor) -> float | torch.Tensor:
    """The nearest rating that a user can give: half stars from 0.5 to 5.

    A float gives a float; a tensor gives a tensor of the same shape. Half way between two half
    stars the even number of halves wins (2.25 becomes 2.0), as Python and torch both round.
    NaN is near to nothing and stays NaN. Introduced in lesson 5.
    """
    if not isinstance(prediction, torch.Tensor):
        return interpret(torch.tensor(prediction, dtype=torch.float64)).item()
    return (prediction * 2).round().div(2).clamp(MIN_RATING, MAX_RATING)


def ranged_sigmoid(x: torch.Tensor, lower_bound: float, upper_bound: float) -> torch.Tensor:
    """Squash any number into the open interval from `lower_bound` to `upper_bound`:

        sigmoid(x) · (upper_bound - lower_bound) + lower_bound

    The upper bound of a rating is set at 5.5, not 5, because a sigmoid comes near its bounds but
    never reaches them. Introduced in lesson 5.

    Raises ValueError if `lower_bound` is not below `upper_bound`.
    """
    if not lower_bound < upper_bound:
        raise ValueError(
            f"lower_bound={lower_bound} must be below upper_bound={upper_bound}: try (0, 5.5)"
        )
    return torch.sigmoid(x) * (upper_bound - lower_bound) + lower_bound
