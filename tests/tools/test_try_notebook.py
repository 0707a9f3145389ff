"""Trying the course with other versions must notice what fails there."""

import pytest
from ipywidgets import Text

from collab_lib.kit.controls import box, choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import picture
from collab_lib.kit.training_panel import TrainingPanel
from tools.try_notebook import brought_by, ends, install, move


@picture(width=3, height=2)
def line(axes, told):
    axes.plot([0, 1], label="a")
    return f"A line for {told}."


CONTROLS = {
    "n": lambda: slider("n", 1, 9, 4),
    "rate": lambda: choice("Rate", [0.1, 0.2, 0.4], 0.2),
    "film": lambda: pick("Film", ["Alien", "Brazil"], "Alien"),
    "deep": lambda: box("Deep"),
    "find": lambda: Text(value="b"),
}


def test_every_control_goes_to_both_ends():
    seen = []

    def draw(**values):
        seen.append(values)
        return line(values)

    panel = Panel(draw, **{name: made() for name, made in CONTROLS.items()})
    assert move(panel) == 4 * 2 + 1
    for name, both in {"n": {1, 9}, "rate": {0.1, 0.4}, "film": {"Alien", "Brazil"}}.items():
        assert both <= {values[name] for values in seen}
    assert ends(panel.controls["deep"]) == [True, False]


def test_a_picture_that_stays_is_noticed():
    panel = Panel(line, told=slider("told", 1, 9, 4))
    panel.controls["told"].unobserve_all()
    with pytest.raises(AssertionError, match="told moves nothing"):
        move(panel)


def test_a_panel_that_trains_is_trained_for_an_epoch():
    trained = []

    def train(n_epochs):
        for epoch in range(n_epochs):
            trained.append(epoch)
            yield epoch

    def draw(runs, n_epochs):
        return line((n_epochs, [len(run.epochs) for run in runs]))

    move(TrainingPanel(draw, train, n_epochs=slider("Epochs", 1, 9, 4)))
    assert trained == [0]


def test_what_pip_would_bring_is_told_by_name(monkeypatch):
    assert brought_by("pandas") == []  # is there
    monkeypatch.setattr("tools.try_notebook.brought_by", lambda *_: ["collab_lib 2", "pandas 9"])
    with pytest.raises(SystemExit, match="would bring collab_lib 2, pandas 9"):
        install()
