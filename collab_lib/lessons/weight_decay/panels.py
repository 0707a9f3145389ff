"""The panels of lesson 6: bend a curve, imaginary ratings, turn the knob, train one setting."""

from functools import partial

import torch
from ipywidgets import SelectionSlider

from collab_lib.dataset import Ratings
from collab_lib.kit.controls import choice, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.training_panel import TrainingPanel
from collab_lib.lessons.weight_decay.figures import (
    bent_curve,
    decimal,
    imaginary,
    live_runs,
    stored_runs,
)
from collab_lib.lessons.weight_decay.overfitting import watch_training


def curve_panel() -> Panel:
    """A slider for the price on large coefficients; nine ratings and the curve through them."""
    return Panel(bent_curve, weight_decay=_decays([0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100], 0))


def damping_panel(train: Ratings) -> Panel:
    """A slider for weight decay, told as imaginary ratings beside the real ones of each user."""
    counts = torch.bincount(train.indices[:, 0], minlength=train.n_users).numpy()
    decays = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 0.03, 0.05]
    return Panel(partial(imaginary, counts), weight_decay=_decays(decays, 1e-5))


def stored_runs_panel(results: dict) -> Panel:
    """Sliders over the stored runs `results`: weight decay, factors, epoch. Nothing is trained."""
    last = results["n_epochs"]
    return Panel(
        partial(stored_runs, results),
        keep_layout=True,
        weight_decay=_decays(_values(results, "weight_decay"), 0),
        n_factors=choice("Factors", _values(results, "n_factors"), 50),
        epoch=slider("After epoch", 1, last, last),
    )


def train_panel(
    train: Ratings, valid: Ratings, results: dict, baseline_rmse: float
) -> TrainingPanel:
    """A button that trains the chosen setting here and now, over the stored runs `results`."""
    return TrainingPanel(
        partial(live_runs, results=results, baseline_rmse=baseline_rmse),
        partial(watch_training, train, valid),
        label="Train this setting",
        stills=[
            {"weight_decay": decay, "n_factors": 50, "n_epochs": n_epochs}
            for decay, n_epochs in ((3e-4, 12), (3e-4, 30), (0, 30))
        ],
        weight_decay=_decays(_values(results, "weight_decay"), 3e-4),
        n_factors=choice("Factors", _values(results, "n_factors"), 50),
        n_epochs=slider("Epochs", 4, 30, results["n_epochs"]),
    )


def _values(results: dict, key: str) -> list[float]:
    return sorted({run[key] for run in results["runs"]})


def _decays(values: list[float], value: float) -> SelectionSlider:
    return choice("Weight decay", [(decimal(option), option) for option in values], value)
