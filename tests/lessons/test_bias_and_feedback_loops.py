"""The panels of lesson 12: whom lists serve, the chart as tiles, and A/B tests."""

import pytest
import torch

from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import (
    by_group,
    favourites,
    mainstream,
    quarter_of,
    ratings_per_user,
)
from collab_lib.lessons.bias_and_feedback_loops.experiments import WORLDS, chart_rounds
from collab_lib.lessons.bias_and_feedback_loops.figures import TILES
from collab_lib.lessons.bias_and_feedback_loops.panels import ab_panel, chart_panel, quarters_panel
from collab_lib.results import load_results
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture
def quarters(split):
    train, valid = split
    luck = torch.Generator().manual_seed(0)
    n = len(favourites(valid))
    places = {
        name: torch.randint(1, most, (n,), generator=luck)
        for name, most in {"good lists": 60, "bad lists": 300}.items()
    }
    errors = torch.rand(len(valid), generator=luck)
    return quarters_panel(places, errors, train, valid)


def test_the_panels_follow_their_controls(quarters):
    walk(quarters)
    walk(chart_panel())
    walk(ab_panel())


def test_longer_lists_find_more(quarters):
    assert "least active" in quarters(quarters="how many ratings they wrote").sentence
    finds = [quarters(places=n).figure.axes[1].patches[0].get_height() for n in (5, 30, 100)]
    assert finds[0] < finds[1] < finds[2] == 1


def test_a_list_of_five_finds_a_favourite_on_place_five(split):
    train, valid = split
    places = torch.full((len(favourites(valid)),), 5)
    found = quarters_panel({"lists": places}, torch.zeros(len(valid)), train, valid)(places=5)
    assert [bar.get_height() for bar in found.figure.axes[1].patches] == [1, 1, 1, 1]


def test_the_quarters_are_those_of_the_mainstream_or_of_the_activity(split):
    train, valid = split
    users = valid.indices[:, 0]
    errors = ratings_per_user(train)[users].float()
    panel = quarters_panel({"lists": torch.ones(len(favourites(valid)))}, errors, train, valid)
    for name, measure in zip(
        panel.controls["quarters"].options, (mainstream, ratings_per_user), strict=True
    ):
        off = by_group(errors, users, quarter_of(measure(train)))["mean"]
        bars = panel(quarters=name).figure.axes[0].patches
        assert [bar.get_height() for bar in bars] == pytest.approx(off.tolist())


def test_every_world_has_its_stored_chart():
    stored = load_results("feedback")
    assert list(stored["charts"]) == list(stored["worlds"]) == list(WORLDS)
    for name in ("all ratings", "only enthusiasts' finds"):
        now = chart_rounds(WORLDS[name])
        assert len(stored["charts"][name]) == len(now) == 20
        assert stored["charts"][name][0]["chart"] == now[0].chart


def test_a_tile_has_the_colour_of_its_genre_and_the_marks_of_who_sees_it():
    picture = chart_panel()(number=12)
    tiles = picture.figure.axes[0]
    genres = tiles.collections[0].get_array()
    words = {tuple(text.get_position()): text.get_text() for text in tiles.texts}
    shown = load_results("feedback")["charts"]["all ratings"][11]
    for place, movie in enumerate(shown["chart"]):
        row, column = divmod(place, 10)
        assert genres[row, column] == movie % 5 and TILES.N == 5
        who = [mark for mark, page in (("N", "newcomer"), ("V", "veteran")) if movie in shown[page]]
        assert words[column, row] == f"{'EABCD'[movie % 5]}{movie}\n{' '.join(who) or ' '}"


def test_the_numbers_of_the_chart_say_who_sees_which_film():
    picture = chart_panel()(number=12)
    shown = load_results("feedback")["charts"]["all ratings"][11]
    assert picture.numbers["place"].tolist() == list(range(1, 31))
    for who in ("newcomer", "veteran"):
        marks = ["yes" if movie in shown[who] else "" for movie in shown["chart"]]
        assert picture.numbers[f"{who}'s list"].tolist() == marks


def test_pictures_are_drawn_as_before():
    matches_snapshot("bias_and_feedback_loops/chart_round_15", chart_panel()(number=15))
    returning = chart_panel()(world="all ratings; films return", number=15)
    matches_snapshot("bias_and_feedback_loops/chart_films_return", returning)
    matches_snapshot("bias_and_feedback_loops/ab_own", ab_panel()(data="own", users=200))
    matches_snapshot("bias_and_feedback_loops/ab_a_a", ab_panel()(data="a/a", users=25))
