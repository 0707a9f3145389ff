"""The makers of controls: the kind, the range and the numbers they show."""

from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider, SelectionSlider, Text

from collab_lib.kit.controls import box, choice, pick, slider, stepper, text


def test_a_slider_over_whole_numbers_or_decimals():
    whole, decimal = slider("n", 1, 5, 3), slider("w", -1, 1, 0.25, step=0.05)
    assert isinstance(whole, IntSlider) and (whole.min, whole.max, whole.value) == (1, 5, 3)
    assert isinstance(decimal, FloatSlider) and decimal.value == 0.25
    assert decimal.readout_format == ".2f"
    assert (whole.step, decimal.step, slider("angle", 0, 360, 0, 10).step) == (1, 0.05, 10)


def test_a_stepper_moves_one_on_and_says_when_it_is_at_the_end():
    steps = stepper("step", 0, 2, 0)
    assert isinstance(steps, IntSlider) and steps.button.description == "Step"
    seen = []
    for _ in range(3):
        steps.button.click()
        assert steps.button.tooltip == steps.button.description
        seen.append((steps.value, steps.button.description, steps.button.disabled))
    assert seen == [(1, "Step", False)] + 2 * [(2, "Step (at the end)", False)]
    steps.value = 0
    assert steps.button.description == "Step"
    assert stepper("week", 1, 9, 4, press="Next week").button.description == "Next week"


def test_the_button_of_a_stepper_is_locked_with_it():
    steps = stepper("step", 0, 2, 0)
    steps.disabled = True
    assert steps.button.disabled
    steps.disabled = False
    assert not steps.button.disabled


def test_lists_boxes_and_texts():
    assert isinstance(choice("rate", [("a tenth", 0.1), ("one", 1)], 1), SelectionSlider)
    assert isinstance(pick("movie", ["a", "b"], "b"), Dropdown)
    assert isinstance(box("reveal"), Checkbox) and box("reveal", True).value is True
    assert isinstance(text("search"), Text)


def test_each_has_a_layout_of_its_own():
    one, other = slider("a", 0, 1, 0), slider("b", 0, 1, 0)
    one.layout.width = "5em"
    assert other.layout.width == "22em"
