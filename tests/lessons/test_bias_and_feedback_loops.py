"""The panels of lesson 8 on who wrote the ratings, and on the simulated world."""

import numpy as np
import pytest

from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import WAYS
from collab_lib.lessons.bias_and_feedback_loops.panels import (
    ENTHUSIASTS,
    EXPLORATION,
    MEASURES,
    ZEAL,
    bands_of,
    enthusiasts_panel,
    key,
    world_bands,
    world_panel,
)
from collab_lib.lessons.bias_and_feedback_loops.simulation import over_seeds
from collab_lib.lessons.bias_and_feedback_loops.world import World
from collab_lib.results import load_results
from tests.walk import values_of, walk


def test_the_enthusiasts_panel_follows_its_controls(ratings):
    walk(enthusiasts_panel(ratings))


@pytest.mark.parametrize("way", [way for way in WAYS if way != "as they are"])
def test_the_share_matters_in_every_way(ratings, way):
    panel = enthusiasts_panel(ratings)
    panel(way=way)
    sentences = {panel(percent=p).sentence for p in values_of(panel.controls["percent"])}
    assert len(sentences) == 6


def test_only_leaving_out_is_compared_with_chance(ratings):
    panel = enthusiasts_panel(ratings)
    assert "cut at random" in panel(way="left out").sentence
    assert "cut at random" not in panel(way="re-weighted").sentence


def test_the_world_panel_follows_its_controls():
    walk(world_panel())


def test_every_position_of_the_sliders_is_stored():
    runs = load_results("feedback")["runs"]
    for recommender in ("chart", "biases", "dot"):
        for exploration in (*EXPLORATION, 1.0):
            for share in ENTHUSIASTS:
                for zeal in ZEAL:
                    assert set(runs[key(recommender, exploration, share, zeal)]) == set(MEASURES)


def test_the_button_adds_a_live_run_that_the_sliders_take_away():
    panel = world_panel()
    stored = panel.picture.png()
    panel.live.click()
    first = panel.picture.png()
    panel.live.click()
    assert stored != first != panel.picture.png() != stored
    panel(zeal=4)
    assert panel(zeal=2) and panel.picture.png() != stored  # the run belongs to these settings
    panel(zeal=1)
    assert "Gini" in panel.picture.sentence


def test_a_world_without_enthusiasts_draws_what_there_is():
    assert "0% of others' lists" not in world_panel()(enthusiasts=0.0).sentence


def test_stored_bands_are_those_of_over_seeds():
    runs = load_results("feedback")["runs"]
    loop, twin = world_bands(runs, "chart", 0.1, 0.1, 2)
    now = bands_of(over_seeds(World(exploration=0.1), range(10)))
    for measure in MEASURES:
        assert loop[measure].shape == now[measure].shape == twin[measure].shape
        assert np.abs(loop[measure] - now[measure]).max() < 0.04
