"""The panels that work for real on a page: rate films (lessons 1 and 11), with the page's own sums.

No number of stills holds "rate ten films". The page gets what these panels are made from, and
`docs/rate_films.js` and `docs/fold_in.js` do the rest: means, and one small ridge regression. Tests
hold both to the library on random ratings.
"""

import base64
import importlib
from collections.abc import Callable
from functools import wraps

import numpy as np
import torch

from collab_lib import load_collab
from collab_lib.dataset import Ratings
from collab_lib.fold_in import FOLD_IN_PENALTY, frozen_movies, user_vectors
from collab_lib.kit.panel import Panel
from collab_lib.models import DotProduct
from collab_lib.my_ratings import GUEST

AT_LEAST = 20  # ratings of a movie that may stand on a list
MOST_RATED = 300


def remember_what_panels_are_made_from() -> None:
    """Let the panels of the lessons keep the arguments that a page needs: `panel.made_from`."""
    for module, name in (("newcomers", "my_films_panel"), ("exploration", "rate_films_panel")):
        panels = importlib.import_module(f"collab_lib.lessons.{module}.panels")
        if hasattr(panels, name):
            setattr(panels, name, _remembering(getattr(panels, name)))


def _remembering(make: Callable[..., Panel]) -> Callable[..., Panel]:
    @wraps(make)
    def made(*args, **kwargs) -> Panel:
        panel = make(*args, **kwargs)
        panel.made_from = (make.__name__, args)
        return panel

    return made


def live_data(panel: Panel) -> dict | None:
    """What a page needs to do without stills of this panel, or beside them; None for most panels.

    instead: whether it takes the place of the stills.
    """
    name, args = getattr(panel, "made_from", ("", ()))
    if name == "rate_films_panel":
        offered = [movie for _, movie in panel.controls["film"].options]
        return {"instead": True, **films_to_rate(offered)}
    if name == "my_films_panel":
        model, ratings, *_ = args
        return {"instead": False, **films_to_list(model, ratings)}
    return None


def films_to_rate(first: list[int]) -> dict:
    """The films `first` (ids of MovieLens) and the most-rated others: id, title, mean."""
    collab = load_collab()
    titles = collab.drop_duplicates("movieId").set_index("movieId")["title"]
    means = collab.groupby("movieId")["rating"].mean().round(4)
    others = collab["movieId"].value_counts().head(MOST_RATED).index
    movies = [*first, *sorted(set(others) - set(first), key=lambda movie: titles[movie])]
    return {
        "films": [[int(m), str(titles[m]), float(means[m])] for m in movies],
        "guest": _guest(),
    }


def films_to_list(model: DotProduct, ratings: Ratings) -> dict:
    """Every movie with 20 ratings or more, as the fold-in needs it.

    films: [id, title, everybody's mean]; factors: (n, n_factors), as whole numbers of 16 bits in
    base64, to be multiplied by `step`; offsets: (n,); start: the mean user's vector; penalty,
    range: as in `Frozen.fold_in`.
    """
    frozen = frozen_movies(model)
    means = load_collab().groupby("movieId")["rating"].mean().round(4)
    counts = torch.bincount(ratings.indices[:, 1], minlength=ratings.n_movies)
    rows = (counts >= AT_LEAST).nonzero().squeeze(1)
    order = sorted(rows.tolist(), key=lambda row: str(ratings.titles[row]))
    factors = frozen.features[order, :-1].numpy()
    step = float(np.abs(factors).max() / 32767)
    whole = np.rint(factors / step).astype("<i2")
    people = user_vectors(model, ratings.indices[:, 0].unique())
    return {
        "films": [
            [
                int(ratings.movie_ids[row]),
                str(ratings.titles[row]),
                float(means[ratings.movie_ids[row]]),
            ]
            for row in order
        ],
        "guest": _guest(),
        "factors": base64.b64encode(whole.tobytes()).decode("ascii"),
        "n_factors": factors.shape[1],
        "step": step,
        "offsets": [round(offset, 6) for offset in frozen.offsets[order].tolist()],
        "start": [round(number, 6) for number in people.mean(dim=0).tolist()],
        "penalty": FOLD_IN_PENALTY,
        "range": list(frozen.y_range),
    }


def _guest() -> list[list]:
    return [[movie, stars] for movie, _, stars in GUEST]
