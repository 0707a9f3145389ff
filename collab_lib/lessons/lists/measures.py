"""The reader as one more user of the split; an order without lists, and lists of another mix."""

from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import top_lists


def with_reader(train: Ratings, valid: Ratings, mine: pd.DataFrame) -> tuple[Ratings, Ratings]:
    """Both parts of a split with one user more, the last: the reader, whose ratings are in train.

    mine: what `load_my_ratings` returns: movie (MovieLens's id), title, rating. Films that this
    edition doesn't have are left out. Raises ValueError if none is left. Lesson 10.
    """
    known = mine[np.isin(mine["movie"], train.movie_ids)]
    if known.empty:
        raise ValueError(
            "none of your films is in this edition: rate others in lesson 1, or delete the file"
        )
    movies = torch.from_numpy(np.searchsorted(train.movie_ids, known["movie"].to_numpy()))
    you = torch.full_like(movies, train.n_users)
    user_ids = np.append(train.user_ids, train.user_ids.max() + 1)
    stars = torch.tensor(known["rating"].to_numpy(np.float32))
    more = {
        "indices": torch.cat([train.indices, torch.stack([you, movies], dim=1)]),
        "ratings": torch.cat([train.ratings, stars]),
        "timestamps": torch.cat([train.timestamps, train.timestamps.max().expand(len(known))]),
    }
    return replace(train, user_ids=user_ids, **more), replace(valid, user_ids=user_ids)


def auc(scores: torch.Tensor, valid: Ratings, liked: float = 4.0) -> float:
    """How well scores tell liked from not liked among films that the user did watch: 0 to 1.

    For each user, over all pairs of a film rated `liked` or more and a film rated less in `valid`:
    the share of pairs in which the first has the higher score (a tie counts a half); then the mean
    over the users who have both. 0.5 is a coin, 1 is perfect. (The area under the ROC curve: Hanley
    and McNeil 1982.) scores: (n_users, n_movies). Lesson 10.

    Raises ValueError if no user has both kinds of films in `valid`.
    """
    users, movies = valid.indices.T
    of_pairs, good = scores[users, movies], valid.ratings >= liked
    shares = []
    for user in users.unique():
        mine = users == user
        up, down = of_pairs[mine & good], of_pairs[mine & ~good]
        if len(up) and len(down):
            higher, tie = up[:, None] > down, up[:, None] == down
            shares.append((higher.double() + 0.5 * tie.double()).mean())
    if not shares:
        raise ValueError("no user has both liked and disliked films in valid: nothing to compare")
    return torch.stack(shares).mean().item()


def with_mix_of(
    other: torch.Tensor, scores: torch.Tensor, bands: torch.Tensor, train: Ratings
) -> torch.Tensor:
    """The best movies by `scores`, as many of each band as on the `other` list of the same user.

    other: (n_users, k). scores: (n_users, n_movies). bands: (n_movies,), the band of each movie,
    such as how often it was rated. Returns (n_users, k), best first. Introduced in lesson 10.
    """
    k = other.shape[1]
    allowed = torch.full_like(scores, -torch.inf)
    for band in bands.unique():
        best = top_lists(scores.masked_fill(bands != band, -torch.inf), train, k)
        wanted = (bands[other] == band).sum(dim=1, keepdim=True)
        user, place = (torch.arange(k) < wanted).nonzero().T
        film = best[user, place]
        allowed[user, film] = scores[user, film]
    return top_lists(allowed, train, k)
