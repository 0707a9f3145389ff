"""From the long table of ratings to tensors: ids become indices, rows become splits and batches."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

WAYS_TO_SPLIT = ("random", "time", "last", "new-users")


@dataclass(frozen=True)
class Ratings:
    """Ratings as tensors, one row a rating, with the two vocabularies that lead back to the ids.

    indices: int64, (n, 2): the user's and the movie's index, each counted from 0 without gaps.
    ratings: float32, (n,): stars, 0.5 to 5.
    timestamps: int64, (n,): seconds since 1970.
    user_ids: (n_users,): MovieLens's id of each user index, ascending.
    movie_ids, titles: (n_movies,): the id and the title of each movie index, by ascending id.

    Introduced in lesson 2; why indices and not ids, in lesson 4.
    """

    indices: torch.Tensor
    ratings: torch.Tensor
    timestamps: torch.Tensor
    user_ids: np.ndarray
    movie_ids: np.ndarray
    titles: np.ndarray

    @classmethod
    def from_frame(cls, collab: pd.DataFrame) -> "Ratings":
        """The ratings of `collab`, a table with the columns that `load_collab` returns.

        Raises ValueError if a column is missing, the table is empty, or an id, a rating, a time or
        a title is missing.
        """
        missing = {"userId", "movieId", "rating", "timestamp", "title"} - set(collab.columns)
        if missing:
            raise ValueError(
                f"the table lacks the columns {sorted(missing)}: pass what load_collab() returns"
            )
        if collab.empty:
            raise ValueError("the table has no rows: there is nothing to learn from")
        for column in ("userId", "movieId", "rating", "timestamp", "title"):
            blank = collab[column].isna().to_numpy()
            if blank.any():
                raise ValueError(
                    f"{column} is missing in the row {collab.index[blank.argmax()]} of the table, "
                    f"and in {blank.sum()} in all: fill it in or drop them, as with "
                    f'collab.dropna(subset="{column}")'
                )
        users, user_ids = pd.factorize(collab["userId"], sort=True)
        movies, movie_ids = pd.factorize(collab["movieId"], sort=True)
        titles = collab.drop_duplicates("movieId").set_index("movieId")["title"]
        return cls(
            indices=torch.from_numpy(np.stack([users, movies], axis=1).astype(np.int64)),
            ratings=torch.tensor(collab["rating"].to_numpy(np.float32)),
            timestamps=torch.tensor(collab["timestamp"].to_numpy(np.int64)),
            user_ids=np.asarray(user_ids),
            movie_ids=np.asarray(movie_ids),
            titles=titles.loc[movie_ids].to_numpy(str),
        )

    def __len__(self) -> int:
        return len(self.ratings)

    @property
    def n_users(self) -> int:
        """How many users the vocabulary holds, whether or not each has a rating in this split."""
        return len(self.user_ids)

    @property
    def n_movies(self) -> int:
        """How many movies the vocabulary holds, whether or not each has a rating in this split."""
        return len(self.movie_ids)

    def user_index(self, user_id: int) -> int:
        """The index of the user with MovieLens's id `user_id`; ValueError if there is none."""
        return _index_of(user_id, self.user_ids, "user")

    def movie_index(self, movie_id: int) -> int:
        """The index of the movie with MovieLens's id `movie_id`; ValueError if there is none."""
        return _index_of(movie_id, self.movie_ids, "movie")

    def subset(self, rows: torch.Tensor) -> "Ratings":
        """The ratings in `rows` (a mask or positions), with the same vocabularies."""
        return replace(
            self,
            indices=self.indices[rows],
            ratings=self.ratings[rows],
            timestamps=self.timestamps[rows],
        )

    def split(
        self, valid: float = 0.2, by: str = "random", seed: int = 42
    ) -> tuple["Ratings", "Ratings"]:
        """Two parts, train and valid; about the share `valid` of the ratings is in the second.

        by: what the validation ratings are.
            "random": any, drawn with `seed`. Introduced in lesson 2; the others in lesson 11.
            "time": the latest of all.
            "last": the latest of each user: at least one, and never the only one.
            "new-users": all ratings of a share `valid` of the users, drawn with `seed`.

        Raises ValueError for another `by`, or where one of the parts would be empty.
        """
        if by not in WAYS_TO_SPLIT:
            raise ValueError(f"by={by!r} is no way to split: choose one of {WAYS_TO_SPLIT}")
        if not 0 < valid < 1:
            raise ValueError(f"valid={valid!r} is not a share between 0 and 1: try valid=0.2")
        ways = {
            "random": self._held_out_by_random,
            "time": self._held_out_by_time,
            "last": self._held_out_by_last,
            "new-users": self._held_out_by_new_users,
        }
        held_out = ways[by](valid, seed)
        if held_out.all() or not held_out.any():
            raise ValueError(
                f"{len(self)} ratings are too few to hold out a share of {valid} by {by!r}: "
                "one of the two parts would be empty"
            )
        return self.subset(~held_out), self.subset(held_out)

    def batches(
        self, batch_size: int, generator: torch.Generator | None = None
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield (indices, ratings) in slices of `batch_size`, drawn anew if there is a generator.

        Taking a whole slice at a time is what makes an epoch fast: a `DataLoader` over single rows
        hands Python one pair of tensors a rating. Lesson 5 measures the difference.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size} must be 1 or more")
        order = None if generator is None else torch.randperm(len(self), generator=generator)
        for start in range(0, len(self), batch_size):
            rows = slice(start, start + batch_size)
            if order is not None:
                # Chance decides who is in a batch; the order inside it makes no difference to the
                # gradient, and memory is read much faster from front to back.
                rows = order[rows].sort().values
            yield self.indices[rows], self.ratings[rows]

    def _held_out_by_random(self, valid: float, seed: int) -> torch.Tensor:
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        return _mask(order[len(self) - int(valid * len(self)) :], len(self))

    def _held_out_by_time(self, valid: float, seed: int) -> torch.Tensor:
        order = self.timestamps.argsort(stable=True)
        return _mask(order[len(self) - int(valid * len(self)) :], len(self))

    def _held_out_by_last(self, valid: float, seed: int) -> torch.Tensor:
        users = self.indices[:, 0].numpy()
        order = np.lexsort((self.timestamps.numpy(), users))
        counts = np.bincount(users, minlength=self.n_users)
        starts = np.cumsum(counts) - counts
        position = np.arange(len(self)) - starts[users[order]]
        kept = counts - np.maximum(1, (valid * counts).astype(int))
        latest = position >= np.maximum(kept, 1)[users[order]]
        return _mask(torch.from_numpy(order[latest]), len(self))

    def _held_out_by_new_users(self, valid: float, seed: int) -> torch.Tensor:
        users = self.indices[:, 0].unique()
        order = torch.randperm(len(users), generator=torch.Generator().manual_seed(seed))
        return torch.isin(self.indices[:, 0], users[order[: round(valid * len(users))]])


def _mask(rows: torch.Tensor, n: int) -> torch.Tensor:
    mask = torch.zeros(n, dtype=torch.bool)
    mask[rows] = True
    return mask


def rows_of(table: torch.Tensor, indices: torch.Tensor, what: str) -> torch.Tensor:
    """The rows `table[indices]`, where a negative index is an error and never the last row.

    `index_select` finds a bad index on its way; to look for one in each batch would take longer
    than the lookup does. Its gradient is also computed faster than that of `table[indices]`.
    """
    try:
        return table.index_select(0, indices)
    except IndexError:
        bad = indices[(indices < 0) | (indices >= len(table))][0].item()
        raise IndexError(
            f"{what} index {bad} is not in 0 to {len(table) - 1}: if it is MovieLens's id, "
            f"Ratings.{what}_index({bad}) turns it into an index; if not, the model was made for "
            f"fewer {what}s: pass n_{what}s=ratings.n_{what}s"
        ) from None


def _index_of(wanted: int, ids: np.ndarray, what: str) -> int:
    index = int(np.searchsorted(ids, wanted))
    if index == len(ids) or ids[index] != wanted:
        raise ValueError(
            f"there is no {what} with the id {wanted}: ids go from {ids[0]} to {ids[-1]}, with gaps"
        )
    return index
