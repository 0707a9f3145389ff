"""Collaborative filtering, one small module a topic: the reusable code of the course.

The names below are loaded when they are first used, so that `import collab_lib.movielens` doesn't
have to wait for torch.
"""

from importlib import import_module

_HOME = {
    "baselines": ["Baseline", "global_mean", "movie_means", "regularised_biases", "user_means"],
    "bayes": ["BayesianMF", "genres_and_year"],
    "dataset": ["Ratings"],
    "evaluation": [
        "Score",
        "accuracy",
        "coverage",
        "evaluate",
        "mae",
        "ndcg",
        "precision",
        "predict",
        "recall",
        "rmse",
        "scoreboard",
        "top_lists",
    ],
    "models": ["CollabNN", "DotProduct", "create_embedding"],
    "movielens": ["load_collab", "load_movies", "load_ratings"],
    "my_ratings": ["forget_my_ratings", "load_my_ratings", "save_my_ratings"],
    "ranking": ["ease"],
    "scale": ["interpret", "ranged_sigmoid"],
    "training": ["Epoch", "History", "train_epochs", "train_model"],
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str):
    if name not in _MODULE_OF:
        raise AttributeError(f"collab_lib has no {name!r}: it has {', '.join(__all__)}")
    globals()[name] = getattr(import_module(f"collab_lib.{_MODULE_OF[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
