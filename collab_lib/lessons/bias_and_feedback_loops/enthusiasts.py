"""Who wrote the ratings: how few wrote how much, and what changes when they count for less."""

import numpy as np
import pandas as pd
import torch

from collab_lib.dataset import Ratings

WAYS = ("as they are", "left out", "capped", "re-weighted", "random cut")


def ratings_a_user(ratings: Ratings) -> torch.Tensor:
    """How many ratings each user wrote, (n_users,). Lesson 8."""
    return torch.bincount(ratings.indices[:, 0], minlength=ratings.n_users)


def enthusiasts(ratings: Ratings, share: float = 0.1) -> torch.Tensor:
    """A mask over users, (n_users,): the `share` of them who wrote the most ratings. Lesson 8.

    Raises ValueError if `share` isn't between 0 and 1, or is so small that it is nobody.
    """
    n = round(share * ratings.n_users)
    if not 0 < share < 1 or n == 0:
        raise ValueError(
            f"share={share} of {ratings.n_users} users is nobody or everybody: try share=0.1"
        )
    most = ratings_a_user(ratings).argsort(descending=True, stable=True)[:n]
    return torch.zeros(ratings.n_users, dtype=torch.bool).index_fill_(0, most, True)


def genre_shares(ratings: Ratings, genres: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    """How much of the ratings each genre gets, if ratings are counted and if users are.

    genres: (n_movies, n_genres) of 0 and 1, as `cold_start.genre_table` makes it. A movie of three
    genres counts for each.

    Columns, all from 0 to 1, with the genres as the index:
        "of ratings": the share of all ratings.
        "of users": the share of a user's own ratings, mean over users: every user counts once.
        "by enthusiasts": the share of the genre's ratings that the most active `share` wrote.

    Introduced in lesson 8.
    """
    users, movies = ratings.indices.T
    has = torch.tensor(genres.to_numpy(np.float32))[movies]
    of_each = torch.zeros(ratings.n_users, has.shape[1]).index_add_(0, users, has)
    counts = ratings_a_user(ratings)
    present = counts > 0
    heavy = enthusiasts(ratings, share)
    return pd.DataFrame(
        {
            "of ratings": has.mean(dim=0),
            "of users": (of_each[present] / counts[present, None]).mean(dim=0),
            "by enthusiasts": of_each[heavy].sum(dim=0) / of_each.sum(dim=0),
        },
        index=genres.columns.rename("genre"),
    )


def rating_weights(ratings: Ratings, way: str, share: float = 0.1, seed: int = 0) -> torch.Tensor:
    """How much each rating counts, (n,), in one of the `WAYS` to treat the most active `share`.

    "as they are": 1 each.
    "left out": 0 for the ratings of enthusiasts.
    "capped": 1, but each enthusiast keeps only as many ratings, drawn at random, as the least
        active of them wrote.
    "re-weighted": 1, but an enthusiast's ratings count for less, so that together they weigh as
        much as those of the least active of them: capping without throwing anything away.
    "random cut": leaves out as many ratings as "left out" does, but any. What changes then changes
        because there are fewer ratings, and not because of whose they are.

    Introduced in lesson 8. Raises ValueError for another way, and as `enthusiasts` does.
    """
    if way not in WAYS:
        raise ValueError(f"way={way!r} is unknown: choose one of {WAYS}")
    users = ratings.indices[:, 0]
    everything = torch.ones(len(ratings))
    if way == "as they are":
        return everything
    heavy, counts = enthusiasts(ratings, share), ratings_a_user(ratings)
    cap = int(counts[heavy].min())
    if way == "left out":
        return everything.masked_fill(heavy[users], 0.0)
    if way == "re-weighted":
        return (cap / counts).clamp(max=1)[users]
    shuffled = torch.randperm(len(ratings), generator=torch.Generator().manual_seed(seed))
    if way == "random cut":
        return everything.index_fill(0, shuffled[: int(counts[heavy].sum())], 0.0)
    by_user = shuffled[users[shuffled].argsort(stable=True)]
    place = torch.arange(len(ratings)) - (counts.cumsum(0) - counts)[users[by_user]]
    return everything.index_fill(0, by_user[place >= cap], 0.0)


def weighted_movie_biases(
    ratings: Ratings, weights: torch.Tensor, damping: float = 5.0
) -> torch.Tensor:
    """How far above their users' own means the ratings of each movie lie, in stars, (n_movies,).

    With weights w of the ratings r of a movie, and each user's own mean:

        bias = n / (n + damping) · Σ w (r - mean of the user) / Σ w,   n = (Σ w)² / Σ w²

    n is how many equal ratings the unequal ones are worth (Kish 1965, "Survey Sampling"); with
    equal weights it is their number, and the bias that of lesson 2. A movie without weight has 0.
    Introduced in lesson 8.

    Raises ValueError if `weights` isn't one a rating, or one is negative.
    """
    if weights.shape != ratings.ratings.shape:
        raise ValueError(f"{len(weights)} weights for {len(ratings)} ratings: give one a rating")
    if (weights < 0).any():
        raise ValueError("a weight is negative: give 0 to leave a rating out")
    users, movies = ratings.indices.T
    sums = torch.zeros(ratings.n_users).index_add_(0, users, ratings.ratings)
    above = ratings.ratings - (sums / ratings_a_user(ratings).clamp(min=1))[users]
    total, squares, weighted = (
        torch.zeros(ratings.n_movies).index_add_(0, movies, values)
        for values in (weights, weights.square(), weights * above)
    )
    worth = total.square() / squares.clamp(min=1e-12)
    return worth / (worth + damping) * weighted / total.clamp(min=1e-12)
