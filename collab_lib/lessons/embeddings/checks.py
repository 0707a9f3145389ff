"""The checks of lesson 4."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch

from collab_lib.dataset import Ratings
from collab_lib.kit.check import Verdict, right, wrong


def check_lookup(lookup: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Verdict:
    """Does `lookup(table, indices)` return the rows of `table`, and pass gradients back to them?"""
    table = torch.arange(10.0).reshape(5, 2).requires_grad_()
    indices = torch.tensor([3, 1, 3])
    try:
        answer = lookup(table, indices)
    except Exception as error:
        advice = " one_hot gives whole numbers: .float() them." if "dtype" in str(error) else ""
        return wrong(f"Your function stops with {type(error).__name__}: {error}.{advice}")
    if not isinstance(answer, torch.Tensor):
        return wrong(f"Return a tensor; this is {type(answer).__name__}.")
    if answer.shape == (3, 5):
        return wrong("That is the one-hot matrix, (3, 5). Multiply it by the table.")
    if answer.shape != (3, 2):
        return wrong(
            f"Three indices into a table of 2 factors give the shape (3, 2), not "
            f"{tuple(answer.shape)}. The one-hot matrix, (3, 5), comes first in the product."
        )
    if not torch.equal(answer, table[indices]):
        return wrong(
            f"For the indices [3, 1, 3] the first row should be {table[3].tolist()} and is "
            f"{answer[0].tolist()}. Which entry of the one-hot row has to be 1?"
        )
    if not answer.requires_grad:
        return wrong("The numbers are right, but no gradient can flow back: don't detach or copy.")
    answer.sum().backward()
    if not torch.equal(table.grad.sum(1), torch.tensor([0.0, 2.0, 0.0, 4.0, 0.0])):
        return wrong("The numbers are right, but the gradient goes to other rows than these.")
    return right("The same rows, and the same gradient: row 3 was looked up twice and gets twice.")


def check_rows_that_learn(answer: Iterable[int], indices: Sequence[int], n_rows: int) -> Verdict:
    """Is `answer` the set of rows that one step of plain SGD changes, after `indices` were used?"""
    try:
        rows = {int(row) for row in answer}
    except (TypeError, ValueError):
        return wrong("The answer is a set of row numbers, such as {0, 4}.")
    table = torch.ones(n_rows, 2, requires_grad=True)
    table[list(indices)].sum().backward()
    learn = set(table.grad.abs().sum(1).nonzero().flatten().tolist())
    if rows == learn:
        return right(f"Only {sorted(learn)} were looked up, so only they get a gradient.")
    if rows == set(range(n_rows)):
        return wrong("Not all of them: a row that wasn't looked up didn't take part in the loss.")
    if rows - learn:
        return wrong(f"Row {min(rows - learn)} wasn't looked up: its gradient is 0.")
    return wrong(f"Row {min(learn - rows)} was looked up as well.")


def check_indices(to_indices: Callable[[Sequence[int]], tuple]) -> Verdict:
    """Does `to_indices(ids)` return contiguous indices, and the vocabulary that leads back?"""
    ids = [50, 7, 193609, 7, 50]
    try:
        answer = to_indices(ids)
    except Exception as error:
        return wrong(f"to_indices({ids}) stops with {type(error).__name__}: {error}.")
    if not isinstance(answer, tuple) or len(answer) != 2:
        return wrong("Return two things: the indices, and the vocabulary.")
    try:
        indices, vocabulary = (np.asarray(part).astype(np.int64).ravel() for part in answer)
    except (TypeError, ValueError):
        return wrong("Both the indices and the vocabulary are sequences of whole numbers.")
    said = f"For {ids} you return the indices {indices.tolist()}. "
    if len(indices) != len(ids):
        return wrong(said + "There is one index for each rating: five of them.")
    if indices.tolist() == ids:
        return wrong(said + "These are still the ids.")
    if indices.tolist() == list(range(len(ids))):
        return wrong(said + "These number the ratings. The same id needs the same index each time.")
    if len(set(indices.tolist())) != 3 or [indices[0], indices[1]] != [indices[4], indices[3]]:
        return wrong(said + "The same id needs the same index, and other ids need other ones.")
    if sorted(set(indices.tolist())) != [0, 1, 2]:
        return wrong(said + "Three movies have the indices 0, 1 and 2, without a gap.")
    if len(vocabulary) != 3:
        return wrong(f"The vocabulary has an id for each index: 3 of them, not {len(vocabulary)}.")
    if vocabulary[indices].tolist() != ids:
        return wrong(
            f"vocabulary[indices] should give back the ids and gives "
            f"{vocabulary[indices].tolist()}. Position k holds the id whose index is k."
        )
    return right("Every index fits a table of three rows, and vocabulary[indices] leads back.")


def check_n_numbers(answer: int, ratings: Ratings, n_factors: int) -> Verdict:
    """Is `answer` how many numbers two tables of `n_factors` hold, for users and for movies?"""
    n_users, n_movies = ratings.n_users, ratings.n_movies
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        return wrong("The answer is a whole number.")
    total = (n_users + n_movies) * n_factors
    if answer == total:
        return right(
            f"({n_users:,} + {n_movies:,}) × {n_factors} = {total:,} numbers, "
            f"for {len(ratings):,} ratings."
        )
    if answer == n_users * n_movies:
        return wrong("That is the size of the pivot table. The point of factors is not to need it.")
    if answer == n_users * n_movies * n_factors:
        return wrong("Users and movies have a table each: add the two sizes, don't multiply them.")
    if answer == n_users + n_movies:
        return wrong(f"That is the number of rows. Each row holds {n_factors} numbers.")
    if answer in (n_users * n_factors, n_movies * n_factors):
        return wrong("That is one of the two tables. Add the other.")
    raw = int(ratings.movie_ids.max()) + 1
    if answer in ((n_users + raw) * n_factors, (int(ratings.user_ids.max()) + 1 + raw) * n_factors):
        return wrong("That is with a row for every id. Count the movies that were rated.")
    return wrong("One row a user and one row a movie; how many numbers are in a row?")
