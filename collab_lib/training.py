"""How a model learns: one loop, and the record of what happened in it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from collab_lib.dataset import Ratings
from collab_lib.evaluation import evaluate
from collab_lib.models import seeded


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training ratings left behind; losses are mean squared errors."""

    epoch: int
    train_loss: float
    valid_loss: float
    valid_rmse: float
    valid_accuracy: float


@dataclass(frozen=True)
class History:
    """The epochs of one training, in order. Introduced in lesson 5."""

    epochs: tuple[Epoch, ...]

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, position: int) -> Epoch:
        return self.epochs[position]


def train_model(
    model: nn.Module,
    train: Ratings,
    valid: Ratings,
    n_epochs: int = 8,
    lr: float = 0.02,
    weight_decay: float = 3e-4,
    batch_size: int = 2048,
    seed: int = 42,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
) -> History:
    """Train `model` in place and return what each epoch left behind: see `train_epochs`."""
    settings = (n_epochs, lr, weight_decay, batch_size, seed, optimizer)
    return History(tuple(train_epochs(model, train, valid, *settings)))


def train_epochs(
    model: nn.Module,
    train: Ratings,
    valid: Ratings,
    n_epochs: int = 8,
    lr: float = 0.02,
    weight_decay: float = 3e-4,
    batch_size: int = 2048,
    seed: int = 42,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
) -> Iterator[Epoch]:
    """The training loop: yields after each epoch, so that whoever called can look, draw or stop."""
    generator = torch.Generator().manual_seed(seed)
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    n_steps = n_epochs * math.ceil(len(train) / batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, lr, n_steps, cycle_momentum=False)
    for epoch in range(1, n_epochs + 1):
        model.train()
        total = 0.0
        with seeded(seed + epoch):
            for indices, ratings in train.batches(batch_size, generator):
                loss = F.mse_loss(model(indices), ratings)
                opt.zero_grad()
                loss.backward()
                opt.step()
                schedule.step()
                total += loss.item() * len(ratings)
        score = evaluate(model, valid)
        yield Epoch(epoch, total / len(train), score.rmse**2, score.rmse, score.accuracy)
