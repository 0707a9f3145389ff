"""The checks of lesson 5."""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from collab_lib.dataset import Ratings
from collab_lib.evaluation import accuracy, rmse
from collab_lib.kit.check import Verdict, right, wrong
from collab_lib.scale import interpret


def check_score_of(score_of: Callable[[float], float]) -> Verdict:
    """Does `score_of(stars)` undo `ranged_sigmoid(score, 0, 5.5)`?"""
    try:
        answers = {stars: float(score_of(stars)) for stars in (0.5, 2.75, 3.5, 5.0)}
    except (TypeError, ValueError, ZeroDivisionError, RuntimeError) as error:
        return wrong(f"Your function stopped with: {error}. It gets stars, a float, such as 3.5.")
    wanted = {stars: math.log(stars / (5.5 - stars)) for stars in answers}
    if all(abs(answers[stars] - wanted[stars]) < 1e-3 for stars in answers):
        return right(
            f"3.5 stars need a score of {wanted[3.5]:.3f}. The library gives this number for the "
            "mean rating to the model's one bias for all: so it starts from the mean."
        )
    if all(abs(answers[stars] + wanted[stars]) < 1e-3 for stars in answers):
        return wrong("The sign is turned: 5 stars need a score above 0. Swap the two sides of /.")
    if all(abs(answers[stars] - wanted[stars] / math.log(10)) < 1e-3 for stars in answers):
        return wrong("That is the logarithm to base 10. The sigmoid has e in it: use math.log.")
    if all(abs(answers[stars] - stars / 5.5) < 1e-3 for stars in answers):
        return wrong("That is p, the height on the sigmoid from 0 to 1. Which score lies under it?")
    if abs(answers[2.75]) > 1e-3:
        return wrong(
            f"2.75 stars, the middle of the scale, need a score of 0; yours is {answers[2.75]:.2f}."
        )
    return wrong(
        f"3.5 stars need a score of {wanted[3.5]:.3f}; yours is {answers[3.5]:.3f}. First divide "
        "the stars by 5.5, then undo the sigmoid."
    )


def check_mended(model_class: type[nn.Module], train: Ratings) -> Verdict:
    """Is `model_class(n_users, n_movies, n_factors)` a dot model that can learn?"""
    torch_state = torch.get_rng_state()
    try:
        torch.manual_seed(0)
        return _mended(model_class, train)
    except (TypeError, ValueError, IndexError, RuntimeError, AttributeError) as error:
        return wrong(f"The model stopped with: {error}")
    finally:
        torch.set_rng_state(torch_state)


def check_constants(best_for_rmse: float, best_for_accuracy: float, train: Ratings) -> Verdict:
    """Are these the two numbers to answer always, for the best RMSE and the best accuracy?"""
    if not all(isinstance(x, int | float) for x in (best_for_rmse, best_for_accuracy)):
        return wrong("Both answers are numbers of stars: floats such as 3.5.")
    mean = train.ratings.mean(dtype=torch.float64).item()
    stars, counts = train.ratings.unique(return_counts=True)
    commonest = stars[counts.argmax()].item()
    if abs(best_for_rmse - commonest) < 0.005 and abs(best_for_accuracy - mean) < 0.005:
        return wrong("The right two numbers, the wrong way round. Which of them hits exactly?")
    if abs(best_for_rmse - train.ratings.median().item()) < 1e-6:
        return wrong("The median has the smallest mean absolute error. RMSE squares the errors.")
    if abs(best_for_rmse - mean) >= 0.005:
        return wrong(
            f"Always {best_for_rmse:g} has an RMSE of {_constant(rmse, best_for_rmse, train):.4f}, "
            "and there is a better one. Lesson 2 knew it; it need not be a half star."
        )
    if abs(best_for_accuracy - commonest) >= 0.005:
        hits = _constant(accuracy, best_for_accuracy, train)
        return wrong(
            f"Always {best_for_accuracy:g} hits {hits:.0%} of the ratings, and another answer "
            "hits more. How often is each rating given?"
        )
    return right(
        f"Always {mean:.2f} has the lowest RMSE of all constants and, rounded to "
        f"{interpret(mean):g}, hits {_constant(accuracy, mean, train):.0%}; always {commonest:g} "
        f"hits {_constant(accuracy, commonest, train):.0%} with a worse RMSE."
    )


def _mended(model_class: type[nn.Module], train: Ratings) -> Verdict:
    model = model_class(train.n_users, train.n_movies, 5)
    indices, ratings = train.indices[:64], train.ratings[:64]
    predictions = model(indices)
    if predictions.shape == (64, 1):
        return wrong("The predictions are still (batch, 1): one of the sums keeps its axis.")
    if predictions.shape != (64,):
        return wrong(
            f"For a batch of 64 the predictions have the shape {tuple(predictions.shape)}, and "
            "must have (64,). Sum over the factors, dim=1, and not over the batch."
        )
    wild = predictions.std().item()
    if not (0 < predictions.min() and predictions.max() < 5.5):
        return wrong("Some predictions lie off the scale: squash the score with ranged_sigmoid.")
    if wild > 0.3:
        return wrong(
            f"Before any training the predictions already spread by {wild:.2f} stars: the tables "
            "start too large. create_embedding starts them at normal(0, 0.01)."
        )
    F.mse_loss(predictions, ratings).backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is None or not parameter.grad.any():
            return wrong(f"{name} gets no gradient, so it never learns: does forward use it?")
    order = torch.randperm(64)
    if not torch.allclose(model(indices[order]), predictions[order], atol=1e-5):
        return wrong("A prediction depends on the other rows of its batch: it must not.")
    return right(
        "One prediction a row, on the scale, from a start near zero, and every parameter learns."
    )


def _constant(measure: Callable, answer: float, train: Ratings) -> float:
    return measure(torch.full_like(train.ratings, answer), train.ratings)
