"""Who wrote the ratings: a table of four users by hand, and the laws of the weights."""

import pandas as pd
import pytest
import torch

from collab_lib import Ratings, load_movies
from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import (
    WAYS,
    enthusiasts,
    genre_shares,
    rating_weights,
    ratings_a_user,
    weighted_movie_biases,
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
    assert ratings_a_user(small).tolist() == [4, 2, 1, 1]
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


def test_weights_by_hand(small):
    def of_user_1(way, share=0.25):
        return rating_weights(small, way, share)[:4].tolist()

    assert of_user_1("as they are") == [1, 1, 1, 1]
    assert of_user_1("left out") == [0, 0, 0, 0]
    # With half of the users enthusiasts, the least active of them wrote two ratings.
    assert sum(of_user_1("capped", 0.5)) == 2
    assert of_user_1("re-weighted", 0.5) == [0.5] * 4
    assert rating_weights(small, "re-weighted", 0.5)[4:].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_keeps_weights_between_0_and_1(ratings, way):
    weights = rating_weights(ratings, way)
    assert weights.shape == ratings.ratings.shape
    assert 0 <= weights.min() and weights.max() == 1


def test_a_random_cut_leaves_out_as_many(ratings):
    left_out, cut = (rating_weights(ratings, way) for way in ("left out", "random cut"))
    assert left_out.sum() == cut.sum()
    again = rating_weights(ratings, "random cut", seed=1)
    assert cut.equal(rating_weights(ratings, "random cut")) and not cut.equal(again)


def test_capping_and_reweighting_leave_no_user_more_than_the_least_active_enthusiast(ratings):
    users, heavy = ratings.indices[:, 0], enthusiasts(ratings)
    cap = ratings_a_user(ratings)[heavy].min()
    for way in ("capped", "re-weighted"):
        sums = torch.zeros(ratings.n_users).index_add_(0, users, rating_weights(ratings, way))
        assert torch.allclose(sums[heavy], cap.float().expand(int(heavy.sum())), rtol=1e-3)


def test_biases_by_hand(small):
    """User 1's mean is 4, user 2's 3, user 3's 3: movie 10 lies +1, -1 and 0 above them."""
    plain = weighted_movie_biases(small, torch.ones(8), damping=0)
    assert plain.tolist() == pytest.approx([0, 0, 0, 0], abs=1e-6)
    weights = torch.tensor([3.0, 1, 1, 1, 1, 1, 1, 1])
    biased = weighted_movie_biases(small, weights, damping=2)[0].item()
    n = 5**2 / 11  # weights 3, 1, 1
    assert biased == pytest.approx(n / (n + 2) * (3 - 1) / 5, rel=1e-5)


def test_a_movie_without_weight_has_no_bias(small):
    assert weighted_movie_biases(small, torch.zeros(8)).tolist() == [0, 0, 0, 0]


def test_wrong_weights_and_ways_are_named(small):
    with pytest.raises(ValueError, match="3 weights for 8"):
        weighted_movie_biases(small, torch.ones(3))
    with pytest.raises(ValueError, match="negative"):
        weighted_movie_biases(small, -torch.ones(8))
    with pytest.raises(ValueError, match="left-out"):
        rating_weights(small, "left-out")


def test_documentaries_are_written_by_few(ratings):
    genres = genre_table(load_movies("ml-latest-small-2016"), ratings.movie_ids)
    shares = genre_shares(ratings, genres)
    assert shares.loc["Documentary", "by enthusiasts"] == pytest.approx(0.614, abs=0.001)
