"""The simulated world of lesson 12: causes one by one, long runs, alarms, A/B tests, random slice.

Stars and shares are stored in hundredths, to two digits, and for the alarms to four: rounded to
two, a measure that has just left its range would seem to lie on the edge of it.
"""

import random
from collections.abc import Iterable
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from collab_lib.lessons.bias_and_feedback_loops.experiments import (
    AB_WORLD,
    VOTES,
    WORLDS,
    ab_test,
    chart_rounds,
    difference,
    front_pages,
    hundredths,
    inverse_propensity,
    launched,
    random_slice,
)
from collab_lib.lessons.bias_and_feedback_loops.simulation import over_seeds, rounds_of
from collab_lib.lessons.bias_and_feedback_loops.site import Site
from collab_lib.lessons.bias_and_feedback_loops.world import World

SEEDS, LONG_SEEDS, ALARM_SEEDS = range(20), range(10), range(30)
MEASURES = (
    "niche_of_lists",
    "niche_of_page_1",
    "niche_of_pages_2_3",
    "satisfaction_ordinary",
    "satisfaction_newcomers",
    "n_ordinary",
    "mean_rating",
    "gini_shown",
    "coverage",
)
LONG = (
    "all ratings",
    "all ratings; 30% of places random",
    "nothing more",
    "nothing more; 30% of places random",
    "random lists",
)
ALARMS = ("gini_shown", "niche_of_lists", "mean_rating", "n_ordinary")
DECISIONS = {
    "nobody acts": {},
    "freeze from 7": {7: World(learns_from="nothing")},
    "30% random from 7": {7: World(exploration=0.3)},
    "mean stars from 7": {7: World(recommender="biases")},
    "mean stars from 12": {12: World(recommender="biases")},
}
PILOTS = (0.1, 0.5, 1.0)  # the share of the places that the recommender fills
SIZES = (25, 50, 100, 200, 400)  # users in each half of an A/B test
AB_SEEDS, DRAWS = range(20), 20
AB_KINDS = {
    "shared": AB_WORLD,
    "own": replace(AB_WORLD, shared=False),
    "a/a": replace(AB_WORLD, rival=None),
}
SHARES, VISITS, LOGS = (0.05, 0.2, 1.0), (1000, 3000, 10_000), 100


def compute() -> dict:
    """All of it, by the name of the experiment."""
    return {
        "worlds": {name: bands(world) for name, world in WORLDS.items()},
        "votes": {name: at_end(over_seeds(world, SEEDS)) for name, world in VOTES.items()},
        "charts": {
            name: [asdict(one) for one in chart_rounds(world)] for name, world in WORLDS.items()
        },
        "long": {name: long_run(WORLDS[name]) for name in LONG},
        "alarms": {name: each_seed(WORLDS[name]) for name in ("all ratings", "random lists")},
        "decisions": {
            name: at_end(over_seeds(World(), SEEDS, changes)) for name, changes in DECISIONS.items()
        },
        "pilots": {f"{share:.0%}": pilot(share) for share in PILOTS},
        "ab": ab_tests(AB_SEEDS),
        "slice": slices(LONG_SEEDS),
    }


def bands(world: World, seeds: Iterable[int] = SEEDS) -> dict[str, list]:
    """Mean, min and max over the seeds, from round 0 on, by measure."""
    table = over_seeds(world, seeds).groupby("round").agg(["mean", "min", "max"]).loc[0:]
    return {measure: hundredths(table[measure].to_numpy()) for measure in MEASURES}


def at_end(runs: pd.DataFrame) -> dict[str, float]:
    """The means over the seeds in the last round."""
    last = runs.groupby("round").mean().iloc[-1]
    return {measure: round(float(last[measure]), 4) for measure in MEASURES}


def long_run(world: World, seeds: Iterable[int] = LONG_SEEDS) -> dict[str, list]:
    """The means over the seeds of 60 rounds, by measure."""
    table = over_seeds(replace(world, rounds=60), seeds).groupby("round").mean().loc[0:]
    return {m: hundredths(table[m].to_numpy()) for m in ("niche_of_lists", "satisfaction_ordinary")}


def each_seed(world: World, seeds: Iterable[int] = ALARM_SEEDS) -> dict[str, list]:
    """The measures that an alarm may watch: one row per seed, one column per round from 1 on."""
    runs = over_seeds(world, seeds)
    wide = {m: runs[m].unstack("round").loc[:, 1:] for m in (*ALARMS, "satisfaction_ordinary")}
    return {measure: table.round(4).to_numpy().tolist() for measure, table in wide.items()}


def pilot(share: float, seeds: Iterable[int] = SEEDS) -> dict[str, float]:
    """How far a recommender with a share of the places moves round 3 and round 15 from the twin."""
    ours, twin = (
        over_seeds(World(exploration=exploration), seeds).groupby("round").mean()
        for exploration in (1 - share, 1.0)
    )
    gap = ours - twin
    return {
        "mean_rating, round 3": round(float(gap.loc[3, "mean_rating"]), 3),
        "niche_of_lists, round 15": round(float(gap.loc[15, "niche_of_lists"]), 3),
        "satisfaction_ordinary, round 15": round(float(gap.loc[15, "satisfaction_ordinary"]), 3),
    }


def ab_tests(seeds: Iterable[int]) -> dict:
    """A/B tests of mean stars (b) against the chart (a), by what each recommender learns from.

    truth: the mean rating of all if b is launched for everybody, minus that with a. For each kind
    of test, by the number of users in a half: the mean of the measured differences, how they lie
    (2.5 % and 97.5 %), and the share of the tests that see a difference upwards and downwards.
    """
    results = {"truth": truth(seeds)}
    for kind, world in AB_KINDS.items():
        tests = [ab_test(world, seed) for seed in seeds]
        results[kind] = {str(n): _tests_of(tests, n) for n in SIZES}
    return results


def truth(seeds: Iterable[int]) -> list[int]:
    """The mean rating by round if mean stars are launched for all, minus that with the chart."""
    a, b = (
        pd.concat([ab_test(world, seed).groupby("round")["stars"].mean() for seed in seeds], axis=1)
        for world in (replace(AB_WORLD, recommender=r, rival=None) for r in ("chart", "biases"))
    )
    return hundredths((b - a).mean(axis=1).to_numpy())


def _tests_of(worlds: list[pd.DataFrame], n: int) -> dict[str, list]:
    luck = np.random.default_rng(n)
    rows = {"mean": [], "low": [], "high": [], "better": [], "worse": []}
    for number in range(1, AB_WORLD.rounds + 1):
        gaps, errors = [], []
        for visits in worlds:
            now = visits[visits["round"] == number]
            a, b = (now.loc[now["half"] == half, "stars"].to_numpy() for half in (0, 1))
            for _ in range(DRAWS):
                gap, error = difference(*(luck.choice(half, n, replace=False) for half in (a, b)))
                gaps.append(gap)
                errors.append(error)
        gaps, errors = np.array(gaps), np.array(errors)
        values = (gaps.mean(), *np.quantile(gaps, (0.025, 0.975)))
        values += ((gaps > errors).mean(), (gaps < -errors).mean())
        for name, value in zip(rows, values, strict=True):
            rows[name].append(round(100 * float(value)))
    return rows


def slices(
    seeds: Iterable[int],
    shares: Iterable[float] = SHARES,
    visits: Iterable[int] = VISITS,
    n_logs: int = LOGS,
) -> dict:
    """What front pages earn, and how it is estimated: means over the seeds, in stars.

    truth: by page. watched: the mean of the stars that those gave who had watched the page's films.
    estimates: for the page of mean stars, by share of random visits and number of visits: the
    mean error and the spread (standard deviation) over logs, of both estimates.
    """
    sites = [launched(seed) for seed in seeds]
    pages = [front_pages(site) for site in sites]
    earned, watched = {}, {}
    for name in pages[0]:
        stars = [
            site.stars[site.here][:, page[name]] for site, page in zip(sites, pages, strict=True)
        ]
        seen = [
            site.watched[site.here][:, page[name]] for site, page in zip(sites, pages, strict=True)
        ]
        earned[name] = float(np.mean([table.mean() for table in stars]))
        watched[name] = float(np.mean([s[w].mean() for s, w in zip(stars, seen, strict=True)]))
    estimates = {}
    for share in shares:
        for n in visits:
            off = []
            for site, page in zip(sites, pages, strict=True):
                best = page["mean stars"]
                right = site.stars[site.here][:, best].mean()
                logs = (random_slice(site, share, n, seed) for seed in range(n_logs))
                off.append(np.array([inverse_propensity(log, best) for log in logs]) - right)
            both = np.concatenate(off)
            estimates[f"{share:g} {n}"] = {
                "mean error": round(float(both[:, 0].mean()), 3),
                "mean error, shared out": round(float(np.nanmean(both[:, 1])), 3),
                "spread": round(float(both[:, 0].std()), 3),
                "spread, shared out": round(float(np.nanstd(both[:, 1])), 3),
            }
    return {"truth": earned, "watched": watched, "estimates": estimates}


def spot_check(results: dict, rng: random.Random) -> list[tuple[str, float, float, float]]:
    """One entry of every section anew: (what, stored, recomputed, how far apart they may be).

    A run is the same on every processor, so these are equal. What would take longer than a few
    seconds is computed over some of its seeds, and may differ by what other seeds would do to it.
    """
    return [
        (f"{section}: {what}", stored, now, allowed)
        for section, spot in SPOTS.items()
        for what, stored, now, allowed in spot(results, rng)
    ]


Spots = list[tuple[str, float, float, float]]


def _spot_worlds(results: dict, rng: random.Random) -> Spots:
    """A mean of shares may lie between two hundredths, and is then rounded up or down."""
    name, number = rng.choice(list(WORLDS)), rng.randint(1, 20)
    stored, again = results["worlds"][name], bands(WORLDS[name])
    return [
        (f"{name}: {which} {measure} in round {number}", *both, 1)
        for measure in MEASURES
        for which, *both in zip(
            ("mean", "lowest", "highest"),
            stored[measure][number],
            again[measure][number],
            strict=True,
        )
        if None not in both
    ]


def _spot_votes(results: dict, rng: random.Random) -> Spots:
    name = rng.choice(list(VOTES))
    return _spot_end(name, results["votes"][name], over_seeds(VOTES[name], SEEDS))


def _spot_decisions(results: dict, rng: random.Random) -> Spots:
    name = rng.choice(list(DECISIONS))
    runs = over_seeds(World(), SEEDS, DECISIONS[name])
    return _spot_end(name, results["decisions"][name], runs)


def _spot_end(name: str, stored: dict[str, float], runs: pd.DataFrame) -> Spots:
    now = at_end(runs)
    return [(f"{name}: {measure}", stored[measure], now[measure], 0) for measure in MEASURES]


def _spot_charts(results: dict, rng: random.Random) -> Spots:
    name, number = rng.choice(list(WORLDS)), rng.randint(1, 10)
    stored, now = results["charts"][name][number - 1], chart_rounds(WORLDS[name])[number - 1]
    checks = []
    for who, again in asdict(now).items():
        same = len(set(stored[who]) & set(again))
        checks.append((f"{name}: movies on {who} in round {number}", len(stored[who]), same, 0))
    return checks


def _spot_long(results: dict, rng: random.Random) -> Spots:
    """The first rounds of all seeds, and the level at the end by two of them."""
    name = rng.choice(LONG)
    stored, world = results["long"][name], replace(WORLDS[name], rounds=60)
    first = []
    for seed in LONG_SEEDS:
        site = Site(world, seed)
        first.append([site.one_round(number) for number in range(rounds_of(world)[0], 4)])
    ends = over_seeds(world, range(2)).groupby("round").mean().loc[51:]
    checks = []
    for measure, values in stored.items():
        now = 100 * np.mean([[round_[measure] for round_ in run] for run in first], axis=0)
        checks += [(f"{name}: {measure} in round {n}", values[n], now[n - 4], 0.5) for n in (1, 3)]
        level = (np.mean(values[51:]), 100 * ends[measure].mean())
        checks.append((f"{name}: {measure} in rounds 51 to 60", *map(float, level), 8))
    return checks


def _spot_alarms(results: dict, rng: random.Random) -> Spots:
    name, seed = rng.choice(list(results["alarms"])), rng.choice(ALARM_SEEDS)
    now = each_seed(WORLDS[name], [seed])
    return [
        (f"{name}: {m} in round {n + 1} of seed {seed}", rows[seed][n], now[m][0][n], 0)
        for m, rows in results["alarms"][name].items()
        for n in range(20)
    ]


def _spot_pilots(results: dict, rng: random.Random) -> Spots:
    share = rng.choice(PILOTS)
    stored, now = results["pilots"][f"{share:.0%}"], pilot(share)
    return [(f"{share:.0%}: {what}", stored[what], now[what], 0) for what in stored]


def _spot_ab(results: dict, rng: random.Random) -> Spots:
    """The truth, and the tests of one kind and size: where they lie, how many see a difference."""
    stored = results["ab"]
    now = truth(range(2))
    checks = [(f"truth in round {n + 1}", stored["truth"][n], now[n], 15) for n in (1, 11)]
    kind, n = rng.choice(list(AB_KINDS)), rng.choice(SIZES)
    tests = _tests_of([ab_test(AB_KINDS[kind], seed) for seed in range(3)], n)
    for what, allowed in (("mean", 15), ("low", 30), ("high", 30), ("better", 40), ("worse", 40)):
        old, new = stored[kind][str(n)][what][-1], tests[what][-1]
        checks.append((f"{kind}, {n} users: {what} in the last round", old, new, allowed))
    return checks


def _spot_slice(results: dict, rng: random.Random) -> Spots:
    """What the pages earn on some sites, and the estimates for the smallest number of visits."""
    stored, share = results["slice"], rng.choice(SHARES)
    now = slices(range(4), [share], VISITS[:1], LOGS // 2)
    checks = [
        (f"{what} by {page}", stored[what][page], now[what][page], 0.15)
        for what in ("truth", "watched")
        for page in stored[what]
    ]
    (name,) = now["estimates"]
    for what, new in now["estimates"][name].items():
        old = stored["estimates"][name]
        spread = old["spread, shared out" if "shared out" in what else "spread"]
        checks.append((f"{name}: {what}", old[what], new, 0.3 * spread))
    return checks


SPOTS = {
    "worlds": _spot_worlds,
    "votes": _spot_votes,
    "charts": _spot_charts,
    "long": _spot_long,
    "alarms": _spot_alarms,
    "decisions": _spot_decisions,
    "pilots": _spot_pilots,
    "ab": _spot_ab,
    "slice": _spot_slice,
}
