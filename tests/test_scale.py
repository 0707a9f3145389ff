"""`interpret` and `ranged_sigmoid`: the half-star scale, exactly, and a sigmoid between bounds."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from collab_lib import interpret, ranged_sigmoid

SCALE = [half / 2 for half in range(1, 11)]
finite = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("prediction", "stars"),
    [
        (3.2, 3.0),
        (3.3, 3.5),
        (3.74, 3.5),
        (3.76, 4.0),
        (5.4, 5.0),
        (5.5, 5.0),
        (0.2, 0.5),
        (0.0, 0.5),
        (-3.0, 0.5),
        (float("inf"), 5.0),
        (float("-inf"), 0.5),
        (4, 4.0),
    ],
)
def test_interpret_by_hand(prediction, stars):
    answer = interpret(prediction)
    assert answer == stars
    assert type(answer) is float


@pytest.mark.parametrize("stars", SCALE)
def test_a_rating_interprets_as_itself(stars):
    assert interpret(stars) == stars


@pytest.mark.parametrize(("between", "even"), [(2.25, 2.0), (2.75, 3.0), (3.25, 3.0), (0.75, 1.0)])
def test_half_way_goes_to_the_even_number_of_halves_for_floats_and_tensors(between, even):
    assert interpret(between) == even
    assert interpret(torch.tensor(between)).item() == even


def test_a_tensor_keeps_its_shape_and_type():
    answer = interpret(torch.tensor([[-1.0, 3.3], [4.8, 9.0]]))
    assert torch.equal(answer, torch.tensor([[0.5, 3.5], [5.0, 5.0]]))
    assert answer.dtype == torch.float32
    assert interpret(torch.zeros(0, 3)).shape == (0, 3)


def test_nan_stays_nan():
    assert math.isnan(interpret(float("nan")))
    assert interpret(torch.tensor([float("nan"), 3.0])).isnan().tolist() == [True, False]


@given(finite)
def test_interpret_is_the_nearest_point_of_the_scale(prediction):
    answer = interpret(prediction)
    assert answer in SCALE
    assert abs(answer - prediction) == min(abs(stars - prediction) for stars in SCALE)
    assert interpret(answer) == answer


@given(st.lists(finite, min_size=1))
def test_floats_and_tensors_agree(predictions):
    together = interpret(torch.tensor(predictions, dtype=torch.float64))
    assert together.tolist() == [interpret(prediction) for prediction in predictions]


def test_ranged_sigmoid_by_hand():
    x = torch.tensor([0.0, math.log(3), -math.log(3)])
    assert torch.allclose(ranged_sigmoid(x, 0, 5.5), torch.tensor([2.75, 4.125, 1.375]))
    assert torch.allclose(ranged_sigmoid(x, 1, 3), torch.tensor([2.0, 2.5, 1.5]))


@given(st.floats(-30, 30), st.floats(-10, 10), st.floats(0.5, 10))
def test_ranged_sigmoid_stays_inside_and_is_symmetric(x, lower, width):
    x = torch.tensor(x, dtype=torch.float64)
    upper = lower + width
    value, mirrored = (ranged_sigmoid(sign * x, lower, upper).item() for sign in (1, -1))
    assert lower < value < upper
    assert value + mirrored == pytest.approx(lower + upper, abs=1e-9)


def test_ranged_sigmoid_rises_and_reaches_five_only_below_its_bound():
    values = ranged_sigmoid(torch.linspace(-8, 8, 100), 0, 5.5)
    assert (values.diff() > 0).all()
    assert values.max() > 5


def test_ranged_sigmoid_passes_gradients():
    x = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: ranged_sigmoid(x, 0, 5.5), x)


@pytest.mark.parametrize("bounds", [(5.5, 0), (3, 3), (0, float("nan"))])
def test_bounds_upside_down_are_refused(bounds):
    with pytest.raises(ValueError, match=r"lower_bound=.* must be below upper_bound="):
        ranged_sigmoid(torch.zeros(1), *bounds)
