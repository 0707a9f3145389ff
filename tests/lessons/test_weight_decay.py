"""The panels and pictures of lesson 6: every control over its range, and what they say."""

import asyncio
import re

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import Ratings
from collab_lib.lessons.weight_decay.figures import stored_runs, two_sides, vector_sizes
from collab_lib.lessons.weight_decay.overfitting import Moment, curve, fit_curve, watch_training
from collab_lib.lessons.weight_decay.panels import curve_panel, stored_runs_panel, train_panel
from collab_lib.results import load_results


@pytest.fixture(scope="module")
def results():
    return load_results("weight_decay")


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    pairs = [(user, movie) for user in range(20) for movie in range(15)]
    collab = pd.DataFrame(pairs, columns=["userId", "movieId"])
    collab["rating"] = rng.integers(1, 11, len(collab)) / 2
    collab["timestamp"], collab["title"] = 0, collab["movieId"].astype(str)
    return Ratings.from_frame(collab).split()


def _values(control):
    if hasattr(control, "options"):
        return [value for _, value in control.options]
    return list(range(control.min, control.max + 1))


def _walk(panel):
    """Every control over its whole range, the others where they were; the sentences it gave."""
    for name, control in panel.controls.items():
        first = control.value
        sentences, pictures = [], []
        for value in _values(control):
            sentences.append(panel(**{name: value}).sentence)
            pictures.append(panel.view.value)
        panel(**{name: first})
        yield name, sentences, pictures


def test_the_curve_panel_follows_its_slider():
    for _, sentences, pictures in _walk(curve_panel()):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences) == 9


def test_a_little_decay_predicts_hidden_ratings_better_than_none_and_than_much():
    panel = curve_panel()
    fitted, hidden, squares = [], [], []
    for decay in _values(panel.controls["weight_decay"]):
        numbers = re.findall(r"by ([\d.]+)|up to ([\d,.]+)\.$", panel(weight_decay=decay).sentence)
        fitted.append(float(numbers[0][0]))
        hidden.append(float(numbers[1][0]))
        squares.append(float(numbers[2][1].replace(",", "")))
    assert fitted == sorted(fitted) and squares == sorted(squares, reverse=True)
    assert min(hidden) < 0.6 * hidden[0] and min(hidden) < 0.5 * hidden[-1]


def test_the_stored_panel_follows_every_slider(results):
    for name, sentences, pictures in _walk(stored_runs_panel(results)):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences), name


def test_the_stored_panel_says_what_is_stored(results):
    panel = stored_runs_panel(results)
    sentence = panel(n_factors=100, weight_decay=3e-4, epoch=12).sentence
    chosen = [r for r in results["runs"] if (r["n_factors"], r["weight_decay"]) == (100, 3e-4)]
    valid = [run["valid_rmse"][11] for run in chosen]
    assert len(chosen) == 3
    assert (
        f"valid {np.mean(valid):.3f} (seeds from {min(valid):.3f} to {max(valid):.3f})" in sentence
    )


def test_the_results_hold_the_valley_that_the_lesson_tells_of(results):
    table = pd.DataFrame({**run, "valid": run["valid_rmse"][-1]} for run in results["runs"])
    means = table.groupby(["weight_decay", "n_factors"])["valid"].mean().unstack()
    assert set(means.idxmin()) <= {2e-4, 3e-4}
    assert (means.loc[3e-4] < results["baseline_rmse"]).all()
    assert (means.loc[[0, 1e-2]] > results["baseline_rmse"]).all(axis=None)


def test_an_unknown_setting_names_those_there_are(results):
    with pytest.raises(ValueError, match=r"n_factors=7 .*\[5, 20, 50, 100\]"):
        stored_runs(results, n_factors=7, weight_decay=0, epoch=1)


def test_the_training_panel_follows_its_controls_before_and_after_a_run(parts, results):
    panel = train_panel(*parts, results, 0.9)
    assert "no run of yours so far" in panel.picture.sentence
    for name, sentences, pictures in _walk(panel):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences), name
    panel.train(n_factors=5, weight_decay=0, n_epochs=4)
    assert "Yours with 5 and 0:" in panel.picture.sentence
    assert "after epoch 4" in panel.picture.sentence
    panel.train(n_factors=20, weight_decay=1e-3, n_epochs=4)
    assert "Yours with 20 and 0.001:" in panel.picture.sentence


def test_the_training_panel_trains_in_turns_and_can_be_cancelled(parts, results):
    panel = train_panel(*parts, results, 0.9)

    async def press_and_cancel():
        panel.start.click()
        while panel.progress.value < 2:
            await asyncio.sleep(0.001)
        panel.cancel.click()
        await panel.task

    asyncio.run(press_and_cancel())
    assert "cancelled" in panel.status.value and 2 <= len(panel.runs[0].epochs) <= 3


def test_the_same_setting_trains_the_same_way_twice(parts):
    first, second = (list(watch_training(*parts, 3, 1e-3, n_epochs=2)) for _ in range(2))
    assert first == second


def test_a_moment_knows_its_gap_and_pictures_say_it():
    moments = [Moment(1.0, 1.1, 5.0), Moment(0.5, 0.9, 1234.0)]
    picture = two_sides({"Free": moments}, 0.95)
    assert moments[-1].gap == pytest.approx(0.4)
    assert picture.sentence == (
        "Free: after 2 epochs train 0.50, valid 0.90, gap 0.40 stars, squares of the weights 1,234."
    )


def test_vector_sizes_are_means_over_movies_with_as_many_ratings():
    counts = torch.tensor([1, 1, 3, 150])
    table = torch.tensor([[3.0, 4.0], [0.0, 1.0], [1.0, 0.0], [0.0, 2.0]])
    sentence = vector_sizes(counts, {"x": table}).sentence
    assert "x: 3.0 for movies with one rating, 2.0 for those with 100 or more" in sentence


@pytest.mark.parametrize("decay", [0.0, 0.01, 1.0])
def test_the_curve_is_where_a_descent_on_the_penalised_loss_would_end(decay):
    x = torch.linspace(-1, 1, 7, dtype=torch.float64)
    y = torch.tensor([1.0, 4, 2, 3, 5, 2, 3], dtype=torch.float64)
    w = fit_curve(x, y, decay, degree=3).requires_grad_()
    loss = ((curve(w, y.mean(), x) - y) ** 2).sum() + decay * (w**2).sum()
    loss.backward()
    assert w.grad.abs().max() < 1e-9


def test_a_negative_decay_is_refused():
    with pytest.raises(ValueError, match="reward large weights"):
        fit_curve(torch.zeros(2), torch.zeros(2), -1)
