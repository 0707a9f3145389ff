"""Newcomers: how good a first guess is, what each rating is worth, and what brought a film here.

`collab_lib.fold_in` places a newcomer; here the ways to do it are compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import rmse
from collab_lib.fold_in import FOLD_IN_PENALTY, Frozen
from collab_lib.repeatable import one_thread
from collab_lib.ridge import ridge

GUESS_PENALTY = 10.0


def representative(vectors: torch.Tensor) -> int:
    """The position of the medoid: the vector with the least sum of distances to all others.

    Unlike the mean it is somebody (Kaufman and Rousseeuw 1987). Introduced in lesson 11.
    Raises ValueError if there are no vectors.
    """
    if len(vectors) == 0:
        raise ValueError("there are no vectors: nobody can represent them")
    return int(torch.cdist(vectors, vectors).sum(dim=1).argmin())


def genre_table(movies: pd.DataFrame, movie_ids: Sequence[int]) -> pd.DataFrame:
    """One row per id in `movie_ids`, one column per genre: 1 where the movie has it, or 0.

    movies: what `load_movies` returns. "(no genres listed)" is no genre. Introduced in lesson 11.
    """
    genres = movies.set_index("movieId")["genres"].loc[movie_ids].str.get_dummies("|")
    return genres.drop(columns="(no genres listed)", errors="ignore")


@one_thread()
def favourite_genres(
    genres: torch.Tensor, movies: torch.Tensor, ratings: torch.Tensor, n: int = 3
) -> torch.Tensor:
    """What someone who gave `ratings` (k,) to `movies` (k,) might answer at sign-up: n favourites.

    genres: (n_movies, n_genres), of 0 and 1. Returns (n_genres,): 1 for the n genres that are most
    over-represented among the movies with 4 stars or more:

        movies with 4 stars or more in the genre / (3 + k · share of the genre among all movies)

    The 3 keeps one film of a rare genre from making a favourite. MovieLens has no such answers, so
    lesson 11, which introduces this, makes them up from ratings.
    """
    liked = genres[movies[ratings >= 4]].sum(dim=0)
    scores = liked / (3 + len(movies) * genres.mean(dim=0))
    return torch.zeros(genres.shape[1]).index_fill_(0, scores.topk(n).indices, 1.0)


def fit_guess(
    answers: torch.Tensor, vectors: torch.Tensor, penalty: float = GUESS_PENALTY
) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function from answers (k,) to a vector (n_factors + 1,), by ridge regression.

    answers: (n, k), such as favourite genres of known users or the genres of known movies.
    vectors: (n, n_factors + 1), theirs in the model. penalty: how strongly the slopes, though not
    the constant, are pulled towards 0. Introduced in lesson 11.

    Raises ValueError if the two differ in length or `penalty` is not above 0.
    """
    if len(answers) != len(vectors):
        raise ValueError(f"{len(answers)} answers for {len(vectors)} vectors: give one a vector")
    # Around the means, the constant needs no column of its own and so isn't pulled.
    answers_mean, vectors_mean = answers.mean(dim=0), vectors.mean(dim=0)
    centred = answers - answers_mean
    slopes = ridge(centred, vectors - vectors_mean, penalty)
    return lambda answer: vectors_mean + (answer - answers_mean) @ slopes


@dataclass(frozen=True)
class Newcomer:
    """One user (or movie) that the model hasn't seen, with ratings to give it and others to ask.

    index: the user's (or movie's). rows, ratings: the movies (or users) and stars that may be given
    to the model, in the order in which they would be. asked_rows, asked_ratings: what it is tested
    on.
    """

    index: int
    rows: torch.Tensor
    ratings: torch.Tensor
    asked_rows: torch.Tensor
    asked_ratings: torch.Tensor


def newcomers(
    held_out: Ratings, side: str = "user", order: str = "random", at_least: int = 30, seed: int = 42
) -> list[Newcomer]:
    """Everyone in `held_out` with `at_least` ratings or more, of which a random third is asked.

    side: "user" for new users, "movie" for new movies.
    order: how the other ratings are given: "random", or "time", the earliest first. The ratings
        that are asked are the same for both. Introduced in lesson 11.

    Raises ValueError for another side or order, or where nobody has enough ratings.
    """
    if side not in ("user", "movie") or order not in ("random", "time"):
        raise ValueError(
            f"side={side!r}, order={order!r}: choose 'user' or 'movie', 'random' or 'time'"
        )
    new, other = held_out.indices.T if side == "user" else held_out.indices.flip(1).T
    generator = torch.Generator().manual_seed(seed)
    found = []
    for index in (torch.bincount(new) >= at_least).nonzero().squeeze(1).tolist():
        rows = (new == index).nonzero().squeeze(1)
        rows = rows[torch.randperm(len(rows), generator=generator)]
        asked, given = rows[: len(rows) // 3], rows[len(rows) // 3 :]
        if order == "time":
            given = given[held_out.timestamps[given].argsort(stable=True)]
        ratings = held_out.ratings
        found.append(Newcomer(index, other[given], ratings[given], other[asked], ratings[asked]))
    if not found:
        raise ValueError(f"no {side} has {at_least} ratings or more: lower `at_least`")
    return found


@one_thread()
def cold_start_table(
    frozen: Frozen,
    people: Sequence[Newcomer],
    methods: dict[str, Callable[[Newcomer, int], torch.Tensor]],
    given: Sequence[int] = (0, 1, 2, 5, 10, 20),
) -> pd.DataFrame:
    """The RMSE in stars of each method, one row each, after each number of ratings.

    methods: by name, a function of a newcomer and a number n that returns a vector
        (n_factors + 1,) and looks at their first n ratings only.

    Every newcomer counts the same, however many ratings they are asked: the root of the mean over
    newcomers of each one's mean squared error. Introduced in lesson 11.
    """
    table = pd.DataFrame(index=list(methods), columns=list(given), dtype=float)
    for name, method in methods.items():
        for n in given:
            errors = [
                rmse(frozen.predict(method(one, n), one.asked_rows), one.asked_ratings)
                for one in people
            ]
            table.loc[name, n] = np.sqrt(np.mean(np.square(errors)))
    return table.rename_axis(index="method", columns="ratings given")


def because(
    movies: Frozen,
    rows: torch.Tensor,
    ratings: torch.Tensor,
    start: torch.Tensor,
    penalty: float = FOLD_IN_PENALTY,
) -> torch.Tensor:
    """What each rating adds to each prediction of somebody folded in: (n, n_movies), in stars.

    `fold_in` is linear in the errors e of the n ratings: with S = (XᵀX + penalty · I)⁻¹ Xᵀ the
    vector is start + S e, so that rating i adds the part

        x · S_i · e_i

    to what the model predicts inside the sigmoid for a movie with the features x. The n parts add
    up to the whole difference between this newcomer and `start`. The sigmoid bends; so that the
    parts add up in stars too, each is multiplied by (difference in stars) / (difference inside).
    Introduced in lesson 11. Raises ValueError as `fold_in` does.
    """
    newcomer = movies.fold_in(rows, ratings, start, penalty)
    features, (lower, upper) = movies.features[rows], movies.y_range
    inside = torch.logit((ratings - lower) / (upper - lower)) - movies.offsets[rows]
    errors = inside - features @ start
    # Column i is the step that rating i asks for.
    steps = ridge(features, torch.diag(errors), penalty)
    parts = (movies.features @ steps).T
    moved = movies.features @ (newcomer - start)
    stars = movies.predict(newcomer) - movies.predict(start)
    return parts * torch.where(moved.abs() > 1e-6, stars / moved, 0)
