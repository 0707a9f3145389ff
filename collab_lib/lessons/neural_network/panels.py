"""The panels of lesson 8: shapes, two changes told apart, one rating, a training of your own."""

from collections.abc import Iterator, Mapping

import torch

from collab_lib.dataset import Ratings
from collab_lib.kit.controls import choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.training_panel import TrainingPanel
from collab_lib.lessons.neural_network import figures
from collab_lib.models import STARTS, CollabNN
from collab_lib.scale import ranged_sigmoid
from collab_lib.training import Epoch, slower_layers, train_epochs


def shapes_panel() -> Panel:
    """Choose the batch and the widths, and see the shape after each step."""
    return Panel(
        figures.shapes,
        keep_layout=True,
        stills={
            "batch": [1, 64, 128, 1024],
            "n_user_factors": [25, 72, 103],
            "n_movie_factors": [25, 72, 103],
            "n_act": [20, 100, 200],
        },
        batch=slider("Ratings in a batch", 1, 1024, 64),
        n_user_factors=slider("Factors of a user", 1, 150, 72),
        n_movie_factors=slider("Factors of a movie", 1, 150, 103),
        n_act=slider("Activations", 1, 200, 100),
    )


def start_and_speed_panel(results: dict) -> Panel:
    """Choose how long and with which settings, and see two changes in four columns.

    results: the stored result `start_and_speed`.
    """
    lengths = sorted({run["n_epochs"] for run in results["runs"]})
    return Panel(
        lambda n_epochs, settings: figures.start_and_speed(results["runs"], n_epochs, settings),
        settings=pick("Settings", [("same for all", "same"), ("best for each", "chosen")], "same"),
        n_epochs=choice("Epochs", lengths, lengths[0]),
    )


def one_rating_panel(network: CollabNN, train: Ratings, n_movies: int = 100) -> Panel:
    """Choose a user and one of the most rated movies, and see the numbers of one prediction."""
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    often = counts.argsort(descending=True, stable=True)
    options = [(train.titles[movie], movie) for movie in often[:n_movies].tolist()]
    n_user, n_movie = network.user_factors.shape[1], network.movie_factors.shape[1]
    n_started = min(network.layers[0].out_features // 4, n_user, n_movie)

    def draw(user: int, movie: int, pair: int) -> Picture:
        steps = numbers_of_one_rating(network, user - 1, movie)
        user_id = int(train.user_ids[user - 1])
        return figures.one_rating(steps, pair - 1, n_started, user_id, train.titles[movie])

    return Panel(
        draw,
        stills={
            "user": [1, 2, 3, 4, 5],
            "movie": [movie for _, movie in options[:4]],
            "pair": [1, 2, 3, 4, 10, 25, 26, 60],
        },
        user=slider("User, counted from 1", 1, train.n_users, 1),
        movie=pick("Movie", options, options[0][1]),
        pair=slider("Pair", 1, min(n_user, n_movie), 1),
    )


@torch.no_grad()
def numbers_of_one_rating(network: CollabNN, user: int, movie: int) -> dict[str, torch.Tensor]:
    """The vector after each step of a prediction, by the step's name; user and movie are indices.

    "contributions" are the activations times the weights of the last layer. Without dropout.
    """
    first, last = network.layers[0], network.layers[-1]
    p, q = network.user_factors[user].detach(), network.movie_factors[movie].detach()
    both = torch.cat([p, q])
    sums = first(both)
    activations = torch.relu(sums)
    score = last(activations)
    return {
        "user factors": p,
        "movie factors": q,
        "concatenated": both,
        "first linear layer": sums,
        "after ReLU": activations,
        "contributions": activations * last.weight[0],
        "score": score,
        "stars": ranged_sigmoid(score, *network.y_range),
    }


def train_panel(train: Ratings, valid: Ratings, lines: Mapping[str, float]) -> TrainingPanel:
    """A button that trains the chosen network here and now; `lines` are RMSEs to compare with."""
    mean = train.ratings.mean().item()

    def draw(runs, **chosen) -> Picture:
        widths = [chosen[name] for name in ("n_user_factors", "n_movie_factors", "n_act")]
        return figures.live_networks(runs, lines, _n_numbers(train, *widths), **chosen)

    def epochs(
        n_user_factors: int,
        n_movie_factors: int,
        n_act: int,
        dropout: float,
        start: str,
        share: float,
        lr: float,
        n_epochs: int,
    ) -> Iterator[Epoch]:
        network = CollabNN(
            train.n_users,
            n_user_factors,
            train.n_movies,
            n_movie_factors,
            n_act=n_act,
            dropout=dropout,
            mean=mean,
            seed=0,
            start=start,
        )
        how = {"lr": lr, "weight_decay": 2e-3, "optimizer": slower_layers(network, share)}
        return train_epochs(network, train, valid, n_epochs, **how)

    first = {
        "start": "agreement",
        "share": 0.1,
        "n_user_factors": 72,
        "n_movie_factors": 103,
        "n_act": 100,
        "dropout": 0.0,
        "lr": 0.01,
        "n_epochs": 6,
    }
    changes = [
        {},
        {"n_user_factors": 25, "n_movie_factors": 25},
        {"n_user_factors": 25, "n_movie_factors": 25, "n_act": 20},
        {"start": "random"},
        {"dropout": 0.3},
        {"lr": 0.03},
        {"n_epochs": 20},
    ]
    return TrainingPanel(
        draw,
        epochs,
        label="Train this network",
        stills=[{**first, **change} for change in changes],
        start=pick("Layers", [(f"{s} start", s) for s in STARTS[::-1]], first["start"]),
        share=choice("Speed of the layers", [0.03, 0.1, 0.3, 1.0], first["share"]),
        n_user_factors=slider("Factors of a user", 1, 150, first["n_user_factors"]),
        n_movie_factors=slider("Factors of a movie", 1, 150, first["n_movie_factors"]),
        n_act=slider("Activations", 1, 200, first["n_act"]),
        dropout=choice("Dropout", [0.0, 0.1, 0.2, 0.3, 0.5], first["dropout"]),
        lr=choice("Learning rate", [0.001, 0.003, 0.01, 0.03, 0.1], first["lr"]),
        n_epochs=slider("Epochs", 2, 20, first["n_epochs"]),
    )


def _n_numbers(train: Ratings, n_user_factors: int, n_movie_factors: int, n_act: int) -> int:
    tables = train.n_users * n_user_factors + train.n_movies * n_movie_factors
    return tables + (n_user_factors + n_movie_factors + 1) * n_act + n_act + 1
