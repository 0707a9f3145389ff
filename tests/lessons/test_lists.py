"""Lesson 10: the reader as a user, its measure, panels and figures, and a bank for its checks."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import load_my_ratings, top_lists
from collab_lib.lessons.lists import checks, figures, panels
from collab_lib.lessons.lists.measures import auc, with_mix_of, with_reader
from tests.drawn import matches_snapshot
from tests.walk import walk


def test_a_list_of_another_mix_keeps_its_own_order(split):
    train, _ = split
    generator = torch.Generator().manual_seed(0)
    own, others = (torch.rand(train.n_users, train.n_movies, generator=generator) for _ in range(2))
    bands = torch.arange(train.n_movies) % 3
    other = top_lists(others, train)
    mixed = with_mix_of(other, own, bands, train)
    assert mixed.shape == other.shape
    assert (bands[mixed].sort().values == bands[other].sort().values).all()
    mine = own.gather(1, mixed)
    assert (mine[:, :-1] >= mine[:, 1:]).all()
    assert (with_mix_of(top_lists(own, train), own, bands, train) == top_lists(own, train)).all()


@pytest.fixture(scope="module")
def with_guest(split, tmp_path_factory):
    guest = load_my_ratings(tmp_path_factory.mktemp("none") / "my_ratings.csv")
    return *with_reader(*split, guest), guest


def test_the_reader_is_one_user_more(split, with_guest):
    train, valid, guest = with_guest
    assert train.n_users == valid.n_users == split[0].n_users + 1
    assert len(valid) == len(split[1])
    mine = train.indices[:, 0] == train.n_users - 1
    assert train.ratings[mine].tolist() == guest["rating"].tolist()
    assert train.movie_ids[train.indices[mine, 1]].tolist() == guest["movie"].tolist()
    assert train.user_index(train.user_ids[-1]) == train.n_users - 1


def test_films_of_another_edition_are_left_out(split):
    mine = pd.DataFrame({"movie": [1, 999_999_999], "title": ["", ""], "rating": [4.0, 3.0]})
    train, _ = with_reader(*split, mine)
    assert len(train) == len(split[0]) + 1
    with pytest.raises(ValueError, match="none of your films"):
        with_reader(*split, mine.tail(1))


def test_auc_against_all_pairs_one_by_one(split):
    _, valid = split
    valid = valid.subset(valid.indices[:, 0] < 30)
    scores = torch.randint(5, (valid.n_users, valid.n_movies)).float()
    shares = []
    for user in range(30):
        mine = valid.indices[:, 0] == user
        rows = list(zip(valid.indices[mine, 1].tolist(), valid.ratings[mine].tolist(), strict=True))
        pairs = [
            (scores[user, a] > scores[user, b]) + 0.5 * (scores[user, a] == scores[user, b])
            for a, up in rows
            if up >= 4
            for b, down in rows
            if down < 4
        ]
        if pairs:
            shares.append(float(sum(pairs)) / len(pairs))
    assert auc(scores, valid) == pytest.approx(np.mean(shares))
    assert auc(torch.zeros_like(scores), valid) == 0.5


def test_whoever_knows_the_ratings_has_an_auc_of_one(split):
    _, valid = split
    scores = torch.zeros(valid.n_users, valid.n_movies)
    scores[valid.indices[:, 0], valid.indices[:, 1]] = valid.ratings
    assert auc(scores, valid) == 1.0
    assert auc(-scores, valid) == 0.0
    with pytest.raises(ValueError, match="nothing to compare"):
        auc(scores, valid.subset(valid.ratings >= 4))


def test_two_questions():
    table = pd.DataFrame({"nDCG@10": [0.1, 0.3], "AUC": [0.7, 0.6]}, index=["stars", "likes"])
    picture = figures.two_questions(table)
    assert "by the lists: likes, stars" in picture.sentence
    assert "was watched: stars, likes" in picture.sentence
    matches_snapshot("lists/two_questions", picture)


def test_the_penalty_panel_follows_its_slider():
    columns = {"inside train": [0.1, 0.2, 0.15], "hidden ratings": [0.2, 0.25, 0.3]}
    panel = panels.penalty_panel(pd.DataFrame(columns, index=[30.0, 300.0, 3000.0]))
    walk(panel)
    assert "Best inside train: 300; best on the hidden ratings" in panel.picture.sentence
    matches_snapshot("lists/penalty", panel(penalty=300.0))


@pytest.fixture(scope="module")
def tasting(with_guest):
    train, _, _ = with_guest
    generator = torch.Generator().manual_seed(0)
    names = ["one", "two", "three", "four"]
    scores = {n: torch.rand(train.n_users, train.n_movies, generator=generator) for n in names}
    lists = {name: top_lists(table, train) for name, table in scores.items()}
    measures = pd.DataFrame({"nDCG@10": 0.1, "coverage": 0.02}, index=names)
    return panels.tasting_panel(lists, train, measures), lists, train


def test_four_lists_are_tasted_blind(tasting):
    panel, lists, train = tasting
    walk(panel)
    blind = panel(user=train.n_users - 1, chosen="", revealed=False)
    assert not any(name in blind.drawn for name in ("'one", "'two", "'three", "'four"))
    shown = panel(chosen="B", revealed=True)
    assert "Your choice is B" in shown.sentence and all(f"({n}\n" in shown.sentence for n in lists)
    matches_snapshot("lists/tasting", shown)


def test_the_names_that_are_shown_are_those_of_the_lists(tasting):
    panel, lists, train = tasting
    for user in [value for _, value in panel.controls["user"].options]:
        picture = panel(user=user, revealed=True)
        for letter in panels.LETTERS:
            name = picture.sentence.split(f"{letter} (")[1].split("\n")[0]
            titles = train.titles[lists[name][user]].tolist()
            assert picture.numbers[letter].tolist() == titles
        assert picture.numbers["place"].tolist() == list(range(1, 11))


def test_a_list_shows_its_own_measures(tasting):
    _, lists, train = tasting
    values = {"nDCG@10": [0.1, 0.2, 0.3, 0.4], "coverage": [0.01, 0.02, 0.03, 0.04]}
    measures = pd.DataFrame(values, index=list(lists))
    sentence = panels.tasting_panel(lists, train, measures)(revealed=True).sentence
    for name, row in measures.iterrows():
        told = f"nDCG {row['nDCG@10']:.3f}, coverage {row['coverage']:.1%}"
        assert f"({name}\n{told})" in sentence


def test_a_long_title_takes_two_lines_and_not_three():
    titles = ["Lord of the Rings: The Fellowship of the Ring, The (2001)", f"{20 * 'long '} (1999)"]
    figure = figures.tasting({"A": titles}, {"A": "one"}, "", False, "you").figure
    (behind,) = figure.artists  # the titles are drawn once for a user
    first, second = behind.drawn.axes[0].texts
    assert first.get_text().count("\n") <= 1 and second.get_text().count("\n") <= 1
    assert "Fellowship" in first.get_text()


def test_the_question_shows_two_models():
    picture = figures.which_list_question()
    matches_snapshot("lists/question", picture)
    assert picture.numbers["model"].tolist() == ["model P", "model Q"]
    assert picture.numbers["nDCG@10"].tolist() == [0.09, 0.27]


# The bank.


def discounted(hits, start=1, log=math.log2):
    return sum(1 / log(place + 1) for place, hit in enumerate(hits, start=start) if hit)


def by_torch(hits):
    places = torch.arange(1, len(hits) + 1)
    return (torch.tensor(hits).float() / torch.log2(places + 1.0)).sum()


def by_numpy(hits):
    return np.sum(np.array(hits) / np.log2(np.arange(2, len(hits) + 2)))


@pytest.mark.parametrize("right", [discounted, by_torch, by_numpy])
def test_the_discounted_gain_passes(right):
    verdict = checks.check_dcg(right)
    assert verdict.passed, verdict


WRONG_DCG = [
    (sum, "count the hits"),
    (lambda hits: sum(h / (i + 1) for i, h in enumerate(hits)), "divide by the place"),
    (lambda hits: discounted(hits, log=math.log), "natural logarithm"),
    (lambda hits: discounted(hits, start=2), "start to count at 1"),
    (lambda hits: discounted([not hit for hit in hits]), "Go through"),
    (lambda hits: discounted(hits, start=0), "did you count from 1"),
    (
        lambda hits: sum(1 / math.log2(place) for place, hit in enumerate(hits, 1) if hit),
        "add 1 to the place",
    ),
    (lambda hits: 1 / 0, "divides by 0"),
    (lambda hits: hits + 1, "stops with"),
    (lambda hits: 7.0, "Go through"),
    (lambda hits: None, "returns nothing"),
    (lambda hits: "1", "number"),
    (1.5, "function itself"),
    (None, ""),
]


@pytest.mark.parametrize(("answer", "advice"), WRONG_DCG)
def test_a_wrong_gain_gets_its_advice(answer, advice):
    verdict = checks.check_dcg(answer)
    assert not verdict.passed and advice in verdict.message, verdict


def pairs_of(scores, liked):
    up = [s for s, good in zip(scores, liked, strict=True) if good]
    down = [s for s, good in zip(scores, liked, strict=True) if not good]
    return [(a, b) for a in up for b in down]


def auc_by_loops(scores, liked):
    pairs = pairs_of(scores, liked)
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def auc_by_torch(scores, liked):
    scores, liked = torch.tensor(scores), torch.tensor(liked)
    apart = scores[liked][:, None] - scores[~liked]
    return (torch.sign(apart) / 2 + 0.5).mean()


def auc_without_ties(scores, liked):
    apart = [a > b for a, b in pairs_of(scores, liked) if a != b]
    return sum(apart) / max(len(apart), 1)


@pytest.mark.parametrize("right", [auc_by_loops, auc_by_torch])
def test_a_right_auc_passes(right):
    verdict = checks.check_auc(right)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda s, w: np.mean([a > b for a, b in pairs_of(s, w)]), "half"),
        (auc_without_ties, "a half above the line, and 1 below"),
        (lambda s, w: np.mean([a >= b for a, b in pairs_of(s, w)]), "tie as right"),
        (lambda s, w: 1 - auc_by_loops(s, w), "Turned round"),
        (lambda s, w: auc_by_loops(s, w) * len(pairs_of(s, w)), "number of pairs"),
        (lambda s, w: sum(w) / len(w), "Make all pairs"),
        (lambda s, w: 0.5, ""),
        (lambda s: 1, "stops with"),
        (lambda s, w: None, "returns nothing"),
        (0.83, "function itself"),
    ],
)
def test_a_wrong_auc_gets_its_advice(answer, advice):
    verdict = checks.check_auc(answer)
    assert not verdict.passed and advice in verdict.message, verdict


def test_a_weight_is_chosen_inside():
    inside = pd.Series([0.1, 0.2, 0.15], [0.0, 0.5, 1.0])
    hidden = pd.Series([0.1, 0.2, 0.25], [0.0, 0.5, 1.0])
    for answer in (0.5, np.float64(0.5), torch.tensor(0.5), inside.idxmax()):
        assert checks.check_weight(answer, inside, hidden).passed
    for answer, advice in (
        (1.0, "seen them"),
        (0.0, "higher nDCG inside"),
        (0.7, "that were tried"),
        ("a lot", ""),
        (None, ""),
        (inside, ""),
    ):
        verdict = checks.check_weight(answer, inside, hidden)
        assert not verdict.passed and advice in verdict.message, verdict


def test_a_weight_may_come_in_32_bits():
    inside, hidden = pd.Series([0.1, 0.2], [0.3, 1.2]), pd.Series([0.2, 0.1], [0.3, 1.2])
    for answer in (np.float32(1.2), torch.tensor(1.2), torch.tensor(1.2).item()):
        assert checks.check_weight(answer, inside, hidden).passed
    assert "seen them" in checks.check_weight(np.float32(0.3), inside, hidden).message
