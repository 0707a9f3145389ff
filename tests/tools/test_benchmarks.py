"""The parts of the benchmark that are no measurement: tables, ratios, synthetic ratings, files."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider, SelectionSlider, Text

from collab_lib import evaluate, load_movies, regularised_biases
from collab_lib.course_models import dot_model
from collab_lib.kit.controls import slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import picture
from collab_lib.results import load_results
from tools.benchmarks import reading, report, run, scaling
from tools.benchmarks.panel_updates import SEARCHES, moves, update_times
from tools.benchmarks.peers import LISTS, SETTINGS
from tools.benchmarks.tune import TRIED
from tools.benchmarks.workers import SLOWING, Split, environment, peak_mb

FOLDER = Path(report.__file__).parent


def fit(model, split, round_, seconds):
    return dict(model=model, split=split, round=round_, seconds=seconds, cpu_seconds=seconds)


def score(model, split, rmse):
    return dict(model=model, split=split, rmse=rmse, mae=rmse / 2)


FITS = [
    fit("BiasedMF", 42, 0, 1.0),
    fit("dot model", 42, 0, 0.5),
    # Another program takes half of the machine: both slow down, and the ratio stays.
    fit("BiasedMF", 43, 0, 2.0),
    fit("dot model", 43, 0, 1.0),
    fit("BiasedMF", 43, 1, 4.0),
    fit("dot model", 43, 1, 1.2),
]
SCORES = [
    score("BiasedMF", 42, 0.9),
    score("BiasedMF", 43, 0.7),
    score("dot model", 42, 0.8),
    score("dot model", 43, 0.4),
]


def test_a_summary_by_hand():
    table = report.summary(FITS, SCORES, {"dot model": 300.0})
    assert table["dot model"] == {
        "rmse": [0.8, 0.4],
        "mae": [0.4, 0.2],
        "fit_seconds": [0.5, 1.1],
        "cpu_seconds": [0.5, 1.1],
        "peak_mb": 300.0,
        "n_fits": 3,
        "rmse_ratio": pytest.approx(0.6 / 0.8),
        "fit_ratio": 0.5,
    }
    assert table["BiasedMF"]["fit_seconds"] == [1.0, 3.0]
    assert table["BiasedMF"]["fit_ratio"] == table["BiasedMF"]["rmse_ratio"] == 1
    assert table["BiasedMF"]["peak_mb"] is None


def made_up_table(**rmse):
    names = (*report.OURS, *report.PEERS, *report.WITH_METADATA)
    values = {name: [0.9, 0.8] for name in names} | rmse
    return {
        name: {
            "rmse": pair,
            "rmse_ratio": sum(pair) / (0.9 + 0.8),
            "fit_ratio": 0.5,
            "fit_seconds": [2.0, 2.0],
            "cpu_seconds": [9.0, 12.0, 8.0],
        }
        for name, pair in values.items()
    }


def met(goals):
    return [goal.met for goal in goals]


def test_the_dot_model_must_win_on_every_split():
    ahead = {"dot model": [0.89, 0.79], "best model": [0.8, 0.8]}
    ahead |= {report.WITH_METADATA[0]: [0.85, 0.75]}
    assert met(report.accuracy_goals(made_up_table(**ahead))) == [True] * 8
    once_behind = {**ahead, "SVD": [0.95, 0.785]}
    assert met(report.accuracy_goals(made_up_table(**once_behind)))[0] is False
    assert met(report.accuracy_goals(made_up_table()))[4:] == [False, False, True, True]
    slow = made_up_table(**ahead)
    slow["best model"]["cpu_seconds"] = [9.0, 10.5, 10.5]
    assert met(report.accuracy_goals(slow))[6:] == [False, True]


def test_the_interval_is_of_pairs_of_errors_of_the_same_users():
    rng = np.random.default_rng(0)
    users = rng.integers(200, size=6_000) * 7
    # Users differ much, and both models alike: unpaired, the interval would be five times as wide.
    theirs = rng.normal(size=6_000) * (0.5 + (users % 11) / 10)
    ours = 0.9 * theirs
    difference, low, high = report.paired_interval(ours, theirs, users)
    rmse_of_theirs = np.sqrt((theirs**2).mean())
    assert difference == pytest.approx(-0.1 * rmse_of_theirs)
    assert low < difference < high < 0 and high - low < 0.1 * rmse_of_theirs
    back = report.paired_interval(theirs, ours, users)
    assert back == pytest.approx((-difference, -high, -low))
    level = report.paired_interval(rng.permutation(theirs), theirs, users)
    assert level[1] < 0 < level[2]


def test_the_interval_of_a_mean_is_paired_too():
    rng = np.random.default_rng(0)
    theirs = rng.uniform(size=500)
    ours = theirs + 0.01 + 0.01 * rng.normal(size=500)
    difference, low, high = report.paired_mean_interval(ours, theirs)
    assert difference == pytest.approx((ours - theirs).mean())
    # 1.96 times the standard error on each side; unpaired it would be forty times as wide.
    assert high - low == pytest.approx(2 * 1.96 * 0.01 / 500**0.5, rel=0.1)
    assert 0 < low < difference < high
    assert report.paired_mean_interval(theirs, ours) == pytest.approx((-difference, -high, -low))


def test_lists_are_summed_up_by_split():
    measures = {"recall@10": 0.2, "precision@10": 0.1, "coverage": 0.03}
    fits = [
        {"model": model, "split": split, "cpu_seconds": split, "nDCG@10": ndcg, **measures}
        for model, split, ndcg in (("EASE", 43, 0.3), ("iALS", 42, 0.2), ("EASE", 42, 0.4))
    ]
    table = report.list_summary([*fits, {**fits[1], "split": 43}])
    assert table["EASE"]["nDCG@10"] == [0.4, 0.3] and table["EASE"]["cpu_seconds"] == 42.5
    rows = report.list_rows(table)
    assert rows[1] == [
        "EASE",
        *("0.4000", "0.3000", "0.3500", "0.2000", "0.1000"),
        "0.0300",
        "42.50",
    ]
    assert rows[0][0] == "iALS"


def test_goals_of_lists():
    names = (*report.OUR_LISTS, *report.PEERS_OF_LISTS)
    table = {name: {"nDCG@10": [0.2, 0.3]} for name in names}
    assert met(report.list_goals(table)) == [True, True]
    table["iALS (implicit)"] = {"nDCG@10": [0.21, 0.3]}
    assert met(report.list_goals(table)) == [False, False]


@pytest.mark.parametrize(
    ("name", "penalty"),
    [
        ("iALS (implicit)", "regularization"),
        ("ImplicitMF (LensKit)", "regularization"),
        ("CMF_implicit (cmfrec)", "lambda_"),
    ],
)
def test_a_narrow_search_makes_a_rival_weak_as_lesson_10_says(name, penalty):
    model = json.loads(SETTINGS.read_text("utf-8"))["models"][name]
    narrow = max(score for settings, score in model["tried"] if settings[penalty] <= 5)
    best = max(score for _, score in model["tried"])
    assert 0.045 < 1 - narrow / best < 0.105
    largest = max(settings[penalty] for settings, _ in model["tried"])
    assert model["chosen"][penalty] == 60 < largest, "the best lies inside of the range"


def test_the_chosen_settings_are_the_best_of_those_that_were_tried():
    stored = json.loads(SETTINGS.read_text("utf-8"))
    assert set(stored["models"]) == set(TRIED)
    for name, model in stored["models"].items():
        assert [settings for settings, _ in model["tried"]] == TRIED[name], name
        best = (max if model["measure"] == "nDCG@10" else min)(s for _, s in model["tried"])
        assert [model["chosen"], best] in model["tried"], name
        assert (model["measure"] == "nDCG@10") == (name in LISTS)
    tuned = {name for name in report.PEERS if name.endswith("tuned")}
    assert set(stored["models"]) == tuned | {"myFM"} | set(report.PEERS_OF_LISTS)


def test_goals_of_an_epoch_of_growth_and_of_panels():
    epochs = {"dot model": {"times_faster": 49.0}, "neural network": {"times_faster": 51.0}}
    assert met(report.epoch_goals(epochs)) == [False, True]
    costs = {
        1_000_000: {"seconds_per_million": 0.2, "peak_mb": 400},
        25_000_000: {"seconds_per_million": 0.25, "peak_mb": 2999},
    }
    assert met(report.scaling_goals(costs)) == [False, True]
    (slowest,) = report.panel_goals({"a": {"median_ms": 61}, "b": {"median_ms": 9}})
    assert not slowest.met and "a" in slowest.what
    assert slowest.row() == ["slowest panel, a: CPU ms an update", "61", "≤ 60", "MISSED"]


def test_goals_of_the_site_are_those_of_its_slowest_lesson():
    times = {"1": {"a": [20, 30, 900], "b": [61, 61, 10]}, "4": {"a": [149, 149], "b": [9]}}
    assert met(report.site_goals(times)) == [False, True]


def test_the_middle_of_several_costs():
    runs = [
        dict(seconds_per_million=s, data_mb=100 + s, peak_mb=200 - s, batch_size=8)
        for s in (1, 9, 2)
    ]
    assert report.middle_cost(runs) == {
        "seconds_per_million": 2,
        "data_mb": 109,
        "peak_mb": 199,
        "batch_size": 8,
        "n_runs": 3,
    }


def test_a_table_in_text():
    text = report.text_table("Title", ["", "RMSE"], [["dot model", "0.87"], ["SVD", "0.9"]])
    assert text.splitlines() == [
        "Title",
        "---------------",
        "           RMSE",
        "dot model  0.87",
        "SVD         0.9",
    ]


def test_models_are_listed_from_the_largest_rmse_down():
    rows = report.accuracy_rows(report.summary(FITS, SCORES, {"dot model": 300.4}))
    assert [row[0] for row in rows] == ["BiasedMF", "dot model"]
    assert rows[1] == [
        *("dot model", "0.8000", "0.4000", "0.6000", "0.3000"),
        *("0.750", "0.80", "0.50", "0.80", "300"),
    ]
    assert rows[0][-1] == ""


def test_zipfs_law():
    shares = np.sort(scaling.zipf_shares(50, np.random.default_rng(0), exponent=1.0))[::-1]
    assert shares.sum() == pytest.approx(1)
    assert np.allclose(shares[0] / shares, np.arange(1, 51))


def test_synthetic_ratings():
    made = scaling.synthetic(20_000, n_users=60, n_movies=40, seed=3)
    users, movies = made.indices.T.numpy()
    assert (len(made), made.n_users, made.n_movies) == (20_000, 60, 40)
    assert (np.diff(users) >= 0).all()
    assert set(made.ratings.tolist()) == {stars / 2 for stars in range(1, 11)}
    for indices, n in ((users, 60), (movies, 40)):
        counts = np.sort(np.bincount(indices, minlength=n))[::-1] / 20_000
        expected = np.arange(1, n + 1) ** -scaling.EXPONENT
        assert counts == pytest.approx(expected / expected.sum(), abs=0.012)
    assert made.indices.equal(scaling.synthetic(20_000, 60, 40, seed=3).indices)
    assert not made.indices.equal(scaling.synthetic(20_000, 60, 40, seed=4).indices)


def test_synthetic_ratings_do_not_depend_on_chunks_for_their_number(monkeypatch):
    monkeypatch.setattr(scaling, "CHUNK", 7)
    made = scaling.synthetic(20, n_users=3, n_movies=2)
    assert made.ratings.min() >= 0.5 and made.indices.max(dim=0).values.tolist() <= [2, 1]


def test_the_stars_of_a_known_world_can_be_learnt_down_to_its_noise():
    made, lowest = scaling.with_tastes(scaling.synthetic(60_000, n_users=150, n_movies=100))
    train, valid = made.split(valid=0.2)
    assert set(made.ratings.tolist()) <= {stars / 2 for stars in range(1, 11)}
    best = evaluate(dot_model(train, valid), valid).rmse
    biases = evaluate(regularised_biases(train), valid).rmse
    # The noise, and what rounding to half stars adds; tastes are more than biases.
    assert 0.7 < lowest < 0.83
    assert lowest - 0.01 < best < lowest + 0.06 < biases
    again, same = scaling.with_tastes(made)
    assert again.ratings.equal(made.ratings) and same == lowest


def test_a_file_of_ratings_is_read_by_both_readers(tmp_path):
    n = reading.write_ratings(tmp_path, 5_000, n_users=40, n_movies=3_000)
    ours = reading.READERS["ours"](tmp_path)
    assert 4_500 < n == len(ours) <= 5_000
    assert ours["userId"].nunique() == 40 and ours["movieId"].between(1, 3_000).all()
    assert ours.equals(reading.READERS["pandas"](tmp_path))
    found = reading.one_reading("ours", tmp_path)
    assert found["n"] == n and found["user_seconds"] >= 0 and found["peak_mb"] > 10


def test_goals_of_reading_and_of_processes():
    readings = {"ours": {"user_seconds": 1.3, "n": 20}, "pandas": {"user_seconds": 1.0}}
    assert met(report.reading_goals(readings)) == [False]
    runs = [
        {"processes": n, "rmse": [1.0, rmse]} for n, rmse in ((1, 0.8), (2, 0.8009), (4, 0.7985))
    ]
    assert met(report.processes_goals({"runs": runs})) == [True, False]


def test_a_split_survives_its_file(split, tmp_path):
    train, valid = split
    run.as_split(train, valid, load_movies()).save(tmp_path / "split.npz")
    again = Split.load(tmp_path / "split.npz")
    matrix = train.movie_index(2571)  # The Matrix (1999)
    assert again.movie_years[matrix] == 1999 and again.movie_features.shape[0] == train.n_movies
    assert again.movie_genres[matrix].sum() == 3  # action, sci-fi, thriller
    assert run.as_split(train, valid).movie_features.shape == (train.n_movies, 0)
    assert (again.train_indices == train.indices.numpy()).all()
    assert (again.valid_ratings == valid.ratings.numpy()).all()
    assert (again.n_users, again.n_movies) == (train.n_users, train.n_movies)


def test_editions_are_told_by_their_size():
    assert run.edition_name(100_004, 671) == "ml-latest-small-2016"
    assert run.edition_name(100_836, 610) == "ml-latest-small-2018"
    assert run.edition_name(25_000_095, 162_541) == "ml-25m"
    assert run.edition_name(1_000, 7) == "1,000 ratings by 7 users"


def test_peers_rows_of_two_editions_stand_side_by_side(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PEERS_FILE", tmp_path / "peers.json")
    row = {"rmse": [0.87654321], "mae": [0.5], "cpu_seconds": [1.0]}
    models = {
        name: {**row, "peak_mb": 1} for name in (*report.PEERS, *report.OURS, *report.WITH_METADATA)
    }
    made_with = {"peers": {"python": "3"}, "ours": {}}
    done = {
        "made_with": made_with,
        "models": models,
        "intervals": {"SVD": [(-0.12345, -0.2, -0.1)]},
        "fresh": {"myFM": {"rmse": [0.81234], "best_minus_this": [(-0.12345, -0.2, -0.1)]}},
    }
    for edition in ("ml-b", "ml-a"):
        run.store_peers({**done, "edition": edition})
    lists = {name: {"nDCG@10": [0.25]} for name in (*report.OUR_LISTS, *report.PEERS_OF_LISTS)}
    run.store_peers({"edition": "ml-a", "lists": lists})
    with pytest.raises(SystemExit, match="7 users"):
        run.store_peers({**done, "edition": "9 ratings by 7 users"})
    with pytest.raises(SystemExit, match="the part accuracy or lists"):
        run.store_peers({"edition": "ml-a"})
    stored = json.loads((tmp_path / "peers.json").read_text())
    results = stored["results"]
    assert list(results["editions"]) == ["ml-a", "ml-b"]
    assert set(results["editions"]["ml-a"]) == {*report.PEERS, report.WITH_METADATA[1]}
    assert results["editions"]["ml-a"]["SVD"] == {**row, "rmse": [0.8765]}
    assert results["best_minus_peer"]["ml-b"] == {"SVD": [[-0.1235, -0.2, -0.1]]}
    assert results["fresh"]["ml-a"]["myFM"]["best_minus_this"] == [[-0.1235, -0.2, -0.1]]
    assert results["lists"] == {"ml-a": {n: {"nDCG@10": [0.25]} for n in report.PEERS_OF_LISTS}}
    assert stored["made_with"]["python"] == "3"


def test_the_stored_rows_are_of_the_splits_that_the_lessons_use(ratings):
    stored = load_results("peers")
    assert set(stored["editions"]) >= {"ml-latest-small-2016", "ml-latest-small-2018"}
    assert tuple(stored["split_seeds"]) == run.SPLIT_SEEDS
    for edition in stored["editions"].values():
        assert set(edition) == {*report.PEERS, report.WITH_METADATA[1]}
        assert all(len(numbers) == 3 for row in edition.values() for numbers in row.values())
    # Both are biases, found by other methods: what they differ by must not depend on the split.
    theirs = stored["editions"]["ml-latest-small-2016"]["BaselineOnly"]["rmse"]
    ours = [
        evaluate(regularised_biases(train), valid).rmse
        for train, valid in (ratings.split(seed=seed) for seed in run.SPLIT_SEEDS)
    ]
    differences = np.subtract(theirs, ours)
    assert np.abs(differences).max() < 0.01 and np.ptp(differences) < 0.003


def test_every_model_has_its_turn():
    assert sorted(run.TURNS) == sorted((*report.OURS, *report.PEERS, *report.WITH_METADATA))


def test_the_processes_of_the_benchmark_are_not_slowed(monkeypatch):
    for name in SLOWING:
        monkeypatch.setenv(name, "something")
    monkeypatch.setenv("COLLAB_DATA", "kept")
    assert not set(SLOWING) & set(environment())
    assert environment()["COLLAB_DATA"] == "kept"


def test_the_peak_of_memory_sees_an_array():
    """In a process of its own: a peak never falls again, whatever other tests needed before."""
    code = (
        "import numpy as np\n"
        f"from {peak_mb.__module__} import peak_mb\n"
        "before = peak_mb()\n"
        "full = np.ones(40_000_000)\n"
        "assert peak_mb() - before > 100 and full[0] == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (IntSlider(1, 1, 3), [("value", 1), ("value", 2), ("value", 3)]),
        (FloatSlider(0, min=-1, max=1, step=1), [("value", -1.0), ("value", 0.0), ("value", 1.0)]),
        (Dropdown(options=[("a", 7), ("b", 8)]), [("index", 0), ("index", 1)]),
        (SelectionSlider(options=list("abcde")), [("index", 0), ("index", 2), ("index", 4)]),
        (Checkbox(False), [("value", True), ("value", False)]),
        (Text(""), [("value", text) for text in SEARCHES]),
    ],
)
def test_a_control_moves_over_its_range(control, expected):
    assert list(moves(control, at_most=3)) == expected


def test_updates_are_counted():
    @picture()
    def drawn(axes, n):
        return f"{n} of 5"

    times = update_times(Panel(drawn, n=slider("n", 1, 5, 3)))
    assert len(times) == 5 and min(times) > 0


def test_what_the_peers_need_has_an_exact_version():
    names = re.findall(r"^([\w.-]+)==\S+$", (FOLDER / "constraints.txt").read_text(), re.MULTILINE)
    pinned = {name.lower() for name in names}
    asked = subprocess.run(
        [sys.executable, FOLDER / "extra.py"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {re.match(r"[\w-]+", requirement)[0] for requirement in asked} <= pinned
    assert {"lenskit", "scikit-surprise", "torch"} <= pinned
