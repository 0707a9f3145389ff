"""Collaborative filtering, one small module a topic: the reusable code of the course."""

from collab_lib.baselines import (
    Baseline,
    global_mean,
    movie_means,
    regularised_biases,
    user_means,
)
from collab_lib.dataset import Ratings
from collab_lib.evaluation import (
    Score,
    accuracy,
    coverage,
    evaluate,
    mae,
    ndcg,
    precision,
    predict,
    recall,
    rmse,
    scoreboard,
    top_lists,
)
from collab_lib.models import CollabNN, DotProduct, create_embedding
from collab_lib.movielens import load_collab, load_movies, load_ratings
from collab_lib.scale import interpret, ranged_sigmoid
from collab_lib.threads import apply_asked_threads
from collab_lib.training import Epoch, History, train_epochs, train_model

apply_asked_threads()

__all__ = [
    "Baseline",
    "CollabNN",
    "DotProduct",
    "Epoch",
    "History",
    "Ratings",
    "Score",
    "accuracy",
    "coverage",
    "create_embedding",
    "evaluate",
    "global_mean",
    "interpret",
    "load_collab",
    "load_movies",
    "load_ratings",
    "mae",
    "movie_means",
    "ndcg",
    "precision",
    "predict",
    "ranged_sigmoid",
    "recall",
    "regularised_biases",
    "rmse",
    "scoreboard",
    "top_lists",
    "train_epochs",
    "train_model",
    "user_means",
]
