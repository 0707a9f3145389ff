"""The checks of lesson 5: right answers pass, and each common mistake gets its own advice."""

import math

import pytest
import torch
from torch import nn

from collab_lib import create_embedding, ranged_sigmoid
from collab_lib.lessons.dot_model.checks import check_constants, check_mended, check_score_of


def logit(stars: float) -> float:
    return math.log(stars / (5.5 - stars))


def test_the_score_of_stars():
    verdict = check_score_of(logit)
    assert verdict.passed and "0.560" in verdict.message
    assert check_score_of(lambda stars: torch.logit(torch.tensor(stars / 5.5))).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda stars: stars / 5.5, "That is p"),
        (lambda stars: -logit(stars), "sign is turned"),
        (lambda stars: logit(stars) / math.log(10), "base 10"),
        (lambda stars: stars, "the middle of the scale, need a score of 0; yours is 2.75"),
        (lambda stars: 2 * logit(stars), "3.5 stars need a score of 0.560; yours is 1.119"),
        (lambda stars: None, "Your function stopped with"),
        (lambda stars: math.log(stars - 5), "Your function stopped with"),
    ],
)
def test_advice_on_the_score(answer, advice):
    verdict = check_score_of(answer)
    assert not verdict.passed
    assert advice in verdict.message


class Mended(nn.Module):
    """The exercise's model with both faults mended; those below put one thing wrong each."""

    def __init__(self, n_users: int, n_movies: int, n_factors: int):
        super().__init__()
        self.user_factors = create_embedding([n_users, n_factors])
        self.movie_factors = create_embedding([n_movies, n_factors])
        self.movie_biases = nn.Parameter(torch.zeros(n_movies))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ranged_sigmoid(self.score(x), 0, 5.5)

    def score(self, x: torch.Tensor) -> torch.Tensor:
        products = self.user_factors[x[:, 0]] * self.movie_factors[x[:, 1]]
        return products.sum(dim=1) + self.movie_biases[x[:, 1]]


class OneColumn(Mended):
    def forward(self, x):
        return super().forward(x)[:, None]


class WrongSum(Mended):
    def score(self, x):
        return (self.user_factors[x[:, 0]] * self.movie_factors[x[:, 1]]).sum(dim=0)


class BiasesStillAColumn(Mended):
    """The sum lost its axis and the biases didn't: (batch, batch)."""

    def score(self, x):
        return super().score(x) + 0 * self.movie_biases[x[:, 1]][:, None]


class OffTheScale(Mended):
    def forward(self, x):
        return self.score(x)


class LargeStart(Mended):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.user_factors = nn.Parameter(torch.randn(self.user_factors.shape))
        self.movie_factors = nn.Parameter(torch.randn(self.movie_factors.shape))


class NoBiases(Mended):
    def score(self, x):
        return (self.user_factors[x[:, 0]] * self.movie_factors[x[:, 1]]).sum(dim=1)


class BatchMean(Mended):
    def score(self, x):
        score = super().score(x)
        return score + torch.arange(len(x)) * 0.001


class Crashes(Mended):
    def score(self, x):
        return self.no_such_table[x]


def test_a_mended_model_passes_and_torchs_generator_is_left_alone(split):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    assert check_mended(Mended, split[0]).passed
    assert torch.rand(1) == expected


@pytest.mark.parametrize(
    ("model_class", "advice"),
    [
        (OneColumn, "still (batch, 1)"),
        (WrongSum, "dim=1, and not over the batch"),
        (BiasesStillAColumn, "(64, 64)"),
        (OffTheScale, "ranged_sigmoid"),
        (LargeStart, "create_embedding"),
        (NoBiases, "movie_biases gets no gradient"),
        (BatchMean, "depends on the other rows"),
        (Crashes, "The model stopped with"),
        (nn.Linear, "The model stopped with"),
    ],
)
def test_advice_on_the_model(split, model_class, advice):
    verdict = check_mended(model_class, split[0])
    assert not verdict.passed
    assert advice in verdict.message


def test_the_best_constants(split):
    train = split[0]
    mean = train.ratings.mean().item()
    assert check_constants(mean, 4.0, train).passed
    assert check_constants(round(mean, 2), 4, train).passed


@pytest.mark.parametrize(
    ("for_rmse", "for_accuracy", "advice"),
    [
        (4.0, "mean", "wrong way round"),
        (4.0, 4.0, "median"),
        (3.0, 4.0, "Always 3 has an RMSE of"),
        ("mean", 3.0, "Always 3 hits"),
        ("mean", 3.5, "How often is each rating given"),
        ("four", 4.0, "Both answers are numbers"),
        (None, 4.0, "Both answers are numbers"),
    ],
)
def test_advice_on_the_constants(split, for_rmse, for_accuracy, advice):
    train = split[0]
    answers = [
        train.ratings.mean().item() if answer == "mean" else answer
        for answer in (for_rmse, for_accuracy)
    ]
    verdict = check_constants(*answers, train)
    assert not verdict.passed
    assert advice in verdict.message
