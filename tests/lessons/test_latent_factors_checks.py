"""The checks of lesson 3: right answers pass, and each common mistake gets its own advice."""

import pytest
import torch

from collab_lib.lessons.latent_factors.checks import check_contrast, check_loss, check_match


def dot(user, movie):
    return sum(p * m for p, m in zip(user, movie, strict=True))


@pytest.mark.parametrize(
    "match",
    [dot, lambda user, movie: torch.tensor(user) @ torch.tensor(movie)],
)
def test_a_dot_product_passes(match):
    assert check_match(match).passed


@pytest.mark.parametrize(
    ("match", "advice"),
    [
        (lambda user, movie: 0.0, "same factor of the movie"),
        (lambda user, movie: [p * m for p, m in zip(user, movie, strict=True)], "Add the products"),
        (lambda user, movie: sum(user) * sum(movie), "factor by factor first"),
        (lambda user, movie: dot(user, movie) / len(user), "leave out the division"),
        (lambda user, movie: sum(user) + sum(movie), "multiply them"),
        (lambda user, movie: user[0] * movie[0], "Only the first factor"),
        (lambda user, movie: sum(user[k] * movie[k] for k in range(3)), "stops with IndexError"),
        (
            lambda user, movie: sum(abs(p * m) for p, m in zip(user, movie, strict=True)),
            "in place of -4.00",
        ),
        (lambda user, movie: None, "one number"),
    ],
)
def test_mistakes_in_the_match_get_advice(match, advice):
    verdict = check_match(match)
    assert not verdict.passed
    assert advice in verdict.message


def test_contrast():
    assert check_contrast((-0.5, 1.0, 1.0)).passed
    assert check_contrast(torch.tensor([-0.6, 1.0, 1.0])).passed


@pytest.mark.parametrize(
    ("movie", "advice"),
    [
        ((0.3, 0.7, 0.2), "divide"),
        ((1, 1, 1), "likes it still"),
        ((-1, 0, 0), "second is served"),
        ((-5, 1, 1), "between -1 and 1"),
        ((float("nan"), 1, 1), "between -1 and 1"),
        ((1, 1), "needs three"),
        (3, "three numbers"),
    ],
)
def test_mistakes_in_the_contrast_get_advice(movie, advice):
    verdict = check_contrast(movie)
    assert not verdict.passed
    assert advice in verdict.message


def errors(predictions, ratings):
    return (predictions - ratings)[~ratings.isnan()]


def test_a_masked_loss_passes():
    assert check_loss(lambda p, r: (errors(p, r) ** 2).mean()).passed


@pytest.mark.parametrize(
    ("loss", "advice"),
    [
        (lambda p, r: ((p - r) ** 2).mean(), "nan"),
        (lambda p, r: ((p - r.nan_to_num()) ** 2).mean(), "0 stars"),
        (lambda p, r: (errors(p, r) ** 2).sum(), "Take the mean"),
        (lambda p, r: (errors(p, r) ** 2).sum() / r.numel(), "divide by two"),
        (lambda p, r: errors(p, r).abs().mean(), "Square the errors"),
        (lambda p, r: (errors(p, r) ** 2).mean().sqrt(), "without the root"),
        (lambda p, r: ((p - r) ** 2).nanmean(), "gradient holds nan"),
        (lambda p, r: (errors(p, r) ** 2).mean().detach(), "detach"),
        (lambda p, r: (errors(p, r) ** 2).mean().item(), "one number in a tensor"),
        (lambda p, r: errors(p, r), "one number in a tensor"),
        (lambda p, r: (errors(p, r) ** 4).mean(), "should be 5"),
        (lambda p, r: p / 0 + unknown, "stops with NameError"),  # noqa: F821
    ],
)
def test_mistakes_in_the_loss_get_advice(loss, advice):
    verdict = check_loss(loss)
    assert not verdict.passed
    assert advice in verdict.message
