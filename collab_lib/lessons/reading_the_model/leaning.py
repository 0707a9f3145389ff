"""Does an axis of the map say anything about ratings that the training hasn't seen? Lesson 7."""

from collections.abc import Callable

import torch

from collab_lib.dataset import Ratings


def rest_table(
    ratings: Ratings, baseline: Callable[[torch.Tensor], torch.Tensor], movies: torch.Tensor
) -> torch.Tensor:
    """What `baseline` leaves unexplained of each rating, in stars, as a table with blanks.

    movies: (n,), indices. Returns (n_users, n): rating minus prediction, nan in the blanks.
    """
    column = torch.full((ratings.n_movies,), -1)
    column[movies] = torch.arange(len(movies))
    users, places = ratings.indices[:, 0], column[ratings.indices[:, 1]]
    table = torch.full((ratings.n_users, len(movies)), torch.nan)
    shown = places >= 0
    rest = ratings.ratings - baseline(ratings.indices)
    table[users[shown], places[shown]] = rest[shown]
    return table


def leaning(rest: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """By how many stars each user prefers the movies in `high` to those in `low`.

    rest: (n_users, n), from `rest_table`; low, high: columns of it. Returns (n_users,): the mean
    over `high` minus that over `low`; nan for a user without a rating in one of them.
    """
    return rest[:, high].nanmean(dim=1) - rest[:, low].nanmean(dim=1)


def lasting(
    seen: torch.Tensor, unseen: torch.Tensor, low: torch.Tensor, high: torch.Tensor
) -> tuple[float, int]:
    """How well the leaning of users in `seen` foretells their leaning in `unseen`.

    Returns the correlation over the users who have a leaning in both, and how many they are.
    """
    both = torch.stack([leaning(rest, low, high) for rest in (seen, unseen)])
    known = both.isfinite().all(dim=0)
    return torch.corrcoef(both[:, known])[0, 1].item(), int(known.sum())


def ends(places: torch.Tensor, axis: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The `n` movies at either end of an axis. places: (n_movies, n_axes); axis: from 0 on."""
    order = places[:, axis].argsort()
    return order[:n], order[-n:]


def random_groups(n_movies: int, n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two groups of `n` of the movies, drawn at random: the control for the ends of an axis."""
    order = torch.randperm(n_movies, generator=torch.Generator().manual_seed(seed))
    return order[:n], order[n : 2 * n]
