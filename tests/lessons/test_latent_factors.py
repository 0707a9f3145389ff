"""The panels of lesson 3: each control over its whole range."""

import numpy as np
import pytest

from collab_lib.lessons.latent_factors.panels import (
    descent_panel,
    dot_product_panel,
    rotation_panel,
)
from collab_lib.lessons.latent_factors.small_table import descend, small_table


def sweep(panel, name, values):
    """The pictures for `values`; each has to show in the panel, and differ from the one before."""
    sentences, views = [], []
    for value in values:
        sentences.append(panel(**{name: value}).sentence)
        views.append(panel.view.value)
        assert "could not draw" not in panel.view.value
    return sentences, views


@pytest.mark.parametrize("name", [f"{who}_{k}" for who in ("user", "movie") for k in (1, 2, 3)])
def test_each_factor_changes_the_picture_over_its_range(name):
    panel = dot_product_panel()
    sentences, views = sweep(panel, name, np.linspace(-1, 1, 21).round(1))
    assert len(set(sentences)) == len(set(views)) == 21


def test_the_panel_opens_on_the_numbers_of_the_lesson():
    sentence = dot_product_panel().picture.sentence
    assert sentence.startswith("0.2 × 0.3 + 0.9 × 0.7 + 0.3 × 0.2 = 0.75.")
    assert "romance: 0.63" in sentence


def test_signs_and_zeros_are_told():
    panel = dot_product_panel()
    assert "= −0.51." in panel(user_2=-0.9).sentence
    zeros = {f"user_{k}": 0.0 for k in (1, 2, 3)}
    assert "No factor contributes" in panel(**zeros).sentence


@pytest.fixture(scope="module")
def descent():
    return descent_panel(small_table(), small_table(blanks=False))


def test_the_steps_change_the_picture(descent):
    sentences, views = sweep(descent, "step", range(0, 301, 20))
    assert len(set(views)) == 16
    assert len(set(sentences)) == 16
    assert sentences[0].startswith("Step 0: the loss over the rated cells is 10.70.")


@pytest.mark.parametrize("name", ["n_factors", "lr", "seed", "reveal"])
def test_the_other_controls_change_the_picture(name):
    panel = descent_panel(small_table(), small_table(blanks=False))
    panel(step=60)
    control = panel.controls[name]
    options = control.options if hasattr(control, "options") else (False, True)
    sentences, views = sweep(panel, name, options)
    assert len(set(views)) == len(set(sentences)) == len(options) > 1


def test_the_sentence_tells_what_was_held_back(descent):
    assert "would say" not in descent(step=300, reveal=False).sentence
    assert "Bo and Alien 4.2 (would say 4.0)" in descent(reveal=True).sentence


def test_a_run_away_is_shown_and_told(descent):
    sentence = descent(step=300, n_factors=4, lr=1.0, seed=1).sentence
    assert "learning rate is too large" in sentence
    descent(n_factors=2, lr=0.2, seed=0)


def test_a_full_turn_moves_points_and_no_prediction():
    last = descend(small_table())
    panel = rotation_panel(last.users[-1], last.movies[-1], small_table())
    sentences, views = sweep(panel, "angle", range(0, 361, 15))
    assert all(s.endswith("changed by at most 0.00 stars.") for s in sentences)
    assert len(set(views)) == 25
    assert "(−1.6, 1.7)" in sentences[0] and "(1.6, −1.7)" in sentences[12]
