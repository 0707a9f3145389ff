"""Newcomers: by hand, against numpy and gradient descent, and on the trained model."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from collab_lib import DotProduct, global_mean, load_movies, rmse, train_model
from collab_lib.fold_in import Frozen, frozen_movies, frozen_users, movie_vectors, user_vectors
from collab_lib.lessons.newcomers.newcomers import (
    because,
    cold_start_table,
    favourite_genres,
    fit_guess,
    genre_table,
    newcomers,
    representative,
)


def random_frozen(n: int = 12, n_factors: int = 3, seed: int = 0) -> Frozen:
    generator = torch.Generator().manual_seed(seed)
    factors = torch.randn(n, n_factors, generator=generator)
    features = torch.cat([factors, torch.ones(n, 1)], dim=1)
    return Frozen(features, torch.randn(n, generator=generator) / 4, (0, 5.5))


@pytest.fixture(scope="module")
def new_users(ratings):
    """The model of the lesson, trained without a fifth of the users, and the two parts."""
    train, held_out = ratings.split(by="new-users")
    mean = train.ratings.mean().item()
    model = DotProduct(ratings.n_users, ratings.n_movies, 50, mean=mean, seed=42)
    train_model(model, train, held_out)
    return model, train, held_out


# --- Vectors and predictions


def test_vectors_and_frozen_sides_predict_what_the_model_predicts():
    model = DotProduct(5, 7, 3, seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape))
    pairs = torch.cartesian_prod(torch.arange(5), torch.arange(7))
    expected = model(pairs).detach().reshape(5, 7)
    by_user = frozen_movies(model).predict(user_vectors(model))
    by_movie = frozen_users(model).predict(movie_vectors(model))
    assert torch.allclose(by_user, expected, atol=1e-6)
    assert torch.allclose(by_movie.T, expected, atol=1e-6)
    rows = torch.tensor([4, 1])
    one = frozen_movies(model).predict(user_vectors(model, torch.tensor([2]))[0], rows)
    assert torch.allclose(one, expected[2, rows], atol=1e-6)


def test_the_representative_is_the_medoid_by_hand():
    # Sums of distances: 0+1+2+10, 1+0+1+9, 2+1+0+8, 10+9+8+0.
    vectors = torch.tensor([[0.0], [1.0], [2.0], [10.0]])
    assert representative(vectors) == 1
    with pytest.raises(ValueError, match="no vectors"):
        representative(vectors[:0])


# --- Folding in


def test_one_rating_by_hand():
    """With x = (2, 1), penalty 5 and start 0: w = x e / (|x|² + 5) = x e / 10."""
    side = Frozen(torch.tensor([[2.0, 1.0]]), torch.tensor([0.25]), (0, 5.5))
    e = np.log(4.0 / 1.5) - 0.25
    w = side.fold_in(torch.tensor([0]), torch.tensor([4.0]), torch.zeros(2))
    assert w.tolist() == pytest.approx([2 * e / 10, e / 10], rel=1e-5)


def test_it_is_ridge_regression_solved_by_numpy():
    side, start = random_frozen(), torch.randn(4, generator=torch.Generator().manual_seed(1))
    rows, stars = torch.tensor([0, 3, 5, 9]), torch.tensor([5.0, 0.5, 3.0, 4.5])
    X = side.features[rows].double().numpy()
    e = np.log(stars / (5.5 - stars)).numpy() - side.offsets[rows].numpy()
    # Least squares with √penalty · I below X, towards √penalty · start.
    stacked = np.vstack([X, np.sqrt(2.0) * np.eye(4)])
    wanted = np.concatenate([e, np.sqrt(2.0) * start.numpy()])
    expected = np.linalg.lstsq(stacked, wanted, rcond=None)[0]
    found = side.fold_in(rows, stars, start, penalty=2.0)
    assert found.numpy() == pytest.approx(expected, abs=1e-4)


def test_gradient_descent_arrives_at_the_same_vector():
    side, start = random_frozen(), torch.full((4,), 0.3)
    rows, stars = torch.arange(6), torch.tensor([5.0, 1.0, 3.0, 4.5, 2.0, 0.5])
    e = torch.logit(stars / 5.5) - side.offsets[rows]
    w = start.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], lr=0.02)
    for _ in range(500):
        errors = side.features[rows] @ w - e
        loss = errors.square().sum() + 5.0 * (w - start).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.allclose(w, side.fold_in(rows, stars, start), atol=1e-4)


def test_without_ratings_it_stays_where_it_starts():
    start = torch.tensor([1.0, 2.0, 3.0, 4.0])
    empty = torch.tensor([], dtype=torch.int64)
    assert random_frozen().fold_in(empty, torch.tensor([]), start).equal(start)


@given(penalty=st.floats(0.5, 100), seed=st.integers(0, 20))
def test_a_larger_penalty_stays_nearer_to_the_start(penalty, seed):
    side, start = random_frozen(seed=seed), torch.zeros(4)
    rows, stars = torch.arange(5), torch.tensor([5.0, 1.0, 3.0, 4.5, 0.5])
    near, far = (side.fold_in(rows, stars, start, w).norm() for w in (2 * penalty, penalty))
    assert near < far


def test_a_better_rating_raises_the_prediction_of_that_movie():
    side, start = random_frozen(), torch.zeros(4)
    rows = torch.tensor([2, 7])
    low, high = (side.fold_in(rows, torch.tensor([s, 3.0]), start) for s in (1.0, 5.0))
    assert side.predict(high, rows)[0] > side.predict(low, rows)[0] + 0.1


@pytest.mark.parametrize(
    ("stars", "penalty", "message"),
    [
        ([4.0], 5.0, "2 rows and 1 ratings"),
        ([4.0, 6.0], 5.0, "outside"),
        ([4.0, 1.0], 0.0, "penalty"),
    ],
)
def test_fold_in_says_what_is_wrong(stars, penalty, message):
    with pytest.raises(ValueError, match=message):
        random_frozen().fold_in(torch.tensor([0, 1]), torch.tensor(stars), torch.zeros(4), penalty)


def test_the_nearest_user_predicts_the_ratings_best():
    side = random_frozen()
    people = torch.randn(30, 4, generator=torch.Generator().manual_seed(2))
    rows = torch.arange(8)
    assert side.nearest(people, rows, side.predict(people[17], rows)) == 17
    with pytest.raises(ValueError, match="no ratings"):
        side.nearest(people, rows[:0], torch.tensor([]))


# --- Because you liked


def test_the_parts_are_what_each_rating_adds_and_add_up():
    side, start = random_frozen(), torch.tensor([0.3, -0.2, 0.1, 0.4])
    rows, stars = torch.tensor([0, 3, 5, 9]), torch.tensor([5.0, 0.5, 3.0, 4.5])
    parts = because(side, rows, stars, start)
    assert parts.shape == (4, 12)
    before, after = side.predict(start), side.predict(side.fold_in(rows, stars, start))
    assert torch.allclose(before + parts.sum(dim=0), after, atol=1e-5)

    # By hand, inside the sigmoid: a step for one error at a time, the others 0.
    X = side.features[rows]
    e = torch.logit(stars / 5.5) - side.offsets[rows] - X @ start
    S = torch.linalg.solve(X.T @ X + 5 * torch.eye(4), X.T)
    inside = (side.features @ S * e).T
    ratio = parts / inside
    assert torch.allclose(ratio, ratio[:1].expand_as(ratio), rtol=1e-3)  # one factor per movie
    assert (ratio > 0).all()


def test_one_rating_has_the_whole_part_and_a_rating_as_expected_adds_nothing():
    side, start = random_frozen(), torch.zeros(4)
    rows = torch.tensor([2])
    change = side.predict(side.fold_in(rows, torch.tensor([4.5]), start)) - side.predict(start)
    assert torch.allclose(because(side, rows, torch.tensor([4.5]), start)[0], change, atol=1e-6)
    expected = side.predict(start, rows)
    assert because(side, rows, expected, start).abs().max() < 1e-4


# --- Genres and sign-up


def test_the_genre_table_by_hand():
    genres = ["Comedy|Drama", "(no genres listed)", "Drama"]
    movies = pd.DataFrame({"movieId": [1, 2, 3], "title": list("abc"), "genres": genres})
    table = genre_table(movies, [3, 1, 2])
    assert table.columns.tolist() == ["Comedy", "Drama"]
    assert table.to_numpy().tolist() == [[0, 1], [1, 1], [0, 0]]


def test_favourites_are_liked_more_often_than_the_genre_is_common():
    # Three movies: two of genre 0, one of genre 1, so that genre 0 is common.
    genres = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    # Liked: one of each. Scores: 1 / (3 + 3 · 2/3) = 0.2 and 1 / (3 + 3 · 1/3) = 0.25.
    answer = favourite_genres(genres, torch.tensor([0, 1, 2]), torch.tensor([4.0, 3.5, 5.0]), n=1)
    assert answer.tolist() == [0, 1]


def test_a_guess_finds_a_straight_line_and_a_small_penalty_pulls_little():
    generator = torch.Generator().manual_seed(0)
    answers = torch.randn(200, 3, generator=generator)
    slopes = torch.randn(3, 4, generator=generator)
    guess = fit_guess(answers, answers @ slopes + 7, penalty=1e-3)
    assert torch.allclose(guess(answers[5]), answers[5] @ slopes + 7, atol=1e-3)


def test_with_a_large_penalty_a_guess_is_the_mean():
    vectors = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
    guess = fit_guess(torch.tensor([[0.0], [1.0]]), vectors, penalty=1e6)
    assert torch.allclose(guess(torch.tensor([1.0])), vectors.mean(dim=0), atol=1e-4)


def test_a_guess_says_what_is_wrong():
    with pytest.raises(ValueError, match="2 answers for 3 vectors"):
        fit_guess(torch.zeros(2, 1), torch.zeros(3, 2))
    with pytest.raises(ValueError, match="penalty"):
        fit_guess(torch.zeros(2, 1), torch.zeros(2, 2), penalty=0)


# --- Newcomers and the table


def test_newcomers_give_in_either_order_and_are_asked_the_same(ratings):
    _, held_out = ratings.split(by="new-users")
    at_random, in_order = newcomers(held_out), newcomers(held_out, order="time")
    counts = torch.bincount(held_out.indices[:, 0])
    assert len(at_random) == int((counts >= 30).sum())
    for one, other in zip(at_random, in_order, strict=True):
        assert one.index == other.index
        assert one.asked_rows.equal(other.asked_rows)
        assert set(one.rows.tolist()) == set(other.rows.tolist())
        assert not set(one.rows.tolist()) & set(one.asked_rows.tolist())
        assert len(one.rows) + len(one.asked_rows) == counts[one.index]
    one = in_order[0]
    mine = held_out.subset(held_out.indices[:, 0] == one.index)
    when = dict(zip(mine.indices[:, 1].tolist(), mine.timestamps.tolist(), strict=True))
    times = [when[row] for row in one.rows.tolist()]
    assert times == sorted(times)


def test_new_movies_are_newcomers_as_well(ratings):
    found = newcomers(ratings, side="movie", at_least=200)
    counts = torch.bincount(ratings.indices[:, 1])
    assert [one.index for one in found] == (counts >= 200).nonzero().squeeze(1).tolist()


@pytest.mark.parametrize("wrong", [{"side": "film"}, {"order": "last"}, {"at_least": 10**6}])
def test_newcomers_say_what_is_wrong(ratings, wrong):
    with pytest.raises(ValueError, match=r"choose|lower"):
        newcomers(ratings, **wrong)


def test_the_table_counts_each_newcomer_once(ratings):
    side = Frozen(torch.ones(ratings.n_movies, 1), torch.zeros(ratings.n_movies), (0, 5.5))
    people = newcomers(ratings.split(by="new-users")[1])
    mean = torch.logit(torch.tensor([3.5 / 5.5]))
    table = cold_start_table(side, people, {"3.5 stars": lambda one, n: mean}, given=(0, 3))
    errors = [rmse(torch.full_like(one.asked_ratings, 3.5), one.asked_ratings) for one in people]
    expected = np.sqrt(np.mean(np.square(errors)))
    assert table.to_numpy() == pytest.approx(np.full((1, 2), expected), rel=1e-5)


def test_on_the_trained_model_each_rating_helps_and_believing_too_soon_harms(new_users):
    model, train, held_out = new_users
    movies = frozen_movies(model)
    people = user_vectors(model, train.indices[:, 0].unique())
    mean = people.mean(dim=0)
    table = cold_start_table(
        movies,
        newcomers(held_out),
        {
            "mean": lambda one, n: mean,
            "fold-in": lambda one, n: movies.fold_in(one.rows[:n], one.ratings[:n], mean),
            "rash": lambda one, n: movies.fold_in(one.rows[:n], one.ratings[:n], mean, 0.3),
        },
        given=(0, 1, 5, 20),
    )
    folded = table.loc["fold-in"]
    assert (folded.diff().dropna() < 0.005).all()
    assert 0.85 < folded[20] < folded[0] - 0.05
    assert table.loc["rash", 1] > table.loc["mean", 1] + 0.03
    nothing = global_mean(train)(held_out.indices)
    assert table.loc["mean", 0] < rmse(nothing, held_out.ratings)


def test_the_genre_table_fits_the_ratings(ratings):
    table = genre_table(load_movies("ml-latest-small-2016"), ratings.movie_ids)
    assert table.shape == (ratings.n_movies, 19)
    assert table.isin([0, 1]).all(axis=None)
