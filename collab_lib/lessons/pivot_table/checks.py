"""The checks of lesson 2."""

from collections.abc import Callable

import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import mae, rmse
from collab_lib.kit.check import Verdict, right, wrong


def check_density(answer: float, ratings: Ratings) -> Verdict:
    """Is `answer` the share of the cells of the pivot table that hold a rating?"""
    density = len(ratings) / (ratings.n_users * ratings.n_movies)
    if not isinstance(answer, int | float):
        return wrong("The answer is a number between 0 and 1.")
    if abs(answer - density) < 1e-4:
        return right(f"{density:.2%} of the cells are filled. The rest is what we are asked for.")
    if abs(answer - 100 * density) < 1e-2:
        return wrong("That is the percentage. As a share of 1, divide it by 100.")
    if abs(answer - (1 - density)) < 1e-4:
        return wrong("That is the share of blanks. How many cells are filled?")
    return wrong("Divide the number of ratings by the number of cells: users times movies.")


def check_rmse(function: Callable[[torch.Tensor, torch.Tensor], float]) -> Verdict:
    """Does `function(predictions, ratings)` return the root mean squared error?"""
    predictions, ratings = torch.tensor([3.0, 4.0, 2.0, 5.0]), torch.tensor([3.0, 1.0, 2.5, 4.5])
    answer = function(predictions, ratings)
    if answer is None:
        return wrong("Your function returns nothing: end it with `return …`.")
    answer = float(answer)
    expected = rmse(predictions, ratings)
    if abs(answer - expected) < 1e-4:
        if abs(float(function(ratings, predictions)) - expected) > 1e-4:
            return wrong("Swapping predictions and ratings must not change the error.")
        return right(f"For the four ratings of the check it is {expected:.3f} stars.")
    if abs(answer - expected**2) < 1e-4:
        return wrong("That is the mean squared error. Take its square root to be back at stars.")
    if abs(answer - mae(predictions, ratings)) < 1e-4:
        return wrong("That is the mean absolute error. Square each difference, not abs().")
    if abs(abs(answer) - abs((predictions - ratings).mean().item())) < 1e-4:
        return wrong("Errors above and below cancel out. Square them before you take the mean.")
    return wrong(
        f"For the check's four ratings it should be {expected:.3f}; yours is {answer:.3f}."
    )


def check_damped_mean(function: Callable[[torch.Tensor, float, float], float]) -> Verdict:
    """Does `function(ratings, mean, damping)` pull the mean of `ratings` towards `mean`?"""
    ratings, mean, damping = torch.tensor([5.0, 5.0]), 3.5, 4.0
    answer = function(ratings, mean, damping)
    if answer is None:
        return wrong("Your function returns nothing: end it with `return …`.")
    answer = float(answer)
    if abs(answer - 4.0) < 1e-4:
        many = float(function(torch.full((1000,), 5.0), mean, damping))
        if many < 4.9:
            return wrong("A thousand ratings of 5 should hardly be pulled. Is `len` in it?")
        return right("Two ratings of 5 become 4.0; a thousand ratings of 5 stay near 5.")
    if abs(answer - 5.0) < 1e-4:
        return wrong("That is the plain mean: `damping` has no effect yet.")
    if abs(answer - 10 / 6) < 1e-4:
        return wrong("That pulls towards 0 stars. Add `damping * mean` to the sum as well.")
    return wrong(
        f"For two ratings of 5, mean 3.5, damping 4 it should be 4.0; yours: {answer:.3f}."
    )
