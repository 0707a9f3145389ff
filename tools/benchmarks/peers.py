"""The peers: models of other libraries, in an environment of their own (see the Makefile).

python -m tools.benchmarks.peers    a worker, see `workers.serve`

A name that ends in "tuned" takes the settings that `tools.benchmarks.tune` found inside the
training part and stored in settings.json; the others run as their libraries come.
"""

import json
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tools.benchmarks.workers import Split, Task, serve

PACKAGES = ["torch", "numpy", "pandas", "scipy"]
PACKAGES += ["lenskit", "scikit-surprise", "myfm", "cmfrec", "implicit"]
LOWEST, HIGHEST, LIKED = 0.5, 5.0, 4.0
# The end of a name whose model knows more than the ratings.
METADATA = ", genres and year"
SETTINGS = Path(__file__).with_name("settings.json")
# Of the progress bars that some libraries always draw.
os.environ.setdefault("TQDM_DISABLE", "1")


def surprise(name: str, split: Split, seed: int = 42, **settings) -> Task:
    """An algorithm of Surprise, by its name there."""
    import pandas as pd
    import surprise

    # Its gradient descent takes the ratings in the order given; its own train_test_split shuffles
    # them, and user by user it would predict worse.
    order = np.random.default_rng(seed).permutation(len(split.train_ratings))
    users, movies = split.train_indices[order].T
    frame = pd.DataFrame({"user": users, "movie": movies, "rating": split.train_ratings[order]})
    reader = surprise.Reader(rating_scale=(LOWEST, HIGHEST))
    train = surprise.Dataset.load_from_df(frame, reader).build_full_trainset()
    pairs = split.valid_indices.tolist()
    return Task(
        fit=lambda: getattr(surprise, name)(**settings).fit(train),
        predict=lambda model: np.array([model.predict(u, m).est for u, m in pairs]),
    )


def knn(split: Split, k: int = 40, reg_u: float = 15, reg_i: float = 10, **similarity) -> Task:
    """Surprise's KNNBaseline over movies, by the correlation of what the biases leave over."""
    return surprise(
        "KNNBaseline",
        split,
        k=k,
        sim_options={"name": "pearson_baseline", "user_based": False, **similarity},
        bsl_options={"method": "als", "reg_u": reg_u, "reg_i": reg_i},
        verbose=False,
    )


def baseline(split: Split, reg_u: float = 15, reg_i: float = 10) -> Task:
    """Surprise's BaselineOnly: two damped biases."""
    options = {"method": "als", "reg_u": reg_u, "reg_i": reg_i, "n_epochs": 10}
    return surprise("BaselineOnly", split, bsl_options=options, verbose=False)


def svd(split: Split, **settings) -> Task:
    """Surprise's SVD: the dot model with biases, by gradient descent."""
    return surprise("SVD", split, random_state=42, **settings)


def biased_mf(
    split: Split, embedding_size: int = 50, regularization: float = 0.1, seed: int = 42
) -> Task:
    """LensKit's BiasedMF; what it can't score, movies without ratings, its own biases predict."""
    from lenskit.als import BiasedMFScorer
    from lenskit.data import ItemList, RecQuery
    from lenskit.training import TrainingOptions

    data = _for_lenskit(split, split.train_ratings > 0)

    def fit() -> BiasedMFScorer:
        scorer = BiasedMFScorer(embedding_size=embedding_size, regularization=regularization)
        scorer.train(data, TrainingOptions(rng=seed))
        return scorer

    def predict(scorer: BiasedMFScorer) -> np.ndarray:
        users, movies = split.valid_indices.T
        predictions = np.empty(len(users))
        for user in np.unique(users):
            rows = np.flatnonzero(users == user)
            items, history = ItemList(item_ids=movies[rows]), data.user_row(user)
            scores = scorer(RecQuery(user_id=user, user_items=history), items).scores()
            biases, _ = scorer.bias.compute_for_items(items, user, history)
            predictions[rows] = np.where(np.isnan(scores), biases, scores)
        return predictions.clip(LOWEST, HIGHEST)

    return Task(fit, predict)


def cmf(split: Split, bias: float = 10.0, factors: float = 10.0, **settings) -> Task:
    """cmfrec's CMF: factors and biases that also explain who watched what.

    bias, factors: the penalties on biases and on everything else.
    """
    import pandas as pd
    from cmfrec import CMF

    users, movies = split.train_indices.T
    frame = pd.DataFrame({"UserId": users, "ItemId": movies, "Rating": split.train_ratings})
    mean = float(split.train_ratings.mean())

    def fit() -> CMF:
        penalties = [bias, bias, factors, factors, factors, factors]
        settings_of_all = {"add_implicit_features": True, "nthreads": 1, "verbose": False}
        return CMF(lambda_=penalties, **settings_of_all, **settings).fit(frame)

    def predict(model: CMF) -> np.ndarray:
        found = np.asarray(model.predict(*split.valid_indices.T), dtype=float)
        return np.nan_to_num(found, nan=mean).clip(LOWEST, HIGHEST)

    return Task(fit, predict)


def factorisation_machine(
    split: Split,
    rank: int = 10,
    power: float = 0.5,
    metadata: bool = False,
    n_iter: int = 300,
    seed: int = 42,
) -> Task:
    """myFM's Bayesian factorisation machine, with who watched what in train on both sides.

    A user is described by who it is and by the movies that it rated, a movie by what it is and by
    its users. Each of these lists is divided by its number to the power `power`: 0.5 makes it a
    vector of length 1, 1 one that adds up to 1. metadata: a movie's genres and the five years that
    its year lies in describe it as well.
    """
    import scipy.sparse as sp
    from myfm import MyFMRegressor, RelationBlock

    users, movies = split.train_indices.T
    rated = sp.csr_matrix(
        (np.ones(len(users)), (users, movies)), shape=(split.n_users, split.n_movies)
    )

    def described(table: sp.csr_matrix) -> sp.csr_matrix:
        counts = np.asarray(table.sum(axis=1)).ravel()
        shares = sp.diags(1 / np.maximum(counts, 1) ** power) @ table
        return sp.hstack([sp.identity(table.shape[0]), shares]).tocsr()

    of_users, of_movies = described(rated), described(rated.T.tocsr())
    if metadata:
        five_years = np.unique(split.movie_years // 5, return_inverse=True)[1]
        periods = np.eye(five_years.max() + 1)[five_years]
        of_movies = sp.hstack([of_movies, split.movie_genres, periods]).tocsr()

    def relations(indices: np.ndarray) -> list[RelationBlock]:
        columns = np.ascontiguousarray(indices.T)
        return [RelationBlock(columns[0], of_users), RelationBlock(columns[1], of_movies)]

    def fit() -> MyFMRegressor:
        # One prior for all columns: with `group_shapes`, one for each kind, it predicts worse.
        stars = split.train_ratings.astype(float)
        blocks = relations(split.train_indices)
        return MyFMRegressor(rank=rank, random_seed=seed).fit(
            None, stars, X_rel=blocks, n_iter=n_iter
        )

    return Task(
        fit,
        lambda model: model.predict(None, relations(split.valid_indices)).clip(LOWEST, HIGHEST),
    )


def implicit_als(split: Split, factors: int = 100, **settings) -> Task:
    """implicit's weighted ALS (iALS) on likes."""
    from implicit.cpu.als import AlternatingLeastSquares

    likes = _likes(split)

    def fit() -> AlternatingLeastSquares:
        model = AlternatingLeastSquares(
            factors=factors, num_threads=1, random_state=42, use_cg=False, **settings
        )
        model.fit(likes, show_progress=False)
        return model

    return Task(fit, lambda model: model.user_factors @ model.item_factors.T)


def implicit_knn(split: Split, K: int = 20) -> Task:
    """implicit's neighbours of items, weighted by TF-IDF, on likes."""
    from implicit.nearest_neighbours import TFIDFRecommender

    likes = _likes(split)

    def fit() -> TFIDFRecommender:
        model = TFIDFRecommender(K=K, num_threads=1)
        model.fit(likes, show_progress=False)
        return model

    return Task(fit, lambda model: (likes @ model.similarity).toarray())


def implicit_mf(
    split: Split,
    embedding_size: int = 50,
    regularization: float = 0.1,
    weight: float = 40,
    seed: int = 42,
) -> Task:
    """LensKit's ImplicitMF on likes."""
    from lenskit.als import ImplicitMFScorer
    from lenskit.data import ItemList, RecQuery
    from lenskit.training import TrainingOptions

    data = _for_lenskit(split, split.train_ratings >= LIKED)

    def fit() -> ImplicitMFScorer:
        scorer = ImplicitMFScorer(
            embedding_size=embedding_size, regularization=regularization, weight=weight
        )
        scorer.train(data, TrainingOptions(rng=seed))
        return scorer

    def scores(scorer: ImplicitMFScorer) -> np.ndarray:
        table = np.full((split.n_users, split.n_movies), -np.inf)
        items = ItemList(item_ids=data.items.ids())
        for user in data.users.ids():
            query = RecQuery(user_id=user, user_items=data.user_row(user))
            table[user, items.ids()] = scorer(query, items).scores()
        return table

    return Task(fit, scores)


def cmf_implicit(split: Split, k: int = 50, lambda_: float = 1.0, alpha: float = 1.0) -> Task:
    """cmfrec's weighted ALS on likes."""
    from cmfrec import CMF_implicit

    likes = _likes(split)

    def fit() -> CMF_implicit:
        how = {"k": k, "lambda_": lambda_, "alpha": alpha, "use_cg": False}
        return CMF_implicit(**how, nthreads=1, verbose=False).fit(likes.tocoo())

    return Task(fit, lambda model: model.A_ @ model.B_.T)


def _likes(split: Split):
    import scipy.sparse as sp

    users, movies = split.train_indices[split.train_ratings >= LIKED].T
    ones = np.ones(len(users), dtype=np.float32)
    return sp.csr_matrix((ones, (users, movies)), shape=(split.n_users, split.n_movies))


def _for_lenskit(split: Split, kept: np.ndarray):
    import pandas as pd
    from lenskit.data import from_interactions_df

    users, movies = split.train_indices[kept].T
    frame = {"user_id": users, "item_id": movies, "rating": split.train_ratings[kept]}
    return from_interactions_df(pd.DataFrame(frame))


# What makes each model. Those of LISTS predict no stars: their tasks return a score of every movie
# for every user, (n_users, n_movies).
RATINGS: Mapping[str, Callable[..., Task]] = {
    "BaselineOnly": baseline,
    "SVD": svd,
    "KNNBaseline": knn,
    "BiasedMF": biased_mf,
    "CMF": cmf,
    "myFM": factorisation_machine,
}
LISTS: Mapping[str, Callable[..., Task]] = {
    "item kNN (implicit)": implicit_knn,
    "ImplicitMF (LensKit)": implicit_mf,
    "CMF_implicit (cmfrec)": cmf_implicit,
    "iALS (implicit)": implicit_als,
}


def task(name: str, split: Split, settings: Mapping | None = None) -> Task:
    """The model `name` on a split; with `settings` in the place of those that go with its name."""
    metadata = {"metadata": True} if name.endswith(METADATA) else {}
    name = name.removesuffix(METADATA)
    if settings is None:
        settings = tuned().get(name, {})
    return (RATINGS | LISTS)[name.removesuffix(" tuned")](split, **settings, **metadata)


def tuned() -> dict[str, dict]:
    """The stored settings by the model's name, which ends in "tuned" where it also runs without."""
    stored = json.loads(SETTINGS.read_text("utf-8"))
    return {name: model["chosen"] for name, model in stored["models"].items()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve(task, PACKAGES)
