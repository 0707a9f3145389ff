"""How a model learns: one loop, and the record of what happened in it."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from numbers import Integral

import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from collab_lib.dataset import Ratings
from collab_lib.evaluation import evaluate
from collab_lib.repeatable import one_thread, seeded


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training ratings left behind. Introduced in lesson 5.

    epoch: its number, from 1.
    train_loss: mean squared error of the batches, each predicted before the step it brought about;
        in squared stars. It lags behind: early batches met a model that had learnt less.
    valid_loss: mean squared error of the validation ratings after the epoch, in squared stars.
    valid_rmse: its root, in stars.
    valid_accuracy: the share of validation ratings that the nearest half star hits.
    """

    epoch: int
    train_loss: float
    valid_loss: float
    valid_rmse: float
    valid_accuracy: float


@dataclass(frozen=True, repr=False)
class History:
    """The epochs of one training, in order; it prints as a table. Introduced in lesson 5."""

    epochs: tuple[Epoch, ...]

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, position: int) -> Epoch:
        return self.epochs[position]

    def frame(self) -> pd.DataFrame:
        """The history as a table, a row an epoch."""
        return pd.DataFrame([asdict(epoch) for epoch in self.epochs]).set_index("epoch")

    def __repr__(self) -> str:
        return self.frame().round(4).to_string()

    def _repr_html_(self) -> str:
        return self.frame().round(4).to_html(border=0)


class _Adam(torch.optim.Adam):
    """torch's Adam, number for number, that doesn't load torch's compiler.

    In `torch.optim.Adam` these three are wrapped for compiled models. The wrapping loads 800
    modules at the first step, which takes longer than the training does; the methods inside of it
    need none of them.
    """

    add_param_group = inspect.unwrap(torch.optim.Optimizer.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Optimizer.zero_grad)
    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))


def adam(parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> torch.optim.Adam:
    """Adam as `train_model` uses it; `fused` gives the same numbers in less than half the time."""
    return _Adam(parameters, lr=lr, weight_decay=weight_decay, fused=True)


def slower_layers(model: nn.Module, share: float = 0.1) -> Callable[..., torch.optim.Adam]:
    """An optimizer for `train_model`: Adam, but the weights in `model.layers` go slowly.

    share: the learning rate of `model.layers` as a share of that of all other parameters. A row of
    an embedding learns from few batches of an epoch, the layers from all. Introduced in lesson 8.
    """
    layers = list(model.layers.parameters())

    def optimizer(parameters, lr: float, weight_decay: float) -> torch.optim.Adam:
        tables = [p for p in parameters if all(p is not q for q in layers)]
        groups = [{"params": tables}, {"params": layers, "lr": share * lr}]
        return adam(groups, lr=lr, weight_decay=weight_decay)

    return optimizer


def one_cycle(progress: float) -> float:
    """The share of `lr` at `progress` (0 to 1) of a training: up for 30 % of it, then down to 0.

    Two half waves of a cosine: from 1/25 up to 1, then down to nothing. Small steps first, since
    all numbers are still random; small steps last, to settle. One cycle is from Smith and Topin
    2017, "Super-convergence", arXiv:1708.07120, where it is made of straight lines; the half waves
    are fastai's, and the numbers those of torch's OneCycleLR. Introduced in lesson 5.
    """
    if progress < 0.3:
        return _half_wave(1 / 25, 1.0, progress / 0.3)
    return _half_wave(1.0, 0.0, (progress - 0.3) / 0.7)


def constant(progress: float) -> float:
    """The share of `lr` at `progress` (0 to 1) of a training: all of it, always."""
    return 1.0


def squared_error(predictions: torch.Tensor, ratings: torch.Tensor) -> torch.Tensor:
    """The loss of the course, mean((prediction - rating)²), in squared stars. Lesson 5.

    Raises ValueError if the two differ in shape: torch would stretch both to a common shape.
    """
    if predictions.shape != ratings.shape:
        ours, theirs = tuple(predictions.shape), tuple(ratings.shape)
        remedy = "let the model return one number a rating, (batch,)"
        if ours == (*theirs, 1):
            n = len(ratings)
            remedy = (
                f"subtracting them makes a table ({n}, {n}) that compares every prediction with "
                "every rating; end the model's forward with .squeeze(1), or sum without keepdim"
            )
        raise ValueError(f"predictions have the shape {ours} and ratings {theirs}: {remedy}")
    return F.mse_loss(predictions, ratings)


def default_batch_size(n_ratings: int) -> int:
    """How many ratings a step is computed from: 1,024, or 1/200 of the ratings where that is more.

    A step of Adam goes through every number of the model. With 20 million ratings and batches of
    1,024 an epoch took 16 times as long as with 200 batches.
    """
    return max(1024, n_ratings // 200)


def train_model(
    model: nn.Module,
    train: Ratings,
    valid: Ratings,
    n_epochs: int = 6,
    lr: float = 0.015,
    weight_decay: float = 3e-4,
    batch_size: int | None = None,
    seed: int = 42,
    optimizer: Callable[..., torch.optim.Optimizer] = adam,
    schedule: Callable[[float], float] = one_cycle,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = squared_error,
) -> History:
    """Train `model` in place on `train`, and return what each epoch left behind.

    model: any module that takes indices, int64 (batch, 2), and returns ratings, float (batch,).
    train, valid: the ratings to learn from, and those to score on after every epoch.
    n_epochs: how many times all training ratings are gone through.
    lr: the learning rate: how far one step goes; with a schedule, the largest.
    weight_decay: the pull of every number of the model towards 0, handed to the optimizer
        (lesson 6); it adds weight_decay · parameter to the gradient.
    batch_size: how many ratings one step of the optimizer is computed from. None follows the number
        of ratings n: n / 200, and 1,024 at least (`default_batch_size`), since a step of the
        optimizer goes through all tables, however few ratings it is for.
    seed: of the order of the ratings and of dropout; the same seed gives the same numbers. The
        random start is the model's own: give it a seed too.
    optimizer: called with the parameters, lr and weight_decay; torch's classes fit, for example
        `torch.optim.SGD`, or `partial(torch.optim.SGD, momentum=0.9)`.
    schedule: the share of `lr` by progress, 0 to 1: `one_cycle`, `constant` or your own.
    loss: called with predictions and ratings, (batch,) each; returns one number to make small.

    The defaults were chosen for `DotProduct` with 50 factors inside the training data, on both
    editions. Introduced in lesson 5.

    Raises ValueError where a setting is out of its range or a split is empty, where predictions
    have another shape than ratings, and where the loss is no longer a number; IndexError where the
    model has no row for an index.
    """
    settings = (n_epochs, lr, weight_decay, batch_size, seed, optimizer, schedule, loss)
    return History(tuple(train_epochs(model, train, valid, *settings)))


def train_epochs(
    model: nn.Module,
    train: Ratings,
    valid: Ratings,
    n_epochs: int = 6,
    lr: float = 0.015,
    weight_decay: float = 3e-4,
    batch_size: int | None = None,
    seed: int = 42,
    optimizer: Callable[..., torch.optim.Optimizer] = adam,
    schedule: Callable[[float], float] = one_cycle,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = squared_error,
) -> Iterator[Epoch]:
    """The training loop of `train_model`: yields after each epoch, to look, to draw or to stop."""
    batch_size = default_batch_size(len(train)) if batch_size is None else batch_size
    _check(train, valid, n_epochs, lr, weight_decay, batch_size)
    generator = torch.Generator().manual_seed(seed)
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    n_steps = n_epochs * math.ceil(len(train) / batch_size)
    learning_rate = LambdaLR(opt, lambda step: schedule(step / n_steps))
    for epoch in range(1, n_epochs + 1):
        model.train()
        total = 0.0
        with seeded(seed + epoch), one_thread():
            for indices, ratings in train.batches(batch_size, generator):
                batch_loss = loss(model(indices), ratings)
                batch_loss.backward()
                opt.step()
                opt.zero_grad()
                learning_rate.step()
                total += _finite(batch_loss.item(), epoch, lr) * len(ratings)
            score = evaluate(model, valid)
        yield Epoch(epoch, total / len(train), score.rmse**2, score.rmse, score.accuracy)


def _finite(loss: float, epoch: int, lr: float) -> float:
    if not math.isfinite(loss):
        raise ValueError(
            f"the training loss became {loss} in epoch {epoch}: with lr={lr} a step goes so far "
            f"that the numbers run away. Try lr={lr / 10:g} on a new model, since this one is "
            "spoilt; if that doesn't help, look for NaN in the ratings."
        )
    return loss


def _check(
    train: Ratings, valid: Ratings, n_epochs: int, lr: float, weight_decay: float, batch_size: int
) -> None:
    for name, split in (("train", train), ("valid", valid)):
        if len(split) == 0:
            raise ValueError(f"{name} holds no ratings: split again with another share")
    for name, number in (("n_epochs", n_epochs), ("batch_size", batch_size)):
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(f"{name}={number} must be a whole number, 1 or more")
    if not 0 < lr < math.inf:
        raise ValueError(f"lr={lr} must be above 0: try 0.015 with Adam, 0.1 with SGD")
    if not 0 <= weight_decay < math.inf:
        raise ValueError(f"weight_decay={weight_decay} must be 0 (no pull) or more")


def _half_wave(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
