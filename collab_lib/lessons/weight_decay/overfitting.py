"""Overfitting, measured: a training watched from both sides, and a curve with too much freedom."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from collab_lib.dataset import Ratings
from collab_lib.evaluation import evaluate
from collab_lib.models import DotProduct
from collab_lib.training import train_epochs


@dataclass(frozen=True)
class Moment:
    """A model right after an epoch.

    train_rmse, valid_rmse: stars, both of the same finished epoch, so that their gap means
        something (the loss that a training loop adds up as it goes is older than its model).
    size: the sum of the squares of all parameters, which is what weight decay puts a price on.
    """

    train_rmse: float
    valid_rmse: float
    size: float

    @property
    def gap(self) -> float:
        """By how many stars the model does worse on ratings it has not seen."""
        return self.valid_rmse - self.train_rmse


def sum_of_squares(model: nn.Module) -> float:
    """The sum of the squares of all parameters of `model`. Introduced in lesson 6."""
    return sum((p.detach() ** 2).sum().item() for p in model.parameters())


def watch_training(
    train: Ratings,
    valid: Ratings,
    n_factors: int,
    weight_decay: float,
    n_epochs: int = 12,
    seed: int = 0,
) -> Iterator[Moment]:
    """Train a dot model and yield after each epoch how far it fits, generalises and has grown.

    weight_decay: torch's argument of Adam, which adds weight_decay · w to the gradient of each w.
    seed: of the model's start and of the batches. Introduced in lesson 6.
    """
    mean = train.ratings.mean().item()
    model = DotProduct(train.n_users, train.n_movies, n_factors, mean=mean, seed=seed)
    settings = {"n_epochs": n_epochs, "weight_decay": weight_decay, "seed": seed}
    for epoch in train_epochs(model, train, valid, **settings):
        yield Moment(evaluate(model, train).rmse, epoch.valid_rmse, sum_of_squares(model))


# Made up for lesson 6: how funny a film is (-1: a drama, 1: a comedy) and one person's rating.
SEEN_FUNNINESS = torch.linspace(-1, 1, 9, dtype=torch.float64)
SEEN_RATINGS = torch.tensor([2.0, 2.0, 2.5, 3.0, 3.0, 3.5, 3.5, 5.0, 4.0], dtype=torch.float64)
HIDDEN_FUNNINESS = torch.linspace(-0.95, 0.95, 12, dtype=torch.float64)
HIDDEN_RATINGS = torch.tensor(
    [1.5, 2.5, 2.0, 3.0, 2.5, 3.5, 3.0, 4.0, 3.5, 4.5, 4.0, 4.5], dtype=torch.float64
)


def fit_curve(
    x: torch.Tensor, y: torch.Tensor, weight_decay: float, degree: int = 8
) -> torch.Tensor:
    """The coefficients w, (degree,), of the curve mean(y) + w₁·x + w₂·x² + … nearest to the points.

    They minimise Σ (curve - y)² + weight_decay · Σ w². For such a curve that needs no descent: w
    solves (XᵀX + weight_decay · I) w = Xᵀ(y - mean(y)), with the powers of x as the columns of
    X (ridge regression; Hoerl and Kennard 1970). Introduced in lesson 6.

    Raises ValueError if `weight_decay` is negative.
    """
    if weight_decay < 0:
        raise ValueError(f"weight_decay={weight_decay} would reward large weights: try 0 or more")
    powers = _powers(x, degree)
    price = weight_decay * torch.eye(degree, dtype=x.dtype)
    return torch.linalg.solve(powers.T @ powers + price, powers.T @ (y - y.mean()))


def curve(coefficients: torch.Tensor, mean: float, x: torch.Tensor) -> torch.Tensor:
    """The height, (n,), at x, (n,), of the curve that `fit_curve` found."""
    return mean + _powers(x, len(coefficients)) @ coefficients


def _powers(x: torch.Tensor, degree: int) -> torch.Tensor:
    return torch.stack([x**power for power in range(1, degree + 1)], dim=1)
