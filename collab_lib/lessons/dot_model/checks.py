"""The checks of lesson 5."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from collab_lib.dataset import Ratings
from collab_lib.evaluation import accuracy, rmse
from collab_lib.kit.check import Advice, Verdict, ask, check, choices, judge, number, right, wrong
from collab_lib.lessons.dot_model.figures import stored_run
from collab_lib.repeatable import seeded
from collab_lib.scale import interpret, ranged_sigmoid


@check
def check_score_of(score_of: Callable[[float], float]) -> Verdict:
    """Exercise 1: does `score_of(stars)` undo `ranged_sigmoid(score, 0, 5.5)`?"""
    if abs(number(ask(score_of, 3.5), "score_of(3.5)") - math.log(3.5 / 1.5)) < 1e-3:
        # before 5 stars, whose height would be 1: no score at all
        return wrong("You take 5 for the upper bound. It is 5.5, half a star above the top.")
    stars = np.array([0.5, 2.75, 3.5, 5.0])
    answers = np.array([number(ask(score_of, float(s)), f"score_of({s:g})") for s in stars])
    wanted = np.log(stars / (5.5 - stars))
    if abs(answers[1]) > 1e-3 and not np.allclose(answers, stars / 5.5, atol=1e-3):
        middle = "2.75 stars, the middle of the scale, need a score of 0; yours is"
        return wrong(f"{middle} {answers[1]:.2f}.")
    off = np.abs(answers - wanted).argmax()
    return judge(
        answers,
        wanted,
        f"3.5 stars need a score of {wanted[2]:.3f}. The library gives this number for the mean "
        "rating to the model's one bias for all: so it starts from the mean.",
        f"{stars[off]:g} stars need a score of {wanted[off]:.3f}; yours is {answers[off]:.3f}. "
        "First divide the stars by 5.5, then undo the sigmoid.",
        [
            (-wanted, "The sign is turned: 5 stars need a score above 0. Swap the sides of /."),
            (wanted / math.log(10), "That is the logarithm to base 10. The sigmoid has e in it."),
            (stars / 5.5, "That is p, the height on the sigmoid. Which score lies under it?"),
        ],
        atol=1e-3,
    )


@check
def check_fixed_model(model_class: type[nn.Module], train: Ratings) -> Verdict:
    """Exercise 2: is `model_class(n_users, n_movies, n_factors)` a dot model that can learn?"""
    if not isinstance(model_class, type):
        raise Advice("Hand in the class itself, without calling it: check_fixed_model(Colleague, …")
    with seeded(0):
        shaken, fresh = (model_class(train.n_users, train.n_movies, 5) for _ in range(2))
        # Where biases are 0 a fault in them doesn't show.
        with torch.no_grad():
            for parameter in shaken.parameters():
                parameter.normal_(0, 0.5)
        return _judge_model(shaken, fresh, train)


@check
def check_constants(best_for_rmse: float, best_for_accuracy: float, train: Ratings) -> Verdict:
    """Exercise 3: the two numbers to answer always, for the best RMSE and the best accuracy."""
    for answer in (best_for_rmse, best_for_accuracy):
        if isinstance(answer, tuple) and hasattr(answer, "values"):
            raise Advice(
                "Torch gives two things back, the value and where it stands. Take its .values."
            )
    for_rmse = number(best_for_rmse, "best_for_rmse")
    for_accuracy = number(best_for_accuracy, "best_for_accuracy")
    mean = train.ratings.mean(dtype=torch.float64).item()
    stars, counts = train.ratings.unique(return_counts=True)
    commonest = stars[counts.argmax()].item()
    if abs(for_rmse - commonest) < 0.005 and abs(for_accuracy - mean) < 0.005:
        return wrong("The right two numbers, the wrong way round. Which of them hits exactly?")
    if abs(for_rmse - mean) >= 0.005:
        score = _of_constant(rmse, for_rmse, train)
        return wrong(
            f"Always {for_rmse:g} has an RMSE of {score:.4f}, and there is a better number. RMSE "
            "squares the errors; lesson 2 knew which number that favours. It need not be a half "
            "star."
        )
    # what counts is the rating that it is rounded to: 4.1 hits as often as 4
    if interpret(for_accuracy) != commonest:
        hits = _of_constant(accuracy, for_accuracy, train)
        return wrong(
            f"Always {for_accuracy:g} hits {hits:.0%} of the ratings, and another answer hits "
            "more. How often is each rating given?"
        )
    return right(
        f"Always {mean:.2f} has the lowest RMSE of all constants and, rounded to "
        f"{interpret(mean):g}, hits {_of_constant(accuracy, mean, train):.0%}; always "
        f"{commonest:g} hits {_of_constant(accuracy, commonest, train):.0%} with a worse RMSE."
    )


@check
def check_which_run(answer: Mapping[str, str], runs: Mapping[str, dict]) -> Verdict:
    """Exercise 4: which of four runs had which of two faults fixed?

    answer: "nothing", "shape", "decay" or "both" for each of A, B, C and D.
    runs: by letter, the stored run, with `shape` and `weight_decay`.
    """
    truth = {name: _what_is_fixed(run) for name, run in runs.items()}
    told = choices(answer, truth)
    off = [name for name in sorted(truth) if told[name] != truth[name]]
    if not off:
        return right(
            "A decay that is too strong leaves predictions nearly alike and low. The wrong shape "
            "takes away what is left. And with the decay fixed the wrong shape lands on the mean."
        )
    if any("both" in (truth[name], told[name]) for name in off):
        return wrong("Only one run can do clearly better than always the mean. Begin with it.")
    if any("decay" in (truth[name], told[name]) for name in off):
        return wrong(
            "One of the runs ends almost exactly on the mean of the ratings. What pulls every "
            "prediction there, and what would keep it away?"
        )
    left = [name for name in sorted(truth) if truth[name] in ("nothing", "shape")]
    return wrong(
        f"Two are left: {' and '.join(left)}. Both have the strong decay, so both stay far below "
        "the mean. Which of them learns a little more about anybody?"
    )


def lineup(results: dict) -> dict[str, dict]:
    """Four of the stored runs, by letter: from a small start, without a shared bias. Exercise 4."""
    fixed = {"A": (False, True), "B": (True, True), "C": (False, False), "D": (True, False)}
    return {
        name: stored_run(results, shape, decay, start=True, shared_bias=False)
        for name, (shape, decay) in fixed.items()
    }


def _what_is_fixed(run: Mapping) -> str:
    shape, decay = run["shape"] == "(batch,)", run["weight_decay"] == 0.001
    return {(0, 0): "nothing", (1, 0): "shape", (0, 1): "decay", (1, 1): "both"}[shape, decay]


def _judge_model(shaken: nn.Module, fresh: nn.Module, train: Ratings) -> Verdict:
    """shaken: the model with random numbers in all of its weights; fresh: as it starts."""
    indices, ratings = train.indices[:64], train.ratings[:64]
    advice = _advice_on_predictions(shaken, indices) or _advice_on_the_start(fresh)
    if advice:
        return wrong(advice)
    F.mse_loss(fresh(indices), ratings).backward()
    for name, parameter in fresh.named_parameters():
        if parameter.grad is None or not parameter.grad.any():
            return wrong(f"{name} gets no gradient, so it never learns: does forward use it?")
    with torch.no_grad():
        for parameter in fresh.parameters():
            parameter.fill_(100)
        top = fresh(indices).max().item()
    if abs(top - 5.5) > 0.01:
        return wrong(f"Its predictions end at {top:.2f} stars. Leave the upper bound at 5.5.")
    advice = _advice_on_the_formula(shaken, indices)
    if advice:
        return wrong(advice)
    return right(
        "One prediction per row, on the scale, from a start near zero, and every weight learns."
    )


def _advice_on_predictions(shaken: nn.Module, indices: torch.Tensor) -> str | None:
    """What is wrong with the predictions for a batch of 64, whatever the weights are."""
    predictions = shaken(indices)
    if predictions is None:
        return "forward returns nothing: end it with `return …`."
    if not isinstance(predictions, torch.Tensor):
        return f"forward must return a tensor; this is {type(predictions).__name__}."
    if predictions.shape == (64, 1):
        return "The predictions are still (batch, 1): one of the sums keeps its axis."
    if predictions.shape == (64, 64):
        return (
            "For a batch of 64 the predictions have the shape (64, 64): a row (64,) met a column "
            "(64, 1). Print the shapes of the sum and of the biases: which has an axis too many?"
        )
    if predictions.shape != (64,):
        return (
            f"For a batch of 64 the predictions have the shape {tuple(predictions.shape)}, and "
            "must have (64,). Sum over the factors, dim=1, and not over the batch."
        )
    # from the middle: at either end a fault that looks at the batch's first or last row would hide
    if not torch.allclose(shaken(indices[20:22]), predictions[20:22], rtol=0, atol=1e-5):
        return (
            "A prediction depends on the other rows of its batch: it must not. Remove the axis "
            "where it comes from; don't take a mean or one column of it."
        )
    for name, value in vars(shaken).items():
        if isinstance(value, torch.Tensor):
            return (
                f"{name} is a plain tensor, which no optimizer ever sees: it stays random. Put it "
                "into nn.Parameter, or let create_embedding do it."
            )
    if not predictions.requires_grad:
        return "No gradient can flow back from the predictions: leave out detach() and no_grad."
    if not (0 <= predictions.min() and predictions.max() <= 5.5):
        return "Some predictions lie off the scale: squash the score with ranged_sigmoid."
    return None


def _advice_on_the_start(fresh: nn.Module) -> str | None:
    """What is wrong with the numbers that the weights start with."""
    for name, parameter in fresh.named_parameters():
        size = parameter.detach().square().mean().sqrt().item()
        if parameter.numel() > 1 and size > 0.3:  # one shared bias may start at the mean
            return (
                f"{name} starts too large: its numbers have a typical size of {size:.2f}. "
                "create_embedding starts a table at normal(0, 0.01)."
            )
    tables = [p for p in fresh.parameters() if p.ndim == 2 and p.shape[1] == 5]
    if len(tables) < 2:
        return "A table of factors for users and one for movies should be among its weights."
    if any(not table.any() for table in tables):
        return (
            "A table of factors starts at exactly 0. Then the slope of the other table is 0, too, "
            "and neither ever moves. Start them at small random numbers."
        )
    return None


def _advice_on_the_formula(shaken: nn.Module, indices: torch.Tensor) -> str | None:
    """What is wrong with the score, in a model whose weights have the starter's names."""
    tables = {name.removesuffix(".weight"): p for name, p in shaken.named_parameters()}
    if set(tables) != {"user_factors", "movie_factors", "movie_biases"}:
        return None  # a model of another kind, with biases for users perhaps
    users, movies = indices.T
    with torch.no_grad():
        predictions = shaken(indices)
        p, q = tables["user_factors"][users], tables["movie_factors"][movies]
        biases = tables["movie_biases"].flatten()
        if len(biases) != len(tables["movie_factors"]):
            return "movie_biases should hold one number for each movie."
        product, bias = (p * q).sum(dim=1), biases[movies]
        scores = {
            "": product + bias,
            "The factors of user and movie are added; a dot product multiplies them first.": (
                (p + q).sum(dim=1) + bias
            ),
            "You take the mean over the factors. A dot product is their sum.": (
                (p * q).mean(dim=1) + bias
            ),
            "The movies' biases are looked up by the users' indices.": product + biases[users],
            "The bias is taken away from the product; it belongs on top.": product - bias,
        }
        for advice, score in scores.items():
            if torch.allclose(predictions, ranged_sigmoid(score, 0, 5.5), rtol=0, atol=1e-4):
                return advice or None
    return (
        "The score isn't the dot product of the factors plus the movie's bias any more. Change "
        "only what is at fault."
    )


def _of_constant(measure: Callable, answer: float, train: Ratings) -> float:
    return measure(torch.full_like(train.ratings, answer), train.ratings)
