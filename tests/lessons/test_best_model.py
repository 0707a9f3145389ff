"""Lesson 9: its panels and figures, and a bank of answers for its checks."""

import numpy as np
import pytest
import torch

from collab_lib import predict, regularised_biases
from collab_lib.lessons.best_model import checks, figures, panels
from collab_lib.neighbours import ItemNeighbours
from collab_lib.results import load_results
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture(scope="module")
def neighbours(split):
    train, _ = split
    return ItemNeighbours.fit(regularised_biases(train), train)


@pytest.fixture(scope="module")
def why(neighbours, split):
    return panels.why_panel(neighbours, *split)


def test_what_stands_behind_a_correction_adds_up_to_it(neighbours, split):
    train, valid = split
    asked = valid.indices[::400]
    for (user, movie), correction in zip(
        asked.tolist(), neighbours.corrections(asked).tolist(), strict=True
    ):
        rows = panels.behind_the_correction(neighbours, train, user, movie)
        assert rows["adds"].sum() == pytest.approx(correction, abs=1e-5)
        assert (rows["similarity"] >= 0).all()


def test_residual_and_rating_are_those_of_the_film(neighbours, split):
    train, valid = split
    user, movie = valid.indices[0].tolist()
    rows = panels.behind_the_correction(neighbours, train, user, movie)
    titles = list(train.titles)
    for row in rows.head(5).itertuples():
        pair = torch.tensor([[user, titles.index(row.film)]])
        expected = predict(neighbours.model, pair).item()
        assert row.rating - expected == pytest.approx(row.residual, abs=1e-4)


def test_why_this_film(why):
    walk(why)
    picture = why(film=2)
    told = picture.numbers
    assert list(told["adds"].abs()) == sorted(told["adds"].abs(), reverse=True)
    matches_snapshot("best_model/why", picture)


def test_one_number_and_how_sure():
    panel = panels.one_number_panel()
    walk(panel)
    assert "around 0.00, with a width of 0.45" in panel(n=0, noise=0.8).sentence
    # the damped mean of lesson 2: 13 · 0.5 / (13 + 0.8² / 0.45²)
    assert f"around {13 * 0.5 / (13 + 0.64 / 0.2025):.2f}" in panel(n=13).sentence
    matches_snapshot("best_model/one_number", panel(n=13, noise=0.4))


@pytest.fixture(scope="module")
def draws(split):
    """Predictions of 30 plausible models: the biases, and chance that differs between ratings."""
    train, valid = split
    start = regularised_biases(train)(valid.indices)
    generator = torch.Generator().manual_seed(0)
    unsure = torch.linspace(0.1, 0.6, len(start))
    return start + unsure * torch.randn(30, len(start), generator=generator)


def test_the_error_of_the_mean_of_the_first_draws(draws, split):
    _, valid = split
    errors = panels.errors_of_means(draws, valid)
    for n in (1, 7, 30):
        mean = draws[:n].mean(dim=0).clamp(0.5, 5)
        wanted = (mean - valid.ratings).square().mean().sqrt().item()
        assert errors[n - 1].item() == pytest.approx(wanted, rel=1e-5)
    assert errors[0] > errors[-1] + 0.02


def test_from_one_draw_to_the_mean(draws, split):
    panel = panels.draws_panel(draws, split[1], {"both biases": 0.89, "dot model": 0.87})
    walk(panel)
    assert "The mean of 1 draw has" in panel(n=1).sentence
    told = panel(n=20).numbers.set_index("draws")
    errors = panels.errors_of_means(draws, split[1])
    for n in (1, 5, 20):
        of_draw = draws[n - 1, panel.controls["rating"].value].item()
        assert told.loc[n, "RMSE of their mean"] == pytest.approx(errors[n - 1].item(), abs=1e-4)
        assert told.loc[n, "this draw's prediction"] == pytest.approx(of_draw, abs=0.006)
    matches_snapshot("best_model/draws", panel(n=20))


def test_how_unsure_the_draws_are(draws, split):
    spread, errors = draws.std(dim=0), draws.mean(dim=0) - split[1].ratings
    picture = figures.how_unsure(spread, errors, 0.8)
    rows = spread.argsort().chunk(5)[4]
    found = errors[rows].square().mean().sqrt().item()
    assert f"→ {found:.2f} stars" in picture.sentence
    matches_snapshot("best_model/how_unsure", picture)


def test_the_scoreboard_names_ours_and_theirs_with_the_stored_numbers():
    ours, theirs = load_results("scoreboard"), load_results("peers")
    picture = figures.scoreboard_picture(ours, theirs)
    shown = picture.numbers.set_index("model")
    for edition, table in ours["editions"].items():
        for name, row in table["models"].items():
            if name != figures.LEAK:
                assert shown.loc[name, edition] == round(np.mean(row["rmse"]), 4)
        assert "best of the rivals" in picture.sentence and "(myFM)" in picture.sentence
        best = np.mean(table["models"]["best model"]["rmse"])
        assert f"best of ours {best:.3f} (best model)" in picture.sentence
    assert list(shown.iloc[:, 0]) == sorted(shown.iloc[:, 0], reverse=True)
    plot, edition = picture.figure.axes[0], shown.columns[0]
    assert f"{shown.loc['global mean', edition]:.3f} →" in [t.get_text() for t in plot.texts]
    for line in plot.lines:
        name = shown.index[int(line.get_ydata()[0])]
        if line.get_marker() != "None":
            assert (line.get_marker() == "s") == name.endswith(figures.RIVAL)
            continue
        if name.endswith(figures.RIVAL):
            row = theirs["editions"][edition][name.removesuffix(figures.RIVAL)]
        else:
            row = ours["editions"][edition]["models"][name]
        assert list(line.get_xdata()) == [min(row["rmse"]), max(row["rmse"])]


def test_the_intervals_are_told_for_each_peer_and_split():
    stored = {
        "split_seeds": [42, 43],
        "fresh_split_seeds": [45],
        "best_minus_peer": {
            "an edition": {"SVD": [[-0.0431, -0.05, -0.0361], [0.01, -0.002, 0.02]]}
        },
        "fresh": {
            "an edition": {
                "best model": {"rmse": [0.81]},
                "myFM": {"rmse": [0.9], "best_minus_this": [[-0.09, -0.1, -0.08]]},
            }
        },
    }
    told = figures.told_intervals(stored, "an edition")
    assert told.loc["SVD"].to_dict() == {
        "split 42": "-0.043 [-0.050, -0.036]",
        "split 43": "+0.010 [-0.002, +0.020]",
    }
    sentence = figures.told_fresh(stored, "an edition")
    assert "Splits 45," in sentence and "0.8100 against 0.9000 (0.900 of it" in sentence
    assert "interval -0.1000 to -0.0800" in sentence


# The bank.


def corrected(prediction, similar, errors, damping):
    moved = sum(s * e for s, e in zip(similar, errors, strict=True))
    return prediction + moved / (sum(similar) + damping)


def by_torch(prediction, similar, errors, damping):
    s, e = torch.tensor(similar), torch.tensor(errors)
    return prediction + (s * e).sum() / (s.sum() + damping)


def by_numpy(prediction, similar, errors, damping):
    s, e = np.array(similar, float), np.array(errors, float)
    return prediction + s @ e / (s.sum() + damping)


@pytest.mark.parametrize("right", [corrected, by_torch, by_numpy])
def test_the_correction_passes(right):
    verdict = checks.check_correct(right)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda p, s, e, d: p, "Compute Σ"),
        (lambda p, s, e, d: corrected(p, s, e, d) - p, "correction alone"),
        (lambda p, s, e, d: corrected(p, s, e, 0) if s else p, "damping is missing"),
        (lambda p, s, e, d: corrected(p, s, e, 0) + d, "put brackets round"),
        (lambda p, s, e, d: p + sum(a * b for a, b in zip(s, e, strict=True)), "Divide it"),
        (lambda p, s, e, d: 2 * p - corrected(p, s, e, d), "so add it"),
        (lambda p, s, e, d: p + sum(e) / (len(e) + d), "counts alike"),
        (
            lambda p, s, e, d: p + sum(a * b for a, b in zip(s, e, strict=True)) / (len(e) + d),
            "not the number of films",
        ),
        (lambda p, s, e, d: corrected(3.6, [0.4, 0.2, 0.1], [0.5, 0.5, 1.0], 0.3), "Compute Σ"),
        (lambda p, s: p, "stops with"),
        (lambda p, s, e, d: corrected(p, s, e, 0), "stops with"),
        (lambda p, s, e, d: None, "returns nothing"),
        (4.0, "function itself"),
    ],
)
def test_a_wrong_correction_gets_its_advice(answer, advice):
    verdict = checks.check_correct(answer)
    assert not verdict.passed, verdict
    assert advice in verdict.message or advice == "stops with", verdict


def width(n, noise, spread):
    return noise / (n + noise**2 / spread**2) ** 0.5


@pytest.mark.parametrize(
    "right",
    [
        width,
        lambda n, noise, spread: torch.tensor(1 / (n / noise**2 + 1 / spread**2)).sqrt(),
        lambda n, noise, spread: np.sqrt(1 / (n / noise**2 + 1 / spread**2)),
    ],
)
def test_the_width_passes(right):
    verdict = checks.check_width(right)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda n, s, t: s / max(n, 1) ** 0.5, "left λ out"),
        (lambda n, s, t: width(n, s, t) ** 2, "square of the width"),
        (lambda n, s, t: s / (n + s**2 / t**2), "root of n"),
        (lambda n, s, t: t if n == 0 else s / n**0.5, "left λ out"),
        (lambda n, s, t: s / n**0.5, "left λ out"),
        (lambda n, s, t: t / (n + s**2 / t**2) ** 0.5, "Above the line"),
        (lambda n, s, t: s / (n**0.5 + s**2 / t**2), "Compute λ"),
        (lambda n, s, t: s / (n + s**2 / t**2) ** 1 / 2, "round 1 / 2"),
        (lambda n, s, t: s / ((n + s**2 / t**2) ** 1 / 2), "round 1 / 2"),
        (lambda n, s, t: width(n, t, s), "exchanged the two"),
        (lambda n, s, t: s / (n + s / t) ** 0.5, "both are squared"),
        (lambda n, s, t: s / (n + t**2 / s**2) ** 0.5, "upside down"),
        (lambda n, s, t: t, ""),
        (lambda n, s, t: s / n, "Compute λ"),
        (lambda n, s, t: s / (n and n + s**2 / t**2) ** 0.5, "stops with"),
        (lambda n, s, t: "wide", "number"),
        (0.45, "function itself"),
    ],
)
def test_a_wrong_width_gets_its_advice(answer, advice):
    verdict = checks.check_width(answer)
    assert not verdict.passed and advice in verdict.message, verdict


@pytest.mark.parametrize(
    "right",
    [
        {"B", "D"},
        ["d", "b"],
        ("B", "D"),
        "B, D",
        "bd",
        "B and D",
        "b and d",
        "a leak: B and D",
        "A leak is b, and d is one",
        {"A": False, "B": True, "C": False, "D": True, "E": False},
        {"b": True, "d": True},
    ],
)
def test_the_leaks_are_found(right):
    verdict = checks.check_leaks(right)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (set(), "For some it isn't"),
        ({"B"}, "one more"),
        ({"A", "B", "D"}, "A is known"),
        ({"B", "D", "E"}, "during a sitting"),
        ({"B", "C", "D"}, "C was given before"),
        ({"A": True, "B": True, "D": True}, "A is known"),
        ("A and B and D", "A is known"),
        ({"A": False, "B": False}, "For some it isn't"),
        ({"A": "known", "B": "a leak"}, "in a set"),
        ({"F"}, "from A to E"),
        (None, "letters"),
        (3, "letters"),
    ],
)
def test_wrong_leaks_get_their_advice(answer, advice):
    verdict = checks.check_leaks(answer)
    assert not verdict.passed and advice in verdict.message, verdict
