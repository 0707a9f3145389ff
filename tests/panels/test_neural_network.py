"""The panel of lesson 7."""

from collab_lib import CollabNN
from collab_lib.panels.neural_network import shapes_panel
from tests.panels.walk import walk


def test_the_shapes_follow_the_sliders():
    walk(shapes_panel())


def test_the_sentence_counts_the_numbers_of_the_model():
    model = CollabNN(5, 7, 6, 4, n_act=9)
    n_numbers = sum(p.numel() for p in model.layers.parameters())
    sentence = shapes_panel()(batch=3, n_user_factors=7, n_movie_factors=4, n_act=9).sentence
    assert f"hold {n_numbers} numbers" in sentence
    assert "(3, 11)" in sentence
