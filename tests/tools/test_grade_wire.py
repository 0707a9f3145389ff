"""What crosses between the student's process and the grader's: values, calls and gradients."""

import os
import threading
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from collab_lib.dataset import Ratings
from tools.grade.wire import MOST_BYTES, Peer, Unreadable, WireError


@pytest.fixture
def ends():
    """Both ends: the grader's, and the student's, which serves in a thread."""
    to_student, to_grader = os.pipe(), os.pipe()
    grader, student = Peer(to_grader[0], to_student[1]), Peer(to_student[0], to_grader[1])

    def serve():
        try:
            while True:
                student.serve()
        except WireError:
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield grader, student
    os.close(to_student[1])
    thread.join()
    for end in (to_student[0], *to_grader):
        os.close(end)


@pytest.fixture
def cross(ends):
    """Brings a student's value over to the grader."""
    grader, student = ends
    return lambda value: grader.decode(student.encode(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(10**30),
        2.5,
        float("inf"),
        1 + 2j,
        "text ✓ \ud83d",
        (1, "two"),
        [[], {}],
        {0, 4},
        frozenset({1}),
        {"a": {1: 2.0}},
        range(3, 9, 2),
        np.float32(0.5),
        np.bool_(True),
        np.int64(7),
    ],
)
def test_plain_values_arrive_as_they_are(value, cross):
    arrived = cross(value)
    assert type(arrived) is type(value)
    assert arrived == value


def test_arrays_tensors_and_tables_arrive_as_they_are(cross):
    array = np.arange(6.0).reshape(2, 3).T
    assert np.array_equal(cross(array), array) and cross(np.array(3)).shape == ()
    assert cross(np.array(["a", None], dtype=object)).tolist() == ["a", None]
    tensor = torch.arange(6).reshape(2, 3)
    assert torch.equal(cross(tensor), tensor) and cross(tensor).dtype == torch.int64
    assert cross(tensor.shape) == (2, 3)
    series = pd.Series([1.5, 2.5], index=["x", "y"], name="stars")
    pd.testing.assert_series_equal(cross(series), series)
    table = pd.DataFrame({"title": ["A", "B"], "stars": [1.0, 2.0]}, index=[7, 3])
    pd.testing.assert_frame_equal(cross(table), table)
    nested = table.set_index(["title", "stars"], append=True).index
    assert cross(pd.Series([1, 2], index=nested)).index.tolist() == nested.tolist()
    assert cross(x for x in (1, 2)) == [1, 2]
    assert cross(namedtuple("Pair", "low high")(1, 2)).high == 2


def test_the_library_s_records_cross_and_others_do_not(cross, ratings):
    few = ratings[:5] if hasattr(ratings, "__getitem__") else ratings
    arrived = cross(few)
    assert isinstance(arrived, Ratings) and torch.equal(arrived.indices, few.indices)
    assert isinstance(cross(object()), Unreadable)
    assert isinstance(cross(10**5000), Unreadable)
    with pytest.raises(WireError):
        Peer(0, 0).decode({"dataclass": ["subprocess", "Popen"], "fields": {}})
    with pytest.raises(WireError):
        Peer(0, 0).decode({"array": ["|O", [1], "AAAAAAAAAAA="]})


def test_a_message_that_says_it_is_too_long_is_not_waited_for():
    read, write = os.pipe()
    os.write(write, (MOST_BYTES + 1).to_bytes(8, "big"))
    os.close(write)  # or a grader that believed the length would wait for ever
    with pytest.raises(WireError, match="wrote nonsense"):
        Peer(read, 0).serve()
    os.close(read)


def test_what_claims_to_equal_everything_equals_nothing(cross):
    class Liar:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert cross(Liar()) != 3


def test_functions_are_called_where_they_are(cross):
    assert cross(lambda x, *, more=0: x + more)(2, more=3) == 5
    assert cross(lambda function: function(4))(lambda x: x * x) == 16  # and called back
    assert cross(lambda: lambda: 7)()() == 7

    def stops(x):
        raise KeyError("no such film")

    with pytest.raises(KeyError, match="no such film"):
        cross(stops)(1)


def test_gradients_flow_back(cross):
    table = torch.arange(10.0).reshape(5, 2).requires_grad_()
    lookup = cross(lambda table, rows: table[rows])
    lookup(table, torch.tensor([3, 1, 3])).sum().backward()
    assert table.grad.sum(1).tolist() == [0, 2, 0, 4, 0]
    assert not cross(lambda table, rows: table[rows].detach())(table, [0]).requires_grad
    double = torch.tensor(3.0, requires_grad=True)
    slope = cross(lambda f, x: torch.autograd.grad(f(x), x)[0])(lambda x: x**2, double)
    assert slope.item() == 6


class Small(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.layer = nn.Linear(n, 1)
        self.unused = nn.Parameter(torch.zeros(2))
        self.register_buffer("shift", torch.ones(1))

    def forward(self, x):
        return self.layer(x)[:, 0] + self.shift


def test_models_are_trained_here_and_computed_there(cross):
    torch.manual_seed(0)
    made = cross(Small)(3)
    assert isinstance(made, nn.Module)
    names = [name for name, _ in made.named_parameters()]
    assert sorted(names) == ["layer.bias", "layer.weight", "unused"]
    x = torch.ones(4, 3)
    first, second = made(x), made(2 * x)
    ((first - 1) ** 2 + second).mean().backward()
    assert made.unused.grad is None
    assert made.layer.weight.grad.shape == (1, 3)
    with torch.no_grad():
        made.layer.weight.zero_()
        made.layer.bias.fill_(5)
    assert made(x).tolist() == [6.0] * 4


class Counter:
    def __init__(self, start):
        self.value = start

    def add(self, n):
        self.value += n
        return self

    def equals(self, other):
        return True


def test_a_class_of_the_student_s_is_used_where_it_is(cross, monkeypatch):
    monkeypatch.setattr(Counter, "__module__", "__main__")
    counter = cross(Counter)(3)
    counter.add(4)
    assert counter.value == 7
    with pytest.raises(AttributeError):
        counter.equals(1)
    with pytest.raises(AttributeError):
        counter._hidden()
