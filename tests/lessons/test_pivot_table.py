"""Lesson 2: its panels, its fair game on both editions, its pictures, its checks against a bank."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import (
    Ratings,
    evaluate,
    global_mean,
    load_collab,
    movie_means,
    regularised_biases,
    user_means,
)
from collab_lib.lessons.pivot_table import checks, figures, game, panels
from tests.conftest import BUNDLED
from tests.drawn import matches_snapshot
from tests.walk import walk


def baselines_of(train):
    return {
        "global mean": global_mean(train),
        "movie mean": movie_means(train),
        "user mean": user_means(train),
        "both biases": regularised_biases(train),
    }


@pytest.fixture(scope="module", params=["2016", "2018"])
def edition_split(request):
    """Train and valid of either edition."""
    source = BUNDLED if request.param == "2016" else request.getfixturevalue("seed_folder")
    return Ratings.from_frame(load_collab(source)).split(valid=0.2, by="random", seed=42)


@pytest.fixture(scope="module")
def window(collab):
    pivot = collab.pivot(index="userId", columns="movieId", values="rating")
    titles = collab.drop_duplicates("movieId").set_index("movieId")["title"]
    return panels.window_panel(pivot, titles)


@pytest.fixture(scope="module")
def baselines(split):
    return baselines_of(split[0])


@pytest.fixture
def guess(split, baselines):
    return panels.guess_panel(*split, baselines)


# The window


def test_the_window_follows_its_controls(window):
    walk(window)


def test_the_window_reaches_both_ends_and_shows_what_the_lesson_says(window, collab):
    window(order=panels.ORDERS[1], user=1, movie=1)
    shares = []
    for place in (1, 100, 1000, 3000):  # the places that the lesson's task names
        sentence = window(user=1, movie=place).sentence
        shares.append(int(sentence.split("(")[1].split("%")[0]))
    assert shares == sorted(shares, reverse=True) and shares[0] > 90 and shares[3] < 20
    last = window.controls["movie"].options[-1][1]
    assert last + panels.WINDOW_MOVIES - 1 == collab["movieId"].nunique()
    assert len(window.controls["movie"].options) * len(window.controls["user"].options) < 600


def test_the_most_rated_come_in_the_order_of_pandas(window, collab):
    by_ratings = collab.groupby("movieId")["rating"].count()
    by_ratings = by_ratings.sort_values(ascending=False, kind="stable")
    titles = collab.drop_duplicates("movieId").set_index("movieId")["title"]
    window(order=panels.ORDERS[1], user=1, movie=1000)
    wanted = titles[by_ratings.index[999 : 999 + panels.WINDOW_MOVIES]]
    assert list(window.picture.table.columns[1:]) == list(wanted)


def test_what_the_window_draws(window):
    matches_snapshot("pivot_table/corner", window(order=panels.ORDERS[1], user=1, movie=1))


# The damping


def test_the_damping_panel_follows_its_slider(split):
    panel = panels.damping_panel(*split)
    walk(panel)
    matches_snapshot("pivot_table/damping_3", panel(damping=3))
    left = panel.picture.figure.axes[0]
    names = [tick.get_text() for tick in left.get_xticklabels()]
    assert left.get_xticks()[names.index("3")] == left.lines[0].get_xdata()[0]  # the grey line


def test_the_damping_panel_says_what_the_models_do(edition_split):
    train, valid = edition_split
    model = regularised_biases(train, 5, 5)
    sentence = panels.damping_panel(train, valid)(damping=5).sentence
    assert f"{evaluate(model, train).rmse:.3f} on the train" in sentence
    assert f"{evaluate(model, valid).rmse:.3f} on the hidden" in sentence
    assert "1 rating 17% is believed, on 10 ratings 67%, on 100 ratings 95%" in sentence


def test_the_hidden_ratings_like_a_little_damping_in_other_splits_too(ratings):
    for seed in (43, 44):
        train, valid = ratings.split(valid=0.2, by="random", seed=seed)
        errors = [evaluate(regularised_biases(train, d, d), valid).rmse for d in (0, 2, 3, 50)]
        assert max(errors[1:3]) < min(errors[0], errors[3]) - 0.01


# The game


@pytest.fixture(scope="module")
def players(edition_split):
    """RMSE of whoever plays the game, over its cases and over all that could have been cases."""
    train, valid = edition_split
    baselines = baselines_of(train)
    judge = baselines["both biases"]
    clear = game.clear_rows(train, valid, judge)
    rows = game.draw_rows(clear, valid, judge)
    always = {"always 3.5": lambda pairs: torch.full((len(pairs),), 3.5), **baselines}
    return {
        name: (
            evaluate(player, valid.subset(torch.tensor(rows))).rmse,
            evaluate(player, valid.subset(clear)).rmse,
        )
        for name, player in always.items()
    }


def test_knowing_helps_in_the_game(players):
    """Over its 24 cases and over all from which they were drawn."""
    for at in (0, 1):
        error = {name: errors[at] for name, errors in players.items()}
        ignorant = min(error["always 3.5"], error["global mean"])
        one_mean = (error["user mean"], error["movie mean"])
        assert error["both biases"] < min(one_mean)
        assert max(one_mean) < ignorant - 0.1
        assert error["both biases"] < ignorant - 0.4


def test_another_draw_would_be_as_fair(edition_split):
    """Whoever knows the biases beats whoever knows nothing, in 49 draws of 50."""
    train, valid = edition_split
    judge = regularised_biases(train)
    clear = game.clear_rows(train, valid, judge)
    errors = (judge(valid.indices) - valid.ratings).numpy()
    flat = (3.5 - valid.ratings).numpy()
    won = 0
    for seed in range(50):
        rows = game.draw_rows(clear, valid, judge, seed=seed)
        won += np.square(errors[rows]).mean() < np.square(flat[rows]).mean()
    assert won >= 49


def test_the_cases_are_chosen_without_looking_at_the_hidden_stars(edition_split):
    train, valid = edition_split
    judge = regularised_biases(train)
    clear = game.clear_rows(train, valid, judge)
    flipped = Ratings(**{**vars(valid), "ratings": 5.5 - valid.ratings})
    assert game.clear_rows(train, flipped, judge).equal(clear)
    rows = game.draw_rows(clear, valid, judge)
    assert rows == game.draw_rows(clear, flipped, judge)
    above = judge(valid.indices[rows]) > judge.mean
    assert above.sum() == len(rows) / 2 == 12 and len(set(rows)) == 24


def test_a_case_tells_what_the_train_ratings_say(split, baselines):
    train, valid = split
    row = game.clear_rows(train, valid, baselines["both biases"])[7].item()
    (case,) = game.cases_of([row], train, valid, baselines)
    user, movie = valid.indices[row].tolist()
    of_user = train.ratings[train.indices[:, 0] == user]
    of_movie = train.ratings[train.indices[:, 1] == movie]
    assert (case.user_mean, case.user_count) == (of_user.mean().item(), len(of_user))
    assert (case.movie_mean, case.movie_count) == (of_movie.mean().item(), len(of_movie))
    assert case.guesses["user mean"] == pytest.approx(case.user_mean, abs=1e-4)
    assert case.guesses["movie mean"] == pytest.approx(case.movie_mean, abs=1e-4)
    assert len(case.known) == 6 and case.title not in dict(case.known)
    assert [stars for _, stars in case.known] == sorted(dict(case.known).values(), reverse=True)


def test_the_guess_follows_its_controls(guess):
    walk(guess)


def test_the_answer_is_covered_until_it_is_asked_for(guess):
    truth = guess.cases[0].truth
    covered = guess(guess=4.5)
    assert "Your guess: 4.5 stars" in covered.sentence
    assert "The baselines said" not in covered.sentence and "RMSE" not in covered.sentence
    assert covered.table["guess (stars)"].notna().sum() == 1
    shown = guess(show=True).sentence
    assert f"{truth:g} stars. You said 4.5, off by {abs(4.5 - truth):.1f}." in shown
    assert "The baselines said: global mean" in shown
    assert guess.controls["guess"].disabled
    guess(case=2)
    assert not guess.controls["show"].value and not guess.controls["guess"].disabled
    assert "The baselines said" not in guess.picture.sentence


def test_the_rmse_so_far_is_that_of_the_cases_played(guess):
    own = [4.0, 1.0, 3.5]
    for stars in own:
        guess(guess=stars)
        guess(show=True)
        guess.following.click()
    assert guess.controls["case"].value == 4 and guess.controls["guess"].value == 3.5
    cases = guess.cases[:3]
    truths = np.array([case.truth for case in cases])
    told = guess.picture.numbers.set_index("who")["RMSE so far (stars)"]
    for name in ("you", "global mean", "both biases"):
        said = own if name == "you" else [case.guesses[name] for case in cases]
        error = np.sqrt(np.square(np.array(said) - truths).mean())
        assert f"{name} {error:.2f}" in guess.picture.sentence.split("RMSE after 3 cases:")[1]
        assert told[name.replace("you", "your guess")] == pytest.approx(error)
    matches_snapshot("pivot_table/three_cases_played", guess.picture)
    matches_snapshot("pivot_table/fourth_case_shown", guess(guess=2.0, show=True))


def test_only_an_answer_that_was_seen_counts_and_each_case_once(guess):
    guess.following.click()
    assert guess.controls["case"].value == 2
    assert "RMSE" not in guess.picture.sentence
    for _ in range(2):
        guess(case=2)
        guess(show=True)
        guess.following.click()
    assert "RMSE after 1 case:" in guess.picture.sentence


def test_after_the_last_case_comes_the_first(guess):
    guess(case=24)
    guess.following.click()
    assert guess.controls["case"].value == 1


def test_no_number_shows_a_rounding_error(guess):
    for stars in panels.STARS:
        assert "e-" not in guess(guess=stars, show=True).sentence
        assert "off by 0.0." in guess.picture.sentence or stars != guess.cases[0].truth


# The other pictures


def test_errors_by_count_are_those_of_the_groups(split, baselines):
    train, valid = split
    errors = {"movie mean": (baselines["movie mean"](valid.indices) - valid.ratings).numpy()}
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    picture = figures.error_by_count(errors, counts[valid.indices[:, 1]].numpy())
    once = valid.subset(counts[valid.indices[:, 1]] == 1)
    assert (
        f"with 1 train rating: movie mean {evaluate(baselines['movie mean'], once).rmse:.2f}"
        in (picture.sentence)
    )
    assert len(picture.numbers) == len(figures.GROUPS)


def test_my_hidden_ratings():
    hidden = pd.DataFrame({"title": ["Ghost (1990)", "A $x$ film (2001)"], "rating": [1.5, 5.0]})
    picture = figures.my_hidden(hidden, {"movie mean": [3.0, 4.25]}, "you")
    assert picture.sentence == (
        "Ghost: you said 1.5; movie mean 3.00. A $x$ film: you said 5; movie mean 4.25."
    )
    assert picture.numbers.values.tolist() == [
        ["Ghost (1990)", 1.5, 3.0],
        ["A $x$ film (2001)", 5.0, 4.25],
    ]
    matches_snapshot("pivot_table/my_hidden", picture)


# The checks


def test_density(ratings):
    density = len(ratings) / (ratings.n_users * ratings.n_movies)
    for form in (float, np.float32, torch.tensor, lambda d: torch.tensor([d])):
        assert checks.check_density(form(density), ratings).passed
    wrong = [
        ("percentage", 100 * density),
        ("blanks", 1 - density),
        ("users times movies", len(ratings) / ratings.n_movies),
        ("users times movies", len(ratings) / ((ratings.n_users + 1) * ratings.n_movies)),
        ("users times movies", len(ratings) / ((ratings.n_users - 1) * ratings.n_movies)),
        ("users times movies", len(ratings) / (ratings.n_users * (ratings.n_movies - 1))),
        *(("rounded", round(density, digits)) for digits in (2, 3, 4)),
        ("should be a number", "1.6 %"),
        ("a function", len),
        ("None", None),
        ("nan", float("nan")),
    ]
    for advice, answer in wrong:
        verdict = checks.check_density(answer, ratings)
        assert not verdict.passed
        assert advice in verdict.message, verdict.message


def loop_rmse(predictions, ratings):
    total = 0
    for prediction, rating in zip(predictions.tolist(), ratings.tolist(), strict=True):
        total += (prediction - rating) ** 2
    return (total / len(ratings)) ** 0.5


def in_place_rmse(predictions, ratings):
    predictions -= ratings
    predictions *= predictions
    return predictions.mean() ** 0.5


@pytest.mark.parametrize(
    "function",
    [
        loop_rmse,
        in_place_rmse,
        lambda p, r: torch.nn.functional.mse_loss(p, r).sqrt(),
        lambda p, r: np.sqrt(np.mean((p.numpy() - r.numpy()) ** 2)),
        lambda p, r: (p - r).norm() / len(r) ** 0.5,
    ],
)
def test_right_rmse(function):
    assert checks.check_rmse(function).passed


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (lambda p, r: None, "returns nothing"),
        (lambda p, r: (p - r).mean(), "cancel"),
        (lambda p, r: (r - p).mean(), "cancel"),
        (lambda p, r: (p - r).square().mean(), "square root"),
        (lambda p, r: (p - r).abs().mean(), "absolute"),
        (lambda p, r: (p - r).square().sum().sqrt(), "not their sum"),
        (lambda p, r: (p - r).std(), "Square the errors"),
        (lambda p, r: np.std((p - r).numpy()), "Square the errors"),
        (lambda p, r: (p - r).mean() ** 2, "cancel"),
        (lambda p, r: (p - r).square().sum().sqrt() / len(p), "divide the root"),
        (lambda p, r: round(float((p - r).square().mean().sqrt()), 2), "rounded"),
        (lambda p, r: round(float((p - r).square().mean().sqrt()), 3), "rounded"),
        (lambda p, r: (p - r).square().sqrt(), "one number"),
        (lambda p, r: ((p - r).square().sum() / 4).sqrt(), "any number of ratings"),
        (lambda p, r: (p - torch.tensor([3.0, 1.0, 2.5, 4.5])).square().mean().sqrt(), "wrong for"),
        (lambda p, r: (p - r).squared().mean(), "AttributeError"),
        (lambda p: p, "TypeError"),
        (3.0, "Hand in the function itself"),
    ],
)
def test_wrong_rmse(function, advice):
    verdict = checks.check_rmse(function)
    assert not verdict.passed
    assert advice in verdict.message, verdict.message


def loop_damped(ratings, mean, damping):
    total = damping * mean
    for rating in ratings:
        total += rating
    return total / (len(ratings) + damping)


@pytest.mark.parametrize(
    "function",
    [
        loop_damped,
        lambda r, mean, damping: mean + (r - mean).sum() / (len(r) + damping),
        lambda r, m, d: float((r.double().sum() + d * m) / (r.numel() + d)),
    ],
)
def test_right_damped_mean(function):
    assert checks.check_damped_mean(function).passed


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (lambda r, mean, damping: None, "returns nothing"),
        (lambda r, mean, damping: r.mean(), "no effect"),
        (lambda r, mean, damping: r.sum() / (len(r) + damping), "0 stars"),
        (lambda r, mean, damping: (r.sum() + damping * mean) / len(r), "not yet in the number"),
        (lambda r, mean, damping: (r.mean() + mean) / 2, "halfway"),
        (lambda r, mean, damping: r.sum() + mean, "isn't 4.0 yet"),
        (lambda r, mean, damping: r.sum() + damping * mean / len(r) + damping, "brackets"),
        (lambda r, mean, damping: (r.sum() + damping * mean) / len(r) + damping, "brackets"),
        (lambda r, mean, damping: r.sum() + damping * mean / (len(r) + damping), "brackets"),
        (lambda r, mean, damping: (r - mean).sum() / (len(r) + damping), "damped bias"),
        (lambda r, mean, damping: (r.sum() + mean) / (len(r) + damping), "one imaginary"),
        (lambda r, mean, damping: (r.sum() + mean) / (len(r) + 1), "one imaginary"),
        (lambda r, mean, damping: 4.0, "a thousand"),
        (lambda r, mean, damping: (r.sum() + damping * mean) / (2 + damping), "a thousand"),
        (lambda r, mean, damping: (r.sum() + damping * mean) / 6, "a thousand"),
        (lambda r, mean, damping: r.mean() - 2 / len(r), "a thousand"),
        (lambda r, mean, damping: (r.sum() + damping * 3.5) / (len(r) + damping), "another mean"),
        (lambda r, mean, damping: (r.sum() + 4 * mean) / (len(r) + 4), "a damping of 1"),
        (lambda r, m, d: torch.cat([r, torch.full((int(d),), m)]).mean(), "damping of 2.5"),
        (lambda r, m, d: (r.sum() + round(d) * m) / (len(r) + round(d)), "damping of 2.5"),
        (lambda r, m, d: round(float((r.sum() + d * m) / (len(r) + d)), 1), "it gives"),
        (lambda r, m, d: (r.sum() + d * round(m, 1)) / (len(r) + d), "a mean of 3.54"),
        (lambda r, mean, damping: r.total(), "AttributeError"),
        (lambda r: r.mean(), "TypeError"),
        (None, "Hand in the function itself"),
    ],
)
def test_wrong_damped_mean(function, advice):
    verdict = checks.check_damped_mean(function)
    assert not verdict.passed
    assert advice in verdict.message, verdict.message
