"""The panel of lesson 8 on newcomers: rate films, and watch where the model puts you."""

from collections.abc import Callable

import numpy as np
import torch
from ipywidgets import Button, HBox, Layout, SelectionSlider, VBox

from collab_lib.dataset import Ratings
from collab_lib.fold_in import frozen_movies, user_vectors
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.newcomers.figures import LIST_LENGTH, Suggestion, film_map, rate_films
from collab_lib.models import DotProduct

# Well known, in both editions, and spread over the map.
FILMS = {
    "Toy Story (1995)": "Toy Story",
    "Lion King, The (1994)": "The Lion King",
    "Shrek (2001)": "Shrek",
    "Forrest Gump (1994)": "Forrest Gump",
    "Shawshank Redemption, The (1994)": "Shawshank Redemption",
    "Titanic (1997)": "Titanic",
    "Pretty Woman (1990)": "Pretty Woman",
    "Star Wars: Episode IV - A New Hope (1977)": "Star Wars (1977)",
    "Lord of the Rings: The Fellowship of the Ring, The (2001)": "Fellowship of the Ring",
    "Matrix, The (1999)": "The Matrix",
    "Dark Knight, The (2008)": "The Dark Knight",
    "Independence Day (a.k.a. ID4) (1996)": "Independence Day",
    "Armageddon (1998)": "Armageddon",
    "Ace Ventura: Pet Detective (1994)": "Ace Ventura",
    "Natural Born Killers (1994)": "Natural Born Killers",
    "Pulp Fiction (1994)": "Pulp Fiction",
    "Fargo (1996)": "Fargo",
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)": "Amélie",
    "Casablanca (1942)": "Casablanca",
    "2001: A Space Odyssey (1968)": "2001: A Space Odyssey",
}
NOT_SEEN = 0.0
LEAST_RATINGS = 20


def rate_films_panel(model: DotProduct, ratings: Ratings) -> Panel:
    """Rate up to twenty films: mean user, nearest user and fold-in side by side. Lesson 8.

    model: trained on `ratings`. Lists hold only movies with 20 ratings or more, and none that is
    rated here.
    """
    draw = _drawing(model, ratings)
    stars = [("not seen", NOT_SEEN)] + [(f"{half / 2:g} ★", half / 2) for half in range(1, 11)]
    # Sliders and not lists: JupyterLab takes the arrow keys of a list for itself.
    controls = {
        _name(label): SelectionSlider(
            options=stars, description=label, readout=False, layout=Layout(width="355px")
        )
        for label in FILMS.values()
    }
    panel = Panel(
        lambda **stars: draw({FILM_OF[name]: s for name, s in stars.items() if s}), **controls
    )
    panel.reset = Button(
        description="Reset: no film rated", icon="undo", layout=Layout(width="355px")
    )
    panel.reset.on_click(lambda _: panel(**dict.fromkeys(controls, NOT_SEEN)))
    for name, control in controls.items():
        control.style = {"description_width": "215px"}
        control.observe(_show_stars(FILM_OF[name]), names="value")
    column = VBox([panel.reset, *controls.values()], layout=Layout(flex="0 0 auto"))
    # Beside the sliders whatever the width of the window: what they do must be in sight.
    panel.view.layout = Layout(flex="1 1 0", min_width="300px")
    panel.widget.children = [HBox([column, panel.view], layout=Layout(align_items="flex-start"))]
    return panel


def rate_films_picture(model: DotProduct, ratings: Ratings, given: dict[str, float]) -> Picture:
    """What the panel shows for the stars `given`, by the labels in `FILMS`. Lesson 8."""
    unknown = set(given) - set(FILMS.values())
    if unknown:
        raise ValueError(
            f"no film is labelled {sorted(unknown)}: choose among {list(FILMS.values())}"
        )
    return _drawing(model, ratings)(given)


def _name(label: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in label).lower()


def _show_stars(label: str) -> Callable[[dict], None]:
    """Write the stars beside the film: a slider's own read-out would take one more press of Tab."""

    def show(change: dict) -> None:
        stars = change["new"]
        change["owner"].description = f"{label} {stars:g}★" if stars else label

    return show


FILM_OF = {_name(label): label for label in FILMS.values()}


def _drawing(model: DotProduct, ratings: Ratings):
    """A function from stars by label to the picture; what never changes is worked out once."""
    frozen = frozen_movies(model)
    known = ratings.indices[:, 0].unique()
    people = user_vectors(model, known)
    mean = people.mean(dim=0)
    index = {title: i for i, title in enumerate(ratings.titles) if title in FILMS}
    missing = set(FILMS) - set(index)
    if missing:
        raise ValueError(f"the ratings hold no {sorted(missing)}: the panel needs all of its films")
    movies = {label: index[title] for title, label in FILMS.items()}
    rated_often = torch.bincount(ratings.indices[:, 1], minlength=ratings.n_movies) >= LEAST_RATINGS
    plane, centre = _plane(frozen.features[:, :-1], rated_often, movies)
    spots = ((frozen.features[list(movies.values()), :-1] - centre) @ plane).numpy()
    # A user's factors are shorter or longer than a movie's; on one sheet only directions compare.
    stretch = np.abs(spots).max() / people[:, :-1].matmul(plane).norm(dim=1).quantile(0.97).item()

    def point(vector: torch.Tensor) -> np.ndarray:
        return stretch * (vector[..., :-1] @ plane).numpy()

    films = dict(zip(movies, spots, strict=True))
    background = film_map(films, point(people))

    def titles(vector: torch.Tensor, seen: torch.Tensor) -> list[str]:
        stars = frozen.predict(vector).masked_fill(~rated_often, 0).index_fill(0, seen, 0)
        return [str(ratings.titles[i]) for i in stars.topk(LIST_LENGTH).indices]

    def draw(given: dict[str, float]) -> Picture:
        seen = torch.tensor([movies[label] for label in given], dtype=torch.int64)
        stars = torch.tensor(list(given.values()))
        own = frozen.fold_in(seen, stars, mean)
        steps = [frozen.fold_in(seen[:n], stars[:n], mean) for n in range(len(given) + 1)]
        if given:
            nearest = frozen.nearest(people, seen, stars)
            near, name = people[nearest], f"user {ratings.user_ids[known[nearest]]}, the nearest"
        else:
            near, name = mean, "nearest user: nobody yet"
        suggestions = [
            Suggestion("the mean user", point(mean), titles(mean, seen)),
            Suggestion(name, point(near), titles(near, seen)),
            Suggestion("you, folded in", point(own), titles(own, seen)),
        ]
        path = np.stack([point(step) for step in steps])
        return rate_films(background, given, suggestions, path)

    return draw


def _plane(features: torch.Tensor, often: torch.Tensor, movies: dict[str, int]):
    """The two directions (n_factors, 2) in which often rated movies differ most, and their centre.

    A direction has no sign of its own: Independence Day is put on the right, The Lion King above.
    """
    centre = features[often].mean(dim=0)
    _, _, directions = torch.linalg.svd(features[often] - centre, full_matrices=False)
    plane = directions[:2].T
    signs = [
        torch.sign((features[movies[label]] - centre) @ plane[:, axis])
        for axis, label in enumerate(("Independence Day", "The Lion King"))
    ]
    return plane * torch.stack(signs), centre
