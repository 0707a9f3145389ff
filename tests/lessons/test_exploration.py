"""Lesson 1: its panels over their whole range, its pictures, its checks against a bank."""

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import load_collab, load_movies
from collab_lib.lessons.exploration import checks, figures, panels
from collab_lib.my_ratings import load_my_ratings
from tests.conftest import BUNDLED
from tests.drawn import matches_snapshot
from tests.walk import walk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my_ratings.csv"


@pytest.fixture
def rate(collab, path):
    return panels.rate_films_panel(collab, path)


@pytest.fixture(params=["2016", "2018"])
def edition(request):
    """The long table of either edition."""
    if request.param == "2016":
        return load_collab(BUNDLED)
    return load_collab(request.getfixturevalue("seed_folder"))


# Rate ten films


def test_the_panel_follows_its_controls(rate):
    seen = set()
    for _, movie in rate.controls["film"].options[::6]:
        seen.add(rate(film=movie).sentence)
    for _, stars in panels.STARS:
        seen.add(rate(stars=stars).sentence)
    assert len(seen) == len(rate.controls["film"].options[::6]) + len(panels.STARS) - 1


def test_without_a_rating_the_guest_is_shown_and_nothing_is_written(rate, path):
    assert "The guest has rated 10 films" in rate.picture.sentence
    assert "Nothing is kept yet" in rate.picture.sentence
    rate(film=panels.FILMS[3])
    rate.following.click()
    rate.controls["find"].value = "matrix"
    assert not path.exists()


def test_a_rating_is_kept_at_once_and_read_again(rate, collab, path):
    rate(stars=4.5)
    assert "You have rated 1 film, on average 4.50 stars" in rate.picture.sentence
    assert "Kept in my_ratings.csv" in rate.picture.sentence
    assert "9 more make ten" in rate.picture.sentence
    mine = load_my_ratings(path)
    assert mine.values.tolist() == [[1, "Toy Story (1995)", 4.5]]
    assert not mine.attrs["guest"]
    again = panels.rate_films_panel(collab, path)
    assert "Read from my_ratings.csv" in again.picture.sentence
    assert again.controls["stars"].value == 4.5


def test_the_stars_follow_the_film_without_a_new_rating(rate, path):
    first, second = panels.FILMS[:2]
    rate(stars=2.0)
    rate(film=second)
    assert rate.controls["stars"].value == panels.NOT_SEEN
    rate(film=first)
    assert rate.controls["stars"].value == 2.0
    assert load_my_ratings(path)["movie"].tolist() == [first]


def test_a_film_may_be_rated_again_or_taken_back(rate, path):
    rate(stars=2.0)
    rate(stars=3.0)
    assert load_my_ratings(path)["rating"].tolist() == [3.0]
    rate(stars=panels.NOT_SEEN)
    assert not path.exists()
    assert "The guest" in rate.picture.sentence


def test_ten_films_with_next_film_and_stars_alone(rate, path):
    for stars in (5.0, 1.0, 4.0, 3.5, 0.5, 4.5, 2.0, 3.0, 2.5, 1.5, 5.0, 4.0, 3.0):
        rate(stars=stars)
        rate.following.click()
    mine = load_my_ratings(path)
    assert mine["movie"].tolist() == list(panels.FILMS[:13])
    assert "You have rated 13 films, on average 3.04 stars" in rate.picture.sentence
    assert "Ten are enough" in rate.picture.sentence
    matches_snapshot("exploration/thirteen_films", rate.picture)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("matrix", "Matrix, The (1999)"),
        ("AMELIE", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("destin amélie", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("  star   wars iv ", "Star Wars: Episode IV - A New Hope (1977)"),
    ],
)
def test_a_film_is_found_by_a_part_of_its_title(rate, words, title):
    rate.controls["find"].value = words
    assert rate.controls["film"].label == title


def test_next_film_goes_on_behind_a_film_that_was_skipped(rate):
    rate.following.click()
    rate(stars=4.0)
    rate.following.click()
    assert rate.controls["film"].value == panels.FILMS[2]


def test_a_film_that_is_not_there_says_so_and_keeps_nothing(rate, path):
    rate.controls["find"].value = "no such <film> $x$"
    assert "No film has “no such <film> $x$” in its title" in rate.picture.sentence
    assert "<film>" not in rate.view.value
    rate(stars=4.0)
    rate.following.click()
    assert not path.exists()
    rate.controls["find"].value = ""
    assert rate.controls["film"].value == panels.FILMS[0]


def test_forget_me_asks_once_more_and_then_deletes_the_file(rate, path):
    rate(stars=4.0)
    rate.forget.click()
    assert path.exists() and "again" in rate.forget.description
    rate(stars=3.0)  # anything else is no yes
    assert rate.forget.description == panels.FORGET
    rate.forget.click()
    rate.forget.click()
    assert not path.exists()
    assert "Forgotten" in rate.picture.sentence and "The guest" in rate.picture.sentence
    assert rate.controls["stars"].value == panels.NOT_SEEN


@pytest.mark.parametrize(
    "content",
    [
        b"not a table at all",
        b"movie,title,rating\n1,Toy Story (1995),7\n",
        b"movie,title,rating\n1,Toy Story (1995),\n",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_a_file_that_cannot_be_read_is_never_touched(collab, path, content):
    path.write_bytes(content)
    panel = panels.rate_films_panel(collab, path)
    assert "Nothing is kept" in panel.picture.sentence
    assert "my_ratings.csv" in panel.picture.sentence
    panel(stars=4.0)
    assert "You have rated 1 film" in panel.picture.sentence
    assert "Nothing is kept" in panel.picture.sentence
    panel.forget.click()
    panel.forget.click()
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_breaks_meanwhile_is_not_written_over(rate, path):
    rate(stars=4.0)
    path.write_text("my notes", encoding="utf-8")
    rate(stars=5.0)
    assert "Nothing is kept" in rate.picture.sentence
    assert path.read_text(encoding="utf-8") == "my notes"


def test_a_place_that_cannot_be_written_to_says_so(collab, tmp_path):
    panel = panels.rate_films_panel(collab, tmp_path / "no such folder" / "my_ratings.csv")
    panel(stars=4.0)
    assert "You have rated 1 film" in panel.picture.sentence
    assert "Nothing is kept" in panel.picture.sentence


def test_titles_are_drawn_and_written_as_text(edition, path):
    title = "<b>$\\frac$</b> & “x”\u0007 (1999)"
    table = edition.copy()
    table.loc[table["movieId"] == 1, "title"] = title
    panel = panels.rate_films_panel(table, path)
    panel(stars=4.0)
    assert "<b>" not in panel.view.value
    assert load_my_ratings(path)["title"].item() == title


def test_the_films_are_spread_over_genres_and_fame_in_both_editions(edition):
    counts = edition["movieId"].value_counts()
    rated = counts.reindex(panels.FILMS)
    assert rated.notna().all()
    assert rated.min() < 20 and rated.max() > 300
    assert (rated < 60).sum() >= 8 and (rated > 150).sum() >= 8
    genres = load_movies(BUNDLED).set_index("movieId")["genres"].loc[list(panels.FILMS)]
    assert len(set("|".join(genres).split("|"))) >= 15


def test_ratings_of_films_that_this_edition_lacks_are_left_out(collab, path):
    path.write_text("movie,title,rating\n1,Toy Story (1995),4\n999999,From 2030,1\n", "utf-8")
    panel = panels.rate_films_panel(collab, path)
    assert "on average 4.00 stars" in panel.picture.sentence
    panel(stars=5.0)
    assert load_my_ratings(path)["movie"].tolist() == [1, 999999]


# The other panels and pictures


def test_the_other_panels_follow_their_controls(collab):
    walk(panels.period_panel(collab))
    walk(panels.movie_panel(collab))
    walk(panels.user_panel(collab))


def test_since_2004_the_whole_stars_no_longer_tower(edition):
    panel = panels.period_panel(edition)
    sentences = [panel(years=years).sentence for years in panels.PERIODS]
    shares = [float(s.split("%)")[1].split("%")[0].strip(". ")) for s in sentences]
    assert shares[1] == 0 and shares[0] < 31 and 42 <= shares[2] <= 44


def test_the_pictures_of_the_periods(collab):
    panel = panels.period_panel(collab)
    for years in list(panels.PERIODS)[1:]:
        matches_snapshot(f"exploration/{years.lower().replace(' ', '_')}", panel(years=years))


def test_a_movies_sentence_tells_its_numbers(collab):
    panel = panels.movie_panel(collab)
    movie = panel.controls["movie"].value
    stars = collab[collab["movieId"] == movie]["rating"]
    assert f"{len(stars)} ratings, on average {stars.mean():.2f} stars" in panel.picture.sentence
    matches_snapshot("exploration/blair_witch", panel(movie=2710))


def test_the_movies_of_the_task_are_in_the_list(edition):
    options = dict(panels.movie_panel(edition).controls["movie"].options)
    assert {"Forrest Gump (1994)", "Blair Witch Project, The (1999)"} <= set(options)
    few = dict(panels.movie_panel(edition, n_movies=40).controls["movie"].options)
    assert {"Forrest Gump (1994)", "Independence Day (a.k.a. ID4) (1996)"} <= set(few)


def test_users_come_from_the_most_to_the_fewest_ratings(collab):
    panel = panels.user_panel(collab)
    counts = collab["userId"].value_counts()
    assert panel.picture.sentence.startswith(f"User {counts.index[0]}: {counts.iloc[0]:,} ratings")
    assert f": {counts.iloc[-1]} ratings" in panel(rank=len(counts)).sentence
    matches_snapshot("exploration/last_user", panel.picture)


def test_no_bar_is_cut_off():
    stars = pd.Series([5.0] * 24 + [4.0])
    (axes,) = figures.ratings_of("User 1", stars, pd.Series([3.0, 4.0])).figure.axes
    assert axes.get_ylim()[1] > 24 / 25


def test_you_beside_everybody():
    mine = pd.DataFrame({"movie": [1], "title": ["Toy Story (1995)"], "rating": [0.5]})
    mine.attrs["guest"] = False
    picture = figures.beside_everybody(mine, pd.Series([4.0, 5.0]))
    assert picture.sentence.startswith("You gave 0.50 stars on average, in 1 rating; everybody")
    shares = picture.numbers.set_index("rating (stars)")
    assert shares["you"].idxmax() == 0.5 and shares["everybody"][4.0] == 0.5
    matches_snapshot("exploration/you_beside_everybody", picture)


def test_the_line_of_the_first_half_star_stands_before_its_year(collab):
    axes = figures.half_stars_by_year(collab).figure.axes[0]
    first = min(bar.get_x() + bar.get_width() / 2 for bar in axes.patches if bar.get_height())
    assert axes.lines[0].get_xdata()[0] == first - 0.5 == axes.texts[0].xy[0]


def test_the_numbers_of_the_long_tail_are_those_of_its_places(collab):
    counts = collab["movieId"].value_counts()
    told = figures.long_tail(counts).numbers.set_index("place of the movie")["ratings"]
    assert told.index[0] == 1 and told.index[-1] == len(counts)
    assert told.tolist() == [counts.iloc[place - 1] for place in told.index]


# The checks


def test_most_rated(collab):
    best = collab["title"].value_counts().idxmax()
    for right in (best, np.str_(best)):
        assert checks.check_most_rated(right, collab).passed
    once = collab["title"].value_counts().index[-1]
    wrong = {
        "has 107 ratings": "Jumanji (1995)",
        "has 1 rating,": once,
        "No movie": "Jumanji",
        "idxmax": collab["title"].value_counts(),
        "whole DataFrame": collab,
        "this is 341": 341,
        "Call it": collab["title"].value_counts().idxmax,
        "this is None": None,
        "this is nan": float("nan"),
    }
    for advice, answer in wrong.items():
        verdict = checks.check_most_rated(answer, collab)
        assert not verdict.passed
        assert advice in verdict.message, verdict.message


def test_best_loved(edition):
    by_title = edition.groupby("title")["rating"].agg(["mean", "count"])
    enough = by_title[by_title["count"] >= 50]["mean"]
    assert checks.check_best_loved(enough.idxmax(), edition).passed
    second = enough.nlargest(2).index[1]
    wrong = {
        f"mean of {enough[second]:.4f}; there is a higher one": second,
        "higher one": "Toy Story (1995)",
        "Keep the rows": by_title["mean"].idxmax(),
        "`idxmax()` its label": enough.max(),
        "whole Series": enough,
        "Call it": enough.idxmax,
        "No movie": "Toy Story",
    }
    for advice, answer in wrong.items():
        verdict = checks.check_best_loved(answer, edition)
        assert not verdict.passed
        assert advice in verdict.message, verdict.message


def test_share_of_tail(edition):
    counts = edition["movieId"].value_counts()
    share = counts[counts < 5].sum() / len(edition)
    for form in (float, np.float32, np.float64, torch.tensor, lambda s: torch.tensor([s])):
        assert checks.check_share_of_tail(form(share), edition).passed
    wrong = {
        "percentage": 100 * share,
        "share of the movies": (counts < 5).mean(),
        "count the movies": (counts < 5).sum() / len(edition),
        "all other movies": counts[counts >= 5].sum() / len(edition),
        "rounded": round(share, 2),
        "how many ratings": counts[counts < 5].sum(),
        "< or <=": counts[counts <= 5].sum() / len(edition),
        "divide by": 0.5,
        "should be a number": f"{share:.3f}",
        "one number": counts < 5,
        "is nan": float("nan"),
    }
    for advice, answer in wrong.items():
        verdict = checks.check_share_of_tail(answer, edition)
        assert not verdict.passed
        assert advice in verdict.message, verdict.message


def test_two_panels_on_one_file_lose_nothing_and_bring_nothing_back(path):
    first, second = panels.Shelf(path), panels.Shelf(path)
    first.give(1, "Toy Story (1995)", 4.0)
    second.give(2, "Jumanji (1995)", 3.0)
    assert load_my_ratings(path)["movie"].tolist() == [1, 2]
    first.forget()
    second.give(3, "Grumpier Old Men (1995)", 2.0)
    assert load_my_ratings(path)["movie"].tolist() == [3]


def test_what_could_not_be_kept_is_kept_as_soon_as_it_can_be(tmp_path):
    shelf = panels.Shelf(tmp_path / "folder" / "mine.csv")
    shelf.give(1, "Toy Story (1995)", 4.0)
    assert shelf.told.startswith("Nothing is kept") and shelf.stars_of(1) == 4.0
    (tmp_path / "folder").mkdir()
    shelf.give(2, "Jumanji (1995)", 3.0)
    assert load_my_ratings(tmp_path / "folder" / "mine.csv")["movie"].tolist() == [1, 2]


def test_a_shelf_stays_where_it_is_when_a_cell_goes_to_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shelf = panels.Shelf("mine.csv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shelf.give(1, "Toy Story (1995)", 4.0)
    assert (tmp_path / "mine.csv").exists() and not list((tmp_path / "elsewhere").iterdir())


def test_ratings_of_other_films_begin_with_the_most_rated(collab, path):
    others = collab[~collab["movieId"].isin(panels.FILMS)]
    panel = panels.rate_films_panel(others, path)
    assert panel.controls["film"].value == others["movieId"].value_counts().index[0]
