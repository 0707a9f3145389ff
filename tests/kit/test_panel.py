"""The mechanism behind every panel."""

import gc
import re

import pytest
from ipywidgets import Dropdown, IntSlider

from collab_lib.kit.controls import slider, stepper, text
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture, new_figure, picture


def draw(n: int, name: str) -> Picture:
    if n == 13:
        raise ValueError("13 is <unlucky>.")
    figure = new_figure(3, 2)
    figure.subplots().bar(range(n), range(n))
    return Picture(figure, f"{name} has {n} bars.")


@pytest.fixture
def panel() -> Panel:
    return Panel(draw, n=IntSlider(3, 1, 20), name=Dropdown(options=["A", "<b>"]))


def image(panel: Panel) -> str:
    return re.search(r"base64,([^\"]+)", panel.view.value).group(1)


def test_picture_and_sentence_follow_a_control(panel):
    before = image(panel)
    panel.controls["n"].value = 7
    assert image(panel) != before
    assert panel.picture.sentence == "A has 7 bars."
    assert 'alt="A has 7 bars."' in panel.view.value


def test_the_button_of_a_stepper_stands_beside_it_and_moves_the_panel():
    panel = Panel(draw, n=stepper("bars", 1, 20, 3), name=text("letter"))
    first = panel.widget.children[0].children[0]
    assert first.children == (panel.controls["n"], panel.controls["n"].button)
    before = image(panel)
    panel.controls["n"].button.click()
    assert panel.picture.sentence.endswith("has 4 bars.") and image(panel) != before


def test_several_controls_at_once(panel):
    assert panel(n=5, name="<b>").sentence == "<b> has 5 bars."
    assert "<b>" not in panel.view.value
    assert "&lt;b&gt; has 5 bars." in panel.view.value


def test_an_error_shows_and_is_raised(panel):
    with pytest.raises(ValueError, match="unlucky"):
        panel.controls["n"].value = 13
    assert 'role="alert"' in panel.view.value
    assert "13 is &lt;unlucky&gt;." in panel.view.value
    panel.controls["n"].value = 4
    assert "A has 4 bars." in panel.view.value


def test_a_page_without_a_kernel_gets_the_picture(panel):
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["text/plain"] == "A has 3 bars."
    assert 'alt="A has 3 bars."' in bundle["text/html"]
    assert "2 controls (n, name): run this lesson to move them." in bundle["text/html"]
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == panel.widget.model_id


def test_every_control_has_a_name():
    for control in Panel(draw, n=slider("bars", 1, 20, 3), name=text("letter")).controls.values():
        assert control.tooltip == control.description


@pytest.mark.parametrize("value", [0, 21])
def test_a_value_that_the_panel_was_not_made_for_is_refused(panel, value):
    control = panel.controls["n"]
    control.min, control.max = -100, 100  # as a client, or code, can do
    with pytest.raises(ValueError, match=r"n is .*, and goes from 1 to 20"):
        control.value = value
    assert 'role="alert"' in panel.view.value
    panel.controls["n"].value = 4
    assert "A has 4 bars." in panel.view.value


def test_a_list_set_to_nothing_is_refused(panel):
    with pytest.raises(ValueError, match="name has no value"):
        panel.controls["name"].value = None


def test_stills_are_of_controls_that_exist():
    assert Panel(draw, stills={"n": [1]}, n=slider("n", 1, 5, 3), name=text("")).stills == {
        "n": [1]
    }
    with pytest.raises(ValueError, match="m"):
        Panel(draw, stills={"m": [1]}, n=slider("n", 1, 5, 3), name=text(""))


def test_five_hundred_moves_in_a_row_end_where_they_should():
    @picture(width=1, height=1)
    def small(axes, n):
        axes.set_axis_off()  # ticks take most of the time, and say nothing here
        axes.bar(range(n), 1)
        return f"{n} bars."

    panel = Panel(small, n=slider("n", 1, 12, 3))
    for move in range(500):
        panel.controls["n"].value = 1 + move % 12
    assert panel.picture.sentence == "8 bars."


def test_controls_have_labels_that_are_shown_whole(panel):
    assert all(c.style.description_width == "initial" for c in panel.controls.values())


def test_held_inside_held_waits_for_the_outer_one(panel):
    before = panel.picture
    with panel.held():
        with panel.held():
            panel.controls["n"].value = 5
        panel.controls["n"].value = 6
        assert panel.picture is before
    panel.controls["n"].value = 7
    assert panel.picture.sentence == "A has 7 bars."


def test_the_collector_of_garbage_does_not_come_between_a_move_and_its_picture():
    collecting = []

    @picture()
    def drawn(axes, n):
        collecting.append(gc.isenabled())
        if n == 3:
            raise ValueError("no third")
        return f"{n}"

    panel = Panel(drawn, n=slider("n", 1, 5, 1))
    with pytest.raises(ValueError, match="no third"):
        panel(n=3)
    assert collecting and not any(collecting)
    assert gc.isenabled() and gc.get_freeze_count() > 100_000


def test_axes_stay_where_the_first_picture_had_them():
    @picture()
    def labelled(axes, n):
        axes.set_ylabel("very long label " * n)
        axes.set_yticks([0], ["long name " * n])
        return f"{n}"

    for keep in (True, False):
        panel = Panel(labelled, keep_layout=keep, n=slider("n", 1, 5, 1))
        before = panel.picture.figure.axes[0].get_position().bounds
        panel(n=5).png()
        stays = panel.picture.figure.axes[0].get_position().bounds == before
        assert stays == keep


@pytest.mark.parametrize("wrong", [{"n": 1000}, {"q": 1}])
def test_what_there_is_not_is_refused_before_anything_is_set(panel, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        panel(name="<b>", **wrong)
    assert panel.controls["name"].value == "A" and panel.controls["n"].value == 3
