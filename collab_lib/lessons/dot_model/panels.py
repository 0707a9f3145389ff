"""The panels of lesson 5: the sigmoid with its rounding, and an explorer of the map of movies."""

from ipywidgets import Dropdown, FloatSlider, IntSlider, Layout, Text

from collab_lib.dataset import Ratings
from collab_lib.interpretation import find_movies, most_rated, movie_map, nearest_movies
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.dot_model.figures import neighbourhood, no_match, squash
from collab_lib.models import DotProduct


def squash_panel() -> Panel:
    """Slide a score along the sigmoid, and the upper bound of its scale."""
    score = FloatSlider(
        value=1.0, min=-6, max=6, step=0.1, description="Score", layout=Layout(width="420px")
    )
    upper_bound = FloatSlider(
        value=5.5,
        min=4.5,
        max=6.5,
        step=0.25,
        description="Upper bound (stars)",
        layout=Layout(width="340px"),
    )
    return Panel(squash, keep_layout=True, score=score, upper_bound=upper_bound)


def map_panel(model: DotProduct, train: Ratings, n_movies: int = 300, search: str = "") -> Panel:
    """Search a movie by a part of its title; see its nearest movies, and where all of them lie.

    Only the `n_movies` most-rated movies are on the map: of the others the model knows too little.
    search: what stands in the search box at first.
    """
    shown = most_rated(train, n_movies)
    movies = movie_map(model, shown)
    on_map = set(shown.tolist())

    def matches(text: str) -> list[tuple[str, int]]:
        found = find_movies(train, text).tolist()
        return [(str(train.titles[movie]), movie) for movie in found if movie in on_map]

    def draw(search: str, movie: int | None, n: int) -> Picture:
        if movie is None:
            return no_match(movies, search)
        nearest = nearest_movies(model, train, movie, shown, n)
        return neighbourhood(movies, train.titles, movie, nearest)

    box = Text(value=search, description="Search a title", placeholder="part of a title")
    found = Dropdown(options=matches(search), description="Matches", layout=Layout(width="420px"))
    n = IntSlider(
        value=6,
        min=1,
        max=10,
        description="Nearest movies to show",
        layout=Layout(width="380px"),
    )

    def refill(change) -> None:
        options = matches(box.value)
        movies_found = [movie for _, movie in options]
        kept = found.value if found.value in movies_found else next(iter(movies_found), None)
        with panel.held():
            found.options = options
            found.value = kept

    # Before the panel: the list is filled anew first, and the panel draws after that.
    box.observe(refill, names="value")
    panel = Panel(draw, search=box, movie=found, n=n)
    return panel
