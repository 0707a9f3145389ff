"""The panels of lesson 6: bend a curve, turn the knob on stored runs, train one setting live."""

from functools import partial

from ipywidgets import IntSlider, Layout, SelectionSlider

from collab_lib.dataset import Ratings
from collab_lib.kit.panel import Panel
from collab_lib.kit.training_panel import TrainingPanel
from collab_lib.lessons.weight_decay.figures import bent_curve, decimal, live_runs, stored_runs
from collab_lib.lessons.weight_decay.overfitting import watch_training

WIDE = Layout(width="340px")


def curve_panel() -> Panel:
    """A slider for the price on large coefficients; nine ratings and the curve through them."""
    decays = [0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100]
    return Panel(
        bent_curve, keep_layout=True, weight_decay=_choice("Weight decay", decays, decays[0])
    )


def stored_runs_panel(results: dict) -> Panel:
    """Sliders over the stored runs `results`: weight decay, factors, epoch. Nothing is trained."""
    return Panel(
        partial(stored_runs, results),
        keep_layout=True,
        weight_decay=_choice("Weight decay", _values(results, "weight_decay"), 0),
        n_factors=_choice("Factors", _values(results, "n_factors"), 50),
        epoch=_epochs("After epoch", results["n_epochs"], 1, results["n_epochs"]),
    )


def train_panel(
    train: Ratings, valid: Ratings, results: dict, baseline_rmse: float
) -> TrainingPanel:
    """A button that trains the chosen setting here and now, over the stored runs `results`."""
    return TrainingPanel(
        partial(live_runs, results=results, baseline_rmse=baseline_rmse),
        partial(watch_training, train, valid),
        label="Train this setting",
        weight_decay=_choice("Weight decay", _values(results, "weight_decay"), 3e-4),
        n_factors=_choice("Factors", _values(results, "n_factors"), 50),
        n_epochs=_epochs("Epochs", results["n_epochs"], 4, 30),
    )


def _values(results: dict, key: str) -> list[float]:
    return sorted({run[key] for run in results["runs"]})


def _choice(description: str, values: list[float], value: float) -> SelectionSlider:
    options = [(decimal(option), option) for option in values]
    return SelectionSlider(options=options, value=value, description=description, layout=WIDE)


def _epochs(description: str, value: int, low: int, high: int) -> IntSlider:
    return IntSlider(value, low, high, description=description, layout=WIDE)
