"""The panels of lesson 2."""

import pytest

from collab_lib import global_mean, user_means
from collab_lib.lessons.pivot_table.panels import ORDERS, guess_panel, window_panel
from tests.walk import walk


@pytest.fixture(scope="module")
def window(collab):
    pivot = collab.pivot(index="userId", columns="movieId", values="rating")
    return window_panel(pivot, collab.drop_duplicates("movieId").set_index("movieId")["title"])


@pytest.fixture
def guess(split):
    train, valid = split
    return guess_panel(train, valid, {"global mean": global_mean(train), "user": user_means(train)})


def test_the_window_follows_its_controls(window):
    walk(window)


def test_the_corner_of_the_most_rated_is_fuller(window):
    def filled() -> int:
        return int(window.picture.sentence.split()[0])

    window(order=ORDERS[0], user=1, movie=1)
    by_id = filled()
    window(order=ORDERS[1])
    assert filled() > 100 > by_id


def test_the_guess_follows_its_controls(guess):
    walk(guess)


def test_the_answer_is_covered_until_it_is_asked_for(guess, split):
    covered = guess.picture.sentence
    assert "global mean" not in covered
    shown = guess(show=True).sentence
    assert "global mean" in shown
    assert "gave" in shown
    guess(case=2)
    assert not guess.controls["show"].value
    assert "gave" not in guess.picture.sentence
