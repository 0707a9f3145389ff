"""The run of lesson 5 that learns nothing, as it was written and with each of its faults mended.

Eight trainings of three epochs by SGD with a learning rate of 0.1 and batches of 16: predictions of
the shape (batch, 1) or (batch,), weight decay 0.05 or 0.001, tables that start at normal(0, 1) or
normal(0, 0.01). About half a minute.
"""

import itertools
import random
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from collab_lib import Ratings, evaluate, global_mean, interpret, load_collab

N_FACTORS, N_EPOCHS, LR, BATCH_SIZE, SEED = 5, 3, 0.1, 16, 42


class FirstModel(nn.Module):
    """The model of the lesson's first attempt; `mended` drops the stray axis of its predictions."""

    def __init__(self, n_users: int, n_movies: int, start: float, mended: bool):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, N_FACTORS)
        self.movie_factors = nn.Embedding(n_movies, N_FACTORS)
        self.user_biases = nn.Embedding(n_users, 1)
        self.movie_biases = nn.Embedding(n_movies, 1)
        self.mended = mended
        with torch.no_grad():
            for table in self.parameters():  # nn.Embedding starts each at normal(0, 1)
                table.mul_(start)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        users, movies = x[:, 0], x[:, 1]
        dot = (self.user_factors(users) * self.movie_factors(movies)).sum(dim=1, keepdim=True)
        score = dot + self.user_biases(users) + self.movie_biases(movies)
        predictions = torch.sigmoid(score) * 5.5
        return predictions.squeeze(1) if self.mended else predictions


def compute() -> dict:
    """The eight runs, and the valid loss of always predicting the mean."""
    # Tables this small are computed faster by one thread than by two that wait for each other.
    torch.set_num_threads(1)
    ratings = Ratings.from_frame(load_collab("ml-latest-small-2016"))
    train, valid = ratings.split(valid=0.2, by="random", seed=42)
    runs = [
        {
            "shape_mended": mended,
            "weight_decay": weight_decay,
            "start": start,
            "epochs": run(train, valid, start, weight_decay, mended),
        }
        for start, mended, weight_decay in itertools.product(
            (1.0, 0.01), (False, True), (0.05, 0.001)
        )
    ]
    return {
        "settings": {"n_factors": N_FACTORS, "lr": LR, "batch_size": BATCH_SIZE, "seed": SEED},
        "valid_loss_of_the_mean": evaluate(global_mean(train), valid).rmse ** 2,
        "runs": runs,
    }


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One random run once more: (what, stored, recomputed, how far they may lie apart)."""
    train, valid = Ratings.from_frame(load_collab("ml-latest-small-2016")).split(seed=42)
    stored = rng.choice(results["runs"])
    name = " ".join(f"{key}={value}" for key, value in stored.items() if key != "epochs")
    again = run(train, valid, stored["start"], stored["weight_decay"], stored["shape_mended"])
    return [
        (f"{name} {key} after epoch {number}", old[key], new[key], 0.03)
        for number, (old, new) in enumerate(zip(stored["epochs"], again, strict=True), start=1)
        for key in ("train_loss", "valid_loss", "valid_accuracy")
    ]


def run(
    train: Ratings, valid: Ratings, start: float, weight_decay: float, mended: bool
) -> list[dict]:
    """One training: what its loop prints after each epoch, and what is true besides."""
    torch.manual_seed(SEED)
    model = FirstModel(train.n_users, train.n_movies, start, mended)
    opt = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=weight_decay)
    generator = torch.Generator().manual_seed(SEED)
    epochs = []
    for _ in range(N_EPOCHS):
        total = 0.0
        for indices, stars in train.batches(BATCH_SIZE, generator):
            loss = mse(model(indices), stars)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(stars)
        with torch.no_grad():
            printed = [
                (mse(model(x), stars).item(), (interpret(model(x)) == stars).float().mean().item())
                for x, stars in valid.batches(BATCH_SIZE)
            ]
            predictions = model(valid.indices).flatten()
        losses, accuracies = torch.tensor(printed).mean(dim=0).tolist()
        errors = predictions - valid.ratings
        epochs.append(
            {
                "train_loss": round(total / len(train), 4),
                "printed_valid_loss": round(losses, 4),
                "printed_valid_accuracy": round(accuracies, 4),
                "valid_loss": round(errors.square().mean().item(), 4),
                "valid_accuracy": round(
                    (interpret(predictions) == valid.ratings).float().mean().item(), 4
                ),
                "mean_prediction": round(predictions.mean().item(), 3),
                "spread_of_predictions": round(predictions.std().item(), 3),
                "size_of_factors": round(model.user_factors.weight.norm().item(), 4),
            }
        )
    return epochs


def mse(predictions: torch.Tensor, stars: torch.Tensor) -> torch.Tensor:
    """The loss as the first attempt computes it; torch's warning about the shapes is hushed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return F.mse_loss(predictions, stars)
