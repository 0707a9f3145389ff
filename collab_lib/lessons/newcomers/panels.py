"""The panel of lesson 11: your ten films, one rating changed at a time, and what brought a film."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.fold_in import frozen_movies, user_vectors
from collab_lib.kit.controls import choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.text import name_of
from collab_lib.lessons.newcomers.figures import ROWS, MyList, film_map, my_map
from collab_lib.lessons.newcomers.newcomers import because
from collab_lib.models import DotProduct
from collab_lib.repeatable import one_thread

# Well known, in both editions, and spread over the map.
LANDMARKS = (
    "Lion King, The (1994)",
    "Shrek (2001)",
    "Shawshank Redemption, The (1994)",
    "Pretty Woman (1990)",
    "Star Wars: Episode IV - A New Hope (1977)",
    "Matrix, The (1999)",
    "Independence Day (a.k.a. ID4) (1996)",
    "Armageddon (1998)",
    "Ace Ventura: Pet Detective (1994)",
    "Natural Born Killers (1994)",
    "Pulp Fiction (1994)",
    "Fargo (1996)",
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
    "Casablanca (1942)",
    "2001: A Space Odyssey (1968)",
)
AS_RATED, NOT_RATED = -1.0, 0.0
AT_LEAST = 20  # ratings of a movie that may stand on a list
LIST_LENGTH = 8


def my_films_panel(model: DotProduct, ratings: Ratings, mine: pd.DataFrame) -> Panel:
    """Change one of your ratings: your place on the map, your list, and what brought a film there.

    model: trained on `ratings`. mine: what `load_my_ratings` returns. Lists hold only movies with
    20 ratings or more, and none of yours. Of more than ten films the first ten count. Introduced in
    lesson 11.

    Raises ValueError if none of your films is among the ratings.
    """
    rows, stars = (one[:ROWS] for one in my_films(ratings, mine))
    titles = [str(ratings.titles[row]) for row in rows]
    draw_list = _drawing(model, ratings, titles)

    def draw(film: int, stars_now: float, place: int) -> Picture:
        changed = stars.clone()
        name = name_of(titles[film])
        given = f"{name} with {stars[film]:g} stars, as you rated it"
        if stars_now != AS_RATED:
            changed[film] = stars_now
            what = f"{stars_now:g} stars" if stars_now else "no rating"
            given = f"{name} with {what} in place of {stars[film]:g}"
        kept = changed > 0
        return draw_list(rows[kept], changed[kept], given, titles[film], place - 1)

    options = [("as you rated it", AS_RATED), ("not rated", NOT_RATED)]
    options += [(f"{half / 2:g} stars", half / 2) for half in range(1, 11)]
    films = [(name_of(title, 40), number) for number, title in enumerate(titles)]
    return Panel(
        draw,
        stills={"stars_now": [AS_RATED, NOT_RATED, 0.5, 2.5, 5.0]},
        film=pick("change the rating of", films, 0),
        stars_now=choice("to", options, AS_RATED),
        place=slider("explain the film on place", 1, LIST_LENGTH, 1),
    )


def my_films(ratings: Ratings, mine: pd.DataFrame) -> tuple[torch.Tensor, torch.Tensor]:
    """Movie indices and stars, (n,) each, of those of `mine` that are in `ratings`. Lesson 11.

    mine: with the columns movie (MovieLens's id) and rating. Raises ValueError if none is.
    """
    known = mine[mine["movie"].isin(ratings.movie_ids)]
    if known.empty:
        raise ValueError("none of your films is among these ratings: rate some in lesson 1")
    rows = torch.tensor([ratings.movie_index(movie) for movie in known["movie"]])
    return rows, torch.tensor(known["rating"].to_numpy(np.float32))


def _drawing(model: DotProduct, ratings: Ratings, own: list[str]) -> Callable[..., Picture]:
    """A function from a newcomer's ratings to the picture; what stays is worked out once."""
    frozen = frozen_movies(model)
    people = user_vectors(model, ratings.indices[:, 0].unique())
    mean = people.mean(dim=0)
    often = torch.bincount(ratings.indices[:, 1], minlength=ratings.n_movies) >= AT_LEAST
    index = {str(title): row for row, title in enumerate(ratings.titles)}
    films = {title: index[title] for title in dict.fromkeys((*own, *LANDMARKS)) if title in index}
    at = torch.tensor(list(films.values()))
    plane, centre = _plane(frozen.features[:, :-1], often, at)
    spots = ((frozen.features[at, :-1] - centre) @ plane).numpy()
    # A user's factors are shorter or longer than a movie's; on one sheet only directions compare.
    stretch = np.abs(spots).max() / people[:, :-1].matmul(plane).norm(dim=1).quantile(0.97).item()

    def point(vector: torch.Tensor) -> np.ndarray:
        return stretch * (vector[..., :-1] @ plane).numpy()

    background = film_map(dict(zip(films, spots, strict=True)), point(people))
    usual = frozen.predict(mean)
    titles = ratings.titles

    def top(stars: torch.Tensor, seen: torch.Tensor) -> list[int]:
        allowed = stars.masked_fill(~often, 0).index_fill(0, seen, 0)
        return allowed.topk(LIST_LENGTH).indices.tolist()

    def draw(
        rows: torch.Tensor, stars: torch.Tensor, given: str, changed: str, place: int
    ) -> Picture:
        steps = [frozen.fold_in(rows[:n], stars[:n], mean) for n in range(len(rows) + 1)]
        predicted = frozen.predict(steps[-1])
        listed, everybodys = top(predicted, rows), top(usual, rows)
        chosen = listed[place]
        added = because(frozen, rows, stars, mean)[:, chosen]
        mine = MyList(
            titles=[str(titles[movie]) for movie in listed],
            stars=[predicted[movie].item() for movie in listed],
            usual=[movie in everybodys for movie in listed],
            chosen=place,
            changed=changed,
            start=usual[chosen].item(),
            parts={str(titles[r]): part for r, part in zip(rows, added.tolist(), strict=True)},
        )
        return my_map(background, np.stack([point(step) for step in steps]), given, mine)

    return draw


@one_thread()  # else a name on the map stands elsewhere with each number of threads
def _plane(
    features: torch.Tensor, often: torch.Tensor, films: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The two directions (n_factors, 2) in which often rated movies differ most, and their centre.

    A direction has no sign of its own: the film that lies farthest out is put right, or above.
    """
    centre = features[often].mean(dim=0)
    _, _, directions = torch.linalg.svd(features[often] - centre, full_matrices=False)
    plane = directions[:2].T
    along = (features[films] - centre) @ plane
    farthest = along.gather(0, along.abs().argmax(dim=0, keepdim=True))
    return plane * torch.sign(farthest), centre
