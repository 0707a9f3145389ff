"""What a trained model knows: biases, neighbours, a map, and whether they are more than chance."""

from dataclasses import dataclass

import pandas as pd
import torch
from torch.nn import functional as F

from collab_lib.dataset import Ratings
from collab_lib.models import DotProduct


def most_rated(train: Ratings, n: int) -> torch.Tensor:
    """The indices of the `n` movies with the most ratings in `train`, the most rated first."""
    if n < 1:
        raise ValueError(f"n={n} must be 1 or more")
    return _counts(train).argsort(descending=True, stable=True)[:n]


def find_movies(ratings: Ratings, text: str) -> torch.Tensor:
    """The indices of all movies whose title holds `text`, in any case, the most rated first."""
    wanted = text.strip().casefold()
    found = [i for i, title in enumerate(ratings.titles) if wanted in title.casefold()]
    found = torch.tensor(found, dtype=torch.int64)
    return found[_counts(ratings)[found].argsort(descending=True, stable=True)]


def movie_table(model: DotProduct, train: Ratings, at_least: int = 20) -> pd.DataFrame:
    """The movies with `at_least` ratings in `train`, from the lowest bias to the highest.

    Columns, by movie index: title; bias, the movie's b_m; taste, the mean of p_u · q_m over those
    who rated it: how far the movie is what they like anyway; both in the score, where 1 is
    about 1.3 stars; mean, of its ratings in stars; ratings, how many. A movie with a low bias and a
    taste above 0 was watched by people who like its kind, and they liked it less than its kind.

    Introduced in lesson 7. Raises ValueError if no movie has `at_least` ratings.
    """
    users, movies = train.indices.T
    counts = _counts(train)
    kept = (counts >= at_least).nonzero()[:, 0]
    if len(kept) == 0:
        raise ValueError(f"no movie has at_least={at_least} ratings: the most is {counts.max()}")
    with torch.no_grad():
        products = (model.user_factors[users] * model.movie_factors[movies]).sum(dim=1)
        table = pd.DataFrame(
            {
                "title": train.titles[kept],
                "bias": model.movie_biases[kept].numpy(),
                "taste": (_sums(movies, products, train.n_movies) / counts)[kept].numpy(),
                "mean": (_sums(movies, train.ratings, train.n_movies) / counts)[kept].numpy(),
                "ratings": counts[kept].numpy(),
            },
            index=kept.numpy(),
        )
    return table.sort_values("bias", kind="stable")


def nearest_movies(
    model: DotProduct, train: Ratings, movie: int, among: torch.Tensor, n: int = 8
) -> pd.DataFrame:
    """The `n` movies whose factors point most nearly the same way as those of `movie`, an index.

    The measure is the cosine similarity q_a · q_b / (|q_a| |q_b|), from -1 to 1. Only the movies
    `among` (indices, without `movie` itself) are searched, since the factors of a movie with a
    handful of ratings point anywhere: `most_rated(train, 500)`, say.
    Columns, by movie index: title, similarity, ratings. Introduced in lesson 7.

    Raises ValueError if `movie` is no index.
    """
    if not 0 <= movie < train.n_movies:
        raise ValueError(
            f"movie={movie} is not in 0 to {train.n_movies - 1}: find_movies finds the index"
        )
    others = among[among != movie]
    factors = model.movie_factors.detach()
    similarity = F.cosine_similarity(factors[others], factors[movie][None], dim=1)
    best = similarity.argsort(descending=True, stable=True)[:n]
    return pd.DataFrame(
        {
            "title": train.titles[others[best]],
            "similarity": similarity[best].numpy(),
            "ratings": _counts(train)[others[best]].numpy(),
        },
        index=others[best].numpy(),
    )


@dataclass(frozen=True)
class MovieMap:
    """Movies in the plane where their factors differ most.

    movies: (n,) indices. places: (n, 2), centred. explained: (n_factors,) the share of the variance
    of the factors that each axis holds, the largest first; a map draws the first two.
    """

    movies: torch.Tensor
    places: torch.Tensor
    explained: torch.Tensor


def movie_map(model: DotProduct, movies: torch.Tensor, like: MovieMap | None = None) -> MovieMap:
    """The map of `movies` (indices): the first two principal components of their factors.

    The factors Q, less their mean, are split as Q = U S Vᵀ; the places are the first two columns of
    U S. However a training turned or mirrored the space of factors, U S is the same but for the
    sign of each axis, which means nothing. So each axis is turned to have its furthest movie on the
    positive side, or, with `like`, another map of the same movies, to agree with that one.
    Introduced in lesson 7.

    Raises ValueError for fewer than three movies, and where `like` shows others.
    """
    if len(movies) < 3:
        raise ValueError(f"a map needs 3 movies or more, and got {len(movies)}")
    if like is not None and not torch.equal(like.movies, movies):
        raise ValueError("like must be a map of the same movies, in the same order")
    u, s, _ = torch.linalg.svd(_centred(model, movies), full_matrices=False)
    places = (u * s)[:, :2]
    if like is None:
        signs = u.gather(0, u.abs().argmax(dim=0, keepdim=True)).sign()[:, :2]
    else:
        signs = (places * like.places).sum(dim=0, keepdim=True).sign()
    return MovieMap(movies, places * signs, s.square() / s.square().sum())


def shared_plane(a: DotProduct, b: DotProduct, movies: torch.Tensor, n_axes: int = 2) -> float:
    """How far the first `n_axes` axes of two models' maps are the same: 0, nothing, to 1, the same.

    Where two axes are about equally wide they may change places or mix, while the plane that they
    span stays. So the planes are compared: |U_aᵀ U_b|² / n_axes, the mean squared cosine of the
    angles between them. By chance it is about n_axes / (number of movies).
    Introduced in lesson 7.
    """
    u = torch.linalg.svd(_centred(a, movies), full_matrices=False)[0][:, :n_axes]
    v = torch.linalg.svd(_centred(b, movies), full_matrices=False)[0][:, :n_axes]
    return ((u.T @ v).square().sum() / n_axes).item()


def neighbours_kept(a: DotProduct, b: DotProduct, movies: torch.Tensor, n: int = 10) -> float:
    """The share of each movie's `n` nearest, among `movies`, that two models agree on.

    By chance it is n / (number of movies - 1). Introduced in lesson 7.
    """
    in_a, in_b = _is_neighbour(a, movies, n), _is_neighbour(b, movies, n)
    return ((in_a & in_b).sum() / in_a.sum()).item()


def _is_neighbour(model: DotProduct, movies: torch.Tensor, n: int) -> torch.Tensor:
    """(movies, movies): whether the column is among the `n` nearest of the row."""
    directions = F.normalize(model.movie_factors.detach()[movies], dim=1)
    similarity = (directions @ directions.T).fill_diagonal_(-2)
    nearest = similarity.topk(n, dim=1).indices
    return torch.zeros_like(similarity, dtype=torch.bool).scatter_(1, nearest, True)


def _centred(model: DotProduct, movies: torch.Tensor) -> torch.Tensor:
    factors = model.movie_factors.detach()[movies]
    return factors - factors.mean(dim=0)


def _counts(ratings: Ratings) -> torch.Tensor:
    return torch.bincount(ratings.indices[:, 1], minlength=ratings.n_movies)


def _sums(groups: torch.Tensor, values: torch.Tensor, n_groups: int) -> torch.Tensor:
    return torch.zeros(n_groups).index_add_(0, groups, values)
