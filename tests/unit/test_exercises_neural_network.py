"""The checks of lesson 7: common wrong answers get their own advice."""

import pytest

from collab_lib import CollabNN
from collab_lib.exercises.neural_network import check_parameters, check_shape


@pytest.mark.parametrize(
    ("answer", "advice"),
    [((64, 10), "dim=0"), ((32, 40), "multiplied"), (14, "tuple"), ((32, 10), "How many rows")],
)
def test_wrong_shapes(answer, advice):
    verdict = check_shape(answer)
    assert not verdict.passed
    assert advice in verdict.message


def test_parameters():
    model = CollabNN(5, 7, 6, 4, n_act=9)
    tables, layers = 5 * 7 + 6 * 4, 11 * 9 + 9 + 9 + 1
    assert check_parameters(tables + layers, model).passed
    assert "tensors" in check_parameters(6, model).message
    assert "linear layers have" in check_parameters(tables, model).message
    assert "tables are trained" in check_parameters(layers, model).message
