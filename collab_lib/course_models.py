"""Every model of the course, trained as its lesson trains it."""

from collections.abc import Callable, Mapping

import torch

from collab_lib.baselines import global_mean, movie_means, regularised_biases, user_means
from collab_lib.bayes import BayesianMF
from collab_lib.dataset import Ratings
from collab_lib.evaluation import Model
from collab_lib.models import CollabNN, DotProduct
from collab_lib.movielens.editions import BUNDLED
from collab_lib.neighbours import Average, ItemNeighbours, also_liked
from collab_lib.ranking import InPairs, bpr, ease, weighted_als
from collab_lib.results import load_results
from collab_lib.training import slower_layers, train_model

N_FACTORS = 50
NN_SIZES = {"n_user_factors": 72, "n_movie_factors": 103, "n_act": 100}
# Chosen inside the training data, on folds of both editions that no validation rating is in.
NN_SETTINGS = {"lr": 0.01, "weight_decay": 2e-3}
N_AVERAGED = 4
# Twice the default's draws and axes, for twice its time: chosen inside the training data.
BAYES_SETTINGS = {"n_sweeps": 300, "n_axes": 200}
# With features of the movies a sweep takes longer: fewer of them stay within ten seconds.
SWEEPS_WITH_FEATURES = 200
# Chosen inside the training data.
PAIRS_SETTINGS = {"n_epochs": 20, "weight_decay": 5e-5}
EASE_PENALTY = 200.0


def dot_model(train: Ratings, valid: Ratings, seed: int = 0) -> DotProduct:
    """The dot model of lesson 5: 50 factors and the default settings. valid is only watched."""
    mean = train.ratings.mean().item()
    model = DotProduct(train.n_users, train.n_movies, N_FACTORS, mean=mean, seed=seed)
    train_model(model, train, valid, seed=42 + seed)
    return model


def random_start_network(train: Ratings, valid: Ratings, seed: int = 0) -> CollabNN:
    """The neural network of lesson 8 as it is usually trained: a random start, one speed."""
    model = _network(train, seed, "random")
    train_model(model, train, valid, lr=0.003, weight_decay=1e-3, seed=42 + seed)
    return model


def neural_network(train: Ratings, valid: Ratings, seed: int = 0) -> CollabNN:
    """The neural network of lesson 8: it starts as a measure of agreement, with slow layers."""
    model = _network(train, seed, "agreement")
    train_model(model, train, valid, **NN_SETTINGS, optimizer=slower_layers(model), seed=42 + seed)
    return model


def averaged_dot_models(train: Ratings, valid: Ratings, seed: int = 0) -> Average:
    """The mean of four dot models that differ in their random start and order. Lesson 9."""
    return Average([dot_model(train, valid, 100 * seed + n) for n in range(N_AVERAGED)])


def corrected_dot_models(train: Ratings, valid: Ratings, seed: int = 0) -> ItemNeighbours:
    """Four averaged dot models, corrected by similar movies. Lesson 9."""
    return ItemNeighbours.fit(averaged_dot_models(train, valid, seed), train)


def bayes(train: Ratings, seed: int = 0, movie_features: torch.Tensor | None = None) -> BayesianMF:
    """The Bayesian model of lesson 9, in its `BAYES_SETTINGS`; fewer sweeps with movie_features."""
    settings = {**BAYES_SETTINGS, "seed": seed, "progress": False}
    if movie_features is not None:
        settings |= {"movie_features": movie_features, "n_sweeps": SWEEPS_WITH_FEATURES}
    return BayesianMF(**settings).fit(train)


def best_model(
    train: Ratings, seed: int = 0, movie_features: torch.Tensor | None = None
) -> ItemNeighbours:
    """The best model of the course: the Bayesian model, corrected by similar movies. Lesson 9."""
    return corrected(bayes(train, seed, movie_features), train)


def corrected(model: Model, train: Ratings) -> ItemNeighbours:
    """A Bayesian model and its neighbours; the shrinkage was chosen inside the training data."""
    return ItemNeighbours.fit(model, train, shrinkage=300.0)


def predicted_ratings(train: Ratings) -> torch.Tensor:
    """The order of the dot model's predictions, (n_users, n_movies): for lists. Lesson 10."""
    return _order_of(dot_model(train, train))


def dot_model_in_pairs(train: Ratings) -> torch.Tensor:
    """The scores of the dot model trained by `bpr`, (n_users, n_movies). Lesson 10."""
    model = InPairs(train.n_users, train.n_movies, N_FACTORS, seed=0)
    liked = train.subset(train.ratings >= 4)
    train_model(model, liked, liked, **PAIRS_SETTINGS, loss=bpr)
    return _order_of(model)


def times_rated(train: Ratings) -> torch.Tensor:
    """How often each movie was rated, the same for every user: (n_users, n_movies). Lesson 10."""
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies).float()
    return counts.expand(train.n_users, -1)


MODELS: Mapping[str, Callable[[Ratings, Ratings], Model]] = {
    "global mean": lambda train, valid: global_mean(train),
    "movie mean": lambda train, valid: movie_means(train),
    "user mean": lambda train, valid: user_means(train),
    "both biases": lambda train, valid: regularised_biases(train),
    "neural network, random start": random_start_network,
    "neural network": neural_network,
    "dot model": dot_model,
    "four dot models": averaged_dot_models,
    "four dot models, and neighbours": corrected_dot_models,
    "Bayes": lambda train, valid: bayes(train),
    "best model": lambda train, valid: best_model(train),
}

# The lists of lesson 10: from train to a score of every movie for every user.
LISTS: Mapping[str, Callable[[Ratings], torch.Tensor]] = {
    "predicted rating": predicted_ratings,
    "most rated": times_rated,
    "also liked": also_liked,
    "dot model in pairs": dot_model_in_pairs,
    "EASE": lambda train: ease(train, penalty=EASE_PENALTY),
    "weighted ALS": weighted_als,
}


def stored_edition(ratings: Ratings) -> str:
    """The name in the stored scoreboard of the edition that `ratings` (all of them) come from.

    For ratings of which no scoreboard is stored, such as a sample of users, it is the name of the
    edition that the course brings with it, and a printed line says so. Introduced in lesson 9.
    """
    editions = load_results("scoreboard")["editions"]
    for name, edition in editions.items():
        if edition["n_ratings"] == len(ratings):
            return name
    # Printed, not warned: a notebook shows warnings on red, with a line of our source.
    print(
        f"No results are stored for these {len(ratings):,} ratings: the stored ones here are of "
        f"{BUNDLED}."
    )
    return BUNDLED.name


def stored_rmse(name: str, ratings: Ratings) -> float:
    """The stored RMSE, in stars, of the model `name` on the split of the lessons (seed 42).

    ratings: all ratings of an edition; where no scoreboard is stored for them, see
    `stored_edition`. Each lesson compares its own row with it. Introduced in lesson 2. Raises
    ValueError where no such model is stored.
    """
    models = load_results("scoreboard")["editions"][stored_edition(ratings)]["models"]
    if name not in models:
        raise ValueError(f"no model {name!r} is stored: choose one of {sorted(models)}")
    return models[name]["rmse"][0]


def _network(train: Ratings, seed: int, start: str) -> CollabNN:
    mean = train.ratings.mean().item()
    n_users, n_movies = train.n_users, train.n_movies
    return CollabNN(
        n_users=n_users, n_movies=n_movies, **NN_SIZES, mean=mean, seed=seed, start=start
    )


def _order_of(model: DotProduct) -> torch.Tensor:
    """What the sigmoid of a dot model squeezes, less the user's bias: the same order of movies."""
    with torch.no_grad():
        return model.user_factors @ model.movie_factors.T + model.movie_biases
