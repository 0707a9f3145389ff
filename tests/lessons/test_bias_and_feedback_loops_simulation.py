"""The simulated world: its steps on cases that can be checked by hand, its laws over ten seeds."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib.baselines import regularised_biases
from collab_lib.dataset import Ratings
from collab_lib.evaluation import gini
from collab_lib.lessons.bias_and_feedback_loops.simulation import (
    over_seeds,
    simulate,
)
from collab_lib.lessons.bias_and_feedback_loops.site import (
    DAMPING,
    WEIGHT_DECAY,
    Site,
    _Model,
    _ridge,
)
from collab_lib.lessons.bias_and_feedback_loops.world import World

SEEDS = range(10)
LATE = slice(11, 20)


@cache
def runs(**changes: object) -> pd.DataFrame:
    return over_seeds(World(**changes), SEEDS)


def at(runs: pd.DataFrame, measure: str, rounds: int | slice) -> np.ndarray:
    """One number a seed: the measure in that round, or its mean over those rounds."""
    by_round = runs[measure].unstack("round")
    chosen = by_round.loc[:, rounds]
    return (chosen.mean(axis=1) if isinstance(rounds, slice) else chosen).to_numpy()


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
    assert abs(site.model.user_factors).max() > 0.1
    predictions = np.where(site.watched, -np.inf, site.model.predict())
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
    new = site.rate(here, chosen)
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


def some_ratings() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    watched = rng.random((30, 20)) < 0.4
    return watched, rng.integers(1, 11, (30, 20)).astype(np.float32) / 2


def test_its_biases_are_those_of_lesson_2() -> None:
    watched, stars = some_ratings()
    model = _Model(30, 20, with_factors=False, seed=0)
    model.fit(watched, stars, sweeps=10)
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
    found = _ridge(weight, weight * stars, inputs)
    for user in range(30):
        rows = np.vstack([inputs[watched[user]], np.sqrt(WEIGHT_DECAY) * np.eye(3)])
        wanted = np.append(stars[user, watched[user]], np.zeros(3))
        np.testing.assert_allclose(found[user], np.linalg.lstsq(rows, wanted)[0], atol=1e-4)


def test_what_was_not_watched_teaches_nothing() -> None:
    watched, stars = some_ratings()
    other = np.where(watched, stars, 5.5 - stars)
    first, second = (_Model(30, 20, with_factors=True, seed=0) for _ in range(2))
    first.fit(watched, stars)
    second.fit(watched, other)
    assert (first.predict() == second.predict()).all()


def test_the_dot_model_finds_what_users_and_movies_have_in_common() -> None:
    rng = np.random.default_rng(3)
    truth = (3 + rng.normal(size=(80, 2)) @ rng.normal(size=(2, 60))).astype(np.float32)
    watched = rng.random((80, 60)) < 0.6
    hidden = ~watched
    biases, dot = (_Model(80, 60, with_factors=factors, seed=0) for factors in (False, True))
    for model in (biases, dot):
        model.fit(watched, truth, sweeps=20)
    assert np.corrcoef(dot.predict()[hidden], truth[hidden])[0, 1] > 0.95
    assert np.corrcoef(biases.predict()[hidden], truth[hidden])[0, 1] < 0.6


# --- Runs


def test_same_seed_same_run_and_another_seed_another() -> None:
    world = World(recommender="dot", rounds=5, exploration=0.1)
    pd.testing.assert_frame_equal(simulate(world, 3), simulate(world, 3))
    assert not simulate(world, 3).equals(simulate(world, 4))


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


def test_shares_are_shares_and_counts_add_up() -> None:
    table = runs()
    for measure in ("gini_shown", "gini_ratings", "coverage", "enthusiasts_of_users",
                    "enthusiasts_of_ratings", "niche_of_top_list", "niche_of_lists",
                    "leaving_ordinary"):  # fmt: skip
        assert table[measure].between(0, 1).all(), measure
    n = table["n_ordinary"] + table["n_enthusiasts"]
    assert np.allclose(table["n_enthusiasts"] / n, table["enthusiasts_of_users"])
    assert (n.xs(0, level="round") == 200).all() and (n.xs(1, level="round") == 210).all()
    assert table.drop(columns="satisfaction_newcomers").notna().all(axis=None)


def test_an_empty_site_and_a_world_of_one_kind_run() -> None:
    left = simulate(World(n_users=4, newcomers=0, leaving=1.0, patience=5.0, rounds=15))
    assert left.loc[15, "n_ordinary"] == 0 and np.isnan(left.loc[15, "mean_rating"])
    assert simulate(World(enthusiasts=0.0, rounds=2))["satisfaction_enthusiasts"].isna().all()
    assert simulate(World(enthusiasts=1.0, rounds=2))["satisfaction_ordinary"].isna().all()


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("recommender", "magic", "choose one of"),
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


# --- The laws, in each of ten seeds


def test_the_random_twin_stays_flat() -> None:
    shown = runs(exploration=1.0)["gini_shown"].unstack("round")
    assert ((shown.max(axis=1) - shown.min(axis=1)) < 0.06).all()
    assert (shown < 0.25).all(axis=None)
    assert (runs(exploration=1.0)["coverage"] > 0.98).all()
    assert abs(at(runs(exploration=1.0), "niche_of_lists", LATE) - 0.2).max() < 0.03


def test_exploiting_concentrates_and_exploring_less_so() -> None:
    pure, some, twin = runs(), runs(exploration=0.2), runs(exploration=1.0)
    for measure, gap in [("gini_shown", 0.05), ("gini_ratings", 0.05), ("niche_of_lists", 0.04)]:
        assert (at(pure, measure, LATE) > at(some, measure, LATE) + gap).all(), measure
        assert (at(some, measure, LATE) > at(twin, measure, LATE) + gap).all(), measure
    assert (at(some, "n_ordinary", LATE) > at(pure, "n_ordinary", LATE)).all()


def test_the_chart_takes_over_only_when_it_learns_from_what_it_showed() -> None:
    loop, frozen = runs(), runs(retrain=False)
    assert (at(loop, "niche_of_lists", 1) == at(frozen, "niche_of_lists", 1)).all()
    assert (at(loop, "niche_of_lists", LATE) > at(frozen, "niche_of_lists", LATE) + 0.1).all()
    assert (
        at(loop, "enthusiasts_of_users", LATE) > at(frozen, "enthusiasts_of_users", LATE) + 0.02
    ).all()
    assert (at(loop, "n_ordinary", LATE) < at(frozen, "n_ordinary", LATE) - 10).all()


def test_but_concentration_itself_needs_no_retraining() -> None:
    gap = at(runs(), "gini_ratings", LATE) - at(runs(retrain=False), "gini_ratings", LATE)
    assert abs(gap).max() < 0.01


def test_the_damage_hides_until_late() -> None:
    run, twin = runs(), runs(exploration=1.0)
    for measure in ("satisfaction_ordinary", "satisfaction_newcomers", "mean_rating"):
        assert (at(run, measure, 1) > at(twin, measure, 1) + 0.1).all(), measure
    assert (at(run, "n_ordinary", 5) > at(twin, "n_ordinary", 5)).all()
    assert (at(run, "satisfaction_ordinary", LATE) < at(twin, "satisfaction_ordinary", LATE)).all()
    assert (at(run, "n_ordinary", 20) < at(run, "n_ordinary", 5) - 10).all()
    # A newcomer still sees a fine front page, and the mean rating is back where it was.
    newcomers = "satisfaction_newcomers"
    assert (at(run, newcomers, LATE) > at(twin, newcomers, LATE) + 0.2).all()
    change = at(run, "mean_rating", slice(16, 20)) - at(run, "mean_rating", slice(-2, 0))
    assert abs(change.mean()) < 0.05


def test_departures_hide_how_bad_it_is() -> None:
    stay = at(runs(leaving=0.0), "satisfaction_ordinary", LATE)
    assert (stay < at(runs(), "satisfaction_ordinary", LATE) - 0.2).all()


def test_zeal_not_numbers_takes_the_top_list() -> None:
    calm, default, zealous = (at(runs(zeal=z), "niche_of_top_list", 1) for z in (1, 2, 4))
    assert (zealous >= 0.4).all(), "with a tenth of the users"
    assert calm.mean() < 0.1 < default.mean() < 0.35 < zealous.mean()
    assert (at(runs(zeal=1), "n_ordinary", LATE) > at(runs(zeal=4), "n_ordinary", LATE)).all()


def test_the_loop_does_not_raise_the_top_list_it_only_keeps_it() -> None:
    top = "niche_of_top_list"
    assert (at(runs(zeal=4), top, LATE) <= at(runs(zeal=4), top, 1)).all()
    assert at(runs(zeal=4), top, LATE).mean() > 0.5


def test_learning_from_ratings_mends_what_counting_breaks() -> None:
    ratings, frozen = runs(recommender="dot"), runs(recommender="dot", retrain=False)
    twin = runs(exploration=1.0)
    for other in (frozen, twin, runs()):
        for measure in ("satisfaction_ordinary", "n_ordinary"):
            assert (at(ratings, measure, LATE) > at(other, measure, LATE)).all(), measure
    assert (at(ratings, "niche_of_lists", LATE) < at(frozen, "niche_of_lists", LATE) - 0.05).all()


def test_the_sites_own_test_praises_the_model_that_knows_less() -> None:
    run, twin = runs(recommender="dot"), runs(recommender="dot", exploration=1.0)
    assert (at(run, "rmse_seen", LATE) < at(twin, "rmse_seen", LATE)).all()
    assert (at(run, "rmse_unseen", LATE) > at(twin, "rmse_unseen", LATE) + 0.02).all()


# --- What the people in charge may change on the way


def test_a_change_acts_from_its_round_on_and_not_before() -> None:
    plain, changed = simulate(World()), simulate(World(), changes={5: World(exploration=1.0)})
    pd.testing.assert_frame_equal(plain.loc[:4], changed.loc[:4])
    assert (changed.loc[5:, "gini_shown"] < 0.4).all() and plain.loc[5, "gini_shown"] > 0.9


def test_a_change_to_the_same_settings_changes_nothing() -> None:
    pd.testing.assert_frame_equal(simulate(World()), simulate(World(), changes={3: World()}))


@pytest.mark.parametrize(
    ("number", "other", "message"),
    [
        (0, World(exploration=0.5), "round 0 is out of range"),
        (21, World(exploration=0.5), "round 21 is out of range"),
        (5, World(n_users=50), "n_users can't change from 200 to 50"),
        (5, World(enthusiasts=0.5), "enthusiasts can't change"),
        (5, World(recommender="dot"), "has learnt nothing"),
    ],
)
def test_an_impossible_change_is_named(number: int, other: World, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(World(), changes={number: other})


def test_freezing_late_mends_nothing_and_ranking_by_ratings_does() -> None:
    outcomes = {
        name: at(over_seeds(World(), SEEDS, {7: other}), "satisfaction_ordinary", LATE).mean()
        for name, other in {
            "nothing": World(),
            "freeze": World(retrain=False),
            "explore": World(exploration=0.3),
            "ratings": World(recommender="biases"),
        }.items()
    }
    assert abs(outcomes["freeze"] - outcomes["nothing"]) < 0.08
    assert outcomes["nothing"] + 0.08 < outcomes["explore"] < outcomes["ratings"] - 0.1
