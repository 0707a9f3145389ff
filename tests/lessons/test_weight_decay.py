"""Lesson 6: its panels over their range, its pictures, the law, and a bank of answers."""

import asyncio
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import DotProduct, Ratings, evaluate, regularised_biases, train_model
from collab_lib.lessons.weight_decay import checks, figures
from collab_lib.lessons.weight_decay.figures import stored_runs, two_sides, vector_sizes
from collab_lib.lessons.weight_decay.law import by_the_law, damping_of
from collab_lib.lessons.weight_decay.overfitting import (
    SEEN_FUNNINESS,
    SEEN_RATINGS,
    Moment,
    curve,
    fit_curve,
    sparing_biases,
    sum_of_squares,
    watch_training,
    with_ratio_of,
)
from collab_lib.lessons.weight_decay.panels import (
    curve_panel,
    damping_panel,
    stored_runs_panel,
    train_panel,
)
from collab_lib.results import load_results
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture(scope="module")
def results():
    return load_results("weight_decay")


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    pairs = [(user, movie) for user in range(20) for movie in range(15)]
    collab = pd.DataFrame(pairs, columns=["userId", "movieId"])
    collab["rating"] = rng.integers(1, 11, len(collab)) / 2
    collab["timestamp"], collab["title"] = 0, collab["movieId"].astype(str)
    return Ratings.from_frame(collab).split()


def _values(control):
    if hasattr(control, "options"):
        return [value for _, value in control._options_full]
    return list(range(control.min, control.max + 1))


def _walk(panel):
    """Every control over its whole range, the others where they were; the sentences it gave."""
    for name, control in panel.controls.items():
        first = control.value
        sentences, pictures = [], []
        for value in _values(control):
            sentences.append(panel(**{name: value}).sentence)
            pictures.append(panel.view.value)
        panel(**{name: first})
        yield name, sentences, pictures


def test_the_curve_panel_follows_its_slider():
    for _, sentences, pictures in _walk(curve_panel()):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences) == 9


def test_a_little_decay_predicts_hidden_ratings_better_than_none_and_than_much():
    panel = curve_panel()
    fitted, hidden, squares = [], [], []
    for decay in _values(panel.controls["weight_decay"]):
        numbers = re.findall(r"by ([\d.]+)|up to ([\d,.]+)\.$", panel(weight_decay=decay).sentence)
        fitted.append(float(numbers[0][0]))
        hidden.append(float(numbers[1][0]))
        squares.append(float(numbers[2][1].replace(",", "")))
    assert fitted == sorted(fitted) and squares == sorted(squares, reverse=True)
    assert min(hidden) < 0.6 * hidden[0] and min(hidden) < 0.5 * hidden[-1]


def test_the_curve_does_what_the_lesson_tells():
    mean, x = SEEN_RATINGS.mean(), torch.linspace(-1, 1, 201, dtype=torch.float64)
    free, tame = (fit_curve(SEEN_FUNNINESS, SEEN_RATINGS, decay) for decay in (0, 0.1))
    height, middle = curve(free, mean, x), (x > -0.7) & (x < 0.5)
    assert height.max() > 6 and height[middle].max() < 3.6
    assert (height[middle].diff() > -0.02).all(), "calm in the middle"
    assert ((curve(free, mean, SEEN_FUNNINESS) - SEEN_RATINGS).abs() < 0.01).sum() == 8
    missed = (curve(tame, mean, SEEN_FUNNINESS) - SEEN_RATINGS).abs()
    assert ((missed > 0.4) & (missed < 0.6)).sum() == 2 and missed.max() < 0.6
    assert (missed < 0.2).sum() == 7


def test_the_stored_panel_follows_every_slider(results):
    for name, sentences, pictures in _walk(stored_runs_panel(results)):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences), name


def test_the_stored_panel_says_what_is_stored(results):
    panel = stored_runs_panel(results)
    sentence = panel(n_factors=100, weight_decay=3e-4, epoch=12).sentence
    chosen = [r for r in results["runs"] if (r["n_factors"], r["weight_decay"]) == (100, 3e-4)]
    valid = [run["valid_rmse"][11] for run in chosen]
    assert len(chosen) == 3
    assert (
        f"valid {np.mean(valid):.3f} (seeds from {min(valid):.3f} to {max(valid):.3f})" in sentence
    )


def test_the_results_hold_the_valley_that_the_lesson_tells_of(results):
    table = pd.DataFrame({**run, "valid": run["valid_rmse"][-1]} for run in results["runs"])
    means = table.groupby(["weight_decay", "n_factors"])["valid"].mean().unstack()
    assert set(means.idxmin()) <= {2e-4, 3e-4}
    assert (means.loc[3e-4] < results["baseline_rmse"]).all()
    assert (means.loc[[0, 1e-2]] > results["baseline_rmse"]).all(axis=None)


def test_an_unknown_setting_names_those_there_are(results):
    with pytest.raises(ValueError, match=r"n_factors=7 .*\[5, 20, 50, 100\]"):
        stored_runs(results, n_factors=7, weight_decay=0, epoch=1)


def test_the_training_panel_follows_its_controls_before_and_after_a_run(parts, results):
    panel = train_panel(*parts, results, 0.9)
    assert "no run of yours so far" in panel.picture.sentence
    for name, sentences, pictures in _walk(panel):
        assert len(set(sentences)) == len(set(pictures)) == len(sentences), name
    panel.train(n_factors=5, weight_decay=0, n_epochs=4)
    assert "Yours with 5 and 0:" in panel.picture.sentence
    assert "after epoch 4" in panel.picture.sentence
    panel.train(n_factors=20, weight_decay=1e-3, n_epochs=4)
    assert "Yours with 20 and 0.001:" in panel.picture.sentence
    # the newest run is the bold one, and the one that the legend names
    bold = [line for line in panel.picture.figure.axes[0].lines if line.get_marker() != "None"]
    ends = {line.get_label(): line.get_ydata()[-1] for line in bold if line.get_linewidth() == 2}
    last = panel.runs[-1].epochs[-1]
    assert ends == {"train": last.train_rmse, "valid": last.valid_rmse}


def test_the_training_panel_trains_in_turns_and_can_be_cancelled(parts, results):
    panel = train_panel(*parts, results, 0.9)

    async def press_and_cancel():
        panel.start.click()
        while panel.progress.value < 2:
            await asyncio.sleep(0.001)
        panel.cancel.click()
        await panel.task

    asyncio.run(press_and_cancel())
    assert "cancelled" in panel.status.value and 2 <= len(panel.runs[0].epochs) <= 3


def test_the_same_setting_trains_the_same_way_twice(parts):
    first, second = (list(watch_training(*parts, 3, 1e-3, n_epochs=2)) for _ in range(2))
    assert first == second


def test_a_watched_training_is_that_of_its_settings(parts):
    train, valid = parts
    mean = train.ratings.mean().item()
    model = DotProduct(train.n_users, train.n_movies, 3, mean=mean, seed=1)
    history = train_model(model, train, valid, n_epochs=2, weight_decay=0.01, seed=1)
    moments = list(watch_training(train, valid, 3, 0.01, n_epochs=2, seed=1))
    assert [m.valid_rmse for m in moments] == [epoch.valid_rmse for epoch in history.epochs]
    assert moments[-1].train_rmse == evaluate(model, train).rmse
    assert moments[-1].size == sum_of_squares(model)


def test_a_moment_knows_its_gap_and_pictures_say_it():
    moments = [Moment(1.0, 1.1, 5.0), Moment(0.5, 0.9, 1234.0)]
    picture = two_sides({"Free": moments}, 0.95)
    assert moments[-1].gap == pytest.approx(0.4)
    assert picture.sentence == (
        "Free: after 2 epochs train 0.50, valid 0.90, gap 0.40 stars, squares of the weights 1,234."
    )


def test_vector_sizes_are_means_over_movies_with_as_many_ratings():
    counts = torch.tensor([1, 1, 3, 150])
    table = torch.tensor([[3.0, 4.0], [0.0, 1.0], [1.0, 0.0], [0.0, 2.0]])
    sentence = vector_sizes(counts, {"x": table}).sentence
    assert "x: 3.0 for movies with one rating, 2.0 for those with 100 or more" in sentence


@pytest.mark.parametrize("decay", [0.0, 0.01, 1.0])
def test_the_curve_is_where_a_descent_on_the_penalised_loss_would_end(decay):
    x = torch.linspace(-1, 1, 7, dtype=torch.float64)
    y = torch.tensor([1.0, 4, 2, 3, 5, 2, 3], dtype=torch.float64)
    w = fit_curve(x, y, decay, degree=3).requires_grad_()
    loss = ((curve(w, y.mean(), x) - y) ** 2).sum() + decay * (w**2).sum()
    loss.backward()
    assert w.grad.abs().max() < 1e-9


def test_a_negative_decay_is_refused():
    with pytest.raises(ValueError, match="reward large weights"):
        fit_curve(torch.zeros(2), torch.zeros(2), -1)


# The law


@pytest.mark.parametrize("weight_decay", [0.02, 0.2])
def test_sgd_comes_to_rest_at_the_damped_biases(split, weight_decay):
    """λ = N · weight_decay / 2, with torch's own optimizer as the oracle."""
    train, _ = split
    damping = damping_of(weight_decay, len(train))
    wanted = regularised_biases(train, damping, damping, rounds=60)
    users, movies = train.indices.T
    tables = [torch.zeros(train.n_users), torch.zeros(train.n_movies)]
    optimizer = torch.optim.SGD(
        [t.requires_grad_() for t in tables], 10 / 3, weight_decay=weight_decay
    )
    for _ in range(150):
        optimizer.zero_grad()
        errors = wanted.mean + tables[0][users] + tables[1][movies] - train.ratings
        errors.square().mean().backward()
        optimizer.step()
    assert torch.allclose(tables[0], wanted.user_biases, atol=1e-5)
    assert torch.allclose(tables[1], wanted.movie_biases, atol=1e-5)
    assert wanted.user_biases.abs().max() > 0.05, "and they are not nothing"


def test_the_law_around_the_mean_is_lesson_2s_baseline(split):
    train, _ = split
    damped = regularised_biases(train, 40, 40, rounds=30)
    lawful = by_the_law(train, damped.mean, 2 * 40 / len(train))
    assert torch.allclose(lawful.user_biases, damped.user_biases, atol=1e-5)
    assert torch.allclose(lawful.movie_biases, damped.movie_biases, atol=1e-5)


def test_a_slope_counts_twice():
    """In stars, a bias costs b² / slope²: half the slope is four times the damping."""
    collab = pd.DataFrame({"userId": 1, "movieId": [1, 2, 3], "rating": 4.0, "timestamp": 0})
    train = Ratings.from_frame(collab.assign(title=["A (2000)", "B (2000)", "C (2000)"]))
    kept = [by_the_law(train, 3.0, 2.0, slope) for slope in (1.0, 0.5)]
    for law, damping in zip(kept, (3, 12), strict=True):
        left = 1 - law.movie_biases
        assert law.user_biases[0] == pytest.approx((left.sum() / (3 + damping)).item(), abs=1e-6)


def test_imaginary_ratings_follow_the_slider(split):
    panel = damping_panel(split[0])
    walk(panel)
    sentence = panel(weight_decay=0.05).sentence
    assert "worth 2,000 imaginary ratings" in sentence
    assert "has 56 real ones and keeps 3% of their own bias" in sentence
    kept = panel.picture.numbers.set_index("ratings of a user")["share kept"]
    assert kept[500] == pytest.approx(500 / (500 + 2000), rel=1e-3)
    matches_snapshot("weight_decay/imaginary", panel.picture)


# What the contest of Adam's decays rests on


def test_biases_are_spared_and_factors_are_not():
    model = DotProduct(3, 4, 2, seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    optimizer = sparing_biases(torch.optim.SGD)(model.parameters(), lr=0.1, weight_decay=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert torch.allclose(model.movie_factors, torch.tensor(0.95))
    assert torch.allclose(model.user_factors, torch.tensor(0.95))
    for table in (model.user_biases, model.movie_biases, model.bias):
        assert (table == 1).all()


@pytest.mark.parametrize(
    ("spared", "kept"), [((), set()), ((0,), {"bias"}), ((1,), {"user_biases", "movie_biases"})]
)
def test_some_of_the_biases_are_spared(spared, kept):
    model = DotProduct(3, 4, 2, seed=0)
    before = {name: parameter.detach().fill_(1.0) for name, parameter in model.named_parameters()}
    optimizer = sparing_biases(torch.optim.SGD, spared)(model.parameters(), 0.1, 0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert {name for name, parameter in before.items() if (parameter == 1).all()} == kept


def test_the_gain_is_that_of_the_biases_of_users_and_movies(results):
    runs = pd.DataFrame(results["which_biases"])
    assert len(runs) == 18 and runs.groupby(["optimizer", "spared"]).size().eq(3).all()
    means = runs.groupby(["optimizer", "spared"])["valid_rmse"].mean()
    both = pd.DataFrame(results["contest"]).set_index(["optimizer", "weight_decay"])
    both = both.groupby(["optimizer", "weight_decay", "biases_decayed"])["valid_rmse"].mean()
    for optimizer, decay in (("AdamW", 1), ("L2 in Adam", 3e-4)):
        assert means[optimizer, "none"] == both[optimizer, decay, True]
        assert means[optimizer, "all"] == both[optimizer, decay, False]
    assert means["AdamW", "shared"] >= means["AdamW", "none"]
    assert means["AdamW", "users and movies"] < means["AdamW", "all"] + 0.001


def test_a_model_takes_over_the_ratio_of_another():
    counts = torch.tensor([1, 1, 3, 10, 150, 300])
    mine, other = (DotProduct(2, 6, 2, seed=seed) for seed in (0, 1))
    with torch.no_grad():
        mine.movie_factors.copy_(torch.tensor([1.0, 1, 2, 3, 4, 4])[:, None].expand(6, 2))
        other.movie_factors.copy_(torch.tensor([1.0, 1, 1, 1, 2, 2])[:, None].expand(6, 2))
    changed = with_ratio_of(mine, other, counts)
    assert changed.movie_factors[:, 0].tolist() == pytest.approx([2, 2, 2, 2, 4, 4])
    assert mine.movie_factors[0, 0] == 1 and torch.equal(changed.user_factors, mine.user_factors)


def test_the_contest_is_won_by_whoever_spares_the_biases(results):
    runs = pd.DataFrame(results["contest"])
    assert len(runs) == 84 and runs.groupby(["optimizer", "biases_decayed"]).size().nunique() == 1
    means = runs.groupby(["optimizer", "biases_decayed", "weight_decay"])["valid_rmse"].mean()
    best = means.groupby(level=[0, 1]).min()
    assert best["AdamW", False] == pytest.approx(best["L2 in Adam", False], abs=0.002)
    assert best["AdamW", True] > best["AdamW", False] + 0.015
    sentence = figures.contest(results).sentence
    assert f"AdamW, biases spared: {best['AdamW', False]:.3f} at 1.5" in sentence


def test_what_is_drawn(results):
    matches_snapshot("weight_decay/curve", curve_panel()(weight_decay=0.1))
    panel = stored_runs_panel(results)
    # where train and valid lie far apart, and where they nearly meet
    matches_snapshot("weight_decay/stored_runs_free", panel.picture)
    matches_snapshot("weight_decay/stored_runs", panel(weight_decay=0.001, n_factors=5, epoch=3))
    matches_snapshot("weight_decay/contest", figures.contest(results))
    free, tame = [Moment(1.0, 1.1, 5), Moment(0.2, 0.9, 90)], [Moment(1.0, 1.05, 4)] * 2
    matches_snapshot("weight_decay/two_sides", two_sides({"Free": free, "Tame": tame}, 0.95))
    runs = [
        SimpleNamespace(settings={"n_factors": 5, "weight_decay": 0.0}, epochs=free),
        SimpleNamespace(settings={"n_factors": 50, "weight_decay": 0.001}, epochs=tame),
    ]
    chosen = {"n_factors": 50, "weight_decay": 0.0003, "n_epochs": 4}
    matches_snapshot("weight_decay/live_runs", figures.live_runs(runs, results, 0.89, **chosen))
    counts = torch.tensor([1, 2, 3, 5, 19, 30, 100, 150])
    tables = {
        name: torch.ones(8, 1) * torch.arange(8.0)[:, None] * n for n, name in enumerate("abc")
    }
    matches_snapshot("weight_decay/vector_sizes", vector_sizes(counts, tables))


# A bank of answers

PENALTIES = {
    "the loss alone": lambda loss, ps, wd: loss,
    "without its price": lambda loss, ps, wd: loss + sum((p**2).sum() for p in ps),
    "absolute values": lambda loss, ps, wd: loss + wd * sum(p.abs().sum() for p in ps),
    "the weights themselves": lambda loss, ps, wd: loss + wd * sum(p.sum() for p in ps),
    "square the sum": lambda loss, ps, wd: loss + wd * sum(p.sum() for p in ps) ** 2,
    "opposite signs cancel": lambda loss, ps, wd: loss + wd * sum(p.sum() ** 2 for p in ps),
    "the root": lambda loss, ps, wd: loss + wd * sum((p**2).sum() for p in ps).sqrt(),
    "(the norm): leave": lambda loss, ps, wd: loss + wd * sum(p.norm() for p in ps),
    "Hand in the function itself": torch.tensor(3.0),
    "function itself, without": None,
    "the mean": lambda loss, ps, wd: loss + wd * sum((p**2).mean() for p in ps),
    "Only the first": lambda loss, ps, wd: loss + wd * (ps[0] ** 2).sum(),
    "Only the last": lambda loss, ps, wd: loss + wd * (ps[-1] ** 2).sum(),
    "the penalty alone": lambda loss, ps, wd: wd * sum((p**2).sum() for p in ps),
    ".item()": lambda loss, ps, wd: loss.item() + wd * sum((p**2).sum().item() for p in ps),
    "no gradient can flow": lambda loss, ps, wd: (loss + wd * _squares(ps)).detach(),
    "not its gradient": lambda loss, ps, wd: loss + wd * _squares(ps).detach(),
    "stops with AttributeError": lambda loss, ps, wd: loss + wd * (ps.square()).sum(),
    "half of the price": lambda loss, ps, wd: loss + wd / 2 * _squares(ps),
    "twice the price": lambda loss, ps, wd: loss + 2 * wd * _squares(ps),
    "returns nothing": lambda loss, ps, wd: None,
    "should be a number": lambda loss, ps, wd: "much",
    "what each weight pays": lambda loss, ps, wd: loss + 7,
}


def _squares(parameters):
    return sum((p**2).sum() for p in parameters)


def by_loop(loss, parameters, wd):
    for p in parameters:
        loss = loss + wd * (p**2).sum()
    return loss


def in_place(loss, parameters, wd):
    for p in parameters:
        loss += wd * (p**2).sum()
    return loss


def by_cat(loss, parameters, wd):
    return loss + wd * torch.cat([p.flatten() for p in parameters]).pow(2).sum()


def by_norms(loss, parameters, wd):
    return loss + wd * sum(p.norm() ** 2 for p in parameters)


@pytest.mark.parametrize("answer", [by_loop, in_place, by_cat, by_norms])
def test_the_price_passes_in_any_form(answer):
    verdict = checks.check_penalised(answer)
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", PENALTIES)
def test_a_wrong_price_gets_its_advice(advice):
    verdict = checks.check_penalised(PENALTIES[advice])
    assert not verdict.passed and advice in verdict.message, verdict


def mutating(weight, gradient, lr, wd):
    gradient += wd * 2 * weight
    return weight - lr * gradient


def wholly_in_place(weight, gradient, lr, wd):
    return weight.sub_(lr * (gradient + wd * 2 * weight))


def shrink_first(weight, gradient, lr, wd):
    return (1 - 2 * lr * wd) * weight - lr * gradient


STEPS = {
    "where does it belong": lambda w, g, lr, wd: w - lr * g,
    "the 2 is missing": lambda w, g, lr, wd: w - lr * (g + wd * w),
    "the learning rate multiplies it": lambda w, g, lr, wd: w - lr * g - 2 * wd * w,
    "makes weights grow": lambda w, g, lr, wd: w - lr * (g - 2 * wd * w),
    "needs its slope": lambda w, g, lr, wd: w - lr * (g + wd * w**2),
    "a step upwards": lambda w, g, lr, wd: w + lr * (g + wd * 2 * w),
    "The shape is ()": lambda w, g, lr, wd: 3.0,
    "stops with": lambda w, g, lr, wd: w - lr * undefined,  # noqa: F821
    "returns nothing": lambda w, g, lr, wd: None,
    "lr times one slope": lambda w, g, lr, wd: w + 1,
    "Return the new weight": lambda w, g, lr, wd: -lr * (g + wd * 2 * w),
    "of the price together": lambda w, g, lr, wd: w - 0.1 * (g + 0.25 * 2 * w),
}


@pytest.mark.parametrize("answer", [mutating, wholly_in_place, shrink_first])
def test_the_step_passes_in_any_form(answer):
    verdict = checks.check_sgd_step(answer)
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", STEPS)
def test_a_wrong_step_gets_its_advice(advice):
    verdict = checks.check_sgd_step(STEPS[advice])
    assert not verdict.passed and advice in verdict.message, verdict


SHARES = {
    "N is missing": lambda n, N, wd: n / (n + wd / 2),
    "twice the price": lambda n, N, wd: n / (n + N * wd),
    "n and N are mixed up": lambda n, N, wd: n / (n + n * wd / 2),
    "against it stand the user's own": lambda n, N, wd: N / (N + N * wd / 2),
    "cuts off what comes after": lambda n, N, wd: n // (n + N * wd / 2),
    "the share that is lost": lambda n, N, wd: 1 - n / (n + N * wd / 2),
    "That is λ": lambda n, N, wd: N * wd / 2,
    "stops with ZeroDivisionError": lambda n, N, wd: n / 0,
    "should be a number": lambda n, N, wd: "3 %",
    "returns nothing": lambda n, N, wd: None,
    "should be 0.0272; yours is 0.6": lambda n, N, wd: 0.6 + N / 1e9,
    "Use the argument n_ratings": lambda n, N, wd: n / (n + 80_004 * wd / 2),
    # named is the case that is furthest off, or wanted and given may look alike
    "share_kept(500, 20000, 0.001) should be": lambda n, N, wd: n / (n + (N + 60_000) * wd / 3.5),
}


@pytest.mark.parametrize(
    "answer",
    [
        lambda n, N, wd: n / (n + N * wd / 2),
        lambda n, N, wd: 1 / (1 + N * wd / 2 / n),
        lambda n, N, wd: torch.tensor(n) / (n + 0.5 * N * wd),
        lambda n, N, wd: np.float64(n) / (n + 0.5 * N * wd),
        lambda n, N, wd: round(n / (n + 0.5 * N * wd), 4),
    ],
)
def test_the_share_passes_in_any_form(answer):
    verdict = checks.check_share_kept(answer)
    assert verdict.passed and "2.7%" in verdict.message, verdict


@pytest.mark.parametrize("advice", SHARES)
def test_a_wrong_share_gets_its_advice(advice):
    verdict = checks.check_share_kept(SHARES[advice])
    assert not verdict.passed and advice in verdict.message, verdict


RIGHT = {"A": "wrong optimizer", "B": "underfitting", "C": "overfitting"}


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (RIGHT, None),
        ({name: what.title() for name, what in RIGHT.items()}, None),
        (RIGHT | {"A": "wrong optimiser"}, None),
        (RIGHT | {"A": "Wrong Optimiser"}, None),
        (RIGHT | {"A": "overfitting"}, "right for somebody"),
        (RIGHT | {"B": "overfitting"}, "nearly as bad"),
        (RIGHT | {"C": "underfitting"}, "no decay at all"),
        (RIGHT | {"C": "bad luck"}, "none of these: "),
        ({"A": "overfitting"}, "one answer for each"),
        (None, "Hand in a dict"),
        (list(RIGHT.values()), "{'A': …}"),
    ],
)
def test_the_diagnosis(answer, advice):
    verdict = checks.check_diagnosis(answer)
    assert verdict.passed == (advice is None), verdict
    assert advice is None or advice in verdict.message, verdict
