"""Who wrote the ratings: a table of four users by hand, and slow counts."""

import pandas as pd
import pytest
import torch

from collab_lib import Ratings, load_movies, regularised_biases
from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import (
    QUARTERS,
    biases_without,
    by_group,
    counted_again,
    effect_of_leaving_out,
    enthusiasts,
    favourites,
    found_by_popularity,
    genre_shares,
    interval,
    mainstream,
    mean_by_user,
    places_of_favourites,
    quarter_of,
    random_users,
    ratings_per_movie,
    ratings_per_user,
    told_apart,
)
from collab_lib.lessons.newcomers.newcomers import genre_table


@pytest.fixture
def small() -> Ratings:
    """Users 1 to 4 with 4, 2, 1 and 1 ratings of the movies 10 to 13."""
    rows = [
        (1, 10, 5.0), (1, 11, 3.0), (1, 12, 4.0), (1, 13, 4.0),
        (2, 10, 2.0), (2, 11, 4.0), (3, 10, 3.0), (4, 13, 1.0),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["userId", "movieId", "rating"])
    return Ratings.from_frame(frame.assign(timestamp=0, title=frame["movieId"].astype(str)))


GENRES = pd.DataFrame({"common": [1, 1, 0, 0], "rare": [0, 0, 1, 1]})


def test_enthusiasts_are_the_most_active(small):
    assert ratings_per_user(small).tolist() == [4, 2, 1, 1]
    assert enthusiasts(small, 0.25).tolist() == [True, False, False, False]
    assert enthusiasts(small, 0.5).tolist() == [True, True, False, False]


@pytest.mark.parametrize("share", [0, 1, 0.01])
def test_a_share_of_nobody_or_everybody_is_refused(small, share):
    with pytest.raises(ValueError, match="nobody or everybody"):
        enthusiasts(small, share)


def test_genre_shares_by_hand(small):
    table = genre_shares(small, GENRES, share=0.25)
    assert table["of ratings"].tolist() == pytest.approx([5 / 8, 3 / 8])
    # Shares of "common" in the ratings of users 1 to 4: 1/2, 1, 1, 0.
    assert table["of users"].tolist() == pytest.approx([2.5 / 4, 1.5 / 4])
    assert table["by enthusiasts"].tolist() == pytest.approx([2 / 5, 2 / 3])


def test_random_users_write_at_most_as_much_and_nearly(ratings):
    first, again, other = (random_users(ratings, 40_000, seed=seed) for seed in (0, 0, 1))
    assert first.equal(again) and not first.equal(other)
    for users in (first, other):
        n = ratings_per_user(ratings)[users].sum().item()
        assert 37_000 < n <= 40_000


def test_biases_without_users_are_those_of_the_others(small):
    nobody = torch.zeros(4, dtype=torch.bool)
    expected = regularised_biases(small).movie_biases
    assert torch.allclose(biases_without(small, nobody), expected)
    first = torch.tensor([True, False, False, False])
    rest = regularised_biases(small.subset(torch.arange(4, 8))).movie_biases
    assert torch.allclose(biases_without(small, first), rest)


def test_mainstream_by_hand(small):
    # Movies 10 to 13 have 3, 2, 1 and 2 ratings.
    assert ratings_per_movie(small).tolist() == [3, 2, 1, 2]
    assert mainstream(small).tolist() == [2, 2.5, 3, 2]
    without_last = small.subset(torch.arange(7))
    assert mainstream(without_last).isnan().tolist() == [False, False, False, True]


def test_users_are_counted_again_as_new_users(small):
    first = torch.tensor([True, False, True, False])
    again = counted_again(small, first, times=3)
    assert again.n_users == 4 + 2 * 2 and len(again) == 8 + 2 * 5
    assert ratings_per_user(again).tolist() == [4, 2, 1, 1, 4, 1, 4, 1]
    table = torch.zeros(8, 4)
    table[tuple(again.indices.T)] = again.ratings
    assert table[4].equal(table[0]) and table[6].equal(table[0])
    assert table[5].equal(table[2]) and table[7].equal(table[2])


def test_quarters_are_counted_from_the_lowest():
    values = torch.tensor([8.0, 1, 2, 3, torch.nan, 4, 5, 6, 7])
    assert quarter_of(values).tolist() == [3, 0, 0, 1, -1, 1, 2, 2, 3]


def test_places_by_hand(small):
    train, valid = small.subset(torch.tensor([0, 1, 4])), small.subset(torch.tensor([2, 5]))
    # User 1 rated 10 and 11, is asked 12 (4 stars); left: 13. User 2 rated 10, is asked 11.
    scores = torch.tensor([[9.0, 8, 5, 6], [9, 3, 2, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert favourites(valid).tolist() == [[0, 2], [1, 1]]
    assert places_of_favourites(scores, train, valid).tolist() == [2, 1]


def test_places_are_those_of_a_slow_count(split):
    train, valid = split
    scores = torch.rand(train.n_users, train.n_movies, generator=torch.Generator().manual_seed(0))
    places = places_of_favourites(scores, train, valid)
    for number in (0, 500, 5000):
        user, movie = favourites(valid)[number].tolist()
        rated = torch.cat([p.indices[p.indices[:, 0] == user][:, 1] for p in (train, valid)])
        others = scores[user].index_fill(0, rated, -1)
        assert places[number] == 1 + (others > scores[user, movie]).sum()


def test_everybody_counts_once_with_an_interval():
    users = torch.tensor([0, 0, 0, 1, 2, 3])
    values = torch.tensor([1.0, 1, 1, 0, 5, 7])
    assert mean_by_user(values, users, 5)[:4].tolist() == [1, 0, 5, 7]
    assert mean_by_user(values, users, 5)[4].isnan()
    mean, chance = interval(torch.tensor([1.0, 3.0, torch.nan]))
    assert (mean, chance) == (2, pytest.approx(1.96 * 2**0.5 / 2**0.5))
    with pytest.raises(ValueError, match="1 values"):
        interval(torch.tensor([1.0]))


def test_groups_by_hand():
    quarter = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
    users = torch.arange(8)
    table = by_group(torch.arange(8.0), users, quarter)
    assert table["mean"].tolist() == [0.5, 2.5, 4.5, 6.5]
    assert table.index.tolist() == list(QUARTERS)


def test_documentaries_are_written_by_few(ratings):
    genres = genre_table(load_movies("ml-latest-small-2016"), ratings.movie_ids)
    shares = genre_shares(ratings, genres)
    assert shares.loc["Documentary", "by enthusiasts"] == pytest.approx(0.614, abs=0.001)


def test_leaving_nobody_out_changes_nothing(ratings):
    nobody = torch.zeros(ratings.n_users, dtype=torch.bool)
    genre = torch.ones(ratings.n_movies, dtype=torch.bool)
    assert effect_of_leaving_out(ratings, nobody, genre) == (0.0, 15, 100)
    some = enthusiasts(ratings)
    change, stay, of_the_genre = effect_of_leaving_out(ratings, some, ~genre)
    assert change > 0.01 and stay < 15 and of_the_genre == 0


def test_what_is_found_by_popularity_by_hand():
    found = torch.tensor([True, False, True, True, False, True])
    popularity = torch.tensor([20, 21, 60, 300, 5, 100])
    quarter = torch.tensor([0, 0, 0, 1, 2, 3])
    shares, mix = found_by_popularity(found, popularity, quarter)
    assert list(shares.index) == list(QUARTERS)
    assert shares.loc["least mainstream", ["≤ 20", "≤ 60"]].tolist() == [1.0, 0.5]
    assert shares.loc["second quarter", "more"] == 1 and shares.loc["third quarter", "≤ 20"] == 0
    assert mix.loc["least mainstream", "≤ 60"] == pytest.approx(2 / 3)
    assert mix.sum(axis=1).tolist() == pytest.approx([1, 1, 1, 1])


def test_films_that_only_one_user_has_rated_tell_users_apart(small):
    # Users 3 and 4 have one film each, which others rated, too; user 1 alone has rated four.
    assert told_apart(small, (4,)) == {4: 0.25}
    alone = small.subset(small.indices[:, 0] == 0)
    assert told_apart(alone, (1,))[1] == 0.25
