"""BayesianMF: each step against arithmetic by hand, and what it owes its reader as a model."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.baselines import regularised_biases
from collab_lib.bayes import (
    BayesianMF,
    _fill_unseen,
    _Side,
    gamma,
    genres_and_year,
    how_many,
    normal,
    who_watched,
    wishart,
)
from collab_lib.dataset import Ratings
from collab_lib.evaluation import rmse
from collab_lib.movielens import load_movies
from collab_lib.ridge import ridge


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def table(rows: list[tuple[int, int, float]]) -> Ratings:
    frame = pd.DataFrame(rows, columns=["userId", "movieId", "rating"])
    return Ratings.from_frame(frame.assign(timestamp=0, title="A film"))


def quick(**settings) -> BayesianMF:
    return BayesianMF(**({"n_factors": 4, "n_sweeps": 12, "progress": False} | settings))


@pytest.fixture(scope="module")
def part(split) -> tuple[Ratings, Ratings]:
    """Fewer ratings, to be quick: those of the movies with the lowest indices."""
    return tuple(half.subset(half.indices[:, 1] < 1500) for half in split)


@pytest.fixture(scope="module")
def fitted(part) -> BayesianMF:
    return quick(n_sweeps=40).fit(part[0])


# --- each draw, against what it should be by arithmetic


def test_normal_has_the_mean_and_the_covariance_of_its_formula():
    precision = torch.tensor([[2.0, 0.6], [0.6, 1.0]])
    pull = torch.tensor([[1.0], [-3.0]])
    n = 30_000
    draws = normal(precision.expand(n, 2, 2), pull.expand(n, 2, 1), generator())[:, :, 0]
    torch.testing.assert_close(
        draws.mean(0), torch.linalg.solve(precision, pull)[:, 0], atol=0.02, rtol=0
    )
    torch.testing.assert_close(draws.T.cov(), precision.inverse(), atol=0.03, rtol=0)


def test_wishart_has_the_mean_and_the_spread_of_its_formula():
    scale = torch.tensor([[1.0, 0.4], [0.4, 0.5]])
    g, df = generator(), 6
    draws = torch.stack([wishart(df, scale.inverse(), g) for _ in range(4000)])
    torch.testing.assert_close(draws.mean(0), df * scale, atol=0.1, rtol=0)
    # Var(W_ij) = df (V_ij² + V_ii V_jj), see any text on the Wishart distribution.
    d = scale.diagonal()
    variance = df * (scale.square() + d[:, None] * d)
    torch.testing.assert_close(draws.var(0), variance, rtol=0.12, atol=0.0)


def test_gamma_has_mean_and_variance_shape():
    draws = gamma(torch.full((100_000,), 3.5), generator())
    assert draws.mean().item() == pytest.approx(3.5, abs=0.03)
    assert draws.var().item() == pytest.approx(3.5, abs=0.1)


def side(n: int, n_others: int, n_ratings: int, n_features: int = 0) -> tuple[_Side, torch.Tensor]:
    g = generator(1)
    cells = torch.randperm(n * n_others, generator=g)[:n_ratings]
    features = torch.randn(n, n_features, generator=g)
    features = torch.cat([torch.ones(n, 1), features], dim=1)
    return _Side(cells // n_others, cells % n_others, n, features, generator(2)), cells


def test_a_row_is_a_ridge_regression_plus_noise_when_everything_else_stands_still(monkeypatch):
    """Prior N(0, 1/penalty), noise of variance 1: mean and covariance are those of `ridge`."""
    users, _ = side(n=3, n_others=40, n_ratings=60)
    x = torch.randn(40, 2, generator=generator(3))
    rest = torch.randn(60, generator=generator(4))
    penalty, trust = 2.0, torch.full((60,), 4.0)
    monkeypatch.setattr(
        users, "draw_prior", lambda rows: (torch.zeros_like(rows), penalty * torch.eye(2))
    )
    rows = torch.stack([users.draw(torch.zeros(3, 2), x, rest, trust) for _ in range(3000)])
    for user in range(3):
        own = users.mine == user
        of_user = x[users.theirs[own]]
        mean = ridge(of_user, rest[own], penalty / 4.0)
        covariance = (4.0 * of_user.T @ of_user + penalty * torch.eye(2)).inverse()
        torch.testing.assert_close(rows[:, user].mean(0), mean, atol=0.03, rtol=0)
        torch.testing.assert_close(rows[:, user].T.cov(), covariance, atol=0.03, rtol=0)


def test_each_rating_counts_by_its_own_trust(monkeypatch):
    users, _ = side(n=1, n_others=30, n_ratings=30)
    x, rest = torch.ones(30, 1), torch.arange(30.0)
    trust = torch.linspace(100, 900, 30)
    monkeypatch.setattr(users, "draw_prior", lambda rows: (rows, 1e-6 * torch.eye(1)))
    rows = torch.stack([users.draw(torch.zeros(1, 1), x, rest, trust) for _ in range(2000)])
    assert rows.mean().item() == pytest.approx(np.average(rest, weights=trust), abs=0.01)


def test_the_prior_finds_the_weights_of_the_features_and_how_the_rows_spread():
    users, _ = side(n=4000, n_others=10, n_ratings=20, n_features=2)
    weights = torch.tensor([[0.5, -1.0], [2.0, 0.0], [0.0, 3.0]])
    rows = users.features @ weights + torch.randn(4000, 2, generator=generator(5)) * 0.5
    draws = [users.draw_prior(rows) for _ in range(200)]
    mean = torch.stack([m for m, _ in draws]).mean(0)
    precision = torch.stack([p for _, p in draws])
    torch.testing.assert_close(mean, users.features @ weights, atol=0.1, rtol=0)
    torch.testing.assert_close(precision.mean(0), 4 * torch.eye(2), atol=0.2, rtol=0)
    assert precision[:, 0, 0].std() > 0.02, "the precision is drawn, and not its mean"
    assert torch.stack([m for m, _ in draws]).std(0).mean() > 0.003, "so are the weights"


def test_all_draws_together_are_those_of_the_exact_posterior(monkeypatch):
    """Biases alone, fixed priors and noise: one ridge regression, of which all is known.

    Not the draws of one row given all others, but what comes out when they take turns.
    """
    tau, alpha = 4.0, 25.0
    prior = torch.diag(torch.tensor([1e8, tau]))  # the one factor stays at 0
    monkeypatch.setattr(_Side, "draw_prior", lambda self, rows: (torch.zeros_like(rows), prior))
    fixed = torch.tensor(alpha).sqrt()
    monkeypatch.setattr(_Side, "draw_trust", lambda self, *errors: fixed.expand(self.n))
    cells = [(0, 0, 4.5), (0, 1, 4.0), (1, 1, 3.5), (1, 2, 1.5), (2, 0, 3.0), (2, 2, 2.5)]
    ratings = table([*cells, (2, 3, 5.0)])
    model = BayesianMF(1, 1500, burn_in=100, n_axes=0, progress=False).fit(ratings)
    drawn = torch.stack([(p @ q.T).flatten() for p, q in (model._vectors(*d) for d in model.draws)])

    def biases(users, movies):
        return torch.cat([torch.eye(3)[users], torch.eye(4)[movies]], dim=1)

    X, e = biases(*ratings.indices.T), ratings.ratings - ratings.ratings.mean()
    precision = alpha * X.T @ X + tau * torch.eye(7)
    every = biases(*torch.cartesian_prod(torch.arange(3), torch.arange(4)).T)
    mean = every @ torch.linalg.solve(precision, alpha * X.T @ e)
    covariance = every @ precision.inverse() @ every.T
    torch.testing.assert_close(drawn.mean(0), mean, atol=0.05, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), covariance, atol=0.012, rtol=0)


def test_the_noise_of_a_rating_is_that_of_its_user_and_its_movie(monkeypatch):
    """One user and one movie are noisy; what a rating counts follows both."""
    trusts, draw = [], _Side.draw
    monkeypatch.setattr(_Side, "draw", lambda *args: (trusts.append(args[-1]), draw(*args))[1])
    g = generator()
    users, movies = torch.cartesian_prod(torch.arange(60), torch.arange(80)).T
    noise = 0.3 * torch.where(users == 0, 4, 1) * torch.where(movies == 0, 3, 1)
    stars = 3 + noise * torch.randn(len(users), generator=g)
    train = table(
        [(int(u), int(m), float(s)) for u, m, s in zip(users, movies, stars, strict=True)]
    )
    quick(n_factors=1, n_axes=0, n_sweeps=30).fit(train)
    found = 1 / torch.stack(trusts[10:]).mean(0).sqrt()
    for of, expected in (
        ((users > 0) & (movies > 0), 0.3),
        ((users == 0) & (movies > 0), 1.2),
        ((users > 0) & (movies == 0), 0.9),
    ):
        assert found[of].mean().item() == pytest.approx(expected, rel=0.15)


def test_the_sweeps_thrown_away_are_the_first_ones(part):
    every, later = (quick(n_sweeps=4, burn_in=n).fit(part[0]).draws for n in (0, 3))
    assert len(every) == 4 and len(later) == 1
    assert torch.equal(every[-1][0], later[0][0]) and torch.equal(every[-1][1], later[0][1])


def test_few_rows_leave_the_weights_near_the_prior():
    """Without a prior, three rows would fit fifty features exactly."""
    users, _ = side(n=3, n_others=10, n_ratings=9, n_features=50)
    rows = torch.full((3, 1), 10.0)
    means = torch.stack([users.draw_prior(rows)[0] for _ in range(50)])
    assert means.isfinite().all()
    assert (means - 10).abs().mean() > 0.05


def test_trust_follows_the_errors_of_each_user_and_the_common_ones_without_ratings():
    users, _ = side(n=3, n_others=4000, n_ratings=6000)
    users.mine = users.mine.clamp(max=1)
    users.n_ratings = torch.bincount(users.mine, minlength=3)
    squares = torch.where(users.mine == 0, 0.25, 4.0)
    trust = torch.stack([users.draw_trust(squares, torch.tensor(0.5)) for _ in range(500)])
    assert trust[:, 0].mean().item() == pytest.approx(4.0, rel=0.03)
    assert trust[:, 1].mean().item() == pytest.approx(0.25, rel=0.03)
    assert trust[:, 2].mean().item() == pytest.approx(2.0, rel=0.1)


# --- features: only train, only what they say


def scaled_table(train: Ratings) -> torch.Tensor:
    R = torch.zeros(train.n_users, train.n_movies)
    R[tuple(train.indices.T)] = 1
    return R / R.sum(1, keepdim=True).clamp(min=1).sqrt() / R.sum(0).clamp(min=1).sqrt()


def test_who_watched_are_the_singular_vectors_of_the_scaled_table():
    g = generator()
    cells = [(u, m, 3.0) for u in range(12) for m in range(20) if torch.rand((), generator=g) < 0.4]
    train = table(cells)
    users, movies = who_watched(train, 100, generator())
    U, values, V = torch.linalg.svd(scaled_table(train), full_matrices=False)
    # Signs are free, so compare what the axes say about pairs of users, and of movies.
    torch.testing.assert_close(users @ users.T / 12, (U * values) @ U.T, atol=1e-4, rtol=0)
    of_movies = (V.T * values.square()) @ V
    torch.testing.assert_close(movies @ movies.T / 12, of_movies, atol=1e-4, rtol=0)


def test_who_watched_finds_nearly_as_much_as_the_exact_axes(part):
    train = part[0]
    users, _ = who_watched(train, 10, generator())
    directions = users / users.norm(dim=0)
    R = scaled_table(train)
    exact = torch.linalg.eigvalsh(R @ R.T)[-10:].sum()
    assert 0.97 < (directions.T @ R).square().sum() / exact < 1.0001


def test_features_see_who_watched_in_train_and_neither_stars_nor_valid(split):
    train, _ = split
    other_stars = Ratings(**{**vars(train), "ratings": train.ratings.flip(0)})
    for features in (lambda r: who_watched(r, 5, generator()), how_many):
        for ours, theirs in zip(features(train), features(other_stars), strict=True):
            torch.testing.assert_close(ours, theirs)
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    movies = how_many(train)[1][:, 0]
    assert torch.equal(movies.argsort(stable=True), counts.argsort(stable=True))
    assert movies.mean().item() == pytest.approx(0, abs=1e-5)
    unseen = (counts == 0).nonzero()[:, 0]
    assert len(unseen) > 100, "some movies have all their ratings in valid"
    assert who_watched(train, 5, generator())[1][unseen].abs().max() == 0
    assert movies[unseen].unique().numel() == 1


def test_genres_and_year_follow_the_movies_of_the_ratings(ratings):
    movies = load_movies().sample(frac=1, random_state=0)
    features = genres_and_year(movies, ratings)
    genres = sorted({g for row in movies["genres"] for g in row.split("|")})
    one_hot = features[:, len(genres) : -2]
    assert one_hot.shape[1] == 8 and (one_hot.sum(dim=1) == 1).all(), "one decade for each movie"
    toy_story = ratings.movie_index(1)
    written = movies.set_index("movieId").loc[1, "genres"].split("|")
    assert [g for g, x in zip(genres, features[toy_story], strict=False) if x] == sorted(written)
    older = ratings.movie_index(924)  # 2001: A Space Odyssey (1968)
    assert features[older, -2] < features[toy_story, -2]
    assert one_hot[older].argmax() == one_hot[toy_story].argmax() - 3  # the sixties, the nineties
    assert one_hot[ratings.movie_index(1348)].argmax() == 0  # Nosferatu (1922)
    torch.testing.assert_close(features[:, -1], features[:, -2].square())
    assert features.isfinite().all()


def test_genres_and_year_says_which_movie_is_missing(ratings):
    movies = load_movies()
    with pytest.raises(ValueError, match="for example the id 1: load both from the same edition"):
        genres_and_year(movies[movies["movieId"] > 1], ratings)


def test_rows_without_ratings_get_the_mean_row_of_those_that_have_fewest():
    features = torch.tensor([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0], [9.0, -4.0], [7.0, 8.0]])
    of = torch.tensor([0] * 9 + [1] + [2] + [3] * 4)  # row 4 has no ratings
    for share, mean in ((0.5, [4.0, 40.0]), (0.75, [17 / 3, 76 / 3]), (1.0, [4.5, 21.5])):
        filled = _fill_unseen(features, of, share)
        assert torch.equal(filled[:4], features[:4])
        assert filled[4].tolist() == pytest.approx(mean)


def test_a_user_without_ratings_is_anyone_and_such_a_movie_is_a_rare_one(part):
    train, _ = part
    new = (train.n_users - 1, 0)
    train = train.subset((train.indices != torch.tensor(new)).all(dim=1))
    model = quick(n_sweeps=1).fit(train)
    for side, features, share in ((0, model._by_movie, 1.0), (1, model._by_user, 0.1)):
        log_counts = how_many(train)[side][:, 0]
        counts = torch.bincount(train.indices[:, side], minlength=len(log_counts)).float()
        seen = counts > 0
        few = seen & (counts <= counts[seen].quantile(share))
        wanted = log_counts[few].mean().item()
        assert features[new[side], 1].item() == pytest.approx(wanted, abs=1e-4)
        assert wanted > log_counts[new[side]].item() + 0.1, "a count of 0 lies far from all others"


# --- the model


def each_draw(model, x):
    """What each draw alone predicts for x, in stars."""
    return list(model._predictions(x))


def test_it_beats_the_biases_and_each_of_its_draws(part, fitted):
    train, valid = part
    biases = rmse(regularised_biases(train)(valid.indices), valid.ratings)
    ours = rmse(fitted(valid.indices), valid.ratings)
    assert ours < 0.985 * biases
    draws = [rmse(draw, valid.ratings) for draw in each_draw(fitted, valid.indices)]
    assert ours < 0.985 * min(draws)


def test_the_prediction_is_the_mean_of_the_draws_and_the_spread_theirs(part, fitted):
    x = part[1].indices[:500]
    draws = torch.stack(each_draw(fitted, x))
    assert draws.shape == (32, 500)
    assert draws.min() >= 0.5 and draws.max() <= 5
    torch.testing.assert_close(fitted(x), draws.mean(0))
    torch.testing.assert_close(fitted.spread(x), draws.std(0, correction=0), atol=1e-4, rtol=1e-3)
    assert fitted(x).shape == fitted.spread(x).shape == (500,)
    assert fitted(x).dtype == torch.float32
    assert fitted(x[:0]).shape == (0,)


def test_a_short_run_is_near_already(split):
    """45 sweeps, a second and a half: below all that learn one set of numbers (goal: 0.859)."""
    train, valid = split
    model = BayesianMF(n_sweeps=45, progress=False).fit(train)
    assert rmse(model(valid.indices), valid.ratings) <= 0.859


def test_the_table_holds_what_the_model_predicts_for_pairs(part, fitted):
    x = part[1].indices[:200]
    whole = fitted.table()
    assert whole.shape == (part[0].n_users, part[0].n_movies)
    torch.testing.assert_close(whole[x[:, 0], x[:, 1]], fitted(x), atol=1e-4, rtol=0)


def test_it_is_less_sure_of_users_with_few_ratings(part, fitted):
    train, valid = part
    counts = torch.bincount(train.indices[:, 0], minlength=train.n_users)[valid.indices[:, 0]]
    spread = fitted.spread(valid.indices)
    assert spread[counts < 15].mean() > 1.2 * spread[counts > 100].mean()


def test_the_spread_foretells_the_error(part, fitted):
    _, valid = part
    spread = fitted.spread(valid.indices)
    errors = (fitted(valid.indices) - valid.ratings).square()
    order = spread.argsort()
    quarter = len(order) // 4
    assert errors[order[-quarter:]].mean() > 1.1 * errors[order[:quarter]].mean()


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(part):
    train, valid = part
    first, again, other = (
        quick(seed=seed, n_sweeps=4).fit(train)(valid.indices) for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_the_global_random_state_is_neither_changed_nor_read(part):
    train, valid = part
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = quick(n_sweeps=3).fit(train)(valid.indices)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(2)
    np.random.seed(3)
    assert torch.equal(quick(n_sweeps=3).fit(train)(valid.indices), first)


def test_fitting_needs_one_thread_and_leaves_the_number_as_it_was(part, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    quick(n_sweeps=1).fit(part[0])
    assert asked == [1, 7]


def test_users_and_movies_without_ratings_get_something_near_the_mean(part):
    train, _ = part
    new_user, new_movie = train.n_users - 1, 0
    kept = (train.indices[:, 0] != new_user) & (train.indices[:, 1] != new_movie)
    model = quick(n_sweeps=20).fit(train.subset(kept))
    rated = torch.bincount(train.indices[:, 1], minlength=train.n_movies) > 20
    rated[new_movie] = False
    movies = rated.nonzero()[:, 0]
    pairs = torch.stack([torch.full_like(movies, new_user), movies], dim=1)
    of_user = model(pairs)
    assert of_user.mean().item() == pytest.approx(train.ratings.mean().item(), abs=0.5)
    means = torch.stack([train.ratings[train.indices[:, 1] == m].mean() for m in movies])
    assert torch.corrcoef(torch.stack([of_user, means]))[0, 1] > 0.5, "it knows the movies"
    users = torch.arange(100)
    of_movie = torch.stack([users, torch.full_like(users, new_movie)], dim=1)
    assert model(of_movie).mean().item() == pytest.approx(train.ratings.mean().item(), abs=0.8)
    # The model knows what it doesn't know: the best known movie is surer than the new one.
    best_known = torch.bincount(train.indices[:, 1])[1:].argmax() + 1
    known = torch.stack([users, torch.full_like(users, best_known.item())], dim=1)
    assert model.spread(of_movie).mean() > 1.1 * model.spread(known).mean()


def test_features_of_a_movie_help_where_it_has_no_ratings():
    """Two kinds of movie, liked and disliked by all; the new movie's kind is all that is known."""
    g = generator()
    kind = torch.arange(60) % 2
    rows = [
        (u, m, 4.5 if kind[m] else 1.5)
        for u in range(40)
        for m in range(58)
        if torch.rand((), generator=g) < 0.5
    ]
    ratings = table([*rows, (0, 58, 1.0), (0, 59, 1.0)])
    train = ratings.subset(ratings.indices[:, 1] < 58)
    features = kind.float()[:, None]
    model = quick(n_sweeps=30, n_axes=5, movie_features=features).fit(train)
    asked = torch.tensor([[1, 58], [1, 59]])
    bad, good = model(asked)
    assert bad < 2.5 and good > 3.5
    without = quick(n_sweeps=30, n_axes=5).fit(train)(asked)
    assert (without - 3).abs().max() < 1.4


def test_without_axes_it_is_the_plain_model(part):
    model = quick(n_axes=0, n_sweeps=3).fit(part[0])
    users, movies = model.draws[0]
    assert users.shape == (part[0].n_users, 5) and movies.shape == (part[0].n_movies, 5)
    assert len(model.draws) == 3 and model.burn_in == 0


def test_what_is_stored_is_as_large_as_documented(part):
    train, _ = part
    model = quick(n_sweeps=5, burn_in=1, movie_features=torch.zeros(train.n_movies, 3)).fit(train)
    stored = sum(t.numel() * t.element_size() for draw in model.draws for t in draw)
    one = 4 * (train.n_users * (4 + 2 + 3) + train.n_movies * (4 + 2))
    assert stored == len(model.draws) * one == 4 * one


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_factors": 0}, "n_factors=0 must be a whole number, 1 or more"),
        ({"n_sweeps": 2.5}, "n_sweeps=2.5 must be"),
        ({"n_axes": -1}, "n_axes=-1 must be"),
        ({"n_sweeps": 10, "burn_in": 10}, "throws away all n_sweeps=10"),
    ],
)
def test_settings_out_of_range_are_explained(settings, message):
    with pytest.raises(ValueError, match=message):
        BayesianMF(**settings)


def test_movie_features_that_dont_fit_are_explained(part):
    train = part[0]
    with pytest.raises(ValueError, match=r"one row for each of the \d+ movies"):
        quick(movie_features=torch.zeros(3, 2)).fit(train)
    with pytest.raises(ValueError, match="fill these cells first"):
        quick(movie_features=torch.full((train.n_movies, 1), torch.nan)).fit(train)


def test_wrong_calls_are_explained(part, fitted):
    with pytest.raises(RuntimeError, match=r"call \.fit\(train\) first"):
        quick()(part[1].indices)
    with pytest.raises(ValueError, match="no ratings"):
        quick().fit(part[0].subset(torch.zeros(len(part[0]), dtype=torch.bool)))
    with pytest.raises(ValueError, match=r"pass Ratings\.indices"):
        fitted(part[1].indices.float())
    with pytest.raises(IndexError, match="movie index -1 is not in 0 to"):
        fitted(torch.tensor([[0, -1]]))
    with pytest.raises(IndexError, match=r"Ratings\.user_index\(100000\) turns it into an index"):
        fitted.spread(torch.tensor([[100_000, 0]]))


def test_the_progress_bar_can_be_switched_off(part, capsys):
    quick(n_sweeps=2, progress=True).fit(part[0])
    assert "sweeps" in capsys.readouterr().err
    quick(n_sweeps=2).fit(part[0])
    assert capsys.readouterr().err == ""
