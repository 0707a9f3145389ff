"""The run of lesson 5 that learns nothing, as it was written and with each of its faults fixed.

Sixteen settings, three seeds each: predictions of the shape (batch, 1) or (batch,), weight decay
0.05 or 0.001, tables that start at normal(0, 1) or normal(0, 0.01), and a shared bias or none. Each
is trained for eight epochs by SGD with a learning rate of 0.1 and batches of 16. Beside them the
control for the second fault: the same decay with other batch sizes, up to the whole train set.
About three minutes.
"""

import itertools
import random
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from collab_lib import Ratings, evaluate, global_mean, interpret, load_collab
from collab_lib.repeatable import one_thread

N_FACTORS, N_EPOCHS, LR, BATCH_SIZE, SEEDS = 5, 8, 0.1, 16, (42, 43, 44)
SHAPES, DECAYS, STARTS, SHARED = (
    ("(batch, 1)", "(batch,)"),
    (0.05, 0.001),
    (1.0, 0.01),
    (False, True),
)
N_BINS = 44  # of an eighth of a star, from 0 to 5.5


class FirstModel(nn.Module):
    """The model of the lesson's first attempt, with switches for the faults in it.

    shape: of the predictions; start: the standard deviation of the tables at the start;
    shared_bias: whether one more bias, the same for every rating, is added to the score.
    """

    def __init__(self, n_users: int, n_movies: int, shape: str, start: float, shared_bias: bool):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, N_FACTORS)
        self.movie_factors = nn.Embedding(n_movies, N_FACTORS)
        self.user_biases = nn.Embedding(n_users, 1)
        self.movie_biases = nn.Embedding(n_movies, 1)
        with torch.no_grad():
            for table in self.parameters():  # nn.Embedding starts each at normal(0, 1)
                table.mul_(start)
        self.bias = nn.Parameter(torch.tensor(0.0)) if shared_bias else 0.0
        self.shape = shape

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        users, movies = x[:, 0], x[:, 1]
        dot = (self.user_factors(users) * self.movie_factors(movies)).sum(dim=1, keepdim=True)
        score = dot + self.user_biases(users) + self.movie_biases(movies) + self.bias
        predictions = torch.sigmoid(score) * 5.5
        return predictions.squeeze(1) if self.shape == "(batch,)" else predictions

    def numbers(self) -> dict[str, np.ndarray]:
        """All weights as arrays, for `run`."""
        return {
            "user_factors": self.user_factors.weight.detach().double().numpy(),
            "movie_factors": self.movie_factors.weight.detach().double().numpy(),
            "user_biases": self.user_biases.weight.detach().double().numpy()[:, 0],
            "movie_biases": self.movie_biases.weight.detach().double().numpy()[:, 0],
            "bias": np.array(self.bias.item() if isinstance(self.bias, nn.Parameter) else 0.0),
        }


def compute() -> dict:
    """All runs, the control, and the valid loss of always predicting the mean."""
    train, valid = _split()
    with one_thread():
        return {
            "settings": {"n_factors": N_FACTORS, "lr": LR, "batch_size": BATCH_SIZE},
            "seeds": SEEDS,
            "mean_rating": round(train.ratings.mean().item(), 4),
            "valid_loss_of_the_mean": round(evaluate(global_mean(train), valid).rmse ** 2, 4),
            "printed": printed(train, valid),
            "runs": [
                {
                    "shape": shape,
                    "weight_decay": decay,
                    "start": start,
                    "shared_bias": shared,
                    "epochs": _over_seeds(train, valid, shape, decay, start, shared),
                }
                for shape, decay, start, shared in itertools.product(SHAPES, DECAYS, STARTS, SHARED)
            ],
            "batch_sizes": [batch_control(train, valid, n) for n in (16, 128, len(train))],
        }


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """Two epochs of a random run once more: (what, stored, recomputed, how far apart they may be).

    The control with the whole train set as one batch takes 20 seconds, so of the controls only the
    others are looked at.
    """
    train, valid = _split()
    stored, place = rng.choice(results["runs"]), rng.randrange(len(SEEDS))
    named = {key: value for key, value in stored.items() if key != "epochs"}
    control = rng.choice(results["batch_sizes"][:-1])
    with one_thread():
        again = run(train, valid, seed=SEEDS[place], n_epochs=2, **named)
        new = batch_control(train, valid, control["batch_size"])
    return [
        (
            f"{named} valid_loss after epoch {epoch}",
            stored["epochs"][epoch]["valid_loss"][place],
            again[epoch]["valid_loss"],
            0.02,
        )
        for epoch in (0, 1, 2)
    ] + [
        (f"batch of {control['batch_size']}: {key}", control[key], new[key], allowed)
        for key, allowed in (("valid_loss", 0.02), ("size_after", 0.05))
    ]


def run(
    train: Ratings,
    valid: Ratings,
    shape: str,
    weight_decay: float,
    start: float,
    shared_bias: bool,
    seed: int,
    n_epochs: int = N_EPOCHS,
) -> list[dict]:
    """One training: the true valid loss before it and after each epoch, and the predictions.

    The same steps as torch takes with `FirstModel` (a test compares them), with the gradient worked
    out by hand: six times as fast.
    """
    torch.manual_seed(seed)
    weights = FirstModel(train.n_users, train.n_movies, shape, start, shared_bias).numbers()
    generator = torch.Generator().manual_seed(seed)
    moments = [_look(weights, valid)]
    for _ in range(n_epochs):
        for indices, stars in train.batches(BATCH_SIZE, generator):
            step(weights, indices.numpy(), stars.numpy(), shape, weight_decay, shared_bias)
        moments.append(_look(weights, valid))
    return moments


def step(
    weights: dict[str, np.ndarray],
    indices: np.ndarray,
    stars: np.ndarray,
    shape: str,
    weight_decay: float,
    shared_bias: bool,
) -> None:
    """One step of SGD in place.

    Where a column of predictions meets a row of ratings, each prediction is compared with every
    rating of the batch; the slope of that is the slope towards their mean.
    """
    users, movies = indices.T
    p, q = weights["user_factors"][users], weights["movie_factors"][movies]
    predictions = predict(weights, indices)
    target = stars if shape == "(batch,)" else stars.mean()
    slope = 2 / len(stars) * (predictions - target) * predictions * (1 - predictions / 5.5)
    for table in weights.values():
        table *= 1 - LR * weight_decay
    np.subtract.at(weights["user_factors"], users, LR * slope[:, None] * q)
    np.subtract.at(weights["movie_factors"], movies, LR * slope[:, None] * p)
    np.subtract.at(weights["user_biases"], users, LR * slope)
    np.subtract.at(weights["movie_biases"], movies, LR * slope)
    if shared_bias:
        weights["bias"] -= LR * slope.sum()


def predict(weights: dict[str, np.ndarray], indices: np.ndarray) -> np.ndarray:
    """Predictions in stars, (n,), for indices (n, 2)."""
    users, movies = indices.T
    score = (weights["user_factors"][users] * weights["movie_factors"][movies]).sum(axis=1)
    score += weights["user_biases"][users] + weights["movie_biases"][movies] + weights["bias"]
    return 5.5 / (1 + np.exp(-score))


def printed(train: Ratings, valid: Ratings, n_epochs: int = 3) -> list[dict]:
    """What the lesson's own loop prints for the run as it was written, and what is true besides.

    Its validation compares tables as well, so what it prints isn't quite the true valid loss.
    """
    torch.manual_seed(SEEDS[0])
    model = FirstModel(train.n_users, train.n_movies, SHAPES[0], STARTS[0], SHARED[0])
    opt = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=DECAYS[0])
    generator = torch.Generator().manual_seed(SEEDS[0])
    epochs = []
    for _ in range(n_epochs):
        train_loss = train_epoch(model, opt, train.batches(BATCH_SIZE, generator), len(train))
        with torch.no_grad():
            batches = [
                (mse(model(x), stars).item(), (interpret(model(x)) == stars).float().mean().item())
                for x, stars in valid.batches(BATCH_SIZE)
            ]
        losses, accuracies = torch.tensor(batches).mean(dim=0).tolist()
        predictions = _look(model.numbers(), valid)["predictions"]
        epochs.append(
            {
                "train_loss": round(train_loss, 4),
                "valid_loss": round(losses, 4),
                "valid_accuracy": round(accuracies, 4),
                "mean_prediction": round(float(predictions.mean()), 3),
                "spread_of_predictions": round(float(predictions.std()), 3),
            }
        )
    return epochs


def batch_control(train: Ratings, valid: Ratings, batch_size: int, n_steps: int = 1000) -> dict:
    """The fixed shape with the decay of 0.05 for as many steps of another batch size."""
    torch.manual_seed(SEEDS[0])
    model = FirstModel(train.n_users, train.n_movies, SHAPES[1], STARTS[0], SHARED[0])
    opt = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=DECAYS[0])
    generator = torch.Generator().manual_seed(SEEDS[0])
    before, looked_up = model.user_factors.weight.norm().item(), 0
    for number in range(n_steps):
        place = number % -(-len(train) // batch_size)
        if place == 0:
            batches = list(train.batches(batch_size, generator))
        looked_up += batches[place][0][:, 0].unique().numel() / train.n_users
        train_epoch(model, opt, [batches[place]], batch_size)
    return {
        "batch_size": batch_size,
        "n_steps": n_steps,
        "users_in_a_batch": round(looked_up / n_steps, 4),
        "size_before": round(before, 2),
        "size_after": round(model.user_factors.weight.norm().item(), 3),
        "valid_loss": round(_look(model.numbers(), valid)["valid_loss"], 4),
    }


def train_epoch(model: nn.Module, opt: torch.optim.Optimizer, batches, n: int) -> float:
    """One pass over `batches`, which hold `n` ratings: the mean of the losses before each step."""
    total = 0.0
    for indices, stars in batches:
        loss = mse(model(indices), stars)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(stars)
    return total / n


def mse(predictions: torch.Tensor, stars: torch.Tensor) -> torch.Tensor:
    """The loss as the first attempt computes it; torch's warning about the shapes is silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return F.mse_loss(predictions, stars)


def _look(weights: dict[str, np.ndarray], valid: Ratings) -> dict:
    predictions = predict(weights, valid.indices.numpy())
    loss = np.square(predictions - valid.ratings.numpy()).mean()
    return {"valid_loss": float(loss), "predictions": predictions}


def _over_seeds(train: Ratings, valid: Ratings, shape, decay, start, shared) -> list[dict]:
    """The runs of one setting, epoch by epoch: a loss per seed, and all predictions in one."""
    settings = {"shape": shape, "weight_decay": decay, "start": start, "shared_bias": shared}
    runs = [run(train, valid, seed=seed, **settings) for seed in SEEDS]
    epochs = []
    for moments in zip(*runs, strict=True):
        predictions = np.concatenate([moment["predictions"] for moment in moments])
        counts, _ = np.histogram(predictions, N_BINS, (0, 5.5))
        epochs.append(
            {
                "valid_loss": [round(moment["valid_loss"], 4) for moment in moments],
                "per_mille": (1000 * counts / len(predictions)).round().astype(int).tolist(),
                "mean": round(float(predictions.mean()), 3),
                "spread": round(float(predictions.std()), 3),
            }
        )
    return epochs


def _split() -> tuple[Ratings, Ratings]:
    return Ratings.from_frame(load_collab("ml-latest-small-2016")).split(seed=42)
