"""The checks of lesson 2."""

from collections.abc import Callable
from typing import Any

import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import mae, rmse
from collab_lib.kit.check import Verdict, ask, check, judge, number, wrong


@check
def check_density(answer: Any, ratings: Ratings) -> Verdict:
    """Is `answer` the share of the cells of the pivot table that hold a rating?"""
    density = len(ratings) / (ratings.n_users * ratings.n_movies)
    return judge(
        number(answer),
        density,
        praise=f"{density:.2%} of the cells are filled. The rest is what we are asked for.",
        otherwise="Divide the number of ratings by the number of cells: users times movies.",
        mistakes=[
            (100 * density, "That is the percentage. As a share of 1, divide it by 100."),
            (1 - density, "That is the share of blanks. How many cells are filled?"),
            *(
                (round(density, digits), "That is rounded: hand in the number as it is computed.")
                for digits in (2, 3, 4)
            ),
        ],
        atol=1e-6,  # less than one row or one column makes
    )


@check
def check_rmse(function: Callable[[torch.Tensor, torch.Tensor], Any]) -> Verdict:
    """Does `function(predictions, ratings)` return the root mean squared error?"""
    predictions, ratings = torch.tensor([3.0, 4.0, 2.0, 5.0]), torch.tensor([3.0, 1.0, 2.5, 4.5])
    wanted = rmse(predictions, ratings)
    difference = predictions - ratings
    verdict = judge(
        number(ask(function, predictions, ratings), "What your function returns"),
        wanted,
        praise=f"For the four ratings of the check it is {wanted:.3f} stars.",
        otherwise="The number isn't the RMSE of the check's four ratings. Read the name backwards.",
        mistakes=[
            (
                wanted**2,
                "That is the mean squared error. Take its square root to be back at stars.",
            ),
            (
                mae(predictions, ratings),
                "That is the mean absolute error. Square each difference, not abs().",
            ),
            *(
                (sign * difference.mean(), "Errors above and below cancel out. Square them first.")
                for sign in (1, -1)
            ),
            (difference.mean() ** 2, "Errors above and below cancel out. Square them first."),
            (difference.square().sum().sqrt(), "Take the mean of the squares, not their sum."),
            (
                difference.square().sum().sqrt() / 4,
                "You divide the root. Divide the sum of the squares first, then take the root.",
            ),
            *(
                (
                    difference.std(correction=correction),
                    "`std` takes the mean error away first. Square the errors as is.",
                )
                for correction in (0, 1)
            ),
            *(
                (round(wanted, digits), "That is rounded: return the number as it is computed.")
                for digits in (1, 2, 3)
            ),
        ],
    )
    if not verdict.passed:
        return verdict
    for other in ((ratings, predictions), (torch.tensor([1.0, 2.0, 4.5]), torch.full((3,), 3.0))):
        answer = number(ask(function, *other), "What your function returns")
        if abs(answer - rmse(*other)) > 1e-4:
            return wrong(
                "It is right for one pair of tensors and wrong for another. Does it use both "
                "arguments, and any number of ratings?"
            )
    return verdict


@check
def check_damped_mean(function: Callable[[torch.Tensor, float, float], Any]) -> Verdict:
    """Does `function(ratings, mean, damping)` pull the mean of `ratings` towards `mean`?"""

    def answer(*given) -> float:
        return number(ask(function, torch.tensor(given[0]), *given[1:]), "What your function gives")

    def wanted(stars: list[float], mean: float, damping: float) -> float:
        return (sum(stars) + damping * mean) / (len(stars) + damping)

    first = ([5.0, 5.0], 3.5, 4.0)
    verdict = judge(
        answer(*first),
        wanted(*first),
        praise="Two ratings of 5 become 4.0; a thousand ratings of 5 stay near 5.",
        otherwise="For two ratings of 5, mean 3.5 and damping 4 it isn't 4.0 yet. "
        "Add the imaginary ratings both to the sum and to the number of ratings.",
        mistakes=[
            (5.0, "That is the plain mean: `damping` has no effect yet."),
            (10 / 6, "That pulls towards 0 stars. Add the imaginary ratings to the sum as well."),
            (24 / 2, "The imaginary ratings are in the sum, and not yet in the number of ratings."),
            (4.25, "That is halfway, whatever the damping. How many ratings of each kind?"),
            *(
                (mistake, "Put brackets around the sum, and around what it is divided by.")
                for mistake in (10 + 14 / 2 + 4, 24 / 2 + 4, 10 + 14 / 6)
            ),
            (3 / 6, "That is the damped bias. The mean itself is still to be added."),
            *(
                (mistake, "That is one imaginary rating. There are as many as `damping` says.")
                for mistake in (13.5 / 6, 13.5 / 3)
            ),
        ],
    )
    if not verdict.passed:
        return verdict
    probes = {
        "a thousand ratings of 5": ([5.0] * 1000, 3.5, 4.0),
        "another mean, 2.0": ([5.0, 5.0], 2.0, 4.0),
        "a damping of 1": ([5.0, 5.0], 3.5, 1.0),
        "a damping of 0": ([4.0, 4.5, 2.0], 3.0, 0.0),
        "a damping of 2.5": ([5.0, 4.0], 3.5, 2.5),
        "a mean of 3.54": ([1.0, 2.0, 4.5], 3.54, 6.0),
    }
    for what, given in probes.items():
        if abs(answer(*given) - wanted(*given)) > 1e-3:
            return wrong(
                f"Right for the two ratings of 5, and wrong with {what}: it gives "
                f"{answer(*given):.3f}. Use the three arguments and `len`, and no fixed numbers."
            )
    return verdict
