"""The button that trains: bar, picture, cancel, run again, errors; with an event loop or none."""

import asyncio

import pytest
from ipywidgets import FloatSlider, IntSlider

from collab_lib.kit.picture import Picture, new_figure
from collab_lib.kit.training_panel import RUNS_KEPT, TrainingPanel


def draw(runs, n_epochs, lr):
    return Picture(new_figure(1, 1), f"{[(run.settings['lr'], len(run.epochs)) for run in runs]}")


def train(n_epochs, lr):
    for epoch in range(n_epochs):
        if lr > 0.5 and epoch == 2:
            raise ValueError("The loss is <nan>.")
        yield epoch


@pytest.fixture
def panel():
    return TrainingPanel(draw, train, lr=FloatSlider(0.1), n_epochs=IntSlider(5, 1, 9))


def test_it_shows_a_picture_before_anything_was_trained(panel):
    assert panel.picture.sentence == "[]"
    assert "not trained yet" in panel.status.value and panel.cancel.disabled
    assert panel._repr_mimebundle_()[0]["text/plain"] == "[]"


def test_training_without_an_event_loop_runs_to_the_end(panel):
    assert panel.train(n_epochs=3).sentence == "[(0.1, 3)]"
    assert (panel.progress.value, panel.progress.max) == (3, 3)
    assert "done" in panel.status.value and panel.cancel.disabled and not panel.start.disabled


def test_runs_are_kept_up_to_a_few_for_comparison(panel):
    for lr in (0.1, 0.2, 0.3, 0.4, 0.45):
        panel.train(lr=lr)
    assert [run.settings["lr"] for run in panel.runs] == [0.2, 0.3, 0.4, 0.45]
    assert len(panel.runs) == RUNS_KEPT


def test_the_button_trains_in_turns_with_everything_else(panel):
    async def press_and_watch():
        panel.start.click()
        seen = []
        while not panel.task.done():
            seen.append((panel.progress.value, panel.start.disabled, panel.picture.sentence))
            await asyncio.sleep(0.005)
        return seen

    seen = asyncio.run(press_and_watch())
    values = [value for value, _, _ in seen]
    assert values == sorted(values) and len(set(values)) >= 4
    assert all(locked for value, locked, _ in seen if 0 < value < 5)
    assert panel.picture.sentence == "[(0.1, 5)]" and not panel.start.disabled


def test_cancel_stops_after_the_epoch_and_the_button_can_be_pressed_again(panel):
    async def press_cancel_press():
        panel.start.click()
        while panel.progress.value < 2:
            await asyncio.sleep(0.005)
        panel.cancel.click()
        await panel.task
        assert "cancelled after epoch" in panel.status.value
        assert len(panel.runs[0].epochs) in (2, 3)
        panel.start.click()
        await panel.task

    asyncio.run(press_cancel_press())
    assert len(panel.runs) == 2 and len(panel.runs[1].epochs) == 5
    assert "done" in panel.status.value


def test_while_it_trains_the_controls_are_locked_and_the_status_counts(panel):
    async def press_and_look():
        panel.start.click()
        while panel.progress.value < 2:
            await asyncio.sleep(0.005)
        assert f"epoch {panel.progress.value} of 5" in panel.status.value
        assert all(control.disabled for control in panel.controls.values())
        await panel.task

    asyncio.run(press_and_look())
    assert not any(control.disabled for control in panel.controls.values())


def test_pressing_twice_at_once_trains_once(panel):
    async def press_twice():
        panel.start.click()
        first = panel.task
        panel.start.click()
        assert panel.task is first
        await first

    asyncio.run(press_twice())
    assert len(panel.runs) == 1


def test_an_exception_shows_in_the_panel_and_is_raised(panel):
    with pytest.raises(ValueError, match="nan"):
        panel.train(lr=0.6)
    assert 'role="alert"' in panel.view.value and "&lt;nan&gt;" in panel.view.value
    assert not panel.start.disabled and panel.cancel.disabled
    assert panel.train(lr=0.1).sentence.endswith("(0.1, 5)]")
    assert "alert" not in panel.view.value


def test_an_exception_in_turns_shows_and_reaches_whoever_waits(panel):
    async def press():
        panel.start.click()
        await panel.task

    panel(lr=0.6)
    with pytest.raises(ValueError, match="nan"):
        asyncio.run(press())
    assert 'role="alert"' in panel.view.value


def test_no_epoch_is_trained_with_a_value_that_the_panel_was_not_made_for(panel):
    async def press():
        panel.start.click()
        await panel.task

    control = panel.controls["n_epochs"]
    control.max = 10**9  # as a client, or code, can do
    with panel.held():
        control.value = 1_000
    with pytest.raises(ValueError, match="n_epochs is 1000, and goes from 1 to 9"):
        asyncio.run(press())
    assert panel.runs == [] and "not trained yet" in panel.status.value
    assert "The training did not start: n_epochs is 1000" in panel.view.value
    assert not panel.start.disabled and panel.cancel.disabled
    control.value = 3
    asyncio.run(press())
    assert panel.picture.sentence == "[(0.1, 3)]"


def test_moving_a_control_draws_the_runs_there_are(panel):
    panel.train()
    assert panel(lr=0.3).sentence == "[(0.1, 5)]"


def test_a_panel_without_n_epochs_says_so():
    with pytest.raises(ValueError, match="n_epochs"):
        TrainingPanel(draw, train, lr=FloatSlider(0.1))


def test_who_trains_meanwhile_is_refused(panel):
    async def press_and_train():
        panel.start.click()
        await asyncio.sleep(0)
        with pytest.raises(ValueError, match="training already"):
            panel.train()
        await panel.task

    asyncio.run(press_and_train())
    assert len(panel.runs) == 1
