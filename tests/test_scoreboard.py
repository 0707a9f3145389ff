"""The stored scoreboard: what it must hold, and the goals that the course sets itself."""

import pytest

from collab_lib import evaluate, regularised_biases
from collab_lib.course_models import MODELS, stored_rmse
from collab_lib.results import load_results
from tools.benchmarks.report import SAMPLERS
from tools.results.scoreboard import CLOCK, SPLIT_SEEDS

EDITIONS = ("ml-latest-small-2016", "ml-latest-small-2018")


def mean_rmse(table, name):
    return sum(table[name]["rmse"]) / len(table[name]["rmse"])


@pytest.fixture(params=EDITIONS)
def ours(request):
    return load_results("scoreboard")["editions"][request.param]["models"]


@pytest.fixture
def peers(request, ours):
    edition = request.node.callspec.params["ours"]
    return load_results("peers")["editions"][edition]


def test_every_model_is_there_with_every_split(ours):
    assert list(ours) == [*MODELS, CLOCK]
    for row in ours.values():
        assert len(row["rmse"]) == len(row["mae"]) == len(row["cpu_seconds"]) == len(SPLIT_SEEDS)


def test_each_model_beats_the_one_before_it(ours):
    names = ["global mean", "movie mean", "user mean", "both biases", "dot model"]
    names += ["four dot models", "four dot models, and neighbours", "Bayes", "best model"]
    means = [mean_rmse(ours, name) for name in names]
    assert means == sorted(means, reverse=True)


def test_the_network_is_at_or_below_biased_mf_and_takes_less_than_three_seconds(ours, peers):
    assert mean_rmse(ours, "neural network") <= mean_rmse(peers, "BiasedMF")
    assert min(ours["neural network"]["cpu_seconds"]) < 3


def test_the_dot_model_is_level_with_the_peers_that_do_not_sample(ours, peers):
    """Tuned peers included: within half a per cent of the best on each split, ahead of most."""
    others = [row["rmse"] for name, row in peers.items() if name not in SAMPLERS]
    for place, mine in enumerate(ours["dot model"]["rmse"]):
        assert mine < 1.005 * min(row[place] for row in others)
        assert sum(mine < row[place] for row in others) >= len(others) - 1


def test_the_best_model_is_below_the_best_peer_that_samples_too(ours, peers):
    best_peer = min(mean_rmse(peers, name) for name in peers)
    assert best_peer == mean_rmse(peers, "myFM"), "the strongest rival is on the board"
    assert mean_rmse(ours, "best model") <= 0.99 * best_peer


def test_who_knows_the_clock_does_better_than_anyone_could(ours):
    assert mean_rmse(ours, CLOCK) < mean_rmse(ours, "best model") - 0.01


def test_a_stored_row_is_that_of_the_lessons_split(ratings, split):
    train, valid = split
    live = evaluate(regularised_biases(train), valid).rmse
    assert abs(stored_rmse("both biases", ratings) - live) < 0.001
    with pytest.raises(ValueError, match="'oracle'"):
        stored_rmse("oracle", ratings)
