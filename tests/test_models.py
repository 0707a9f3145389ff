"""The two models: hand-computed predictions, every parameter used, bad input named."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from collab_lib import CollabNN, DotProduct

SIGMOID_OF_1 = 0.7310585786


def dot(**settings) -> DotProduct:
    return DotProduct(4, 6, 3, seed=0, **settings)


def network(**settings) -> CollabNN:
    return CollabNN(4, 3, 6, 5, n_act=7, seed=0, **settings)


BOTH = pytest.mark.parametrize("make", [dot, network])
EVERY_PAIR = torch.tensor(list(itertools.product(range(4), range(6))))


def grow(model: nn.Module) -> nn.Module:
    """Give the tables numbers of a trained size: at the start they are next to nothing."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return model


def test_the_dot_model_by_hand():
    model = DotProduct(2, 2, 2)
    with torch.no_grad():
        model.user_factors.copy_(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
        model.movie_factors.copy_(torch.tensor([[3.0, -1.0], [0.5, 0.5]]))
        model.user_biases.copy_(torch.tensor([0.25, 1.0]))
        model.movie_biases.copy_(torch.tensor([-0.5, 0.25]))
        model.bias.fill_(0.25)
    # 1·3 + 2·(-1) + 0.25 - 0.5 + 0.25 = 1; and 0·0.5 + 1·0.5 + 1 + 0.25 + 0.25 = 2.
    predictions = model(torch.tensor([[0, 0], [1, 1]]))
    assert predictions[0].item() == pytest.approx(5.5 * SIGMOID_OF_1)
    assert predictions[1].item() == pytest.approx(5.5 / (1 + np.exp(-2)))


def test_the_network_by_hand():
    model = network()
    grow(model)
    users, movies = EVERY_PAIR.T
    x = torch.cat([model.user_factors[users], model.movie_factors[movies]], dim=1)
    first, _, _, second = model.layers
    hidden = (x @ first.weight.T + first.bias).clamp(min=0)
    wanted = 5.5 * torch.sigmoid(hidden @ second.weight.T + second.bias)[:, 0]
    assert torch.allclose(model(EVERY_PAIR), wanted)


@BOTH
def test_one_prediction_a_row(make):
    model = make()
    assert model(EVERY_PAIR).shape == (24,)
    assert model(EVERY_PAIR[:1]).shape == (1,)
    assert model(EVERY_PAIR[:0]).shape == (0,)
    assert model(EVERY_PAIR.int()).dtype == torch.float32


@BOTH
def test_rows_do_not_depend_on_each_other(make):
    model = grow(make())
    order = torch.randperm(24, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(model(EVERY_PAIR[order]), model(EVERY_PAIR)[order])


@BOTH
def test_every_parameter_matters(make):
    model = grow(make())
    before = model(EVERY_PAIR).detach()
    for name, parameter in model.named_parameters():
        with torch.no_grad():
            parameter.add_(0.5)
            assert not torch.allclose(model(EVERY_PAIR), before, atol=1e-3), name
            parameter.sub_(0.5)
    assert torch.allclose(model(EVERY_PAIR), before, atol=1e-5)


@BOTH
def test_only_the_rows_looked_up_get_a_gradient(make):
    model = grow(make())
    model(torch.tensor([[1, 2], [3, 2]])).sum().backward()
    assert model.user_factors.grad.any(dim=1).tolist() == [False, True, False, True]
    assert model.movie_factors.grad.any(dim=1).tolist() == [False, False, True] + 3 * [False]


@BOTH
@pytest.mark.parametrize("y_range", [(0, 5.5), (0.5, 5.0), (-1, 1)])
def test_predictions_stay_inside_y_range(make, y_range):
    predictions = grow(make(y_range=y_range))(EVERY_PAIR)
    lower, upper = y_range
    assert lower < predictions.min() and predictions.max() < upper


@BOTH
def test_an_untrained_model_predicts_the_mean_or_the_middle(make):
    assert torch.allclose(make()(EVERY_PAIR), torch.tensor(2.75), atol=0.2)
    assert torch.allclose(make(mean=3.6)(EVERY_PAIR), torch.tensor(3.6), atol=0.2)


def test_the_dot_model_starts_very_near_the_mean():
    assert torch.allclose(dot(mean=3.6)(EVERY_PAIR), torch.tensor(3.6), atol=0.005)
    start = DotProduct(2, 2, 1, y_range=(1, 6), mean=3.6).bias.item()
    assert 1 + 5 / (1 + np.exp(-start)) == pytest.approx(3.6, abs=1e-5)


@BOTH
def test_a_seed_repeats_the_start_and_leaves_torchs_generator_alone(make):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first, second = make(), make()
    assert torch.rand(1) == expected
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_without_a_seed_torchs_generator_decides():
    torch.manual_seed(1)
    first = DotProduct(4, 6, 3)
    second = DotProduct(4, 6, 3)
    torch.manual_seed(1)
    again = DotProduct(4, 6, 3)
    assert torch.equal(first.user_factors, again.user_factors)
    assert not torch.equal(first.user_factors, second.user_factors)


def test_dropout_works_in_training_only():
    model = grow(network(dropout=0.5))
    assert not torch.equal(model(EVERY_PAIR), model(EVERY_PAIR))
    model.eval()
    assert torch.equal(model(EVERY_PAIR), model(EVERY_PAIR))


@BOTH
@pytest.mark.parametrize(
    ("pair", "what"),
    [
        ([4, 0], "user index 4 is not in 0 to 3"),
        ([-1, 0], "user index -1 is not in 0 to 3"),
        ([0, 6], "movie index 6 is not in 0 to 5"),
        ([0, -2], "movie index -2 is not in 0 to 5"),
        ([0, 193609], r"Ratings.movie_index\(193609\) turns it into an index"),
    ],
)
def test_an_index_without_a_row_is_named(make, pair, what):
    with pytest.raises(IndexError, match=what):
        make()(torch.tensor([[1, 1], pair]))


@BOTH
@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(3, dtype=torch.int64),
        torch.zeros(3, 3, dtype=torch.int64),
        torch.zeros(3, 2),
        torch.zeros(3, 2, dtype=torch.bool),
    ],
)
def test_anything_but_pairs_of_indices_is_an_error(make, x):
    with pytest.raises(ValueError, match=r"int tensor \(batch, 2\).*Ratings.indices"):
        make()(x)


@pytest.mark.parametrize("sizes", [(0, 6, 3), (4, -1, 3), (4, 6, 0)])
def test_sizes_are_at_least_one(sizes):
    with pytest.raises(ValueError, match=r"n_(users|movies|factors)=\S+ must be 1 or more"):
        DotProduct(*sizes)


@pytest.mark.parametrize("name", ["n_users", "n_user_factors", "n_movies", "n_movie_factors"])
def test_sizes_of_the_network_are_at_least_one(name):
    sizes = {"n_users": 4, "n_user_factors": 3, "n_movies": 6, "n_movie_factors": 5} | {name: 0}
    with pytest.raises(ValueError, match=f"{name}=0 must be 1 or more"):
        CollabNN(**sizes)
    with pytest.raises(ValueError, match="n_act=0 must be 1 or more"):
        CollabNN(4, 3, 6, 5, n_act=0)


@BOTH
@pytest.mark.parametrize("y_range", [(5.5, 0), (3, 3), (float("nan"), 5.5)])
def test_a_y_range_upside_down_is_an_error(make, y_range):
    with pytest.raises(ValueError, match=r"upside down or empty: try \(0, 5.5\)"):
        make(y_range=y_range)


@BOTH
@pytest.mark.parametrize("mean", [0, 5.5, 7, float("nan")])
def test_a_mean_outside_y_range_is_an_error(make, mean):
    with pytest.raises(ValueError, match="must lie inside y_range"):
        make(mean=mean)
