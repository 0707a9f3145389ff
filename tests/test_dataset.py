"""Ids become indices, and rows become splits and batches."""

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import TensorDataset, random_split

from collab_lib import Ratings


def frame(rows):
    """A table of (userId, movieId, rating, timestamp) with a title for each movie."""
    table = pd.DataFrame(rows, columns=["userId", "movieId", "rating", "timestamp"])
    return table.assign(title=[f"Movie {m}" for m in table["movieId"]])


FOUR = frame([(7, 300, 4.0, 40), (2, 10, 3.5, 10), (7, 10, 1.0, 30), (2, 50, 5.0, 20)])

some_ratings = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([0.5, 3.0, 5.0])),
    min_size=10,
    max_size=40,
    unique_by=lambda row: row[:2],
).map(lambda rows: frame([(*row, time) for time, row in enumerate(rows)]))


def test_four_rows_by_hand():
    four = Ratings.from_frame(FOUR)
    assert four.indices.tolist() == [[1, 2], [0, 0], [1, 0], [0, 1]]
    assert four.indices.dtype == torch.int64
    assert four.ratings.tolist() == [4.0, 3.5, 1.0, 5.0]
    assert four.ratings.dtype == torch.float32
    assert four.timestamps.tolist() == [40, 10, 30, 20]
    assert four.user_ids.tolist() == [2, 7]
    assert four.movie_ids.tolist() == [10, 50, 300]
    assert four.titles.tolist() == ["Movie 10", "Movie 50", "Movie 300"]
    assert (four.n_users, four.n_movies, len(four)) == (2, 3, 4)


@given(some_ratings)
@settings(max_examples=25, deadline=None)
def test_the_vocabularies_lead_back_to_the_table(table):
    made = Ratings.from_frame(table)
    users, movies = made.indices.T.numpy()
    assert (made.user_ids[users] == table["userId"]).all()
    assert (made.movie_ids[movies] == table["movieId"]).all()
    assert (made.titles[movies] == table["title"]).all()
    assert all(made.user_index(made.user_ids[u]) == u for u in users)
    assert all(made.movie_index(made.movie_ids[m]) == m for m in movies)


@pytest.mark.parametrize("by", ["random", "time", "last", "new-users"])
def test_a_split_parts_the_ratings(ratings, by):
    train, valid = ratings.split(valid=0.2, by=by, seed=1)
    assert len(train) + len(valid) == len(ratings)
    assert 0.1 < len(valid) / len(ratings) < 0.3
    assert train.n_users == valid.n_users == ratings.n_users
    seen = {tuple(pair) for pair in train.indices.tolist()}
    assert not seen & {tuple(pair) for pair in valid.indices.tolist()}


def test_the_random_split_is_torchs(ratings):
    generator = torch.Generator().manual_seed(3)
    dataset = TensorDataset(ratings.indices)
    _, expected = random_split(dataset, [0.8, 0.2], generator)
    _, valid = ratings.split(seed=3)
    assert valid.indices.equal(ratings.indices[sorted(expected.indices)])


def test_seeds_decide_a_split(ratings):
    first, again, other = (ratings.split(seed=s)[1].indices for s in (1, 1, 2))
    assert first.equal(again)
    assert not first.equal(other)


def test_by_time_the_latest_are_held_out(ratings):
    train, valid = ratings.split(by="time")
    assert train.timestamps.max() <= valid.timestamps.min()


def test_by_last_each_users_latest_are_held_out(ratings):
    train, valid = ratings.split(by="last")
    for user in range(0, ratings.n_users, 50):
        before = train.timestamps[train.indices[:, 0] == user]
        after = valid.timestamps[valid.indices[:, 0] == user]
        assert before.max() <= after.min()
        assert len(after) == max(1, int(0.2 * (len(before) + len(after))))


def test_by_last_an_only_rating_stays_in_train():
    table = frame([(1, 1, 3.0, 5), (2, 1, 4.0, 1), (2, 2, 4.0, 2)])
    train, valid = Ratings.from_frame(table).split(by="last")
    assert train.indices.tolist() == [[0, 0], [1, 0]]
    assert valid.indices.tolist() == [[1, 1]]


def test_new_users_have_no_ratings_in_train(ratings):
    train, valid = ratings.split(by="new-users", seed=5)
    new = set(valid.indices[:, 0].tolist())
    assert not new & set(train.indices[:, 0].tolist())
    assert len(new) == round(0.2 * ratings.n_users)


def test_batches_hold_each_rating_once(ratings):
    generator = torch.Generator().manual_seed(0)
    batches = list(ratings.batches(3000, generator))
    assert [len(r) for _, r in batches[:-1]] == [3000] * (len(batches) - 1)
    together = torch.cat([indices for indices, _ in batches])
    assert not together.equal(ratings.indices)
    assert sorted(together.tolist()) == sorted(ratings.indices.tolist())


def test_batches_keep_the_order_without_a_generator():
    four = Ratings.from_frame(FOUR)
    (first, _), (second, stars) = four.batches(3)
    assert torch.cat([first, second]).equal(four.indices)
    assert stars.tolist() == [5.0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Ratings.from_frame(FOUR.drop(columns="title")), "title"),
        (lambda: Ratings.from_frame(FOUR[:0]), "no rows"),
        (lambda: Ratings.from_frame(FOUR).split(by="day"), "'day'"),
        (lambda: Ratings.from_frame(FOUR).split(valid=1.5), "1.5"),
        (lambda: Ratings.from_frame(FOUR).split(valid=0.1), "too few"),
        (lambda: Ratings.from_frame(FOUR).user_index(3), "user with the id 3"),
        (lambda: Ratings.from_frame(FOUR).movie_index(301), "movie with the id 301"),
        (lambda: list(Ratings.from_frame(FOUR).batches(0)), "batch_size=0"),
    ],
)
def test_errors_name_the_value(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize("column", ["userId", "movieId", "rating", "title"])
def test_what_is_missing_in_the_table_is_named(collab, column):
    table = collab.head(20).copy()
    table[column] = table[column].astype(object)
    table.loc[table.index[7], column] = None
    with pytest.raises(
        ValueError, match=f"{column} is missing in the row {table.index[7]} .*dropna"
    ):
        Ratings.from_frame(table)
