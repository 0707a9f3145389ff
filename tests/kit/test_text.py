"""Titles where they enter a picture or a sentence."""

import warnings

import pytest

from collab_lib.kit.picture import drawable, picture, plain
from collab_lib.kit.text import name_of, short_title


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Matrix, The (1999)", "The Matrix"),
        ("Seven (a.k.a. Se7en) (1995)", "Seven"),
        ("Toy Story (1995)", "Toy Story"),
        ("Star Wars: Episode V - The Empire Strikes Back (1980)", "Star Wars: Episode V - The…"),
        ("Lord of the Rings: The Two Towers, The (2002)", "…The Two Towers"),
        ("Harry Potter and the Deathly Hallows: Part 2 (2011)", "Harry Potter and t…: Part 2"),
        ("M", "M"),
    ],
)
def test_a_title_is_shortened(title, short):
    assert short_title(title) == short


def test_a_dollar_sign_starts_no_formula_and_a_sentence_keeps_it():
    assert short_title("Ca$h & Ca$h (2010)") == r"Ca\$h & Ca\$h"
    assert name_of("Ca$h & Ca$h (2010)") == "Ca$h & Ca$h"


@pytest.mark.parametrize("title", ["映画 (1999)", "a\tb\x07", "🎬 film", "Ca$h $\\foo$ (2010)"])
def test_any_title_is_drawn_without_a_warning(title):
    @picture()
    def named(axes):
        axes.set_yticks([0], [short_title(title)])
        axes.annotate(short_title(title), (0, 0))
        return title

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert named().png()


def test_what_cannot_be_drawn_is_a_box():
    assert drawable("a映b\n") == "a□b□"
    assert plain("a映b\n$5\x07") == "a□b\n\\$5□"


def test_plain_twice_is_plain_once():
    assert plain(plain("$映 and $5")) == plain("$映 and $5") == r"\$□ and \$5"
