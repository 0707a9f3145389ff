"""The panel of lesson 8 on newcomers."""

import pytest

from collab_lib import DotProduct, train_model
from collab_lib.kit.text import name_of
from collab_lib.lessons.newcomers.panels import FILMS, rate_films_panel, rate_films_picture
from tests.walk import walk


@pytest.fixture(scope="module")
def trained(ratings, split):
    train, valid = split
    mean = train.ratings.mean().item()
    model = DotProduct(ratings.n_users, ratings.n_movies, 50, mean=mean, seed=42)
    train_model(model, train, valid)
    return model, train


def test_each_film_moves_the_picture(trained):
    walk(rate_films_panel(*trained))


def test_reset_forgets_everything_with_one_drawing(trained):
    panel = rate_films_panel(*trained)
    first = panel.picture.png()
    panel(fargo=5.0, armageddon=1.0, shrek=0.5)
    assert "3 films rated" in panel.picture.sentence
    assert panel.controls["shrek"].description == "Shrek 0.5★"
    drawings = []
    draw = panel.draw
    panel.draw = lambda **stars: drawings.append(stars) or draw(**stars)
    panel.reset.click()
    assert len(drawings) == 1
    assert panel.controls["shrek"].description == "Shrek"
    assert panel.picture.png() == first


def test_there_are_twenty_films_from_not_seen_to_five_stars(trained):
    panel = rate_films_panel(*trained)
    assert len(panel.controls) == len(FILMS) == 20
    for control in panel.controls.values():
        labels = [label for label, _ in control._options_full]
        assert labels[0] == "not seen" and labels[1] == "0.5 ★" and labels[-1] == "5 ★"
        assert len(labels) == 11


def test_the_picture_without_a_panel_is_that_of_the_panel(trained):
    panel = rate_films_panel(*trained)
    shown = panel(fargo=5.0, titanic=2.0)
    assert rate_films_picture(*trained, {"Titanic": 2.0, "Fargo": 5.0}).sentence == shown.sentence

    with pytest.raises(ValueError, match="Jaws"):
        rate_films_picture(*trained, {"Jaws": 5})


def test_a_model_without_the_films_is_refused(trained):
    model, train = trained
    few = train.subset(train.indices[:, 1] < 100)
    object.__setattr__(few, "titles", few.titles[:100])
    with pytest.raises(ValueError, match="needs all of its films"):
        rate_films_panel(model, few)


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Godfather, The (1972)", "The Godfather"),
        ("Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)", "Amelie"),
        ("Lord of the Rings: The Two Towers, The (2002)", "…The Two Towers"),
        ("Birdman: Or (The Unexpected Virtue of Ignorance) (2014)", "Birdman: Or"),
        ("One Flew Over the Cuckoo's Nest (1975)", "One Flew Over the Cuckoo's…"),
    ],
)
def test_titles_are_shortened(title, short):
    assert name_of(title, 27) == short
