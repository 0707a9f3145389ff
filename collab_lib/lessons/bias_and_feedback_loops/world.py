"""The settings of the simulated world of lesson 12, and what it assumes.

In real data nobody ever learns what people would have thought of the movies that they were not
shown. In this made-up world it is known, so it shows what the numbers of a site hide. A round has
four steps:

    recommend    every user sees a list of movies that they haven't watched
    choose       and watches the one that they expect to like best
    rate         and rates it; enthusiasts also rate movies of their genre that they find themselves
    learn        the recommender learns from ratings, and whoever was bored may leave

What the world assumes, all of it simpler than people are:

- Enjoyment is fixed: 3.4 stars + the movie's quality + the user's taste for its one genre. Tastes
  never change, so this world can't show a recommender that changes what people like.
- A rating is the enjoyment plus noise, rounded to half a star. Every movie watched is rated, once.
- Users guess what they would enjoy well, not perfectly (a multinomial logit: McFadden 1974,
  "Conditional logit analysis of qualitative choice behavior").
- Genre 0 is the enthusiasts': they love it, and rate `zeal` movies a round, all but one of them of
  this genre and found without a list. To the others it is, on average, half a star worse than
  other genres.
- The same number of newcomers arrives each round, with the same share of enthusiasts; by default
  about as many as random lists bore away. Nobody brings friends: only who leaves can change who is
  here.
- A leaver's ratings stay in the data.
- Before the first recommendation come three rounds of random lists, numbered -2, -1 and 0.

`site` holds the steps, `simulation` runs them, `experiments` asks it
questions.
"""

from dataclasses import dataclass, replace
from numbers import Integral, Real

WARM_UP = 3  # rounds of random lists before the recommender starts
LOWEST, HIGHEST = 0.5, 5.0  # stars
RECOMMENDERS = ("chart", "biases", "dot")
LEARNS_FROM = ("everything", "lists", "finds", "twin", "nothing")


@dataclass(frozen=True)
class World:
    """The settings of a simulated world; `simulation.simulate` runs it. Lesson 12.

    recommender: what the list is ranked by.
        "chart": how often each movie has been watched; the same for everyone.
        "biases": the movie's regularised bias, from ratings (lesson 2); the same for everyone.
        "dot": the predicted rating of biases and factors (lesson 5); everyone has their own list.
    rival: None, or the recommender of one half of the users, drawn by lot: an A/B test. Both
        recommenders learn from all ratings, unless `shared` is False: then each learns from those
        of its own half only.
    exploration: the share of the places on each list that a random movie fills, 0 to 1. With 1 the
        recommender is random.
    enthusiasts: the share of enthusiasts among users and among newcomers, 0 to 1.
    zeal: how many movies an enthusiast rates a round, 1 to 20. Others rate one. An enthusiast who
        has rated the whole genre finds no more.
    learns_from: which ratings the recommender learns from after the launch. Those of the three
        random rounds before it always count, except for "twin".
        "everything": all of them.
        "lists": only those that its own lists brought about.
        "finds": only those of movies that enthusiasts found themselves.
        "twin": all ratings of the twin world, where the lists are random.
        "nothing": none.
    repeats: whether a list may show a movie that its user has watched already.
    rounds: how many rounds the recommender runs for, 1 or more.
    n_users, newcomers: how many users there are at first, and how many arrive each round from 1 on.
    n_movies, n_genres: genre 0 holds one movie in `n_genres`.
    list_length: how many movies a user is shown a round.
    leaving, patience: each round the share `leaving` of those who enjoyed their movie far less than
        `patience` stars leaves, half of it at `patience` itself, an eighth half a star above.

    Raises ValueError where a setting is out of its range, TypeError where it isn't a number.
    """

    recommender: str = "chart"
    rival: str | None = None
    shared: bool = True
    exploration: float = 0.0
    enthusiasts: float = 0.1
    zeal: int = 2
    learns_from: str = "everything"
    repeats: bool = False
    rounds: int = 20
    n_users: int = 200
    newcomers: int = 10
    n_movies: int = 300
    n_genres: int = 5
    list_length: int = 10
    leaving: float = 0.25
    patience: float = 3.4

    def __post_init__(self) -> None:
        names = {"recommender": RECOMMENDERS, "learns_from": LEARNS_FROM}
        if self.rival is not None:
            names["rival"] = RECOMMENDERS
        for name, known in names.items():
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is unknown: choose one of {known}"
                )
        ranges = {
            "exploration": (0, 1),
            "enthusiasts": (0, 1),
            "zeal": (1, 20),
            "rounds": (1, 1000),
            "n_users": (2, 100_000),
            "newcomers": (0, 10_000),
            "n_movies": (2, 10_000),
            "n_genres": (2, 100),
            "list_length": (2, 100),
            "leaving": (0, 1),
            "patience": (LOWEST, HIGHEST),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            wanted = Integral if isinstance(getattr(World, name), int) else Real
            if isinstance(value, bool) or not isinstance(value, wanted):
                kind = "a whole number" if wanted is Integral else "a number"
                raise TypeError(f"{name}={value!r} is not {kind}: give one from {low} to {high}")
            if not low <= value <= high:
                raise ValueError(f"{name}={value} is out of range: give {low} to {high}")
        others = self.n_movies - len(range(0, self.n_movies, self.n_genres))
        needed = 2 * self.list_length + WARM_UP + self.rounds
        if others < needed:
            raise ValueError(
                f"n_movies={self.n_movies} leaves {others} movies outside the enthusiasts' genre, "
                f"and these rounds and lists need {needed}: raise n_movies, or lower rounds"
            )

    @property
    def twin(self) -> "World":
        """The same world with random lists: what happens without a recommender."""
        return replace(self, exploration=1.0, learns_from="everything", rival=None)
