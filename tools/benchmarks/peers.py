"""The peers: Surprise and LensKit, in an environment of their own (see the Makefile).

python -m tools.benchmarks.peers    a worker, see `workers.serve`
"""

import warnings

import numpy as np

from tools.benchmarks.workers import Split, Task, serve

PACKAGES = ["torch", "numpy", "pandas", "lenskit", "scikit-surprise", "myfm"]
LOWEST, HIGHEST = 0.5, 5.0


def surprise(split: Split, name: str, seed: int = 42, **settings) -> Task:
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


def biased_mf(split: Split, features: int = 50, seed: int = 42) -> Task:
    """LensKit's BiasedMF; what it can't score, movies without ratings, its own biases predict."""
    import pandas as pd
    from lenskit.als import BiasedMFScorer
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.training import TrainingOptions

    users, movies = split.train_indices.T
    frame = pd.DataFrame({"user_id": users, "item_id": movies, "rating": split.train_ratings})
    data = from_interactions_df(frame)

    def fit() -> BiasedMFScorer:
        scorer = BiasedMFScorer(features=features)
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


def factorisation_machine(split: Split, rank: int = 10, n_iter: int = 300, seed: int = 42) -> Task:
    """myFM's Bayesian factorisation machine, with who watched what in train on both sides.

    A user is described by who it is and by the movies that it rated, a movie by what it is and by
    its users; each of these lists is a vector of length 1, better here than lists that add
    up to 1.
    """
    import scipy.sparse as sp
    from myfm import MyFMRegressor, RelationBlock

    users, movies = split.train_indices.T
    rated = sp.csr_matrix(
        (np.ones(len(users)), (users, movies)), shape=(split.n_users, split.n_movies)
    )

    def described(table: sp.csr_matrix) -> sp.csr_matrix:
        counts = np.asarray(table.sum(axis=1)).ravel()
        shares = sp.diags(1 / np.maximum(counts, 1) ** 0.5) @ table
        return sp.hstack([sp.identity(table.shape[0]), shares]).tocsr()

    of_users, of_movies = described(rated), described(rated.T.tocsr())

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


TASKS = {
    "BaselineOnly": lambda split: surprise(split, "BaselineOnly", verbose=False),
    "SVD": lambda split: surprise(split, "SVD", random_state=42),
    "SVD tuned": lambda split: surprise(
        split, "SVD", n_factors=50, n_epochs=30, lr_all=0.01, reg_all=0.1, random_state=42
    ),
    "KNNBaseline": lambda split: surprise(
        split,
        "KNNBaseline",
        sim_options={"name": "pearson_baseline", "user_based": False},
        verbose=False,
    ),
    # Settings chosen inside the training part of split 42: damping 4 and 3 are lesson 2's own.
    "BaselineOnly tuned": lambda split: surprise(
        split,
        "BaselineOnly",
        bsl_options={"method": "als", "reg_u": 4, "reg_i": 3, "n_epochs": 10},
        verbose=False,
    ),
    "KNNBaseline tuned": lambda split: surprise(
        split,
        "KNNBaseline",
        k=60,
        sim_options={
            "name": "pearson_baseline",
            "user_based": False,
            "shrinkage": 200,
            "min_support": 2,
        },
        bsl_options={"method": "als", "reg_u": 5, "reg_i": 3},
        verbose=False,
    ),
    "BiasedMF": biased_mf,
    "myFM": factorisation_machine,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve(TASKS, PACKAGES)
