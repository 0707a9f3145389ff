"""How good are predictions: errors in stars, and the scoreboard that puts models side by side."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.scale import interpret

Model = Callable[[torch.Tensor], torch.Tensor]


def rmse(predictions: torch.Tensor, ratings: torch.Tensor) -> float:
    """Root mean squared error, in stars: sqrt(mean((prediction - rating)²)). Lesson 2.

    Raises ValueError if the two differ in shape or are empty, as do `mae` and `accuracy`.
    """
    return _errors(predictions, ratings).square().mean().sqrt().item()


def mae(predictions: torch.Tensor, ratings: torch.Tensor) -> float:
    """Mean absolute error, in stars: mean(|prediction - rating|). Lesson 2."""
    return _errors(predictions, ratings).abs().mean().item()


def accuracy(predictions: torch.Tensor, ratings: torch.Tensor) -> float:
    """The share of predictions that, rounded to the nearest half star, hit the rating. Lesson 5."""
    return (_errors(interpret(predictions), ratings) == 0).double().mean().item()


def predict(model: Model, indices: torch.Tensor, batch_size: int = 65_536) -> torch.Tensor:
    """The predictions, (n,), of any model or baseline for indices (n, 2), without gradients.

    A torch module is put into evaluation mode for it (which switches dropout off) and back.
    """
    training = getattr(model, "training", False)
    if training:
        model.eval()
    try:
        with torch.no_grad():
            return torch.cat([model(batch) for batch in indices.split(batch_size)])
    finally:
        if training:
            model.train()


@dataclass(frozen=True)
class Score:
    """How far a model's predictions are from the ratings of one split, in stars."""

    rmse: float
    mae: float
    accuracy: float


def evaluate(model: Model, split: Ratings) -> Score:
    """The score of `model` on the ratings of `split`; ValueError if it is empty. Lesson 2."""
    if len(split) == 0:
        raise ValueError("the split holds no ratings: there is nothing to compare with")
    predictions = predict(model, split.indices)
    return Score(
        rmse(predictions, split.ratings),
        mae(predictions, split.ratings),
        accuracy(predictions, split.ratings),
    )


def scoreboard(models: dict[str, Model], split: Ratings) -> pd.DataFrame:
    """One row a model, worst first: RMSE and MAE in stars, and accuracy. Lesson 2."""
    scores = {name: evaluate(model, split) for name, model in models.items()}
    table = pd.DataFrame(
        {
            "RMSE": {name: score.rmse for name, score in scores.items()},
            "MAE": {name: score.mae for name, score in scores.items()},
            "accuracy": {name: score.accuracy for name, score in scores.items()},
        }
    )
    return table.rename_axis("model").sort_values("RMSE", ascending=False, kind="stable")


def top_lists(scores: torch.Tensor, train: Ratings, k: int = 10, seed: int = 0) -> torch.Tensor:
    """The k movies with the highest score for each user, (n_users, k), best first. Lesson 10.

    scores: (n_users, n_movies). What a user has rated in `train` is left out of the list. Between
    equal scores the lot decides, drawn with `seed` for each user anew: otherwise everybody would
    get the same ones of 271 movies with a mean of 5 stars, and the lists would look less varied
    than the scores are.

    Raises ValueError if `scores` has another shape or holds nan, or if somebody has fewer than k
    movies left.
    """
    if scores.shape != (train.n_users, train.n_movies):
        raise ValueError(
            f"scores have the shape {tuple(scores.shape)} and must have a row for each of the "
            f"{train.n_users} users and a column for each of the {train.n_movies} movies"
        )
    if scores.isnan().any():
        user, movie = scores.isnan().nonzero()[0].tolist()
        raise ValueError(
            f"the score of user {user} for movie {movie} is nan: nothing can be ranked"
        )
    users, movies = train.indices.T
    most = int(torch.bincount(users, minlength=train.n_users).max())
    if not 1 <= k <= train.n_movies - most:
        raise ValueError(
            f"k={k} must be at least 1, and at most {train.n_movies - most}: one user has rated "
            f"{most} of the {train.n_movies} movies"
        )
    if not scores.is_floating_point():
        scores = scores.float()
    # Whoever scores -inf comes before what is rated already.
    rated = torch.tensor(-torch.inf, dtype=scores.dtype)
    open_to = scores.clamp(min=torch.finfo(scores.dtype).min).index_put((users, movies), rated)
    lot = torch.rand(scores.shape, generator=torch.Generator().manual_seed(seed))
    last = open_to.topk(k, dim=1).values[:, -1:]
    # Those above the last place are in the list; for those that share it, the lot decides.
    lists = lot.where(open_to == last, -1.0).masked_fill(open_to > last, 2.0).topk(k, dim=1).indices
    for order in (lot, open_to):
        lists = lists.gather(1, order.gather(1, lists).argsort(dim=1, descending=True, stable=True))
    return lists


def precision(lists: torch.Tensor, valid: Ratings, liked: float = 4.0) -> float:
    """The share of the listed movies that their user rated `liked` stars or more in `valid`.

    The mean over the users who have such ratings in `valid`. A movie that the user hasn't rated
    counts as a miss, though it may be a good one: the number is a lower bound. Lesson 10.
    """
    hits, n_liked = _hits(lists, valid, liked)
    return hits.double().mean(dim=1)[n_liked > 0].mean().item()


def recall(lists: torch.Tensor, valid: Ratings, liked: float = 4.0) -> float:
    """The share of what a user rated `liked` stars or more in `valid` that stands in the list.

    The mean over the users who have such ratings in `valid`. Lesson 10.
    """
    hits, n_liked = _hits(lists, valid, liked)
    some = n_liked > 0
    return (hits.sum(dim=1)[some] / n_liked[some]).double().mean().item()


def ndcg(lists: torch.Tensor, valid: Ratings, liked: float = 4.0) -> float:
    """How high up the hits stand: normalised discounted cumulative gain, 0 to 1.

        DCG = Σ over the places i of hits of 1 / log2(i + 1), i = 1, 2, …

    divided by the DCG of the best list there could be, which has the hits on top; the mean over the
    users who have a rating of `liked` stars or more in `valid`. (Burges and others 2005, "Learning
    to rank using gradient descent"; the idea is that of Järvelin and Kekäläinen 2002, who discount
    by another logarithm, and only from a later place on.) Introduced in lesson 10.
    """
    return ndcg_by_user(lists, valid, liked).mean().item()


def ndcg_by_user(lists: torch.Tensor, valid: Ratings, liked: float = 4.0) -> torch.Tensor:
    """`ndcg` of each user who has a rating of `liked` stars or more in `valid`, in their order."""
    hits, n_liked = _hits(lists, valid, liked)
    k = lists.shape[1]
    gains = 1 / torch.log2(torch.arange(2, k + 2).double())
    best = gains.cumsum(0)[n_liked.clamp(1, k) - 1]
    return ((hits.double() @ gains) / best)[n_liked > 0]


def coverage(lists: torch.Tensor, n_movies: int) -> float:
    """The share of all movies that stand in at least one user's list. Lesson 10."""
    return len(lists.unique()) / n_movies


def _hits(lists: torch.Tensor, valid: Ratings, liked: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Which of the listed movies each user liked in valid, and how many a user liked in all."""
    if lists.ndim != 2 or len(lists) != valid.n_users:
        raise ValueError(
            f"lists have the shape {tuple(lists.shape)} and must have a row of movie indices for "
            f"each of the {valid.n_users} users: pass what top_lists() returns"
        )
    users, movies = valid.indices[valid.ratings >= liked].T
    if len(users) == 0:
        raise ValueError(f"no rating in valid is {liked} stars or more: there is nothing to hit")
    likes = torch.zeros(valid.n_users, valid.n_movies, dtype=torch.bool)
    likes[users, movies] = True
    return likes.gather(1, lists), likes.sum(dim=1)


def _errors(predictions: torch.Tensor, ratings: torch.Tensor) -> torch.Tensor:
    if predictions.shape != ratings.shape:
        raise ValueError(
            f"predictions have the shape {tuple(predictions.shape)} and ratings "
            f"{tuple(ratings.shape)}: they must be equal, or torch compares every prediction with "
            "every rating. If one of them is (n, 1), call .squeeze(1) on it."
        )
    if ratings.numel() == 0:
        raise ValueError("there are no ratings to compare: both tensors are empty")
    return predictions.double() - ratings.double()


def gini(counts: np.ndarray) -> float:
    """How unequal the counts (n,) are: 0 if all are the same, 1 - 1/n if one has everything.

    With the counts sorted from the smallest, and i = 1 ... n:

        G = 2 · Σ i · count_i / (n · Σ count_i) - (n + 1) / n

    Corrado Gini 1912; also half the mean difference of two counts drawn at random, over their mean.
    Lesson 12. Raises ValueError if all counts are 0 or one is negative or nan.
    """
    counts = np.sort(np.asarray(counts, dtype=float))
    if counts.size == 0 or not counts[0] >= 0 or not counts[-1] > 0:
        raise ValueError("gini needs counts of 0 or more of which at least one is above 0")
    n = len(counts)
    return float(2 * (np.arange(1, n + 1) * counts).sum() / (n * counts.sum()) - (n + 1) / n)
