"""The checks of lesson 8: the right answers pass, common wrong ones get their own advice."""

import numpy as np
import pytest
import torch

from collab_lib.evaluation import gini
from collab_lib.fold_in import Frozen
from collab_lib.lessons.bias_and_feedback_loops.checks import (
    check_first_alarm,
    check_fold_in,
    check_gini_of_lists,
)
from collab_lib.lessons.bias_and_feedback_loops.simulation import over_seeds
from collab_lib.lessons.bias_and_feedback_loops.world import World


@pytest.fixture
def newcomer():
    generator = torch.Generator().manual_seed(0)
    features = torch.cat([torch.randn(9, 3, generator=generator), torch.ones(9, 1)], dim=1)
    movies = Frozen(features, torch.randn(9, generator=generator), (0, 5.5))
    rows, stars = torch.tensor([1, 4, 6]), torch.tensor([5.0, 1.0, 4.5])
    return movies, rows, stars, torch.tensor([0.5, -0.4, 0.3, 0.2])


def by_hand(movies, rows, stars, start, pulled_to, explained):
    X = movies.features[rows]
    e = torch.logit(stars / 5.5) - movies.offsets[rows] - X @ explained
    return pulled_to + torch.linalg.solve(X.T @ X + 5 * torch.eye(len(start)), X.T @ e)


def test_fold_in(newcomer):
    start = newcomer[3]
    assert check_fold_in(by_hand(*newcomer, start, start), *newcomer).passed
    zero = 0 * start
    movies, rows, stars, _ = newcomer
    X = movies.features[rows]
    in_stars = start + torch.linalg.solve(
        X.T @ X + 5 * torch.eye(4), X.T @ (stars - movies.predict(start, rows))
    )
    for answer, advice in [
        (start, "still the mean user"),
        (by_hand(*newcomer, zero, zero), "towards zero"),
        (by_hand(*newcomer, start, zero), "explains already"),
        (in_stars, "in stars"),
        (start + 1, "Compute e"),
        (start[:2], "shape (4,)"),
        ([0.5], "tensor"),
    ]:
        verdict = check_fold_in(answer, *newcomer)
        assert not verdict.passed
        assert advice in verdict.message


def test_gini_of_lists():
    lists = torch.tensor([[0, 1], [0, 2], [0, 1]])
    right = gini(np.array([3, 2, 1, 0, 0, 0]))
    assert check_gini_of_lists(right, lists, 6).passed
    assert "no list" in check_gini_of_lists(gini(np.array([3, 2, 1])), lists, 6).message
    assert "bincount" in check_gini_of_lists(0.5, lists, 6).message
    assert "number" in check_gini_of_lists("high", lists, 6).message


def test_first_alarm():
    measure = "niche_of_lists"
    loop, twin = over_seeds(World(), range(3)), over_seeds(World().twin, range(3))
    lowest = loop[measure].unstack("round").min()
    highest = twin[measure].unstack("round").max()
    first = int((lowest > highest).loc[1:].idxmax())
    assert check_first_alarm(first, loop, twin, measure).passed
    assert "earlier" in check_first_alarm(first + 5, loop, twin, measure).message
    assert "whole number" in check_first_alarm(6.5, loop, twin, measure).message
    assert not check_first_alarm(0, loop, twin, measure).passed
