"""The panels of lesson 1: rate ten films; one period; the ratings of one movie, of one user."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from ipywidgets import Button, HBox

from collab_lib.kit.controls import choice, pick, slider, text
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.text import name_of
from collab_lib.lessons.exploration import figures
from collab_lib.my_ratings import (
    COLUMNS,
    forget_my_ratings,
    load_my_ratings,
    my_ratings_file,
    save_my_ratings,
)

# Films to begin with, by MovieLens's id: of many genres and decades, from films that nearly
# everybody has seen to films with a handful of ratings, well and badly liked; in both editions.
FILMS = (
    *(1, 2571, 597, 2710, 79132, 480, 4896, 296, 912, 1721),
    *(106696, 4993, 6016, 586, 5618, 260, 5669, 364, 1219, 63992),
    *(6218, 58559, 1201, 4973, 1136, 899, 356, 44555, 122882, 4144),
)
HOW_MANY = 10
MOST_FOUND = 40
NOT_SEEN, NO_FILM = 0.0, 0
STARS = [("not seen", NOT_SEEN)] + [
    (f"{half / 2:g} star{'s' * (half != 2)}", half / 2) for half in range(1, 11)
]
PERIODS = {"All years": (0, 9999), "Before 2003": (0, 2002), "Since 2004": (2004, 9999)}
FORGET, SURE = "Forget me", "Delete my ratings? Press again"


class Shelf:
    """The reader's ratings: in memory, and in the file at `path` as long as it can be read.

    Another panel may keep ratings in the same file: each change is made to what it holds then.

    ratings: title and stars by movie id; empty until the reader rates a film.
    told: one sentence that says what happened to the file.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).absolute()  # a cell may go to another folder
        self.ratings: dict[int, tuple[str, float]] = {}
        self._not_kept: dict[int, tuple[str, float]] = {}
        self.told = "Nothing is kept yet: a guest stands in until you rate a film."
        try:
            found = load_my_ratings(self.path)
        except ValueError as error:
            self.told = f"Nothing is kept: {error}."
            return
        if not found.attrs["guest"]:
            self.ratings = _by_movie(found)
            self.told = f"Read from {self.path.name}, beside this notebook."

    def give(self, movie: int, title: str, stars: float) -> None:
        """Keep a rating in place of an older one of the same movie; `NOT_SEEN` takes it away."""
        self.ratings = self.with_rating(movie, title, stars)
        self._not_kept[movie] = (title, stars)
        try:
            found = load_my_ratings(self.path)  # what can't be read isn't ours to write over
            there = {} if found.attrs["guest"] else _by_movie(found)
            self._write(_seen({**there, **self._not_kept}))
        except (ValueError, OSError) as error:
            self.told = f"Nothing is kept: {error}."
            return
        missing = HOW_MANY - len(self.ratings)
        enough = f"{missing} more make ten." if missing > 0 else "Ten are enough; more are welcome."
        self.told = f"Kept in {self.path.name}, beside this notebook. {enough}"

    def forget(self) -> None:
        """Forget everything, and delete the file."""
        self.ratings, self._not_kept = {}, {}
        try:
            load_my_ratings(self.path)
            self._write({})
        except (ValueError, OSError) as error:
            self.told = f"Nothing is kept: {error}."
            return
        self.told = f"Forgotten: there is no {self.path.name} any more."

    def stars_of(self, movie: int) -> float:
        """The stars of a movie, or `NOT_SEEN`."""
        return self.ratings[movie][1] if movie in self.ratings else NOT_SEEN

    def with_rating(self, movie: int, title: str, stars: float) -> dict[int, tuple[str, float]]:
        """The ratings as they would be with one more, or with another one; nothing is kept."""
        return _seen({**self.ratings, movie: (title, stars)})

    def _write(self, ratings: dict[int, tuple[str, float]]) -> None:
        if ratings:
            rows = [(movie, *rating) for movie, rating in ratings.items()]
            save_my_ratings(pd.DataFrame(rows, columns=COLUMNS), self.path)
        else:
            forget_my_ratings(self.path)
        self.ratings, self._not_kept = ratings, {}


def _seen(ratings: dict[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    return {movie: rating for movie, rating in ratings.items() if rating[1] != NOT_SEEN}


def rate_films_panel(collab: pd.DataFrame, path: str | Path | None = None) -> Panel:
    """Find films, give stars, and see yourself beside everybody. Introduced in lesson 1.

    Each rating is kept at `path` at once, where lessons 2, 3, 4, 10 and 11 find it. While there is
    none, the guest of `load_my_ratings` is drawn. A file that can't be read stays as it is: the
    panel says so and keeps nothing.
    """
    films = collab.groupby("movieId")["rating"].agg(["mean", "size"])
    films["title"] = collab.drop_duplicates("movieId").set_index("movieId")["title"]
    films["words"] = films["title"].map(_words)
    films = films.sort_values("size", ascending=False, kind="stable")
    first = [movie for movie in FILMS if movie in films.index] or list(films.index[:HOW_MANY])
    path = path or my_ratings_file()
    shelf = Shelf(path)
    guest = _by_movie(load_my_ratings(_nowhere(path)))
    guest = {movie: rating for movie, rating in guest.items() if movie in films.index}

    def options(movies: Iterable[int]) -> list[tuple[str, int]]:
        return [(films.at[movie, "title"], movie) for movie in movies]

    find = text("Find a film", placeholder="a part of its title")
    film = pick("Film", options(first), first[0])
    stars = choice("Stars", STARS, shelf.stars_of(first[0]))
    following = Button(description="Next film", icon="arrow-right", tooltip="Next film")
    forget = Button(description=FORGET, icon="trash", tooltip=FORGET, layout={"width": "auto"})
    keeping = True

    def draw(find: str, film: int, stars: float) -> Picture:
        mine, at_hand = shelf.ratings, f"No film has “{find.strip()}” in its title."
        if film != NO_FILM:
            title, mean = films.at[film, "title"], films.at[film, "mean"]
            given = {value: name for name, value in STARS}[stars]
            at_hand = f"{name_of(title)}: {given}; everybody gives it {mean:.2f}."
            mine = shelf.with_rating(film, title, stars)
        mine = {movie: rating for movie, rating in mine.items() if movie in films.index}
        rated = [
            figures.Rated(title, stars, films.at[movie, "mean"])
            for movie, (title, stars) in (mine or guest).items()
        ]
        return figures.my_films(rated, "you" if mine else "the guest", at_hand, shelf.told)

    def show_stars(change=None) -> None:
        """The slider goes to what this film has: nothing new to keep."""
        nonlocal keeping
        keeping = False
        with panel.held():
            stars.value = shelf.stars_of(film.value)
        keeping = True
        ask_again()

    def search(change) -> None:
        words = _words(find.value).split()
        found = [m for m, text in films["words"].items() if all(word in text for word in words)]
        with panel.held():
            film.options = options(found[:MOST_FOUND] if words else first) or [("none", NO_FILM)]
            show_stars()

    def keep(change) -> None:
        if keeping and film.value != NO_FILM:
            shelf.give(film.value, films.at[film.value, "title"], stars.value)
        ask_again()

    def go_on(button) -> None:
        """To the next film of the list without stars."""
        movies = [movie for _, movie in film.options]
        here = movies.index(film.value)
        later = movies[here + 1 :] + movies[:here]
        film.value = next((movie for movie in later if movie not in shelf.ratings), film.value)

    def ask_again() -> None:
        forget.description = forget.tooltip = FORGET

    def forget_all(button) -> None:
        if forget.description == FORGET:
            forget.description = forget.tooltip = SURE
            return
        shelf.forget()
        show_stars()
        panel()

    # Before the panel follows its controls: what it draws is kept by then.
    for control, react in ((find, search), (film, show_stars), (stars, keep)):
        control.observe(react, "value")
    following.on_click(go_on)
    forget.on_click(forget_all)
    panel = Panel(
        draw,
        rows=[HBox([following, forget])],
        stills={"find": [""], "film": first[:10]},
        find=find,
        film=film,
        stars=stars,
    )
    panel.shelf, panel.following, panel.forget = shelf, following, forget
    return panel


def period_panel(collab: pd.DataFrame) -> Panel:
    """How often each rating was given: in all years, with the old scale, with the new one."""
    years = pd.to_datetime(collab["timestamp"], unit="s").dt.year
    ratings = {name: collab["rating"][years.between(*period)] for name, period in PERIODS.items()}

    def draw(years: str) -> Picture:
        return figures.ratings_histogram(ratings[years], years)

    return Panel(draw, keep_layout=True, years=choice("Years", list(PERIODS), "All years"))


def movie_panel(collab: pd.DataFrame, n_movies: int = 300) -> Panel:
    """Pick one of the `n_movies` most-rated movies and see how its ratings are spread."""
    most_rated = _most_frequent_first(collab["movieId"])[:n_movies]
    titles = collab.drop_duplicates("movieId").set_index("movieId")["title"][most_rated]
    ratings = dict(list(collab[collab["movieId"].isin(most_rated)].groupby("movieId")["rating"]))

    def draw(movie: int) -> Picture:
        return figures.ratings_of(titles[movie], ratings[movie], collab["rating"])

    options = [(title, movie_id) for movie_id, title in titles.sort_values().items()]
    return Panel(draw, keep_layout=True, movie=pick("Movie", options, most_rated[0]))


def user_panel(collab: pd.DataFrame) -> Panel:
    """Walk through the users, from the one with the most ratings to the one with the fewest."""
    users = _most_frequent_first(collab["userId"])
    ratings = dict(list(collab.groupby("userId")["rating"]))

    def draw(rank: int) -> Picture:
        user = users[rank - 1]
        return figures.ratings_of(f"User {user}", ratings[user], collab["rating"])

    return Panel(
        draw,
        keep_layout=True,
        stills={"rank": [*range(1, 21), 50, 100, 200, 400, len(users)]},
        rank=slider("User, by number of ratings", 1, len(users), 1),
    )


def _most_frequent_first(ids: pd.Series) -> pd.Index:
    """Each id once; of two that are equally frequent, first the one that comes first in `ids`."""
    # Left to itself, pandas orders equals differently from version to version.
    return ids.value_counts(sort=False).sort_values(ascending=False, kind="stable").index


def _words(title: str) -> str:
    """Small letters without accents, so that "amelie" finds "Amélie"."""
    letters = unicodedata.normalize("NFKD", title.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _by_movie(ratings: pd.DataFrame) -> dict[int, tuple[str, float]]:
    rows = ratings[COLUMNS].itertuples(index=False)
    return {movie: (title, stars) for movie, title, stars in rows}


def _nowhere(path: str | Path) -> Path:
    """A path at which there is no file, for the guest's ratings."""
    return Path(path) / "nobody"
