"""The checks of lesson 2: common wrong answers get their own advice."""

import pytest

from collab_lib.lessons.pivot_table.checks import check_damped_mean, check_density, check_rmse


def test_density(ratings):
    density = len(ratings) / (ratings.n_users * ratings.n_movies)
    assert check_density(density, ratings).passed
    assert "percentage" in check_density(100 * density, ratings).message
    assert "blanks" in check_density(1 - density, ratings).message
    assert not check_density("1.6 %", ratings).passed


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (lambda p, r: None, "returns nothing"),
        (lambda p, r: (p - r).mean(), "cancel"),
        (lambda p, r: (p - r).square().mean(), "square root"),
        (lambda p, r: (p - r).abs().mean(), "absolute"),
        (lambda p, r: (p - r).square().sum().sqrt(), "should be"),
    ],
)
def test_wrong_rmse(function, advice):
    verdict = check_rmse(function)
    assert not verdict.passed
    assert advice in verdict.message


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (lambda r, mean, damping: None, "returns nothing"),
        (lambda r, mean, damping: r.mean(), "no effect"),
        (lambda r, mean, damping: r.sum() / (len(r) + damping), "0 stars"),
        (lambda r, mean, damping: (r.mean() + mean) / 2, "should be"),
        (lambda r, mean, damping: 4.0, "thousand"),
    ],
)
def test_wrong_damped_mean(function, advice):
    verdict = check_damped_mean(function)
    assert not verdict.passed
    assert advice in verdict.message
