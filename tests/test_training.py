"""The loop: what it returns, what it refuses, and that it notices each fault of lesson 5."""

import inspect
import math
import subprocess
import sys
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from collab_lib import (
    CollabNN,
    DotProduct,
    Ratings,
    evaluate,
    global_mean,
    load_collab,
    regularised_biases,
    train_epochs,
    train_model,
)
from collab_lib.training import constant, default_batch_size, one_cycle, squared_error

SGD = {"optimizer": torch.optim.SGD, "lr": 0.1, "batch_size": 16, "schedule": constant}


@pytest.fixture(scope="module")
def small(ratings) -> tuple[Ratings, Ratings]:
    """The ratings of a few users: enough to train on, and quick."""
    few = ratings.subset(ratings.indices[:, 0] < 30)
    return few.split(valid=0.2, seed=0)


def dot_model(train: Ratings, n_factors: int = 5, **settings) -> DotProduct:
    return DotProduct(train.n_users, train.n_movies, n_factors, seed=0, **settings)


def expect_it_learns(model: nn.Module, train: Ratings, valid: Ratings, **settings) -> float:
    """Assert the band that a sound dot model meets on either edition; returns its valid RMSE."""
    history = train_model(model, train, valid, **settings)
    reached = history[-1].valid_rmse
    assert reached < 0.99 * evaluate(regularised_biases(train), valid).rmse
    assert reached < 0.85 * evaluate(global_mean(train), valid).rmse
    assert reached > 0.8
    return reached


# What a training leaves


def test_the_defaults_learn(split):
    train, valid = split
    model = dot_model(train, 50, mean=train.ratings.mean().item())
    assert expect_it_learns(model, train, valid) == pytest.approx(0.876, abs=0.004)


def test_the_defaults_learn_without_a_mean(split):
    assert expect_it_learns(dot_model(split[0], 50), *split) == pytest.approx(0.876, abs=0.004)


def test_the_defaults_learn_on_the_edition_of_2018(seed_folder):
    train, valid = Ratings.from_frame(load_collab(seed_folder)).split()
    reached = expect_it_learns(dot_model(train, 50), train, valid)
    assert reached == pytest.approx(0.840, abs=0.004)


def test_plain_sgd_learns(small):
    train, valid = small
    history = train_model(dot_model(train), train, valid, n_epochs=5, weight_decay=1e-4, **SGD)
    assert history[-1].train_loss < 0.9 * history[0].train_loss
    assert history[-1].valid_rmse < evaluate(global_mean(train), valid).rmse


@pytest.mark.parametrize(
    "optimizer",
    [
        torch.optim.SGD,
        partial(torch.optim.SGD, momentum=0.9),
        torch.optim.Adam,
        torch.optim.AdamW,
        torch.optim.RMSprop,
        torch.optim.Adagrad,
        torch.optim.NAdam,
    ],
)
def test_any_optimizer_takes_a_step(small, optimizer):
    train, valid = small
    model = dot_model(train)
    before = model.user_biases.detach().clone()
    train_model(model, train, valid, n_epochs=1, optimizer=optimizer)
    assert not torch.equal(model.user_biases, before)


def test_adam_is_that_of_torch_number_for_number(small):
    train, valid = small
    ours, theirs = dot_model(train), dot_model(train)
    train_model(ours, train, valid, n_epochs=2)
    train_model(theirs, train, valid, n_epochs=2, optimizer=partial(torch.optim.Adam, fused=True))
    for our, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(our, their)


def test_training_does_not_load_the_compiler_of_torch():
    code = """
import sys
from collab_lib import DotProduct, Ratings, load_collab, train_model
train, valid = Ratings.from_frame(load_collab(users=20)).split()
train_model(DotProduct(train.n_users, train.n_movies, 2), train, valid, n_epochs=1)
sys.exit("torch._dynamo" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_any_module_can_be_trained(small):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.answer = nn.Parameter(torch.tensor(1.0))

        def forward(self, x):
            return self.answer.expand(len(x))

    train, valid = small
    model = Constant()
    history = train_model(model, train, valid, n_epochs=20, lr=0.3, weight_decay=0, batch_size=64)
    assert model.answer.item() == pytest.approx(train.ratings.mean().item(), abs=0.05)
    assert history[-1].valid_rmse == pytest.approx(
        evaluate(global_mean(train), valid).rmse, abs=0.01
    )


def test_one_step_of_sgd_by_hand(small):
    """One batch, one epoch: p - lr · (gradient + weight decay · p), with torch's own gradient."""
    train, valid = small
    train = train.subset(torch.arange(10))
    model, oracle = dot_model(train, mean=3.5), dot_model(train, mean=3.5)
    squared_error(oracle(train.indices), train.ratings).backward()
    settings = {"optimizer": torch.optim.SGD, "schedule": constant, "weight_decay": 0.01}
    train_model(model, train, valid, n_epochs=1, lr=0.5, batch_size=10, **settings)
    for ours, theirs in zip(model.parameters(), oracle.parameters(), strict=True):
        assert torch.allclose(ours, theirs - 0.5 * (theirs.grad + 0.01 * theirs), atol=1e-6)


def test_a_record_an_epoch_that_is_true(small):
    train, valid = small
    model = dot_model(train)
    history = train_model(model, train, valid, n_epochs=3)
    assert len(history) == 3
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3]
    score = evaluate(model, valid)
    last = history[-1]
    assert last.valid_rmse == score.rmse
    assert last.valid_loss == pytest.approx(score.rmse**2)
    assert last.valid_accuracy == score.accuracy


def test_the_train_loss_is_the_mean_over_ratings_and_not_over_batches(small):
    train, valid = small
    train = train.subset(torch.arange(10))
    model = dot_model(train)
    errors = (model(train.indices) - train.ratings).square().mean().item()
    # With a step of next to nothing every batch meets the same model; the last batch holds one row.
    history = train_model(model, train, valid, n_epochs=1, lr=1e-12, batch_size=3)
    assert history[0].train_loss == pytest.approx(errors, abs=1e-6)


def test_it_prints_as_a_table(small):
    history = train_model(dot_model(small[0]), *small, n_epochs=2)
    assert repr(history).splitlines()[0].split() == [
        "train_loss",
        "valid_loss",
        "valid_rmse",
        "valid_accuracy",
    ]
    assert "<table" in history._repr_html_()
    assert history.frame()["valid_rmse"].tolist() == [epoch.valid_rmse for epoch in history]


def test_another_loss_in_place_of_the_squared_error(small):
    """The mean absolute error: its gradient has no size, so that other numbers are learnt."""
    train, valid = small
    usual, other = dot_model(train), dot_model(train)
    train_model(usual, train, valid, n_epochs=1)
    seen = []

    def absolute(predictions, ratings):
        seen.append(len(ratings))
        return (predictions - ratings).abs().mean()

    history = train_model(other, train, valid, n_epochs=1, loss=absolute)
    assert sum(seen) == len(train)
    assert not torch.equal(usual.user_factors, other.user_factors)
    assert history[0].train_loss < 1.5


@pytest.mark.parametrize(("n", "size"), [(1, 1024), (204_800, 1024), (20_000_000, 100_000)])
def test_the_batch_follows_the_number_of_ratings(n, size):
    assert default_batch_size(n) == size


# The same seed, the same numbers


def trained_twice(small, make, **settings):
    train, valid = small
    models = [make(train), make(train)]
    histories = [train_model(model, train, valid, n_epochs=2, **settings) for model in models]
    return models, histories


def network(train: Ratings) -> CollabNN:
    return CollabNN(train.n_users, 4, train.n_movies, 4, n_act=8, dropout=0.3, seed=0)


@pytest.mark.parametrize("make", [dot_model, network])
def test_a_seed_gives_the_same_numbers_bit_by_bit(small, make):
    models, histories = trained_twice(small, make, seed=3)
    assert histories[0] == histories[1]
    for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(a, b)


def test_another_seed_gives_others(small):
    train, valid = small
    first, second = (
        train_model(dot_model(train), train, valid, n_epochs=1, batch_size=64, seed=seed)
        for seed in (1, 2)
    )
    assert first != second


def test_torchs_own_generator_and_threads_are_left_alone(small):
    torch.manual_seed(5)
    expected, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(5)
    train_model(network(small[0]), *small, n_epochs=1)
    assert torch.rand(1) == expected
    assert torch.get_num_threads() == threads


def test_the_splits_are_left_alone(small):
    train, valid = small
    before = train.indices.clone(), train.ratings.clone()
    train_model(dot_model(train), train, valid, n_epochs=1)
    assert torch.equal(train.indices, before[0]) and torch.equal(train.ratings, before[1])


# Epoch by epoch


def test_whoever_called_can_stop(small):
    train, valid = small
    model = dot_model(train)
    epochs = train_epochs(model, train, valid, n_epochs=100)
    assert next(epochs).epoch == 1
    assert torch.is_grad_enabled()
    epochs.close()


def test_both_forms_give_the_same_and_take_the_same_settings(small):
    train, valid = small
    history = train_model(dot_model(train), train, valid, n_epochs=2)
    assert tuple(train_epochs(dot_model(train), train, valid, n_epochs=2)) == history.epochs
    ours, theirs = (inspect.signature(f).parameters for f in (train_model, train_epochs))
    assert ours == theirs


def test_the_schedule_is_that_of_torch():
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    n_steps = 1000
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, n_steps, cycle_momentum=False)
    for step in range(n_steps - 1):
        assert one_cycle(step / n_steps) == pytest.approx(cycle.get_last_lr()[0], abs=0.01)
        optimizer.step()
        cycle.step()
    assert one_cycle(0.3) == 1
    assert one_cycle(1) == 0
    assert constant(0) == constant(1) == 1


def test_the_first_step_is_at_the_beginning_of_the_schedule(small):
    train, valid = small
    asked = []
    schedule = lambda progress: asked.append(progress) or 1.0  # noqa: E731
    settings = {"n_epochs": 2, "batch_size": len(train), "schedule": schedule}
    train_model(dot_model(train), train, valid, **settings)
    assert asked[:2] == [0, 0.5]


def test_the_schedule_reaches_the_optimizer(small):
    train, valid = small
    still = dot_model(train)
    before = [parameter.clone() for parameter in still.parameters()]
    train_model(still, train, valid, n_epochs=1, schedule=lambda progress: 0.0)
    assert all(map(torch.equal, before, still.parameters()))


# What it refuses


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_epochs": 0}, "n_epochs=0 must be a whole number, 1 or more"),
        ({"n_epochs": 1.5}, "n_epochs=1.5 must be a whole number"),
        ({"batch_size": 0}, "batch_size=0 must be a whole number, 1 or more"),
        ({"batch_size": -16}, "batch_size=-16 must be"),
        ({"lr": 0}, "lr=0 must be above 0"),
        ({"lr": -0.1}, "lr=-0.1 must be above 0"),
        ({"lr": math.nan}, "lr=nan must be above 0"),
        ({"lr": math.inf}, "lr=inf must be above 0"),
        ({"weight_decay": -1e-4}, r"weight_decay=-0.0001 must be 0 \(no pull\) or more"),
    ],
)
def test_a_setting_out_of_its_range(small, settings, message):
    with pytest.raises(ValueError, match=message):
        train_model(dot_model(small[0]), *small, **settings)


@pytest.mark.parametrize("empty", ["train", "valid"])
def test_an_empty_split_is_named(small, empty):
    splits = dict(zip(("train", "valid"), small, strict=True))
    splits[empty] = splits[empty].subset(torch.arange(0))
    with pytest.raises(ValueError, match=f"{empty} holds no ratings: split again"):
        train_model(dot_model(small[0]), **splits)


def test_a_loss_that_runs_away_is_stopped(small):
    class Runaway(nn.Module):
        def __init__(self):
            super().__init__()
            self.answer = nn.Parameter(torch.tensor(1.0))

        def forward(self, x):
            return self.answer.expand(len(x))

    with pytest.raises(
        ValueError, match=r"became (inf|nan) in epoch 1: with lr=1000000\.0 .*lr=100000"
    ):
        train_model(Runaway(), *small, lr=1e6, batch_size=8, n_epochs=9, optimizer=torch.optim.SGD)


def test_nan_among_the_ratings_is_stopped(small):
    train, valid = small
    spoilt = replace(
        train, ratings=train.ratings.clone().index_fill_(0, torch.tensor([3]), math.nan)
    )
    with pytest.raises(ValueError, match=r"became nan in epoch 1.*look for NaN in the ratings"):
        train_model(dot_model(train), spoilt, valid)


def test_a_model_for_fewer_movies_is_named(small):
    train, valid = small
    with pytest.raises(IndexError, match=r"made for fewer movies: pass n_movies=ratings\.n_movies"):
        train_model(DotProduct(train.n_users, 5, 2), train, valid)


def test_another_shape_is_named_for_any_module(small):
    class Summed(nn.Module):
        def __init__(self):
            super().__init__()
            self.answer = nn.Parameter(torch.tensor(1.0))

        def forward(self, x):
            return self.answer * x.float().sum()

    with pytest.raises(ValueError, match=r"shape \(\).*one number a rating, \(batch,\)"):
        train_model(Summed(), *small)


def test_the_loss_is_the_mean_of_squares():
    loss = squared_error(torch.tensor([1.0, 4.0]), torch.tensor([3.0, 3.5]))
    assert loss.item() == pytest.approx((4 + 0.25) / 2)


# The faults of lesson 5, put back one by one


class FirstAttempt(nn.Module):
    """The lesson's first attempt: predictions (batch, 1), tables that start at normal(0, 1)."""

    def __init__(self, train: Ratings, n_factors: int = 5):
        super().__init__()
        torch.manual_seed(0)
        self.user_factors = nn.Embedding(train.n_users, n_factors)
        self.movie_factors = nn.Embedding(train.n_movies, n_factors)
        self.user_biases = nn.Embedding(train.n_users, 1)
        self.movie_biases = nn.Embedding(train.n_movies, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        users, movies = x.T
        products = self.user_factors(users) * self.movie_factors(movies)
        score = products.sum(dim=1, keepdim=True) + self.user_biases(users)
        return torch.sigmoid(score + self.movie_biases(movies)) * 5.5


class ShapeMended(FirstAttempt):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).squeeze(1)


def test_fault_1_predictions_of_one_column_are_caught_by_name(small):
    with pytest.raises(
        ValueError,
        match=r"predictions have the shape \(16, 1\) and ratings \(16,\): subtracting them makes a "
        r"table \(16, 16\).*\.squeeze\(1\)",
    ):
        train_model(FirstAttempt(small[0]), *small, n_epochs=1, **SGD)


def test_fault_2_weight_decay_in_every_step_of_sgd_leaves_nothing(split):
    train, valid = split
    model = dot_model(train, mean=train.ratings.mean().item())
    with pytest.raises(AssertionError):
        expect_it_learns(model, train, valid, n_epochs=1, weight_decay=0.05, **SGD)
    assert model.user_factors.norm() < 0.01
    assert model.movie_factors.norm() < 0.01


def test_fault_3_a_start_at_normal_0_1_misses_the_band(split):
    train, valid = split
    with pytest.raises(AssertionError):
        expect_it_learns(ShapeMended(train, n_factors=50), train, valid)


def test_fault_4_ids_in_the_place_of_indices_are_caught_by_name(small):
    train, valid = small
    ids = torch.tensor([[train.user_ids[u], train.movie_ids[m]] for u, m in train.indices.tolist()])
    with pytest.raises(IndexError, match=r"Ratings\.(user|movie)_index"):
        train_model(dot_model(train), replace(train, indices=ids), valid, n_epochs=1)


def test_the_first_attempt_with_its_shape_mended_can_learn_one_batch(split):
    """The test that the lesson teaches: it tells the shape's fault from all others."""
    batch = split[0].subset(torch.arange(16))
    settings = SGD | {"n_epochs": 300, "weight_decay": 0.0}
    history = train_model(ShapeMended(batch), batch, batch, **settings)
    assert history[-1].train_loss < 0.05 * batch.ratings.var()


def test_dropout_is_on_in_training_and_other_in_each_epoch(small):
    """Also where the model is handed in with dropout switched off."""
    train, valid = small
    masks = []

    class Watched(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(64))
            self.dropout = torch.nn.Dropout(0.5)

        def forward(self, x):
            dropped = self.dropout(self.weight)
            if self.training:
                masks.append(dropped == 0)
            return dropped.mean().expand(len(x)) + 2.5

    model = Watched().eval()
    train_model(model, train, valid, n_epochs=2, batch_size=len(train))
    first, second = masks
    assert first.any() and second.any(), "no number was dropped"
    assert not torch.equal(first, second), "the same numbers were dropped in both epochs"
