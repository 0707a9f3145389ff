"""The panel of lesson 11: one rating changed at a time, the list, and what brought a film."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import DotProduct, train_model
from collab_lib.fold_in import frozen_movies, user_vectors
from collab_lib.kit.text import name_of
from collab_lib.lessons.newcomers.figures import MyList, _side_by_side, film_map, my_map
from collab_lib.lessons.newcomers.panels import LIST_LENGTH, my_films, my_films_panel
from collab_lib.my_ratings import load_my_ratings
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    return load_my_ratings(tmp_path_factory.mktemp("nobody") / "my_ratings.csv")


@pytest.fixture(scope="module")
def trained(ratings, split):
    train, valid = split
    mean = train.ratings.mean().item()
    model = DotProduct(ratings.n_users, ratings.n_movies, 50, mean=mean, seed=42)
    train_model(model, train, valid)
    return model, train


@pytest.fixture(scope="module")
def panel(trained, guest):
    return my_films_panel(*trained, guest)


def test_the_panel_follows_its_controls(panel, guest):
    walk(panel)
    films = [value for _, value in panel.controls["film"]._options_full]
    assert films == list(range(len(guest))) == list(range(10))
    for film in films:  # with a rating changed, each film matters
        assert f"{guest['rating'][film]:g}" in panel(film=film, stars_now=5.0).sentence
    panel(film=0, stars_now=-1.0, place=1)


def test_the_list_is_what_the_fold_in_predicts(panel, trained, guest):
    model, train = trained
    rows, stars = my_films(train, guest)
    shelf = frozen_movies(model)
    start = user_vectors(model, train.indices[:, 0].unique()).mean(dim=0)
    predicted = shelf.predict(shelf.fold_in(rows, stars, start))
    predicted[torch.bincount(train.indices[:, 1], minlength=train.n_movies) < 20] = 0
    predicted[rows] = 0
    lines = "\n".join(text.get_text() for text in panel(place=2).figure.texts)
    for movie in predicted.topk(LIST_LENGTH).indices:
        assert f"{predicted[movie]:.1f}  " in lines
    second = predicted.topk(2).indices[1]
    assert f"= {predicted[second]:.2f} stars" in lines
    bars = panel.picture.figure.axes[1].patches
    assert len(bars) == 10
    added = predicted[second] - shelf.predict(start)[second]
    assert sum(bar.get_width() for bar in bars) == pytest.approx(added.item(), abs=1e-3)
    told = panel.picture.table.query("what == 'your rating adds'")
    assert told["film"].tolist() == [name_of(title) for title in guest["title"]]
    widths = [bar.get_width() for bar in bars]
    assert told["stars"].tolist() == pytest.approx(widths, abs=6e-4)
    panel(place=1)


def test_the_mean_users_list_leaves_out_what_you_have_rated(trained):
    model, train = trained
    shelf = frozen_movies(model)
    start = user_vectors(model, train.indices[:, 0].unique()).mean(dim=0)
    often = torch.bincount(train.indices[:, 1], minlength=train.n_movies) >= 20
    first, *others = shelf.predict(start).masked_fill(~often, 0).topk(LIST_LENGTH + 1).indices
    mine = pd.DataFrame({"movie": [train.movie_ids[first]], "title": ["A"], "rating": [4.5]})
    rows, stars = my_films(train, mine)
    predicted = shelf.predict(shelf.fold_in(rows, stars, start)).masked_fill(~often, 0)
    listed = predicted.index_fill(0, rows, 0).topk(LIST_LENGTH).indices
    new = sum(movie not in others for movie in listed)
    assert f"{new} of your 8 films are not on" in my_films_panel(*trained, mine).picture.sentence


def test_a_film_not_rated_has_no_bar_and_half_a_star_turns_the_bar_around(panel):
    loved = panel(film=0, stars_now=5.0, place=2).table["stars"][0]
    hated = panel(stars_now=0.5)
    assert loved > 0.05
    ten, nine = hated.table, panel(stars_now=0.0).table
    assert [(part["what"] == "your rating adds").sum() for part in (ten, nine)] == [10, 9]
    panel(film=0, stars_now=-1.0, place=1)


def test_of_a_single_film_nothing_is_left_when_it_is_not_rated(trained, guest):
    alone = my_films_panel(*trained, guest.head(1))
    nothing = alone(stars_now=0.0)
    assert "you are 0.00 from the mean user" in nothing.sentence
    assert not (nothing.table["what"] == "your rating adds").any()
    assert "+0.00 from your ratings." in nothing.sentence
    assert "most from Star Wars" in alone(stars_now=5.0).sentence


def test_films_that_the_edition_lacks_are_left_out(ratings, guest):
    mine = pd.concat([guest, pd.DataFrame({"movie": [10**9], "title": ["?"], "rating": [5.0]})])
    rows, stars = my_films(ratings, mine)
    assert len(rows) == len(stars) == 10
    assert ratings.movie_ids[rows].tolist() == guest["movie"].tolist()
    with pytest.raises(ValueError, match="rate some in lesson 1"):
        my_films(ratings, mine.tail(1))


def test_somebody_beyond_the_edge_is_drawn_hollow_and_told():
    films = {"Left (1990)": np.array([-1.0, 0.0]), "High (1991)": np.array([0.5, 1.0])}
    background = film_map(films, np.zeros((3, 2)))
    mine = MyList(["Left (1990)"], [4.5], [True], 0, "High (1991)", 4.0, {"High (1991)": 0.5})
    inside = my_map(background, np.array([[0.0, 0.0], [0.5, 0.5]]), "As they are", mine)
    outside = my_map(background, np.array([[0.0, 0.0], [0.5, 3.0]]), "As they are", mine)
    assert "beyond the edge" in outside.sentence and "beyond" not in inside.sentence
    told = outside.table.set_index(["what", "film"])
    places = told.loc["on the map", ["right", "up"]]
    assert places.loc["you"].tolist() == [0.5, 3] and places.loc["High"].tolist() == [0.5, 1]
    assert told.loc[("on your list", "Left"), "stars"] == 4.5
    (you,) = [one for one in outside.figure.axes[0].lines if "you (" in one.get_label()]
    assert you.get_markerfacecolor() == "white"
    assert you.get_ydata()[0] == pytest.approx(0.96 * 1.15)


def test_two_names_on_an_axis_share_its_room():
    wars = "Star Wars: Episode IV - A New Hope (1977)"
    assert _side_by_side("Natural Born Killers (1994)", wars, 30) == (
        "Natural Born Killers",
        "Star Wars",
    )
    assert _side_by_side("A" * 40, "Fargo (1996)", 30) == ("A" * 24 + "…", "Fargo")
    assert [len(name) for name in _side_by_side("A" * 40, "B" * 40, 30)] == [15, 15]


def test_names_stand_where_they_stood_with_one_thread(trained, guest):
    before = torch.get_num_threads()
    drawn = []
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            drawn.append(my_films_panel(*trained, guest).picture.drawn)
    finally:
        torch.set_num_threads(before)
    assert drawn[0] == drawn[1]


def test_you_stands_at_your_own_dot(panel):
    axes = panel(film=0, stars_now=-1.0, place=1).figure.axes[0]
    panel.picture.figure.draw_without_rendering()
    (you,) = [text for text in axes.texts if text.get_text() == "you"]
    (dot,) = [line for line in axes.lines if line.get_label() == "you"]
    (way,) = [line for line in axes.lines if line.get_label().startswith("your way")]
    box = you.get_window_extent()

    def far(place):
        x, y = axes.transData.transform(place)
        return np.hypot(max(box.x0 - x, 0, x - box.x1), max(box.y0 - y, 0, y - box.y1))

    mean_user, yours = way.get_xydata()[[0, -1]]
    assert dot.get_xydata().tolist() == [yours.tolist()]
    assert far(yours) < 25 and far(mean_user) > 2 * far(yours)


def test_pictures_are_drawn_as_before(panel):
    matches_snapshot("newcomers/one_rating_changed", panel(film=0, stars_now=0.5, place=3))
    panel(film=0, stars_now=-1.0, place=1)


def test_the_number_beside_a_short_bar_has_the_sign_of_the_bar():
    background = film_map({"Left (1990)": np.array([-1.0, 0.5])}, np.zeros((3, 2)))
    parts = {"Left (1990)": -0.004, "High (1991)": 0.25, "Low (1992)": 0.0}
    mine = MyList(["Left (1990)"], [4.5], [True], 0, "High (1991)", 4.0, parts)
    drawn = my_map(background, np.zeros((4, 2)), "As they are", mine).figure.axes[1].texts
    assert drawn[-1].get_text().split() == ["-0.004", "+0.25", "+0.000"]
