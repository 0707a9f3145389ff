"""What lesson 12 asks of the simulated world: causes one by one, an A/B test, a random slice.

`tools/results/feedback.py` runs these over many seeds and stores what comes out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from collab_lib.lessons.bias_and_feedback_loops.simulation import rounds_of
from collab_lib.lessons.bias_and_feedback_loops.site import PAGE, Site
from collab_lib.lessons.bias_and_feedback_loops.world import World

# Each world differs from the first by one switch, except where its name says two things.
WORLDS = {
    "all ratings": World(),
    "only what lists brought": World(learns_from="lists"),
    "only enthusiasts' finds": World(learns_from="finds"),
    "the ratings of the random twin": World(learns_from="twin"),
    "nothing more": World(learns_from="nothing"),
    "all ratings; films return": World(repeats=True),
    "nothing more; films return": World(repeats=True, learns_from="nothing"),
    "all ratings; enthusiasts find nothing": World(zeal=1),
    "all ratings; 30% of places random": World(exploration=0.3),
    "nothing more; 30% of places random": World(exploration=0.3, learns_from="nothing"),
    "all ratings; ranked by mean stars": World(recommender="biases"),
    "random lists": World(exploration=1.0),
}
# Two ways to twice as many ratings by enthusiasts, and one to as many as with the last.
VOTES = {
    "20% enthusiasts, 1 find each": World(enthusiasts=0.2),
    "10% enthusiasts, 3 finds each": World(zeal=4),
    "5% enthusiasts, 3 finds each": World(enthusiasts=0.05, zeal=4),
    "10% enthusiasts, 1 find each": World(),
}
LAUNCHED = 10  # the round after which the random slice is opened
AB_WORLD = World(rival="biases", n_users=1200, newcomers=60, rounds=12)


@dataclass(frozen=True)
class ChartRound:
    """What was on the chart in one round, as movie numbers.

    chart: places 1 to 30. newcomer, veteran: the lists of an ordinary user whose first round this
    is, and of one who is there from the beginning to the end.
    """

    chart: list[int]
    newcomer: list[int]
    veteran: list[int]


def chart_rounds(world: World, seed: int = 0) -> list[ChartRound]:
    """The chart of `world` round by round, from round 1 on, with two users' lists. Lesson 12."""
    site = Site(world, seed)
    charts, lists = [], []
    for number in rounds_of(world):
        charts.append(site.recommenders[0].top()[: 3 * PAGE])
        site.one_round(number)
        lists.append(dict(zip(site.here, site.lists, strict=True)))
    ordinary = np.flatnonzero(~site.enthusiast)
    veteran = next(user for user in ordinary if user in lists[0] and user in lists[-1])
    story = []
    for number, chart, shown in zip(rounds_of(world), charts, lists, strict=True):
        if number < 1:
            continue
        newcomer = next(user for user in ordinary if site.arrival[user] == number)
        pages = (sorted(shown[user].tolist()) for user in (newcomer, veteran))
        story.append(ChartRound(chart.tolist(), *pages))
    return story


def ab_test(world: World, seed: int = 0) -> pd.DataFrame:
    """Every visit of a world, from round 1 on: round, half (1: the rival's), stars. Lesson 12.

    A row per user and round: the stars that they gave to the movie from their list. In a world
    without a rival the column half is drawn by the same lot, and means nothing: an A/A test.
    """
    site = Site(world, seed)
    lot = np.random.default_rng((seed, 3)).random(len(site.half)) < 0.5
    visits = []
    for number in rounds_of(world):
        site.one_round(number)
        stars = site.stars[site.here, site.chosen]
        visits.append({"round": number, "half": lot[site.here].astype(int), "stars": stars})
    return pd.concat([pd.DataFrame(visit) for visit in visits if visit["round"] > 0])


def stars_given(seeds: Iterable[int]) -> pd.DataFrame:
    """The mean stars of the last round, if one recommender is for all, and in both halves of tests.

    A row per recommender: the chart, and mean stars. Introduced in lesson 12.
    """
    table = pd.DataFrame(index=["the chart", "mean stars"])
    alone = (replace(AB_WORLD, recommender=name, rival=None) for name in ("chart", "biases"))
    ends = [[_last_round(world, seed) for seed in seeds] for world in alone]
    table["launched for all"] = [np.mean([end["stars"].mean() for end in one]) for one in ends]
    tests = [_last_round(AB_WORLD, seed).groupby("half")["stars"].mean() for seed in seeds]
    table["a half each, shared data"] = np.mean(tests, axis=0)
    return table


def _last_round(world: World, seed: int) -> pd.DataFrame:
    visits = ab_test(world, seed)
    return visits[visits["round"] == world.rounds]


def difference(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """The mean of b minus that of a, and how far chance moves it: half of a 95 % interval.

    1.96 · sqrt(variance of a / n of a + variance of b / n of b)    (Welch 1947)

    Introduced in lesson 12. Raises ValueError if one has fewer than two values.
    """
    if len(a) < 2 or len(b) < 2:
        raise ValueError(f"{len(a)} and {len(b)} values: a spread needs two in each half")
    error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))
    return float(np.mean(b) - np.mean(a)), float(1.96 * error)


def launched(seed: int = 0) -> Site:
    """A site that has shown its chart for ten rounds. Lesson 12."""
    site = Site(World(), seed)
    for number in range(rounds_of(World())[0], LAUNCHED + 1):
        site.one_round(number)
    return site


def front_pages(site: Site) -> dict[str, np.ndarray]:
    """The ten movies that head the chart, and the ten with the highest biases. Lesson 12."""
    recommender = site.recommenders[0]
    best = np.argsort(-recommender.movie_biases, kind="stable")
    return {"the chart": recommender.top()[:PAGE], "mean stars": best[:PAGE]}


def random_slice(site: Site, share: float, n: int, seed: int = 0) -> pd.DataFrame:
    """A log of `n` visits: each shows one movie to somebody here, who watches and rates it.

    share: of the visits that show any of the movies, each equally likely; the others show one of
        the chart's first ten. Returns a row per visit: movie, stars, and the probability with which
        the site would show this movie in a visit.

    Introduced in lesson 12. Raises ValueError if `share` isn't above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share} must be above 0 and at most 1: some visits are random")
    luck = np.random.default_rng((seed, 4))
    probability = np.full(site.world.n_movies, share / site.world.n_movies)
    probability[front_pages(site)["the chart"]] += (1 - share) / PAGE
    users = luck.choice(site.here, n)
    movies = luck.choice(site.world.n_movies, n, p=probability)
    return pd.DataFrame(
        {
            "movie": movies,
            "stars": site.stars[users, movies].astype(float),
            "probability": probability[movies],
        }
    )


def inverse_propensity(log: pd.DataFrame, page: np.ndarray) -> tuple[float, float]:
    """What a site that shows one of `page` would earn per visit, in stars, from another's log.

    Each visit counts with the weight w = probability there / probability here, which is
    (1 / len(page)) / probability for a movie of the page and 0 for others:

        Σ w · stars / n          right on average (Horvitz and Thompson 1952)
        Σ w · stars / Σ w        nearly, and far less at the mercy of chance (Hájek 1971)

    Introduced in lesson 12. The second is NaN if no visit showed a movie of the page.
    """
    weights = np.isin(log["movie"], page) / len(page) / log["probability"]
    total = (weights * log["stars"]).sum()
    return total / len(log), total / weights.sum() if weights.any() else float("nan")


def hundredths(values: np.ndarray) -> list | int | None:
    """`values` as whole hundredths in lists as deep, None for NaN: how results are stored."""
    if values.ndim == 0:
        return None if np.isnan(values) else round(100 * float(values))
    return [hundredths(np.asarray(value)) for value in values]


def from_hundredths(values: list) -> np.ndarray:
    """Stored `hundredths` as they were; NaN is the measure of a group that is empty."""
    return np.array(values, dtype=float) / 100


def means_in_round(worlds: dict, measures: Sequence[str], number: int) -> pd.DataFrame:
    """The means over the seeds in round `number`: a row per stored world, a column per measure."""
    rows = {
        name: {m: from_hundredths(bands[m])[number, 0] for m in measures}
        for name, bands in worlds.items()
    }
    return pd.DataFrame(rows).T


def runs_of(stored: dict[str, dict[str, list]]) -> dict[str, dict[str, np.ndarray]]:
    """Stored runs as numbers: by the name of the world and by the measure."""
    return {
        name: {measure: from_hundredths(values) for measure, values in run.items()}
        for name, run in stored.items()
    }


def seen_by_tests(tests: dict) -> pd.DataFrame:
    """The share of stored A/B tests that see a difference in the last round, from 0 to 1.

    A test sees one if its 95 % interval leaves out 0. A row per number of users in each half, a
    column per kind of test.
    """
    shares = {
        kind: {int(n): (t["better"][-1] + t["worse"][-1]) / 100 for n, t in tests[kind].items()}
        for kind in ("shared", "own", "a/a")
    }
    return pd.DataFrame(shares).rename_axis("users in each half")


def first_ring(alarms: dict, measure: str, kind: str, in_a_row: int) -> pd.Series:
    """The first round in which each of twenty worlds has been outside for so long; NaN if never.

    alarms: as stored, thirty runs of each kind. Normal is the range of the first ten random worlds,
    round by round; the worlds asked are the other twenty of `kind`.
    """
    normal = np.array(alarms["random lists"][measure])[:10]
    worlds = np.array(alarms[kind][measure])[10:]
    outside = pd.DataFrame((worlds < normal.min(axis=0)) | (worlds > normal.max(axis=0)))
    rings = outside.astype(float).T.rolling(in_a_row).min().T == 1
    return (rings.idxmax(axis=1) + 1).where(rings.any(axis=1))


def alarm_table(alarms: dict, measures: Sequence[str]) -> pd.DataFrame:
    """How often an alarm rings in healthy worlds and with the chart, and when: see `first_ring`.

    A row per measure and rule: outside of the normal range once, or three rounds in a row.
    """
    rows = {}
    for measure in measures:
        for rule in (1, 3):
            healthy, ill = (
                first_ring(alarms, measure, kind, rule) for kind in ("random lists", "all ratings")
            )
            rows[measure, rule] = [healthy.notna().mean(), ill.notna().mean(), ill.median()]
    return pd.DataFrame(rows, index=["false alarms", "rings with the chart", "median round"]).T


def errors_of_slices(estimates: dict) -> pd.DataFrame:
    """Stored estimates from a random slice: a row per share of random visits and visits in all.

    Of both sums: that divided by the number of visits, and that divided by the sum of w.
    """
    table = pd.DataFrame(estimates).T.rename(columns=lambda name: f"{name} / visits")
    table.columns = table.columns.str.replace(", shared out / visits", " / sum of w")
    table.index = pd.MultiIndex.from_tuples(
        (f"{float(share):.0%} random", f"{int(visits):,} visits")
        for share, visits in map(str.split, table.index)
    )
    return table
