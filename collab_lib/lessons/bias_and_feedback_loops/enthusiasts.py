"""Who wrote the ratings, and whom the recommender serves: real people, counted by group."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from collab_lib.baselines import regularised_biases
from collab_lib.dataset import Ratings

QUARTERS = ("least mainstream", "second quarter", "third quarter", "most mainstream")
BY_ACTIVITY = ("least active", "second quarter", "third quarter", "most active")


def ratings_per_user(ratings: Ratings) -> torch.Tensor:
    """How many ratings each user wrote, (n_users,). Lesson 12."""
    return torch.bincount(ratings.indices[:, 0], minlength=ratings.n_users)


def ratings_per_movie(ratings: Ratings) -> torch.Tensor:
    """How many ratings each movie got, (n_movies,). Lesson 12."""
    return torch.bincount(ratings.indices[:, 1], minlength=ratings.n_movies)


def enthusiasts(ratings: Ratings, share: float = 0.1) -> torch.Tensor:
    """A mask over users, (n_users,): the `share` of them who wrote the most ratings. Lesson 12.

    Raises ValueError if `share` isn't between 0 and 1, or is so small that it is nobody.
    """
    n = round(share * ratings.n_users)
    if not 0 < share < 1 or n == 0:
        raise ValueError(
            f"share={share} of {ratings.n_users} users is nobody or everybody: try share=0.1"
        )
    most = ratings_per_user(ratings).argsort(descending=True, stable=True)[:n]
    return torch.zeros(ratings.n_users, dtype=torch.bool).index_fill_(0, most, True)


def random_users(ratings: Ratings, n_ratings: int, seed: int = 0) -> torch.Tensor:
    """A mask over users, (n_users,): any users, who together wrote at most `n_ratings`. Lesson 12.

    Users are drawn until the next one would be one too many: the control for a claim about a group
    that wrote as many.
    """
    order = torch.randperm(ratings.n_users, generator=torch.Generator().manual_seed(seed))
    written = ratings_per_user(ratings)[order].cumsum(0)
    drawn = order[written <= n_ratings]
    return torch.zeros(ratings.n_users, dtype=torch.bool).index_fill_(0, drawn, True)


def biases_without(ratings: Ratings, users: torch.Tensor) -> torch.Tensor:
    """The movies' regularised biases (lesson 2), (n_movies,), without the ratings of `users`.

    users: a mask, (n_users,). Introduced in lesson 12.
    """
    return regularised_biases(ratings.subset(~users[ratings.indices[:, 0]])).movie_biases


def effect_of_leaving_out(
    ratings: Ratings, users: torch.Tensor, genre: torch.Tensor
) -> tuple[float, int, int]:
    """What the best films by bias owe to `users`, a mask (n_users,). Lesson 12.

    genre: a mask over movies, (n_movies,). Returns by how many stars the biases of the movies with
    50 ratings or more change without `users`, in the mean; how many of the best 15 of these movies
    stay; and how many of the best 100 of the movies with 10 ratings or more are then of the genre.
    """
    popularity = ratings_per_movie(ratings)
    known = popularity >= 50
    before, after = (biases_without(ratings, who) for who in (torch.zeros_like(users), users))
    tops = [set(b.masked_fill(~known, -9).topk(15).indices.tolist()) for b in (before, after)]
    hundred = after.masked_fill(popularity < 10, -9).topk(100).indices
    change = (after - before)[known].abs().mean().item()
    return change, len(tops[0] & tops[1]), int(genre[hundred].sum())


def genre_shares(ratings: Ratings, genres: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    """How much of the ratings each genre gets, if ratings are counted and if users are.

    genres: (n_movies, n_genres) of 0 and 1. A movie of three genres counts for each.

    Columns, all from 0 to 1, with the genres as the index:
        "of ratings": the share of all ratings.
        "of users": the share of a user's own ratings, mean over users: every user counts once.
        "by enthusiasts": the share of the genre's ratings that the most active `share` wrote.

    Introduced in lesson 12.
    """
    users, movies = ratings.indices.T
    has = torch.tensor(genres.to_numpy(np.float32))[movies]
    of_each = torch.zeros(ratings.n_users, has.shape[1]).index_add_(0, users, has)
    counts = ratings_per_user(ratings)
    present = counts > 0
    active = enthusiasts(ratings, share)
    return pd.DataFrame(
        {
            "of ratings": has.mean(dim=0),
            "of users": (of_each[present] / counts[present, None]).mean(dim=0),
            "by enthusiasts": of_each[active].sum(dim=0) / of_each.sum(dim=0),
        },
        index=genres.columns.rename("genre"),
    )


def mainstream(train: Ratings) -> torch.Tensor:
    """How well known the movies are that each user rates, (n_users,): their mean number of ratings.

    A user without ratings in `train` has NaN. Introduced in lesson 12.
    """
    users, movies = train.indices.T
    known = ratings_per_movie(train).double()[movies]
    sums = torch.zeros(train.n_users, dtype=torch.float64).index_add_(0, users, known)
    return sums / ratings_per_user(train)


def quarter_of(values: torch.Tensor) -> torch.Tensor:
    """In which quarter each of `values` (n,) lies, 0 (the lowest) to 3; -1 where it is NaN."""
    known = values.isfinite()
    order = values.double().masked_fill(~known, -torch.inf).argsort(stable=True)
    ranks = order.argsort()
    n_missing = int((~known).sum())
    quarter = (ranks - n_missing) * 4 // max(1, int(known.sum()))
    return quarter.masked_fill(~known, -1)


def places_of_favourites(scores: torch.Tensor, train: Ratings, valid: Ratings) -> torch.Tensor:
    """The place that each of the `favourites` in `valid` would take on its user's list, (n,), int.

    1 is the top. The list holds this one favourite and all movies that its user hasn't rated, by
    score, (n_users, n_movies): one favourite at a time, so that the question is equally hard for
    somebody with few favourites and for somebody with many. Introduced in lesson 12.
    """
    unrated = scores.clone()
    for part in (train, valid):
        users, movies = part.indices.T
        unrated[users, movies] = -torch.inf
    users, movies = favourites(valid).T
    mine = scores[users, movies]
    places = torch.empty(len(users), dtype=torch.int64)
    for user in users.unique():
        its = users == user
        rising = unrated[user].sort().values
        places[its] = len(rising) + 1 - torch.searchsorted(rising, mine[its], right=True)
    return places


def found_by_popularity(
    found: torch.Tensor, popularity: torch.Tensor, quarter: torch.Tensor
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The share of favourites that lists find, and the mix of favourites, by how known they are.

    found: whether each favourite is on its user's list, (n,). popularity: how many ratings each
    has, (n,). quarter: that of its user, (n,). Two tables with one row per quarter, one column per
    band of popularity; the rows of the second add up to 1. Introduced in lesson 12.
    """
    labels = ["≤ 20", "≤ 60", "≤ 120", "more"]
    table = pd.DataFrame({"quarter": quarter.numpy(), "found": found.numpy()})
    bands = pd.cut(popularity.numpy(), [-1, 20, 60, 120, np.inf], labels=labels)
    table["ratings of the film"] = bands
    shares = table.pivot_table("found", "quarter", "ratings of the film", observed=False)
    mix = pd.crosstab(table["quarter"], table["ratings of the film"], normalize="index")
    shares.index = mix.index = QUARTERS
    return shares, mix


def told_apart(ratings: Ratings, numbers: Sequence[int], seed: int = 0) -> dict[int, float]:
    """The share of users to whom alone a few of their films point, by how many are told. Lesson 12.

    The films are drawn by lot from all that a user has rated; a user with fewer tells all of them.
    """
    rated = torch.zeros(ratings.n_users, ratings.n_movies, dtype=torch.bool)
    rated[ratings.indices[:, 0], ratings.indices[:, 1]] = True
    luck = np.random.default_rng(seed)
    alone = dict.fromkeys(numbers, 0)
    for films in rated:
        told = torch.tensor(luck.permutation(films.nonzero()[:, 0].numpy())[: max(numbers)])
        for n in numbers:
            alone[n] += int(rated[:, told[:n]].all(dim=1).sum() == 1)
    return {n: count / ratings.n_users for n, count in alone.items()}


def counted_again(train: Ratings, users: torch.Tensor, times: int) -> Ratings:
    """`train` in which each of `users`, a mask (n_users,), is there `times` times. Lesson 12.

    The copies are new users behind the others: a model that counts users counts these for more.
    """
    number = users.cumsum(0) - 1  # which copy is whose
    n = int(users.sum())
    mine = train.subset(users[train.indices[:, 0]])
    copies = [
        torch.stack(
            [train.n_users + n * copy + number[mine.indices[:, 0]], mine.indices[:, 1]], dim=1
        )
        for copy in range(times - 1)
    ]
    return replace(
        train,
        indices=torch.cat([train.indices, *copies]),
        ratings=torch.cat([train.ratings, mine.ratings.repeat(times - 1)]),
        timestamps=torch.cat([train.timestamps, mine.timestamps.repeat(times - 1)]),
        user_ids=np.concatenate([train.user_ids, -1 - np.arange(n * (times - 1))]),
    )


def favourites(valid: Ratings, liked: float = 4.0) -> torch.Tensor:
    """User and movie, (n, 2), of each rating in `valid` of `liked` stars or more. Lesson 12."""
    return valid.indices[valid.ratings >= liked]


def mean_by_user(values: torch.Tensor, users: torch.Tensor, n_users: int) -> torch.Tensor:
    """The mean of each user's `values` (n,), (n_users,); NaN for a user who has none."""
    sums = torch.zeros(n_users, dtype=torch.float64).index_add_(0, users, values.double())
    return sums / torch.bincount(users, minlength=n_users)


def interval(values: torch.Tensor) -> tuple[float, float]:
    """The mean of `values` (n,), without NaN, and half of the 95 % interval around it.

    1.96 · standard deviation / sqrt(n), where another draw of users would put the mean in 95 of
    100 cases, nearly. Introduced in lesson 12. Raises ValueError for fewer than two values.
    """
    values = values[values.isfinite()]
    if len(values) < 2:
        raise ValueError(f"{len(values)} values: an interval needs two or more")
    return values.mean().item(), 1.96 * values.std().item() / len(values) ** 0.5


def by_group(
    values: torch.Tensor,
    users: torch.Tensor,
    quarter: torch.Tensor,
    names: Sequence[str] = QUARTERS,
) -> pd.DataFrame:
    """Mean and chance of each quarter of the users, everybody counted once. Lesson 12.

    values, users: (n,), one value of one user each. quarter: (n_users,), 0 to 3. names: theirs.
    """
    each = mean_by_user(values, users, len(quarter))
    rows = [interval(each[quarter == number]) for number in range(len(names))]
    return pd.DataFrame(rows, index=list(names), columns=["mean", "chance"])
