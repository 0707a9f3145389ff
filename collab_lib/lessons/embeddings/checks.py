"""The checks of lesson 4."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch

from collab_lib.dataset import Ratings
from collab_lib.kit.check import Advice, Verdict, ask, check, number, right, wrong


@check
def check_lookup(lookup: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Verdict:
    """Does `lookup(table, indices)` give the rows of `table` as a product, and pass gradients?"""
    if not callable(lookup):
        raise Advice("Hand in the function itself, without calling it.")
    plain = torch.arange(10.0).reshape(5, 2)
    table = plain.clone().requires_grad_()
    indices = torch.tensor([3, 1, 3])
    try:
        answer = lookup(table, indices.clone())
    except Exception as error:
        raise Advice(f"Your function stops with {_named(error)}. {_remedy(str(error))}") from error
    if answer is None:
        raise Advice("Your function returns nothing: end it with `return …`.")
    if not isinstance(answer, torch.Tensor):
        return wrong(f"Return a tensor; this is {type(answer).__name__}.")
    if tuple(answer.shape) == (3, 4):
        return wrong(f"This has 4 columns, and the table 5 rows. {_TOO_FEW_CLASSES}")
    if tuple(answer.shape) == (3, 5):
        return wrong("That is the one-hot matrix, (3, 5). Multiply it by the table.")
    if tuple(answer.shape) != (3, 2):
        return wrong(
            f"Three indices into a table of 2 factors give the shape (3, 2), not "
            f"{tuple(answer.shape)}. The one-hot matrix, (3, 5), comes first in the product."
        )
    values = answer.detach()
    if not torch.allclose(values.float(), plain[[3, 1, 3]], atol=1e-4):
        return wrong(
            f"For the indices [3, 1, 3] the first row should be {plain[3].tolist()} and is "
            f"{values[0].tolist()}. Which entry of the one-hot row has to be 1?"
        )
    if _takes_rows(lookup, plain, indices):
        return wrong(
            "The rows are right, and you took them from the table by their numbers. This time "
            "write it as a product, one-hot rows times the table."
        )
    if not answer.requires_grad:
        return wrong("The numbers are right, but no gradient can flow back: don't detach or copy.")
    answer.sum().backward()
    counted = torch.tensor([0.0, 2.0, 0.0, 4.0, 0.0])
    if table.grad is None or not torch.equal(table.grad.sum(1), counted):
        return wrong("The numbers are right, but the gradient goes to other rows than these.")
    return right("The same rows, and the same gradient: row 3 was looked up twice and gets twice.")


def _takes_rows(lookup: Callable, table: torch.Tensor, indices: torch.Tensor) -> bool:
    """Does `lookup` take numbered rows of `table`, in whatever way, and leave the others alone?

    A product takes zero times each of the others: where they are nan, so is all of it.
    """
    holes = torch.full_like(table, torch.nan)
    holes[indices] = table[indices]
    return not bool(torch.as_tensor(ask(lookup, holes, indices)).isnan().any())


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:150].rstrip('.')}"


# The largest index that is looked up is 3, so `one_hot` alone makes four columns.
_TOO_FEW_CLASSES = "one_hot doesn't know how many rows the table has: tell it."


def _remedy(message: str) -> str:
    """What to do about the errors that nearly everybody meets."""
    if "(3x4 and" in message or "tensor a (4) must match" in message:
        return _TOO_FEW_CLASSES
    if "dtype" in message or "scalar type" in message:
        return "one_hot gives whole numbers: turn them into floats with .float()."
    if "cannot be multiplied" in message or "size mismatch" in message:
        return "Say both shapes aloud: (3, 5) times (5, 2). The one-hot rows come first."
    return "Run it by itself in a cell above, to see in which line."


@check
def check_rows_that_learn(answer: Iterable[int], indices: Sequence[int], n_rows: int) -> Verdict:
    """Is `answer` the set of rows that one step of plain SGD changes, after `indices` were used?"""
    no_rows = isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable)
    if no_rows or getattr(answer, "ndim", 1) == 0:
        raise Advice("The answer is a set of row numbers, such as {0, 5}.")
    found = [number(row, "A row number") for row in answer]
    if any(row % 1 for row in found):
        raise Advice("A row number is a whole number, from 0 on.")
    rows = {int(row) for row in found}
    table = torch.ones(n_rows, 2, requires_grad=True)
    table[list(indices)].sum().backward()
    learn = set(table.grad.abs().sum(1).nonzero().flatten().tolist())
    if rows == learn:
        return right(f"Only {sorted(learn)} were looked up, so only they get a gradient.")
    if not rows <= set(range(n_rows)):
        return wrong(f"The table has the rows 0 to {n_rows - 1}.")
    if rows == set(range(n_rows)):
        return wrong("Not all of them: a row that wasn't looked up didn't take part in the loss.")
    if rows == set(range(n_rows)) - learn:
        return wrong("These are the rows that stay as they are. Which ones change?")
    if rows - learn:
        return wrong(f"Row {min(rows - learn)} wasn't looked up: its gradient is 0.")
    if not rows:
        return wrong("Some rows change: those that took part in the loss.")
    return wrong("Not all of them yet: go through the lookups once more.")


@check
def check_indices(to_indices: Callable[[Sequence[int]], tuple]) -> Verdict:
    """Does `to_indices(ids)` return contiguous indices, and the vocabulary that leads back?

    The vocabulary is whatever gives the id for an index in square brackets: a list, an array, a
    dictionary.
    """
    for ids in ([50, 7, 193609, 7, 50], [3, 3], [12, 5, 8, 40, 8, 12, 1]):
        answer = ask(to_indices, ids)
        if isinstance(answer, str | dict | set) or not hasattr(answer, "__len__"):
            return wrong("Return two things: the indices, and the vocabulary.")
        if len(answer) != 2:
            return wrong("Return two things: the indices, and the vocabulary.")
        for part in answer:
            if hasattr(part, "__next__"):
                kind = type(part).__name__
                return wrong(f"A {kind} gives its numbers only once: put list(…) around it.")
            if not hasattr(part, "__len__"):
                return wrong("Return two things: the indices, and the vocabulary.")
        advice = _advice_on_indices(ids, *answer)
        if advice:
            return wrong(advice)
    return right("Every index fits a table without gaps, and vocabulary[index] leads back.")


def _advice_on_indices(ids: list[int], indices: Iterable, vocabulary) -> str | None:
    """What is wrong with indices and vocabulary for `ids`; None if nothing is."""
    shape = tuple(getattr(indices, "shape", ()))
    if len(shape) > 1:
        return f"The indices have the shape {shape}. One axis is enough: a number for each rating."
    found = [number(index, "Each index") for index in indices]
    try:
        numbers = [operator.index(index) for index in indices]
    except TypeError:
        return f"The indices look like {found[0]}. A row has an int as its number."
    n_ids = len(set(ids))
    said = f"For {ids} you return the indices {numbers}. "
    if len(numbers) != len(ids):
        return said + f"There is one index for each rating: {len(ids)} of them."
    if numbers == ids:
        return said + "These are still the ids."
    if numbers == list(range(len(ids))) and n_ids < len(ids):
        return said + "These number the ratings. The same id needs the same index each time."
    pairs = set(zip(ids, numbers, strict=True))
    if len(pairs) != n_ids or len(set(numbers)) != n_ids:
        return said + "The same id needs the same index, and other ids need other ones."
    if set(numbers) != set(range(n_ids)):
        return said + f"The indices of {n_ids} movies go from 0 to {n_ids - 1}, without a gap."
    if len(vocabulary) != n_ids:
        return f"The vocabulary has an id for each index: {n_ids} of them, not {len(vocabulary)}."
    if hasattr(vocabulary, "keys") and set(vocabulary.keys()) == set(ids):
        return "vocabulary[index] should be the id. Yours leads from id to index: turn it around."
    try:
        back = [vocabulary[index] for index in numbers]
        if any(isinstance(movie_id, str | bytes) for movie_id in back):
            return f"vocabulary[index] should be the id, a number, and is the text {back[0]!r}."
        back = [int(movie_id) for movie_id in back]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        return f"vocabulary[index] should be the id, and stops with {_named(error)}."
    if back != ids:
        return (
            f"vocabulary[index] should give back the ids {ids} and gives {back}. Position k holds "
            "the id whose index is k."
        )
    return None


@check
def check_n_numbers(answer: int, ratings: Ratings, n_factors: int) -> Verdict:
    """Is `answer` how many numbers two tables of `n_factors` hold, for users and for movies?"""
    value = number(answer, "The answer")
    users, movies = ratings.n_users, ratings.n_movies
    total = (users + movies) * n_factors
    if value == total:
        return right(
            f"({users:,} + {movies:,}) × {n_factors} = {total:,} numbers, "
            f"for {len(ratings):,} ratings."
        )
    raw_users, raw_movies = int(ratings.user_ids.max()) + 1, int(ratings.movie_ids.max()) + 1
    with_gaps = "That is with a row for every id. Count the movies that were rated."
    brackets = "× comes before +, so only one of the two tables is multiplied: use brackets."
    known = (
        (users * movies, "That is the size of the pivot table, which factors do without."),
        (users * movies * n_factors, "The tables stand apart: add their sizes."),
        (users + movies, f"That is the number of rows. Each row holds {n_factors} numbers."),
        (users + movies * n_factors, brackets),
        (users * n_factors + movies, brackets),
        (users * n_factors, "That is one of the two tables. Add the other."),
        (movies * n_factors, "That is one of the two tables. Add the other."),
        ((users + raw_movies) * n_factors, with_gaps),
        ((raw_users + raw_movies) * n_factors, with_gaps),
        (len(ratings) * n_factors, "Ratings have no factors: users and movies have."),
    )
    for mistake, advice in known:
        if value == mistake:
            return wrong(advice)
    return wrong("One row per user and one row per movie; how many numbers are in a row?")
