"""The simulated world: its steps on cases that can be checked by hand.

What comes out of it over many seeds is stored, shown in lesson 12 and asserted there.
"""

import os
import platform
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.baselines import regularised_biases
from collab_lib.dataset import Ratings
from collab_lib.evaluation import gini
from collab_lib.lessons.bias_and_feedback_loops.experiments import (
    AB_WORLD,
    ab_test,
    alarm_table,
    chart_rounds,
    difference,
    errors_of_slices,
    first_ring,
    from_hundredths,
    front_pages,
    hundredths,
    inverse_propensity,
    launched,
    means_in_round,
    random_slice,
    runs_of,
    seen_by_tests,
    stars_given,
)
from collab_lib.lessons.bias_and_feedback_loops.simulation import (
    over_seeds,
    simulate,
)
from collab_lib.lessons.bias_and_feedback_loops.site import (
    DAMPING,
    RATING_NOISE,
    WEIGHT_DECAY,
    Recommender,
    Site,
    _ridges,
    _top,
)
from collab_lib.lessons.bias_and_feedback_loops.world import LEARNS_FROM, World


def site_after(world: World, rounds: int, seed: int = 0) -> Site:
    site = Site(world, seed)
    for number in range(-2, rounds + 1):
        site.one_round(number)
    return site


# --- The measures and the steps, by hand


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5, 5, 5, 5], 0),
        ([0, 0, 0, 7], 0.75),
        ([1, 2, 3, 4], 0.25),
        ([4, 1, 3, 2], 0.25),
        ([0, 1], 0.5),
    ],
)
def test_gini_by_hand(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_gini_is_half_the_mean_difference_over_the_mean() -> None:
    counts = np.random.default_rng(0).poisson(3, 50)
    mean_difference = np.abs(counts[:, None] - counts).mean()
    assert gini(counts) == pytest.approx(mean_difference / 2 / counts.mean())


@pytest.mark.parametrize("counts", [[], [0, 0], [-1, 3]])
def test_gini_refuses_what_has_no_gini(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        gini(np.array(counts))


@pytest.mark.parametrize("exploration", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("recommender", ["chart", "dot"])
def test_lists_hold_no_movie_twice_and_none_already_watched(
    recommender: str, exploration: float
) -> None:
    site = site_after(World(recommender=recommender), rounds=4)
    here = np.flatnonzero(site.watched.any(axis=1) & ~site.gone)
    lists = site.recommend(here, exploration)
    assert lists.shape == (len(here), 10)
    assert all(len(set(row)) == 10 for row in lists.tolist())
    assert not np.take_along_axis(site.watched[here], lists, axis=1).any()


def test_a_chart_lists_the_most_watched_of_what_each_user_has_not_watched() -> None:
    site = site_after(World(), rounds=2)
    here = np.arange(20)
    counts = site.watched.sum(axis=0)
    for user, shown in zip(here, site.recommend(here, 0.0), strict=True):
        left = np.setdiff1d(np.flatnonzero(~site.watched[user]), shown)
        assert counts[shown].min() >= counts[left].max()


def test_the_dot_model_lists_the_highest_predictions() -> None:
    # In the first rounds the ratings are too few for factors, and the biases alone rank.
    site = site_after(World(recommender="dot"), rounds=8)
    assert abs(site.recommenders[0].user_factors).max() > 0.1
    predictions = np.where(site.watched, -np.inf, site.recommenders[0].predict())
    best = np.sort(np.argsort(-predictions[:20], axis=1)[:, :10])
    assert (np.sort(site.recommend(np.arange(20), 0.0)) == best).all()


def test_exploration_replaces_its_share_of_places() -> None:
    site = site_after(World(n_users=1000, newcomers=0, leaving=0.0), rounds=1)
    here = np.arange(1000)
    pure, mixed = site.recommend(here, 0.0), site.recommend(here, 0.25)
    kept = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(pure, mixed, strict=True)])
    # A random movie is one of the ten best by accident, once in 30.
    assert kept == pytest.approx(0.75 + 0.25 * 0.25 / 29, abs=0.02)


def test_a_random_list_shows_every_movie_alike() -> None:
    site = Site(World(n_users=5000, newcomers=0, rounds=1), seed=0)
    shown = np.bincount(site.recommend(np.arange(5000), 1.0).ravel(), minlength=300)
    assert abs(shown / shown.mean() - 1).max() < 0.4


def test_everyone_rates_one_and_enthusiasts_find_the_rest_in_their_genre() -> None:
    site = Site(World(zeal=4), seed=0)
    here = np.arange(200)
    chosen = site.choose(here, site.recommend(here, 1.0))
    new, found = site.rate(here, chosen)
    assert not found[here, chosen].any() and (found <= new).all()
    assert (new[here].sum(axis=1) == np.where(site.enthusiast[here], 4, 1)).all()
    assert site.enthusiast[here].sum() == 20
    assert new[here, chosen].all()
    new[here, chosen] = False
    assert site.niche[new.nonzero()[1]].all()
    assert not new[200:].any()


def test_an_enthusiast_who_has_rated_the_genre_finds_no_more() -> None:
    world = World(zeal=20, leaving=0.0, newcomers=0)
    site = site_after(world, rounds=3)
    fans = np.flatnonzero(site.enthusiast)
    assert site.watched[np.ix_(fans, np.flatnonzero(site.niche))].all()
    assert simulate(world)["enthusiasts_of_ratings"][5] == pytest.approx(0.1)


def test_users_choose_what_they_will_enjoy_more_than_the_average_of_their_list() -> None:
    site = Site(World(), seed=0)
    here = np.arange(200)
    lists = site.recommend(here, 1.0)
    chosen = site.enjoyment[here, site.choose(here, lists)]
    listed = site.enjoyment[here[:, None], lists]
    assert chosen.mean() > listed.mean() + 0.5
    assert (chosen < listed.max(axis=1)).any(), "they guess well, not perfectly"


def test_enjoyment_and_ratings_stay_on_the_scale() -> None:
    site = Site(World(), seed=0)
    for stars in (site.enjoyment, site.stars):
        assert stars.min() >= 0.5 and stars.max() == 5.0


def test_a_rating_is_the_enjoyment_and_noise_in_half_stars() -> None:
    site = Site(World(), seed=0)
    middle = (site.enjoyment > 2.5) & (site.enjoyment < 3.0)  # far from the ends of the scale
    noise = (site.stars - site.enjoyment)[middle]
    assert noise.mean() == pytest.approx(0, abs=0.02)
    assert noise.std() == pytest.approx((RATING_NOISE**2 + 0.5**2 / 12) ** 0.5, abs=0.01)


def test_who_leaves_follows_the_logistic_curve() -> None:
    site = Site(World(n_users=40_000, newcomers=0, rounds=1, n_movies=60, leaving=0.4), seed=0)
    here = np.arange(40_000)
    for enjoyment, expected in [(0.5, 0.4), (3.4, 0.2), (3.9, 0.4 / (1 + np.e**2)), (5.0, 0.0)]:
        share = site.bored(np.full(len(here), enjoyment), here).mean()
        assert share == pytest.approx(expected, abs=0.01)


def test_leavers_are_gone_and_newcomers_come_on_time() -> None:
    world = World(leaving=1.0, patience=5.0, rounds=3, newcomers=7)
    site = site_after(world, rounds=0)
    assert not site.gone.any(), "nobody leaves before the recommender runs"
    watched = site.watched.sum(axis=1)
    assert (watched[:200] >= 3).all() and not watched[200:].any()
    site.one_round(1)
    gone = site.gone.copy()
    before = site.watched.copy()
    site.one_round(2)
    assert gone.sum() > 50
    assert (site.watched[gone] == before[gone]).all(), "who has left watches nothing more"
    assert site.watched[207:214].any(axis=1).all() and not site.watched[214:].any()


# --- The model: it learns in closed form, and only from what was watched


def recommender(name: str, n_users: int, n_movies: int) -> Recommender:
    return Recommender(name, n_users, np.zeros(n_movies, dtype=np.float32), seed=0)


def some_ratings() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    watched = rng.random((30, 20)) < 0.4
    return watched, rng.integers(1, 11, (30, 20)).astype(np.float32) / 2


def test_its_biases_are_those_of_lesson_2() -> None:
    watched, stars = some_ratings()
    model = recommender("biases", 30, 20)
    model.learn(watched, stars, sweeps=10)
    users, movies = watched.nonzero()
    train = Ratings(
        indices=torch.tensor(np.stack([users, movies], axis=1)),
        ratings=torch.tensor(stars[watched]),
        timestamps=torch.zeros(len(users), dtype=torch.int64),
        user_ids=np.arange(30),
        movie_ids=np.arange(20),
        titles=np.arange(20).astype(str),
    )
    expected = regularised_biases(train, DAMPING, DAMPING, rounds=10)
    np.testing.assert_allclose(model.user_biases, expected.user_biases, atol=1e-4)
    np.testing.assert_allclose(model.movie_biases, expected.movie_biases, atol=1e-4)


def test_ridge_agrees_with_least_squares_on_padded_rows() -> None:
    watched, stars = some_ratings()
    inputs = np.random.default_rng(2).normal(size=(20, 3)).astype(np.float32)
    weight = watched.astype(np.float32)
    found = _ridges(weight, weight * stars, inputs)
    for user in range(30):
        rows = np.vstack([inputs[watched[user]], np.sqrt(WEIGHT_DECAY) * np.eye(3)])
        wanted = np.append(stars[user, watched[user]], np.zeros(3))
        np.testing.assert_allclose(found[user], np.linalg.lstsq(rows, wanted)[0], atol=1e-4)


def test_what_was_not_watched_teaches_nothing() -> None:
    watched, stars = some_ratings()
    other = np.where(watched, stars, 5.5 - stars)
    first, second = (recommender("dot", 30, 20) for _ in range(2))
    first.learn(watched, stars)
    second.learn(watched, other)
    assert (first.predict() == second.predict()).all()


def test_biases_are_fitted_to_what_the_factors_leave() -> None:
    watched, stars = some_ratings()
    model = recommender("dot", 30, 20)
    model.learn(watched, stars)
    dot, users = model.user_factors @ model.movie_factors.T, model.user_biases
    model.learn(watched, stars, sweeps=1)
    left = watched * (stars - model.mean - dot - users[:, None])
    wanted = left.sum(axis=0) / (watched.sum(axis=0) + DAMPING)
    np.testing.assert_allclose(model.movie_biases, wanted, atol=1e-9)


def test_the_dot_model_finds_what_users_and_movies_have_in_common() -> None:
    rng = np.random.default_rng(3)
    truth = (3 + rng.normal(size=(80, 2)) @ rng.normal(size=(2, 60))).astype(np.float32)
    watched = rng.random((80, 60)) < 0.6
    hidden = ~watched
    biases, dot = (recommender(name, 80, 60) for name in ("biases", "dot"))
    for model in (biases, dot):
        model.learn(watched, truth, sweeps=20)
    assert np.corrcoef(dot.predict()[hidden], truth[hidden])[0, 1] > 0.95
    assert np.corrcoef(biases.predict()[hidden], truth[hidden])[0, 1] < 0.6


# --- Runs


def test_same_seed_same_run_and_another_seed_another() -> None:
    world = World(recommender="dot", rounds=5, exploration=0.1)
    pd.testing.assert_frame_equal(simulate(world, 3), simulate(world, 3))
    assert not simulate(world, 3).equals(simulate(world, 4))


RUNS = """
from collab_lib.lessons.bias_and_feedback_loops.simulation import simulate
from collab_lib.lessons.bias_and_feedback_loops.world import World

for recommender in ("chart", "biases", "dot"):
    print(simulate(World(recommender, exploration=0.1), seed=3).round(9).to_csv())
"""


def test_another_processor_runs_the_same_worlds() -> None:
    """numpy and OpenBLAS choose their code by what a processor can do, which differs in details."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    other = {"NPY_DISABLE_CPU_FEATURES": " ".join(found)}
    if platform.machine() in ("x86_64", "AMD64"):
        other["OPENBLAS_CORETYPE"] = "Nehalem"
    here, there = (
        subprocess.run(
            [sys.executable, "-c", RUNS],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for environment in ({}, other)
    )
    assert here == there and here.count("\n") > 60


def test_of_equals_the_first_come_to_the_top_and_stand_from_left_to_right() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (200, 12)) / 2.0
    scores[:50, 3:] = -np.inf  # fewer are possible than have a place
    for n in (1, 5, 12):
        best = np.argsort(-scores, axis=1, kind="stable")[:, :n]
        assert np.array_equal(_top(scores, n), np.sort(best, axis=1))


def test_seeds_leave_numpys_global_state_alone() -> None:
    before = np.random.get_state()[1].copy()
    simulate(World(rounds=1))
    assert (np.random.get_state()[1] == before).all()


def test_twins_share_everything_until_the_recommender_starts() -> None:
    world = World(rounds=3)
    run, twin = simulate(world, seed=5), simulate(world.twin, seed=5)
    pd.testing.assert_frame_equal(run.loc[:0], twin.loc[:0])
    assert run.index.tolist() == list(range(-2, 4))
    assert run.loc[1, "gini_shown"] > twin.loc[1, "gini_shown"]
    assert run.loc[1, "n_ordinary"] == twin.loc[1, "n_ordinary"]


def test_over_seeds() -> None:
    world = World(rounds=2)
    table = over_seeds(world, [4, 2])
    pd.testing.assert_frame_equal(table.loc[2], simulate(world, 2))
    with pytest.raises(ValueError, match="seeds is empty"):
        over_seeds(world, [])


def test_shares_are_shares_and_people_are_counted() -> None:
    table = over_seeds(World(), range(2))
    for measure in ("gini_shown", "coverage", "niche_of_page_1", "niche_of_pages_2_3",
                    "niche_of_lists", "niche_of_newcomers", "enthusiasts_of_ratings"):  # fmt: skip
        assert table[measure].dropna().between(0, 1).all(), measure
    n = table["n_ordinary"] + table["n_enthusiasts"]
    assert (n.xs(0, level="round") == 200).all() and (n.xs(1, level="round") == 210).all()
    new = ["satisfaction_newcomers", "niche_of_newcomers"]
    assert table.drop(columns=new).notna().all(axis=None)


# --- The causes, one by one: what a recommender learns from


@pytest.mark.parametrize("learns_from", LEARNS_FROM)
def test_the_chart_counts_what_it_may_learn_from(learns_from: str) -> None:
    site = site_after(World(learns_from=learns_from, rounds=4), rounds=4)
    found, before = site.found.sum(axis=0), site.before_launch.sum(axis=0)
    everything = site.watched.sum(axis=0)
    assert found.sum() > 50 and (everything - before - found).sum() > 500
    expected = {
        "everything": everything,
        "lists": everything - found,
        "finds": before + found,
        "nothing": before,
    }
    if learns_from == "twin":
        twin = site_after(World(rounds=4).twin, rounds=4)
        expected["twin"] = twin.watched.sum(axis=0)
    counted = np.floor(site.recommenders[0].chart)
    assert (counted == expected[learns_from]).all()


def test_found_films_are_those_of_the_niche_after_the_launch() -> None:
    site = site_after(World(), rounds=0)
    assert not site.found.any() and site.before_launch.sum() == 3 * 220
    site.one_round(1)
    users, movies = site.found.nonzero()
    assert site.enthusiast[users].all() and site.niche[movies].all() and len(users) == 21


def test_films_return_where_lists_may_repeat_and_are_not_rated_twice() -> None:
    site = site_after(World(repeats=True, zeal=1), rounds=3)
    here = np.flatnonzero(~site.gone & site.watched.any(axis=1))
    lists = site.recommend(here, 0.0)
    page = set(site.recommenders[0].top()[:10])
    assert all(set(row) == page for row in lists.tolist())
    assert (site.watched[here].sum(axis=1) < 6).any(), "what is watched again isn't rated again"


# --- Two recommenders at a time


def test_each_half_sees_its_own_recommender() -> None:
    site = site_after(World(rival="biases"), rounds=5)
    here = np.flatnonzero(~site.gone & site.watched.any(axis=1))
    lists, half = site.recommend(here, 0.0), site.half[here]
    assert 0.35 < half.mean() < 0.65
    for number, recommender in enumerate(site.recommenders):
        scores = np.where(site.watched[here], -np.inf, recommender.scores(here))
        best = np.sort(np.argsort(-scores, axis=1)[:, :10])
        assert (np.sort(lists[half == number]) == best[half == number]).all()


def test_a_half_that_doesnt_share_learns_from_its_own_ratings() -> None:
    shared, own = (site_after(World(rival="biases", shared=s), rounds=5) for s in (True, False))
    everything = shared.watched.sum(axis=0)
    assert all((np.floor(r.chart) == everything).all() for r in shared.recommenders)
    for number, recommender in enumerate(own.recommenders):
        counted = own.watched[own.half == number].sum(axis=0)
        assert (np.floor(recommender.chart) == counted).all()


def test_the_stars_given_by_all_and_by_each_half() -> None:
    table = stars_given([1])
    visits = ab_test(AB_WORLD, seed=1).query("round == 12")
    halves = visits.groupby("half")["stars"].mean()
    assert table["a half each, shared data"].tolist() == halves.tolist()
    alone = ab_test(replace(AB_WORLD, rival=None), seed=1).query("round == 12")
    assert table.loc["the chart", "launched for all"] == pytest.approx(alone["stars"].mean())


def test_an_ab_test_has_one_row_per_visit_and_both_halves() -> None:
    world = World(rival="biases", rounds=3)
    visits = ab_test(world, seed=1)
    site = Site(world, seed=1)
    n = [site.one_round(number) and len(site.here) for number in range(-2, 4)]
    assert visits["round"].value_counts().sort_index().tolist() == n[3:]
    assert visits["half"].unique().tolist() in ([0, 1], [1, 0])
    last = visits[visits["round"] == 3]
    assert last["half"].tolist() == site.half[site.here].astype(int).tolist()
    assert last["stars"].tolist() == site.stars[site.here, site.chosen].tolist()


def test_a_difference_and_its_interval_by_hand() -> None:
    gap, chance = difference(np.array([1.0, 3.0]), np.array([4.0, 4.0, 7.0]))
    assert gap == pytest.approx(3)
    assert chance == pytest.approx(1.96 * np.sqrt(2 / 2 + 3 / 3))
    with pytest.raises(ValueError, match="1 and 2 values"):
        difference(np.array([1.0]), np.array([1.0, 2.0]))


# --- The chart, and a random slice


def test_the_chart_is_told_as_it_was() -> None:
    world = World(rounds=4)
    story = chart_rounds(world, seed=2)
    assert len(story) == 4
    site = site_after(world, rounds=3, seed=2)
    assert story[3].chart == site.recommenders[0].top()[:30].tolist()
    assert sorted(story[3].newcomer) == sorted(story[3].chart[:10])
    assert len(set(story[3].veteran)) == 10 and story[3].veteran != story[3].newcomer


def test_a_slice_shows_films_with_the_probability_that_it_writes_down() -> None:
    site = launched(seed=1)
    log = random_slice(site, share=0.3, n=60_000, seed=3)
    shown = np.bincount(log["movie"], minlength=300) / len(log)
    chart = front_pages(site)["the chart"]
    expected = np.full(300, 0.3 / 300)
    expected[chart] += 0.7 / 10
    assert abs(shown - expected).max() < 0.005
    assert log["probability"].to_numpy() == pytest.approx(expected[log["movie"]])
    assert log["stars"].isin(np.arange(1, 11) / 2).all()
    with pytest.raises(ValueError, match="above 0"):
        random_slice(site, share=0, n=10)


def test_inverse_propensity_by_hand_and_right_on_average() -> None:
    log = pd.DataFrame(
        {"movie": [1, 2, 1, 5], "stars": [4.0, 5.0, 2.0, 3.0], "probability": [0.5, 0.1, 0.5, 0.4]}
    )
    # Weights (1/2) / probability: 1, 5, 1 and 0.
    by_visits, shared_out = inverse_propensity(log, np.array([1, 2]))
    assert by_visits == pytest.approx((4 + 25 + 2) / 4)
    assert shared_out == pytest.approx((4 + 25 + 2) / 7)
    assert np.isnan(inverse_propensity(log, np.array([9]))[1])
    site = launched(seed=1)
    page = np.array([3, 14, 15, 92, 65])
    truth = site.stars[site.here][:, page].mean()
    logs = (random_slice(site, 0.5, 3000, seed) for seed in range(200))
    assert np.mean([inverse_propensity(log, page)[0] for log in logs]) == pytest.approx(
        truth, abs=0.2
    )


def test_what_is_stored_comes_back() -> None:
    values = np.array([[0.25, np.nan], [-1.5, 3.0]])
    assert hundredths(values) == [[25, None], [-150, 300]]
    np.testing.assert_allclose(from_hundredths(hundredths(values)), values)


def test_stored_worlds_and_tests_come_as_tables() -> None:
    worlds = {"a": {"x": [[100, 90, 110], [200, 190, 210]], "y": [[1, 0, 2], [None, 0, 0]]}}
    table = means_in_round(worlds, ["x"], 1)
    assert table.loc["a", "x"] == 2 and table.shape == (1, 1)
    assert runs_of({"a": {"x": [100, 50]}})["a"]["x"].tolist() == [1.0, 0.5]
    one = {"25": {"better": [50, 10], "worse": [0, 5]}}
    power = seen_by_tests({"shared": one, "own": one, "a/a": one})
    assert power.loc[25, "own"] == pytest.approx(0.15)
    spread = errors_of_slices({"0.05 1000": {"spread": 2.0, "spread, shared out": 0.5}})
    row = spread.loc[("5% random", "1,000 visits")]
    assert row.to_dict() == {"spread / visits": 2, "spread / sum of w": 0.5}


def test_an_alarm_rings_when_a_world_leaves_the_range_for_so_long() -> None:
    normal = [[0, 10, 10, 10], [10, 0, 20, 20]] * 5  # ten: from 0 to 10, later from 10 to 20
    ill = [[11, 11, 11, 9], [5, 11, 5, 5], [5, 5, 15, 15]]
    wide = [[-99] * 4, [99] * 4] * 5  # the chart's own range says nothing of what is normal
    alarms = {"random lists": {"m": [*normal, [5, 5, 15, 21]]}, "all ratings": {"m": wide + ill}}
    once = first_ring(alarms, "m", "all ratings", 1)
    assert once.iloc[:2].tolist() == [1, 2] and np.isnan(once.iloc[2])
    twice = first_ring(alarms, "m", "all ratings", 2)
    assert twice.iloc[:2].tolist() == [2, 3] and np.isnan(twice.iloc[2])
    table = alarm_table(alarms, ["m"])
    assert table.loc[("m", 1), "false alarms"] == 1 and table.loc[("m", 3), "false alarms"] == 0
    assert table.loc[("m", 1), "rings with the chart"] == pytest.approx(2 / 3)


def test_an_empty_site_and_a_world_of_one_kind_run() -> None:
    left = simulate(World(n_users=4, newcomers=0, leaving=1.0, patience=5.0, rounds=15))
    assert left.loc[15, "n_ordinary"] == 0 and np.isnan(left.loc[15, "mean_rating"])
    assert simulate(World(enthusiasts=0.0, rounds=2))["satisfaction_enthusiasts"].isna().all()
    assert simulate(World(enthusiasts=1.0, rounds=2))["satisfaction_ordinary"].isna().all()


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("recommender", "magic", "choose one of"),
        ("rival", "magic", "choose one of"),
        ("learns_from", "dreams", "choose one of"),
        ("exploration", 1.5, "give 0 to 1"),
        ("exploration", float("nan"), "give 0 to 1"),
        ("enthusiasts", -0.1, "give 0 to 1"),
        ("zeal", 0, "give 1 to 20"),
        ("rounds", 0, "give 1 to"),
        ("n_movies", 50, "raise n_movies, or lower rounds"),
        ("patience", 9, "give 0.5 to 5"),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_remedy(
    setting: str, value: object, remedy: str
) -> None:
    with pytest.raises(ValueError, match=f"{setting}={value!r}.*{remedy}"):
        World(**{setting: value})


@pytest.mark.parametrize(("setting", "value"), [("zeal", 2.5), ("rounds", "20"), ("rounds", True)])
def test_a_setting_of_another_type_is_named(setting: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{setting}={value!r}"):
        World(**{setting: value})


# --- What the people in charge may change on the way


def test_a_change_acts_from_its_round_on_and_not_before() -> None:
    plain, changed = simulate(World()), simulate(World(), changes={5: World(exploration=1.0)})
    pd.testing.assert_frame_equal(plain.loc[:4], changed.loc[:4])
    assert (changed.loc[5:, "gini_shown"] < 0.4).all() and plain.loc[5, "gini_shown"] > 0.9


def test_a_change_of_the_recommender_changes_the_lists_and_learning_can_be_stopped() -> None:
    plain = simulate(World(rounds=8))
    for other in (World(rounds=8, recommender="biases"), World(rounds=8, learns_from="nothing")):
        changed = simulate(World(rounds=8), changes={5: other})
        pd.testing.assert_frame_equal(plain.loc[:4], changed.loc[:4])
        assert not plain.loc[6:].equals(changed.loc[6:])


def test_a_change_to_the_same_settings_changes_nothing() -> None:
    pd.testing.assert_frame_equal(simulate(World()), simulate(World(), changes={3: World()}))


@pytest.mark.parametrize(
    ("number", "other", "message"),
    [
        (0, World(exploration=0.5), "round 0 is out of range"),
        (21, World(exploration=0.5), "round 21 is out of range"),
        (5, World(n_users=50), "n_users can't change from 200 to 50"),
        (5, World(enthusiasts=0.5), "enthusiasts can't change"),
        (5, World(learns_from="lists"), "learns_from can't change"),
        (5, World(rival="biases"), "rival can't change"),
        (5, World(recommender="dot"), "has learnt nothing"),
    ],
)
def test_an_impossible_change_is_named(number: int, other: World, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(World(), changes={number: other})
