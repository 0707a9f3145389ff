"""Overfitting, measured: a training watched from both sides, and a curve with too much freedom."""

from collections.abc import Callable, Iterator, Sequence
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


def with_ratio_of(model: DotProduct, other: DotProduct, counts: torch.Tensor) -> DotProduct:
    """`model` with its movies' vectors rescaled, so that rare ones are as short as in `other`.

    counts: (n_movies,) training ratings per movie. Movies are grouped by `COUNT_EDGES`; in each
    group the ratio of the mean length to that of the well-known movies becomes the one of `other`,
    and the well-known movies keep their vectors. Introduced in lesson 6.
    """
    groups = torch.bucketize(counts, torch.tensor(COUNT_EDGES), right=True)
    last = len(COUNT_EDGES)
    n_users, n_factors = model.user_factors.shape
    changed = DotProduct(n_users, len(counts), n_factors, model.y_range)
    changed.load_state_dict(model.state_dict())
    with torch.no_grad():
        for group in range(1, last):
            if (groups == group).any():
                wanted = _mean_length(other, groups == group) / _mean_length(other, groups == last)
                is_now = _mean_length(model, groups == group) / _mean_length(model, groups == last)
                changed.movie_factors[groups == group] *= wanted / is_now
    return changed


def _mean_length(model: DotProduct, chosen: torch.Tensor) -> torch.Tensor:
    return model.movie_factors.detach()[chosen].norm(dim=1).mean()


def sparing_biases(
    optimizer: Callable[..., torch.optim.Optimizer], spared: Sequence[int] = (0, 1)
) -> Callable:
    """An optimizer for `train_model` whose weight decay leaves the biases alone.

    optimizer: torch's class, such as `torch.optim.AdamW`. spared: how many axes a tensor has that
    isn't decayed: 0 for the shared bias, 1 for a vector of biases. Tables of factors have two.
    Introduced in lesson 6.
    """

    def make(parameters, lr: float, weight_decay: float) -> torch.optim.Optimizer:
        parameters = list(parameters)
        decayed = [p for p in parameters if p.ndim not in spared]
        biases = [p for p in parameters if p.ndim in spared]
        groups = [{"params": decayed}, {"params": biases, "weight_decay": 0.0}]
        return optimizer(groups, lr=lr, weight_decay=weight_decay)

    return make


# Movies by their number of training ratings: 1, 2 to 4, 5 to 19, 20 to 99, 100 or more.
COUNT_EDGES = (1, 2, 5, 20, 100)

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
