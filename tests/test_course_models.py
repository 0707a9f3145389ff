"""The network that starts by measuring agreement, its slow layers, and the scoreboard's rows."""

import pytest
import torch

from collab_lib import CollabNN, evaluate, global_mean, train_model
from collab_lib.course_models import MODELS, neural_network, stored_edition, stored_rmse
from collab_lib.training import slower_layers


def network(start="agreement", n_act=9):
    return CollabNN(4, 3, 5, 2, n_act=n_act, seed=0, start=start)


def test_four_activations_measure_the_agreement_of_a_pair_of_factors():
    layers = network(n_act=8).layers
    rows = torch.randn(50, 5, generator=torch.Generator().manual_seed(0))
    x, y = rows[:, :2], rows[:, 3:]
    agreement = (2 * x.sign() * y.sign() * torch.minimum(x.abs(), y.abs())).sum(dim=1)
    score = layers(rows).squeeze(1) - layers[-1].bias
    assert torch.allclose(score, 0.3 * agreement, atol=1e-5)


def test_activations_left_over_and_a_random_start_stay_as_they_were():
    ours, random = network(), network("random")
    assert ours.layers[0].weight[8].equal(random.layers[0].weight[8])
    assert not ours.layers[0].weight[:8].equal(random.layers[0].weight[:8])
    assert ours.user_factors.equal(random.user_factors)


def test_every_parameter_matters_in_either_start():
    x = torch.cartesian_prod(torch.arange(4), torch.arange(5))
    for start in ("random", "agreement"):
        model = network(start, n_act=16)
        model(x).sum().backward()
        assert all(p.grad.any() for p in model.parameters()), start


def test_few_activations_are_allowed():
    assert network(n_act=2)(torch.tensor([[0, 0]])).shape == (1,)


def test_an_unknown_start_names_those_there_are():
    with pytest.raises(ValueError, match="agreement"):
        network("wild")


def test_the_layers_learn_at_their_share_of_the_speed():
    model = network()
    optimizer = slower_layers(model, share=0.25)(model.parameters(), lr=0.1, weight_decay=0.5)
    tables, layers = optimizer.param_groups
    assert (tables["lr"], layers["lr"]) == (0.1, 0.025)
    assert len(tables["params"]) == 2 and len(layers["params"]) == 4
    assert tables["weight_decay"] == layers["weight_decay"] == 0.5


def test_the_network_is_below_the_biases_and_in_its_band(split):
    train, valid = split
    assert 0.85 < evaluate(neural_network(train, valid), valid).rmse < 0.882


def test_the_first_model_is_the_mean_and_the_last_the_best(split):
    train, valid = split
    assert next(iter(MODELS)) == "global mean"
    assert evaluate(MODELS["global mean"](train, valid), valid) == evaluate(
        global_mean(train), valid
    )
    assert list(MODELS)[-1] == "best model"


def test_a_training_with_slow_layers_is_repeatable(split):
    train, valid = (part.subset(torch.arange(500)) for part in split)
    runs = []
    for _ in range(2):
        model = CollabNN(train.n_users, 8, train.n_movies, 8, n_act=8, seed=1, start="agreement")
        history = train_model(model, train, valid, n_epochs=1, optimizer=slower_layers(model))
        runs.append(history[-1].valid_rmse)
    assert runs[0] == runs[1]


def test_where_no_scoreboard_is_stored_that_of_the_bundled_edition_is_shown(ratings, capsys):
    assert stored_edition(ratings) == "ml-latest-small-2016"
    assert capsys.readouterr().out == ""
    few = ratings.subset(torch.arange(10))
    assert stored_edition(few) == "ml-latest-small-2016"
    out = capsys.readouterr().out
    assert "stored for these 10 ratings" in out and "ml-latest-small-2016" in out
    assert stored_rmse("dot model", few) == stored_rmse("dot model", ratings)
    with pytest.raises(ValueError, match="no model 'dot' is stored"):
        stored_rmse("dot", few)
