"""The rounds of the simulated world: recommend, choose, rate, learn, and what is measured.

`world` says what is assumed, `simulation` runs it; this is how a round is done. Arrays have a row
for everyone who will ever come, (n_people, n_movies), so that a step is a few numpy calls.
Introduced in lesson 12.
"""

import numpy as np

from collab_lib.evaluation import gini
from collab_lib.lessons.bias_and_feedback_loops.world import HIGHEST, LOWEST, WARM_UP, World

PAGE = 10  # movies on a page of the chart
# In stars. The spreads and the noise together give ratings a spread near MovieLens's 1.06.
TYPICAL = 3.4
QUALITY_SPREAD, TASTE_SPREAD, RATING_NOISE, GUESSING_NOISE = 0.4, 0.7, 0.7, 0.5
NICHE_TASTE, ENTHUSIASM = -0.5, 1.5  # of ordinary users and of enthusiasts, for genre 0
LENIENCE = 0.25  # how gradually more enjoyment means less leaving
N_FACTORS, DAMPING, WEIGHT_DECAY = 5, 5.0, 3.0


class Site:
    """The state of a running world: who is here, what they watched, what was learnt from it.

    Luck is drawn for everyone, here or not, so that two worlds with one seed stay in step.

    half: (n_people,), whose lists the world's `rival` makes; nobody's without one.
    here, lists, chosen: of the last round: the people, their lists (len(here), list_length), and
        the movie that each of them watched.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        nature, self.luck = np.random.default_rng((seed, 0)), np.random.default_rng((seed, 1))
        n_people, n_movies = world.n_users + world.newcomers * world.rounds, world.n_movies
        rounds = np.arange(1, world.rounds + 1)
        self.arrival = np.repeat(
            np.append(1 - WARM_UP, rounds), np.append(world.n_users, 0 * rounds + world.newcomers)
        )
        # Spread evenly, not drawn, so that a small share isn't at the mercy of the seed.
        self.enthusiast = np.diff(np.floor(np.arange(n_people + 1) * world.enthusiasts + 1e-9)) > 0

        self.genre = np.arange(n_movies) % world.n_genres
        self.niche = self.genre == 0
        taste = nature.normal(0, TASTE_SPREAD, (n_people, world.n_genres))
        taste[:, 0] = np.where(self.enthusiast, ENTHUSIASM, taste[:, 0] + NICHE_TASTE)
        enjoyment = TYPICAL + nature.normal(0, QUALITY_SPREAD, n_movies) + taste[:, self.genre]
        self.enjoyment = np.clip(enjoyment, LOWEST, HIGHEST)
        noisy = self.enjoyment + nature.normal(0, RATING_NOISE, enjoyment.shape)
        self.stars = np.clip(np.round(noisy * 2) / 2, LOWEST, HIGHEST)

        self.watched = np.zeros((n_people, n_movies), dtype=bool)
        self.before_launch = np.zeros_like(self.watched)
        self.found = np.zeros_like(self.watched)  # by enthusiasts, after the launch
        self.gone = np.zeros(n_people, dtype=bool)
        # Movies watched equally often are ranked by lot.
        lots = self.luck.random(n_movies, dtype=np.float32)
        names = [world.recommender] if world.rival is None else [world.recommender, world.rival]
        self.recommenders = [Recommender(name, n_people, lots, seed) for name in names]
        lot = np.random.default_rng((seed, 3)).random(n_people) < 0.5
        self.half = lot & (world.rival is not None)
        self.twin = Site(world.twin, seed) if world.learns_from == "twin" else None

    def one_round(self, number: int) -> dict[str, float]:
        """Recommend, choose, rate, learn; returns the measures of the round."""
        self.recommenders[0].name = self.world.recommender  # people may have changed it
        here = np.flatnonzero((self.arrival <= number) & ~self.gone)
        lists = self.recommend(here, self.world.exploration if number > 0 else 1.0)
        chosen = self.choose(here, lists)
        new, found = self.rate(here, chosen)
        leaving = self.bored(self.enjoyment[here, chosen], here)
        record = self.measure(number, here, lists, chosen, new)
        self.here, self.lists, self.chosen = here, lists, chosen
        self.watched |= new
        if number > 0:
            self.found |= found
            self.gone[here[leaving]] = True
        else:
            self.before_launch |= new
        if self.twin:
            self.twin.one_round(number)
        if number < 1 or self.world.learns_from != "nothing":
            self.learn()
        return record

    def recommend(self, here: np.ndarray, exploration: float) -> np.ndarray:
        """Lists of movies, (len(here), list_length), unwatched ones unless the world `repeats`."""
        places = self.world.list_length
        scores = self.recommenders[0].scores(here)
        if self.world.rival is not None:
            scores = np.where(self.half[here, None], self.recommenders[1].scores(here), scores)
        possible = ~self.watched[here] | self.world.repeats
        best = _top(np.where(possible, scores, -np.inf), places)
        lottery = self.luck.random(self.watched.shape, dtype=np.float32)[here]
        lottery[~possible] = -1
        at_random = self.luck.random((len(self.watched), places))[here] < exploration
        if not at_random.any():
            return best
        # A movie that keeps its place mustn't be drawn for another one.
        tickets = np.where(at_random, np.take_along_axis(lottery, best, axis=1), -1)
        np.put_along_axis(lottery, best, tickets, axis=1)
        return np.where(at_random, _top(lottery, places), best)

    def choose(self, here: np.ndarray, lists: np.ndarray) -> np.ndarray:
        """The movie that each user expects to like best on their list, (len(here),)."""
        noise = self.luck.gumbel(0, GUESSING_NOISE, (len(self.watched), lists.shape[1]))[here]
        expected = self.enjoyment[here[:, None], lists] + noise
        return lists[np.arange(len(here)), expected.argmax(axis=1)]

    def rate(self, here: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two masks (n_people, n_movies): the new ratings, and those of them found without a list.

        A movie that somebody watches again isn't rated again.
        """
        seen = np.zeros_like(self.watched)
        seen[here, chosen] = True
        found = np.zeros_like(self.watched)
        finders, movies = np.flatnonzero(self.enthusiast), np.flatnonzero(self.niche)
        noise = self.luck.gumbel(0, GUESSING_NOISE, (len(finders), len(movies)))
        n_finds = min(self.world.zeal - 1, len(movies))
        if len(finders) and n_finds:
            grid = np.ix_(finders, movies)
            possible = ~(self.watched | seen)[grid] & np.isin(finders, here)[:, None]
            expected = np.where(possible, self.enjoyment[grid] + noise, -np.inf)
            best = np.zeros_like(possible)
            np.put_along_axis(best, _top(expected, n_finds), True, axis=1)
            found[grid] = best & possible
        return (seen | found) & ~self.watched, found

    def bored(self, satisfaction: np.ndarray, here: np.ndarray) -> np.ndarray:
        """Who leaves, a mask (len(here),): the less they enjoyed their movie, the likelier."""
        odds = np.exp((satisfaction - self.world.patience) / LENIENCE)
        return self.luck.random(len(self.watched))[here] < self.world.leaving / (1 + odds)

    def learn(self) -> None:
        """Let each recommender learn from the ratings that the world lets it learn from."""
        ratings = {
            "everything": self.watched,
            "lists": self.watched & ~self.found,
            "finds": self.before_launch | self.found,
            "twin": self.twin.watched if self.twin else self.watched,
            "nothing": self.before_launch,
        }[self.world.learns_from]
        for number, recommender in enumerate(self.recommenders):
            own_half = (self.half == number)[:, None]
            recommender.learn(ratings & (own_half | self.world.shared), self.stars)

    def measure(
        self,
        number: int,
        here: np.ndarray,
        lists: np.ndarray,
        chosen: np.ndarray,
        new: np.ndarray,
    ) -> dict[str, float]:
        """The row of this round, before anything is learnt from it: see `simulation.simulate`."""
        enthusiasts, others = self.enthusiast[here], ~self.enthusiast[here]
        newcomers = others & (self.arrival[here] == number)
        satisfaction = self.enjoyment[here, chosen]
        shown = np.bincount(lists.ravel(), minlength=self.world.n_movies)
        chart = self.recommenders[0].top()
        return {
            "round": number,
            "gini_shown": gini(shown) if len(here) else float("nan"),
            "coverage": float((shown > 0).mean()),
            "niche_of_page_1": _mean(self.niche[chart[:PAGE]]),
            "niche_of_pages_2_3": _mean(self.niche[chart[PAGE : 3 * PAGE]]),
            "niche_of_lists": _mean(self.niche[lists[others]]),
            "niche_of_newcomers": _mean(self.niche[lists[newcomers]]),
            "satisfaction_ordinary": _mean(satisfaction[others]),
            "satisfaction_enthusiasts": _mean(satisfaction[enthusiasts]),
            "satisfaction_newcomers": _mean(satisfaction[newcomers]),
            "n_ordinary": int(others.sum()),
            "n_enthusiasts": int(enthusiasts.sum()),
            "enthusiasts_of_ratings": _mean(self.enthusiast[new.nonzero()[0]]),
            "mean_rating": _mean(self.stars[new]),
        }


class Recommender:
    """What ranks the movies: how often each was watched, or a model of the ratings.

    The model is mean + user's bias + movie's bias (+ the dot product of their factors). A fit goes
    on from the last one and takes each part in turn, the others held still: the biases as in
    `regularised_biases` (lesson 2), then all users' factors, then all movies', each by ridge
    regression (alternating least squares: Koren, Bell and Volinsky 2009).
    """

    def __init__(self, name: str, n_users: int, lots: np.ndarray, seed: int) -> None:
        self.name, self.lots, self.chart = name, lots, lots
        n_movies, n_factors = len(lots), N_FACTORS if name == "dot" else 0
        start = np.random.default_rng((seed, 2)).normal(0, 0.3, (n_movies, n_factors))
        self.mean = TYPICAL
        self.user_biases, self.movie_biases = np.zeros(n_users), np.zeros(n_movies)
        self.user_factors, self.movie_factors = np.zeros((n_users, n_factors)), start

    def scores(self, users: np.ndarray) -> np.ndarray:
        """What the movies are ranked by, (len(users), n_movies), or (1, n_movies) for everybody."""
        if self.name == "dot":
            return self.predict()[users]
        return (self.chart if self.name == "chart" else self.movie_biases)[None, :]

    def top(self) -> np.ndarray:
        """All movies, the best first, for somebody of whom nothing is known: (n_movies,)."""
        ranked_by = self.chart if self.name == "chart" else self.movie_biases
        return np.argsort(-ranked_by, kind="stable")

    def predict(self) -> np.ndarray:
        """The predicted rating of every movie by every user, (n_users, n_movies)."""
        return self.mean + self._biases() + self._dot()

    def learn(self, watched: np.ndarray, stars: np.ndarray, sweeps: int = 2) -> None:
        """Learn from the `stars` where `watched`, both (n_users, n_movies); from nothing else."""
        self.chart = watched.sum(axis=0) + self.lots
        self.mean = stars[watched].mean()
        weight = watched.astype(float)
        target = weight * (stars - self.mean)
        has_factors = self.movie_factors.shape[1] > 0
        for _ in range(sweeps):
            left = target - weight * self._dot() if has_factors else target
            for_movies = left.sum(axis=0) - self.user_biases @ weight
            self.movie_biases = for_movies / (weight.sum(axis=0) + DAMPING)
            for_users = left.sum(axis=1) - weight @ self.movie_biases
            self.user_biases = for_users / (weight.sum(axis=1) + DAMPING)
            if has_factors:
                left = target - weight * self._biases()
                self.user_factors = _ridges(weight, left, self.movie_factors)
                self.movie_factors = _ridges(weight.T, left.T, self.user_factors)

    def _biases(self) -> np.ndarray:
        return self.user_biases[:, None] + self.movie_biases

    def _dot(self) -> np.ndarray:
        return self.user_factors @ self.movie_factors.T


def _ridges(weight: np.ndarray, target: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """For each row the f that minimises Σ weight · (target - inputs · f)² + WEIGHT_DECAY · |f|²."""
    n, n_factors = inputs.shape
    squares = (inputs[:, :, None] * inputs[:, None, :]).reshape(n, -1)
    gram = (weight @ squares).reshape(-1, n_factors, n_factors)
    gram += WEIGHT_DECAY * np.eye(n_factors)
    return np.linalg.solve(gram, (target @ inputs)[:, :, None])[:, :, 0]


def _top(scores: np.ndarray, n: int) -> np.ndarray:
    """The columns of the n highest scores of each row, from left to right; of equals the first."""
    # Not argpartition: its order depends on the processor, and luck goes by the place on a list.
    last = np.partition(scores, -n, axis=1)[:, -n, None]
    above, level = scores > last, scores == last
    room = n - above.sum(axis=1, keepdims=True)
    return (above | (level & (level.cumsum(axis=1) <= room))).nonzero()[1].reshape(-1, n)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
