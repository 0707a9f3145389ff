"""The panels of lesson 1: the ratings of one movie, and those of one user."""

import pandas as pd
from ipywidgets import Dropdown, IntSlider, Layout

from collab_lib.kit.panel import Panel
from collab_lib.lessons.exploration.figures import ratings_of


def movie_panel(collab: pd.DataFrame, n_movies: int = 300) -> Panel:
    """Pick one of the `n_movies` most-rated movies and see how its ratings are spread."""
    most_rated = collab["movieId"].value_counts().head(n_movies).index
    titles = collab.drop_duplicates("movieId").set_index("movieId")["title"][most_rated]
    ratings = dict(list(collab[collab["movieId"].isin(most_rated)].groupby("movieId")["rating"]))

    def draw(movie: int):
        return ratings_of(titles[movie], ratings[movie], collab["rating"])

    options = [(title, movie_id) for movie_id, title in titles.sort_values().items()]
    movie = Dropdown(
        options=options,
        value=most_rated[0],
        description="Movie",
        layout=Layout(width="420px"),
    )
    return Panel(draw, keep_layout=True, movie=movie)


def user_panel(collab: pd.DataFrame) -> Panel:
    """Walk through the users, from the one with the most ratings to the one with the fewest."""
    users = collab["userId"].value_counts().index
    ratings = dict(list(collab.groupby("userId")["rating"]))

    def draw(rank: int):
        user = users[rank - 1]
        return ratings_of(f"User {user}", ratings[user], collab["rating"])

    rank = IntSlider(
        value=1,
        min=1,
        max=len(users),
        description="User, from most to fewest ratings",
        layout=Layout(width="560px"),
    )
    return Panel(draw, keep_layout=True, rank=rank)
