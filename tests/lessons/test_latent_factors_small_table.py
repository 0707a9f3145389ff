"""The small table of lesson 3 and its gradient descent, with torch as the oracle."""

import numpy as np
import pytest
import torch

from collab_lib.lessons.latent_factors.small_table import BLANKS, descend, small_table


def test_table_holds_back_exactly_the_blanks():
    table, hidden = small_table(), small_table(blanks=False)
    assert table.shape == (4, 5)
    assert {(u, m) for u in table.index for m in table if np.isnan(table.loc[u, m])} == set(BLANKS)
    assert table.equals(hidden.where(table.notna()))
    assert (hidden * 2 % 1 == 0).all(axis=None) and hidden.min(axis=None) >= 0.5


def test_a_change_of_one_table_does_not_reach_the_next():
    table = small_table()
    table.iloc[0, 0] = 0.0
    assert small_table().iloc[0, 0] == 4.5


def test_two_steps_by_hand():
    """One user, one movie, one factor: p·q = 3 from a start that torch's generator gives."""
    descent = descend([[3.0]], n_factors=1, lr=0.1, n_steps=2, seed=5)
    generator = torch.Generator().manual_seed(5)
    p, q = (torch.randn(1, 1, generator=generator).double().item() for _ in range(2))
    for step in range(3):
        assert descent.losses[step] == pytest.approx((p * q - 3) ** 2)
        assert descent.predictions[step].item() == pytest.approx(p * q)
        error = p * q - 3
        p, q = p - 0.1 * 2 * error * q, q - 0.1 * 2 * error * p


@pytest.mark.parametrize("n_factors", [1, 2, 3, 4])
def test_autograd_finds_the_same_descent(n_factors):
    ratings = torch.tensor(small_table().to_numpy())
    rated = ~ratings.isnan()
    descent = descend(small_table(), n_factors, lr=0.1, n_steps=50, seed=7)
    users = torch.tensor(descent.users[0], requires_grad=True)
    movies = torch.tensor(descent.movies[0], requires_grad=True)
    optimizer = torch.optim.SGD([users, movies], lr=0.1)
    for step in range(51):
        loss = ((users @ movies.T - ratings)[rated] ** 2).mean()
        assert descent.losses[step] == pytest.approx(loss.item(), rel=1e-9)
        assert np.allclose(descent.users[step], users.detach().numpy())
        assert np.allclose(descent.movies[step], movies.detach().numpy())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test_the_same_seed_repeats_and_one_more_rating_matters():
    other = small_table()
    other.loc["Ada", "Notting Hill"] = 5.0
    first, again = descend(small_table(), n_steps=20), descend(small_table(), n_steps=20)
    assert np.array_equal(first.predictions, again.predictions)
    assert not np.allclose(first.predictions[-1], descend(other, n_steps=20).predictions[-1])


def test_two_factors_fill_the_blanks_whatever_the_start_and_three_do_not():
    hidden = small_table(blanks=False).to_numpy()
    blanks = small_table().isna().to_numpy()

    def fills(n_factors):
        runs = [descend(small_table(), n_factors, n_steps=1000, seed=s) for s in range(6)]
        return np.array([run.predictions[-1][blanks] for run in runs])

    assert np.abs(fills(2) - hidden[blanks]).max() < 0.4
    assert np.ptp(fills(2), axis=0).max() < 0.01
    assert np.ptp(fills(3), axis=0).max() > 1


def test_a_run_away_ends_in_nan_without_a_warning():
    assert not np.isfinite(descend(small_table(), 4, lr=1.0, seed=1).losses[-1])


@pytest.mark.parametrize(
    "wrong", [{"n_factors": 0}, {"n_steps": 0}, {"lr": 0}, {"lr": float("nan")}]
)
def test_wrong_settings_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        descend(small_table(), **wrong)


def test_a_table_of_blanks_is_refused():
    with pytest.raises(ValueError, match="holds no ratings"):
        descend([[np.nan, np.nan]])
