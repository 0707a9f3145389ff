"""The one door for answers: nothing that a student hands in ends in a traceback."""

import sys

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.kit.check import (
    Advice,
    Verdict,
    array,
    ask,
    check,
    choices,
    judge,
    number,
    right,
    wrong,
)


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no")


ODD = [
    None,
    float("nan"),
    float("inf"),
    10**400,
    "3.5",
    b"3.5",
    True,
    1j,
    [],
    [1, "a"],
    {},
    object(),
    Unprintable(),
    print,
    np.array(["a"]),
    np.zeros((2, 2)),
    torch.zeros(3),
    torch.tensor(float("nan")),
    pd.Series([1, 2]),
    pd.DataFrame({"a": [1]}),
    lambda: 1 / 0,
    sys.exit,
]


@check
def check_two(answer) -> Verdict:
    return judge(
        number(answer), 2, praise="Two.", otherwise="Count again.", mistakes=[(3, "One off.")]
    )


@check
def check_double(answer) -> Verdict:
    x = torch.tensor([1.0, 2.0])
    return judge(ask(answer, x), 2 * x, praise="Doubled.", otherwise="Not doubled.")


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: type(answer).__name__)
@pytest.mark.parametrize("checked", [check_two, check_double])
def test_every_odd_answer_gets_advice(checked, answer):
    verdict = checked(answer)
    assert not verdict.passed and len(verdict.message) > 10
    assert repr(verdict).startswith("✗ ")


@pytest.mark.parametrize(
    "answer", [2, 2.0, np.float32(2), np.array([2.0]), torch.tensor(2), pd.Series([2])]
)
def test_a_right_number_in_any_form(answer):
    assert check_two(answer) == right("Two.")


@check
def check_colours(answer):
    choices(answer, {"sky": "blue", "grass": "green"})
    return right("Chosen.")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"grass": " GREEN", "sky": "green "}, "Chosen."),
        ({"sky": "blue"}, "Give one answer for each of sky, grass."),
        (
            {"sky": "blue", "grass": "green", "sea": "blue"},
            "Give one answer for each of sky, grass.",
        ),
        ({"sky": "blue", "grass": "red"}, "'red' is none of these: 'blue', 'green'."),
    ],
)
def test_one_choice_for_each_name(answer, message):
    assert check_colours(answer).message == message


def test_a_known_mistake_has_its_own_advice():
    assert check_two(3) == wrong("One off.")
    assert check_two(4) == wrong("Count again.")


def test_a_way_that_happens_to_give_what_is_wanted_is_no_mistake():
    verdict = judge(2.0, 2, praise="Two.", otherwise="Count again.", mistakes=[(2, "One off.")])
    assert verdict == right("Two.")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x + x, "Doubled."),
        (lambda x: (2 * x).numpy(), "Doubled."),
        (lambda x: [2.0, 4.0], "Doubled."),
        (lambda x: x.mul_(2), "Doubled."),  # changes what it was given: a copy
        (lambda x: x, "Not doubled."),
        (lambda x: None, "returns nothing"),
        (lambda x: (2 * x)[:, None], "shape is (2, 1); it should be (2,)"),
        (lambda x: undefined_name, "NameError"),  # noqa: F821
        (lambda: 1, "TypeError"),
    ],
)
def test_a_function_is_asked_with_copies(function, message):
    assert message in check_double(function).message


def test_an_error_that_ends_with_a_full_stop_gets_no_second_one():
    def double(x):
        raise TypeError("A Series, please.")

    assert check_double(double).message == "Your function stops with TypeError: A Series, please."


def test_stop_still_stops():
    @check
    def interrupted(answer):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted(1)


def test_a_verdict_is_spoken_and_its_text_is_escaped():
    html = wrong("<b>3 < 4</b>")._repr_html_()
    assert 'role="status"' in html and "Not yet." in html
    assert "&lt;b&gt;3 &lt; 4" in html and "<b>" not in html
    assert "✓ Right." in right("Yes.")._repr_html_().replace("</strong>", "").replace(
        "<strong>", ""
    )


def test_a_gradient_comes_along_with_a_copy():
    x = torch.ones(2, requires_grad=True)
    assert ask(lambda t: t.requires_grad and t is not x, x) is True


def test_arrays_of_anything_but_numbers_are_advice():
    with pytest.raises(Advice, match="made of numbers"):
        array(["a", "b"])
    assert array([torch.tensor(1.0), torch.tensor(2.0)]).tolist() == [1, 2]


def test_tables_tuples_and_models_are_copies_too():
    table, model = pd.DataFrame({"a": [1.0]}), torch.nn.Linear(1, 1)
    pair = (torch.zeros(1), [0.0])
    before = model.weight.item()

    def change(table, pair, model):
        table["a"] = 9.0
        pair[0].add_(1)
        pair[1].append(1)
        with torch.no_grad():
            model.weight.add_(1)
        return 1

    ask(change, table, pair, model=model)
    assert table["a"].tolist() == [1.0] and pair == (torch.zeros(1), [0.0])
    assert model.weight.item() == before
