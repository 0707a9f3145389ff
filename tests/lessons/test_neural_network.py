"""The panels and figures of lesson 7."""

import asyncio

import pytest
import torch

from collab_lib import CollabNN, evaluate, regularised_biases
from collab_lib.lessons.neural_network.figures import agreement, ladder
from collab_lib.lessons.neural_network.panels import (
    numbers_of_one_rating,
    one_rating_panel,
    shapes_panel,
    train_panel,
)
from collab_lib.results import load_results
from tests.walk import walk


@pytest.fixture(scope="module")
def small(ratings):
    """A split of few ratings, so that a training takes no time."""
    train, valid = ratings.split(seed=42)
    return train.subset(torch.arange(3000)), valid.subset(torch.arange(500))


def test_the_shapes_follow_the_sliders():
    walk(shapes_panel())


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


def test_the_panel_of_one_rating_follows_user_and_movie(split):
    train, _ = split
    model = CollabNN(train.n_users, 72, train.n_movies, 103, mean=3.5, seed=0, start="agreement")
    walk(one_rating_panel(model, train))


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


def test_a_learning_rate_that_is_too_high_says_so_and_the_panel_goes_on(small):
    panel = train_panel(*small, {})
    panel.train(lr=0.1, n_epochs=2, n_act=4)
    assert "after epoch 2 of 2" in panel.picture.sentence


def test_four_activations_and_a_product_in_one_picture():
    assert "same sign" in agreement().sentence


def test_the_ladder_names_ours_and_theirs_with_the_stored_numbers():
    scores, peers = load_results("scoreboard"), load_results("peers")
    sentence = ladder(scores, peers).sentence
    for edition in scores["results"]["editions"].values():
        rmses = edition["models"]["best model"]["rmse"]
        assert f"best model {sum(rmses) / 3:.3f}" in sentence
    assert "KNNBaseline" in sentence and "BiasedMF" in sentence
