"""Lesson 8: its panels and figures, and a bank of answers for its checks."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from collab_lib import CollabNN, evaluate, regularised_biases, train_model
from collab_lib.lessons.neural_network import checks, figures
from collab_lib.lessons.neural_network.panels import (
    numbers_of_one_rating,
    one_rating_panel,
    shapes_panel,
    start_and_speed_panel,
    train_panel,
)
from collab_lib.results import load_results
from collab_lib.training import slower_layers
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture(scope="module")
def small(ratings):
    """A split of few ratings, so that a training takes no time."""
    train, valid = ratings.split(seed=42)
    return train.subset(torch.arange(3000)), valid.subset(torch.arange(500))


@pytest.fixture(scope="module")
def of_one_rating(split):
    train, _ = split
    model = CollabNN(train.n_users, 72, train.n_movies, 103, mean=3.5, seed=0, start="agreement")
    return one_rating_panel(model, train)


def test_the_shapes_follow_the_sliders():
    panel = shapes_panel()
    walk(panel)
    matches_snapshot(
        "neural_network/shapes",
        panel(batch=1024, n_user_factors=25, n_movie_factors=103, n_act=200),
    )


def test_the_sentence_counts_the_numbers_of_the_model():
    model = CollabNN(5, 7, 6, 4, n_act=9)
    n_numbers = sum(p.numel() for p in model.layers.parameters())
    sentence = shapes_panel()(batch=3, n_user_factors=7, n_movie_factors=4, n_act=9).sentence
    assert f"hold {n_numbers} numbers" in sentence
    assert "(3, 11)" in sentence


def test_the_numbers_of_one_rating_are_those_of_the_network():
    model = CollabNN(5, 7, 6, 4, n_act=9, seed=0, mean=3.5)
    steps = numbers_of_one_rating(model, 2, 3)
    assert torch.allclose(steps["stars"], model(torch.tensor([[2, 3]])))
    pulls = steps["contributions"].sum() + model.layers[-1].bias
    assert torch.allclose(pulls, steps["score"])
    assert steps["concatenated"].shape == (11,)


def test_the_panel_of_one_rating_follows_user_movie_and_pair(of_one_rating):
    walk(of_one_rating)
    matches_snapshot("neural_network/one_rating", of_one_rating(user=3, pair=7))


def test_a_pair_is_marked_where_its_numbers_stand(of_one_rating):
    picture = of_one_rating(user=1, pair=25)
    four = picture.numbers.query("strip == 'contributions'")
    assert four["place"].tolist() == [97, 98, 99, 100]
    assert picture.numbers.query("strip == 'concatenated'")["place"].tolist() == [25, 72 + 25]
    user, movie = picture.numbers["value"][:2]
    # Before training the four activations are 0.3 · (|x + y| − |x − y|).
    wanted = 0.3 * (abs(user + movie) - abs(user - movie))
    assert four["value"].sum() == pytest.approx(wanted, abs=3e-4)
    assert "no activation began" in of_one_rating(pair=26).sentence


@pytest.mark.parametrize("settings", ["same", "chosen"])
def test_two_changes_in_four_columns(settings):
    results = load_results("start_and_speed")
    panel = start_and_speed_panel(results)
    walk(panel)
    picture = panel(settings=settings, n_epochs=6)
    matches_snapshot(f"neural_network/start_and_speed_{settings}", picture)
    both = [
        run["rmse"]
        for run in results["runs"]
        if (run["start"], run["speed"], run["n_epochs"], run["settings"])
        == ("agreement", 0.1, 6, settings)
    ]
    assert len(both) == 3
    assert picture.numbers.set_index("network").loc["both", "mean"] == round(np.mean(both), 4)


def test_the_question_shows_an_interaction():
    means = figures.interaction_question().numbers.set_index("network").mean(axis=1)
    assert abs(means["A alone"] - means["neither"]) < 0.002
    assert means["B alone"] > means["neither"] > means["both"] + 0.01


def test_four_activations_and_a_product_in_one_picture():
    picture = figures.agreement()
    told = picture.numbers.set_index(["x", "y"]).loc[(0.5, 0.5)]
    assert told.tolist() == [1.0, 0.5] and len(picture.numbers) == 25
    matches_snapshot("neural_network/agreement", picture)


def test_the_training_panel_follows_its_controls_before_anything_is_trained(small):
    walk(train_panel(*small, {"both biases": 0.9}))


def test_a_network_trains_and_its_curve_and_count_are_shown(small):
    train, valid = small
    panel = train_panel(
        train, valid, {"both biases": evaluate(regularised_biases(train), valid).rmse}
    )
    settings = {"n_user_factors": 3, "n_movie_factors": 4, "n_act": 5, "n_epochs": 3}
    sentence = panel.train(**settings, dropout=0.5, start="random").sentence
    model = CollabNN(train.n_users, 3, train.n_movies, 4, n_act=5)
    assert f"{sum(p.numel() for p in model.parameters()):,} numbers" in sentence
    assert "after epoch 3 of 3" in sentence and panel.progress.value == 3


def test_the_button_trains_the_network_that_is_chosen(small):
    """The same epochs as of a network that is made and trained by hand."""
    train, valid = small
    panel = train_panel(train, valid, {})
    panel.train(
        n_user_factors=3,
        n_movie_factors=4,
        n_act=16,
        dropout=0.3,
        start="random",
        share=0.3,
        lr=0.003,
        n_epochs=2,
    )
    sizes = {"n_user_factors": 3, "n_movie_factors": 4, "n_act": 16, "dropout": 0.3}
    mean = train.ratings.mean().item()
    users, movies = train.n_users, train.n_movies
    network = CollabNN(n_users=users, n_movies=movies, **sizes, mean=mean, seed=0, start="random")
    slower = slower_layers(network, 0.3)
    history = train_model(network, train, valid, 2, 0.003, 2e-3, optimizer=slower)
    assert panel.runs[-1].epochs == list(history.epochs)


def test_runs_are_named_by_what_sets_them_apart(small):
    panel = train_panel(*small, {})
    for change in ({}, {"n_act": 20}, {"n_act": 20, "dropout": 0.3}):
        picture = panel.train(n_epochs=2, **change)
    (axes,) = picture.figure.axes
    names = [text.get_text().split(": ")[0] for text in axes.get_legend().get_texts()]
    assert len(set(names)) == 3
    assert names[1] == "run 2, 20 activations, dropout 0"
    (bold,) = (line for line in axes.lines if line.get_linewidth() == 2.5)  # the newest
    assert bold.get_label().startswith("run 3")


def test_the_runs_of_the_reader_are_drawn():
    usual = {"n_user_factors": 3, "n_movie_factors": 4, "n_act": 5, "dropout": 0.0}
    usual |= {"start": "random", "share": 1.0, "lr": 0.01, "n_epochs": 2}
    errors = {"random": (0.98, 0.93), "agreement": (0.95, 0.88)}
    runs = [
        SimpleNamespace(
            settings=usual | {"start": start},
            epochs=[SimpleNamespace(epoch=n, valid_rmse=error) for n, error in enumerate(two, 1)],
        )
        for start, two in errors.items()
    ]
    picture = figures.live_networks(runs, {"both biases": 0.89}, 1234, **usual)
    matches_snapshot("neural_network/live_networks", picture)
    lines = {"both biases": 0.89, "dot model": 0.87}
    (axes,) = figures.live_networks([], lines, 1234, **usual).figure.axes
    assert {text.get_text(): text.get_position()[1] for text in axes.texts} == lines
    assert axes.get_legend() is None
    told = figures.live_networks(runs, lines, 1234, **usual).numbers.set_index("what")
    assert told.loc["dot model", "valid RMSE (stars)"] == 0.87 and len(told) == 6


def test_every_recorded_run_is_one_that_the_panel_can_make(small):
    panel = train_panel(*small, {})
    for values in panel.recorded:
        assert set(values) == set(panel.controls)
        panel(**values)


def test_cancel_stops_the_training(small):
    panel = train_panel(*small, {})

    async def press_and_cancel():
        panel(n_epochs=20, n_user_factors=2, n_movie_factors=2, n_act=4)
        panel.start.click()
        while panel.progress.value < 2:
            await asyncio.sleep(0.005)
        panel.cancel.click()
        await panel.task

    asyncio.run(press_and_cancel())
    assert "cancelled after epoch" in panel.status.value
    assert 2 <= len(panel.runs[0].epochs) < 20


# The bank: right answers in other forms, wrong ones with the advice that each should get.


@pytest.mark.parametrize("answer", [(32, 14), [32, 14], torch.Size([32, 14]), np.array([32, 14])])
def test_right_shapes(answer):
    assert checks.check_shape(answer).passed


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ((64, 10), "dim=0"),
        ((32, 40), "multiplied"),
        ((14, 32), "rows come first"),
        (14, "tuple"),
        ((32, 10), "How many rows"),
        ("32 x 14", "numbers"),
        (None, ""),
        (float("nan"), ""),
        ((32, 14, 1), "tuple"),
    ],
)
def test_wrong_shapes(answer, advice):
    verdict = checks.check_shape(answer)
    assert not verdict.passed and advice in verdict.message, verdict


def test_parameters():
    model = CollabNN(5, 7, 6, 4, n_act=9)
    tables, layers = 5 * 7 + 6 * 4, 11 * 9 + 9 + 9 + 1
    for form in (int, float, np.int64, torch.tensor):
        assert checks.check_parameters(form(tables + layers), model).passed
    for answer, advice in (
        (6, "tensors"),
        (tables, "linear layers have"),
        (layers, "tables are trained"),
        (tables + layers - 10, "biases"),
        (7, "Add up"),
        (None, ""),
        ("many", ""),
    ):
        verdict = checks.check_parameters(answer, model)
        assert not verdict.passed and advice in verdict.message, verdict


@pytest.fixture(scope="module")
def two_layers():
    torch.manual_seed(0)
    first, last = nn.Linear(5, 4), nn.Linear(4, 1)
    return first, last, last.weight @ first.weight, last.weight @ first.bias + last.bias


def test_one_layer_instead_of_two(two_layers):
    first, last, W, c = two_layers
    for w, b in ((W, c), (W.detach().numpy(), c.item()), (W[0], c), (W.tolist(), c[0])):
        verdict = checks.check_one_layer(w, b, first, last)
        assert verdict.passed, verdict


def test_not_one_layer(two_layers):
    first, last, W, c = two_layers
    for w, b, advice in (
        (last.weight, last.bias, "order"),
        (first.weight, c, "order"),
        (W.T, c, "side"),
        (2 * W, c, "product"),
        (torch.relu(W), c, "product"),
        (W, last.bias, "c₁ is missing"),
        (W, last.weight @ first.bias, "Nearly"),
        (W, first.bias.sum() + last.bias, "has a weight"),
        (W, first.bias, "one bias"),
        (W, c + 1, "row of zeros"),
        (W, None, ""),
        ("W", c, ""),
        (lambda: W, c, ""),
    ):
        verdict = checks.check_one_layer(w, b, first, last)
        assert not verdict.passed and advice in verdict.message, verdict
