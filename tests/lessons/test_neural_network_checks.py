"""The checks of lesson 7: common wrong answers get their own advice."""

import math

import pytest
import torch

from collab_lib import CollabNN, regularised_biases
from collab_lib.lessons.neural_network.checks import (
    check_better_lists,
    check_dcg,
    check_parameters,
    check_shape,
)
from collab_lib.neighbours import also_liked


@pytest.mark.parametrize(
    ("answer", "advice"),
    [((64, 10), "dim=0"), ((32, 40), "multiplied"), (14, "tuple"), ((32, 10), "How many rows")],
)
def test_wrong_shapes(answer, advice):
    verdict = check_shape(answer)
    assert not verdict.passed
    assert advice in verdict.message


def test_parameters():
    model = CollabNN(5, 7, 6, 4, n_act=9)
    tables, layers = 5 * 7 + 6 * 4, 11 * 9 + 9 + 9 + 1
    assert check_parameters(tables + layers, model).passed
    assert "tensors" in check_parameters(6, model).message
    assert "linear layers have" in check_parameters(tables, model).message
    assert "tables are trained" in check_parameters(layers, model).message


def discounted(hits, start=1, log=math.log2):
    return sum(1 / log(place + 1) for place, hit in enumerate(hits, start=start) if hit)


DCG = {
    "count the hits": sum,
    "divide by the place": lambda hits: sum(h / (i + 1) for i, h in enumerate(hits)),
    "natural logarithm": lambda hits: discounted(hits, log=math.log),
    "start to count at 1": lambda hits: discounted(hits, start=2),
    "stops with": lambda hits: hits + 1,
    "should be": lambda hits: 7.0,
}


def test_the_discounted_gain_passes():
    assert check_dcg(discounted).passed


@pytest.mark.parametrize("advice", DCG)
def test_a_wrong_gain_gets_its_advice(advice):
    verdict = check_dcg(DCG[advice])
    assert not verdict.passed and advice in verdict.message, verdict


def test_lists_are_better_with_taste_and_popularity(split):
    train, valid = split
    predicted = regularised_biases(train).movie_biases.expand(train.n_users, -1)
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    likes = also_liked(train)
    assert check_better_lists(likes, train, valid, predicted).passed
    for answer, advice in (
        (predicted, "alone"),
        (-likes, "sign"),
        (counts.float().expand_as(predicted).clone(), "another weight"),
        (likes[0], "shape"),
    ):
        verdict = check_better_lists(answer, train, valid, predicted)
        assert not verdict.passed and advice in verdict.message, verdict
