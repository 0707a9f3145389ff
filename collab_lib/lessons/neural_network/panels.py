"""The panels of lesson 7: shapes and numbers that flow through the network, and its training."""

from collections.abc import Iterator, Mapping

import torch
from ipywidgets import Dropdown, IntSlider, Layout, SelectionSlider

from collab_lib.dataset import Ratings
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.training_panel import TrainingPanel
from collab_lib.lessons.neural_network.figures import live_networks, one_rating, shapes
from collab_lib.models import STARTS, CollabNN
from collab_lib.scale import ranged_sigmoid
from collab_lib.training import Epoch, slower_layers, train_epochs

WIDE = Layout(width="380px")


def shapes_panel() -> Panel:
    """Choose the batch and the widths, and see the shape after each step."""
    return Panel(
        shapes,
        keep_layout=True,
        batch=IntSlider(64, 1, 1024, description="Ratings in a batch", layout=WIDE),
        n_user_factors=_width("Factors of a user", 72),
        n_movie_factors=_width("Factors of a movie", 103),
        n_act=_width("Activations", 100, most=200),
    )


def one_rating_panel(network: CollabNN, train: Ratings, n_movies: int = 100) -> Panel:
    """Choose a user and one of the most rated movies, and see the numbers of one prediction."""
    often = torch.bincount(train.indices[:, 1], minlength=train.n_movies).argsort(descending=True)
    options = [(train.titles[movie], movie) for movie in often[:n_movies].tolist()]

    def draw(user: int, movie: int) -> Picture:
        steps = numbers_of_one_rating(network, user - 1, movie)
        return one_rating(steps, int(train.user_ids[user - 1]), train.titles[movie])

    return Panel(
        draw,
        user=IntSlider(1, 1, train.n_users, description="User, counted from 1", layout=WIDE),
        movie=Dropdown(options=options, description="Movie", layout=Layout(width="420px")),
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
        return live_networks(runs, lines, _n_numbers(train, *widths), **chosen)

    def epochs(
        n_user_factors: int,
        n_movie_factors: int,
        n_act: int,
        dropout: float,
        start: str,
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
        how = {"lr": lr, "weight_decay": 2e-3, "optimizer": slower_layers(network)}
        return train_epochs(network, train, valid, n_epochs, **how)

    rates = [0.001, 0.003, 0.01, 0.03, 0.1]
    return TrainingPanel(
        draw,
        epochs,
        label="Train this network",
        start=Dropdown(options=[(f"{s} start", s) for s in STARTS[::-1]], description="Layers"),
        n_user_factors=_width("Factors of a user", 72),
        n_movie_factors=_width("Factors of a movie", 103),
        n_act=_width("Activations", 100, most=200),
        dropout=_choice("Dropout", [0.0, 0.1, 0.2, 0.3, 0.5], 0.0),
        lr=_choice("Learning rate", rates, 0.01),
        n_epochs=IntSlider(6, 2, 20, description="Epochs", layout=WIDE),
    )


def _n_numbers(train: Ratings, n_user_factors: int, n_movie_factors: int, n_act: int) -> int:
    tables = train.n_users * n_user_factors + train.n_movies * n_movie_factors
    return tables + (n_user_factors + n_movie_factors + 1) * n_act + n_act + 1


def _width(description: str, value: int, most: int = 150) -> IntSlider:
    return IntSlider(value, 1, most, description=description, layout=WIDE)


def _choice(description: str, values: list[float], value: float) -> SelectionSlider:
    options = [(f"{option:g}", option) for option in values]
    return SelectionSlider(options=options, value=value, description=description, layout=WIDE)
