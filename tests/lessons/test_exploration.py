"""The panels of lesson 1."""

from collab_lib.lessons.exploration.panels import movie_panel, user_panel
from tests.walk import walk


def test_the_movie_panel_follows_its_list(collab):
    walk(movie_panel(collab))


def test_the_user_panel_follows_its_slider(collab):
    walk(user_panel(collab))


def test_a_movies_sentence_tells_its_numbers(collab):
    panel = movie_panel(collab)
    movie = panel.controls["movie"].value
    stars = collab[collab["movieId"] == movie]["rating"]
    assert f"{len(stars)} ratings, on average {stars.mean():.2f} stars" in panel.picture.sentence


def test_users_come_from_the_most_to_the_fewest_ratings(collab):
    panel = user_panel(collab)
    counts = collab["userId"].value_counts()
    assert panel.picture.sentence.startswith(f"User {counts.index[0]}: {counts.iloc[0]:,} ratings")
    assert f": {counts.iloc[-1]} ratings" in panel(rank=len(counts)).sentence
