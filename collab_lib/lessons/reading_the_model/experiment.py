"""Two trainings that differ in what the reader chooses: the experiment of lesson 7."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from collab_lib.dataset import Ratings
from collab_lib.interpretation import MovieMap, movie_map, neighbours_kept, shared_plane
from collab_lib.models import DotProduct

# What the two trainings get of the users, and of these users' ratings.
ALL, SAME_HALF, TWO_HALVES = "all", "the same half twice", "two halves"
CHOICES = (ALL, SAME_HALF, TWO_HALVES)
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Side:
    """What one training gets. users, ratings: which half, 0 or 1; None: all."""

    users: int | None
    ratings: int | None
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What two trainings have in common.

    maps: of both models, the second turned to agree with the first; plane, neighbours: the shares.
    """

    maps: tuple[MovieMap, MovieMap]
    plane: float
    neighbours: float


@dataclass(frozen=True)
class Comparison:
    """Two trainings, and how many users and ratings either reads; without an outcome: planned."""

    sides: tuple[Side, Side]
    n_users: tuple[int, int]
    n_ratings: tuple[int, int]
    outcome: Outcome | None = None


def sides(users: str, ratings: str, seed: int) -> tuple[Side, Side]:
    """What two trainings get: `users` and `ratings` are of `CHOICES`, `seed` is the second's."""
    halves = {ALL: (None, None), SAME_HALF: (0, 0), TWO_HALVES: (0, 1)}
    for name, choice in (("users", users), ("ratings", ratings)):
        if choice not in halves:
            raise ValueError(f"{name}={choice!r}: choose one of {CHOICES}")
    (a, b), (c, d) = halves[users], halves[ratings]
    return Side(a, c, 0), Side(b, d, seed)


class Experiment:
    """Trains what a comparison needs, each training once, and measures what two have in common.

    train: the ratings of which parts are taken; trained: makes a model, `trained(part, seed)`;
    movies: the indices of those on the maps; whole: the model of all ratings and seed 0. The halves
    of the users are those with an even and with an odd index; for the halves of the ratings a coin
    is thrown for each rating. Introduced in lesson 7.
    """

    def __init__(
        self,
        train: Ratings,
        trained: Callable[[Ratings, int], DotProduct],
        movies: torch.Tensor,
        whole: DotProduct,
    ):
        self.train, self.trained, self.movies = train, trained, movies
        coins = torch.rand(len(train), generator=torch.Generator().manual_seed(0))
        self.half = {"users": train.indices[:, 0] % 2, "ratings": (coins >= 0.5).long()}
        self.models = {Side(None, None, 0): whole}

    def rows(self, side: Side) -> torch.Tensor:
        """Which of the train ratings `side` gets: (len(train),), True or False."""
        rows = torch.ones(len(self.train), dtype=torch.bool)
        for name, wanted in (("users", side.users), ("ratings", side.ratings)):
            if wanted is not None:
                rows &= self.half[name] == wanted
        return rows

    def model(self, side: Side) -> DotProduct:
        """The model of this training; the second time nothing is trained."""
        if side not in self.models:
            self.models[side] = self.trained(self.train.subset(self.rows(side)), side.seed)
        return self.models[side]

    def plan(self, users: str = ALL, ratings: str = ALL, seed: int = 0) -> Comparison:
        """What either training would read; nothing is trained. The choices are those of `sides`."""
        both = sides(users, ratings, seed)
        rows = [self.rows(side) for side in both]
        n_users = tuple(self.train.indices[chosen, 0].unique().numel() for chosen in rows)
        return Comparison(both, n_users, tuple(int(chosen.sum()) for chosen in rows))

    @torch.no_grad()
    def compare(self, users: str = ALL, ratings: str = ALL, seed: int = 0) -> Comparison:
        """Train both models, and see what they have in common. The choices are those of `sides`."""
        planned = self.plan(users, ratings, seed)
        with torch.enable_grad():
            a, b = (self.model(side) for side in planned.sides)
        first = movie_map(a, self.movies)
        maps = first, movie_map(b, self.movies, like=first)
        plane, kept = shared_plane(a, b, self.movies), neighbours_kept(a, b, self.movies)
        return replace(planned, outcome=Outcome(maps, plane, kept))
