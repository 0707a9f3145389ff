"""The checks of lesson 12."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from collab_lib.evaluation import gini
from collab_lib.kit.check import Advice, Verdict, ask, check, judge, number, right, wrong

CLOSE = 0.00005  # a Gini index near 1 changes in its fourth digit where 0s are left out


@check
def check_gini_of_lists(answer: float, lists: torch.Tensor, n_movies: int) -> Verdict:
    """Is `answer` the Gini index of how often each of `n_movies` is on `lists`, (n_users, n)?"""
    value = number(answer)
    counts = torch.bincount(lists.flatten(), minlength=n_movies).numpy()
    wanted = gini(counts)
    if not 0 <= value < 1:
        return wrong(
            f"A Gini index lies between 0 and 1, and below 1; yours is {value:.6g}. If you rounded "
            "it, hand in the number as gini returns it."
        )
    if abs(value - wanted) < CLOSE:
        return right(
            f"{wanted:.4f}: of {n_movies:,} movies, {(counts > 0).sum():,} are on anybody's list. "
            "Lists are far more unequal than the ratings that they were learnt from."
        )
    if abs(value - gini(counts[counts > 0])) < CLOSE:
        return wrong(
            "You left out the movies that are on no list, and they are what inequality is about: "
            "pass minlength=data.n_movies to torch.bincount."
        )
    without_last = torch.bincount(lists.flatten()).numpy()
    if abs(value - gini(without_last)) < CLOSE:
        return wrong(
            "Nearly: torch.bincount stops at the last movie that is on a list. Those behind it "
            "count as well, with 0: pass minlength=data.n_movies."
        )
    if any(abs(value - round(wanted, digits)) < CLOSE for digits in (1, 2, 3)):
        return wrong("That is rounded: hand in the number as gini returns it.")
    return wrong(
        "Count how often each movie is on the lists with torch.bincount(lists.flatten(), …), and "
        "take the gini of the counts as a NumPy array."
    )


def _logs() -> list[tuple[pd.DataFrame, np.ndarray]]:
    """Two logs with different pages, of two and of four films, for `check_worth`."""
    luck = np.random.default_rng(12)
    made = []
    for page in (np.array([1, 4]), np.array([0, 2, 3, 5])):
        probability = luck.dirichlet(np.ones(6))
        movies = luck.integers(0, 6, 60)
        stars = luck.integers(1, 11, 60) / 2
        log = pd.DataFrame({"movie": movies, "stars": stars, "probability": probability[movies]})
        made.append((log, page))
    return made


@check
def check_worth(answer: Callable[[pd.DataFrame, np.ndarray], float]) -> Verdict:
    """Does `answer` estimate by inverse propensity, divided by the sum of the weights?"""
    for log, page in _logs():
        shown = np.isin(log["movie"], page)
        stars, weights = log["stars"], shown / len(page) / log["probability"]
        verdict = judge(
            number(ask(answer, log.copy(), page.copy()), "What your function returns"),
            (weights * stars).sum() / weights.sum(),
            praise=(
                "Right for two logs that you haven't seen: rarely shown films count for the many "
                "visits that didn't show them. The length of the page cancels here; it doesn't "
                "when you divide by the number of visits."
            ),
            otherwise=(
                "Give each visit the weight (probability there) / (probability here): it is 0 for "
                "films that aren't on the page. Then take the weighted mean of the stars."
            ),
            mistakes=[
                (stars.mean(), "That is what this site earns. The page's films must count alone."),
                (
                    stars[shown].mean(),
                    "That counts each visit that showed the page equally: films that this site "
                    "shows often count too much. Weight by 1 / probability.",
                ),
                (
                    (weights * stars).sum() / len(log),
                    "Right on average, but you divide by the number of visits: divide by the sum "
                    "of the weights, which is less at the mercy of chance.",
                ),
                (
                    (stars / log["probability"]).sum() / (1 / log["probability"]).sum(),
                    "You weight every film: those that aren't on the page must have the weight 0.",
                ),
                (
                    (stars * shown * log["probability"]).sum() / (shown * log["probability"]).sum(),
                    "You multiply by the probability. It is inverse: divide by it, so that a film "
                    "that is rarely shown counts for more.",
                ),
            ],
        )
        if not verdict.passed:
            return verdict
    return verdict


# Two runs of each kind. Nothing is above anything for as many rounds as the lesson's own tables
# have, so that an answer for those is no answer here. From then on each wrong reading of "every run
# above any run" begins in a round of its own, and the right one in the last.
QUIET = 20
# A pair of digits for each round: the first run and the second.
LATER = tuple(
    [[int(run) for run in pair] for pair in pairs.split()]
    for pairs in (
        "04 18 81 65 81 08 28 77 38 30 86 86",
        "27 69 79 59 57 05 60 81 50 00 73 73",
    )
)
OTHER_RUNS = tuple(
    pd.DataFrame([[quiet, quiet]] * QUIET + later + [last], index=range(1, QUIET + 14)).T / 10
    for quiet, later, last in zip((0, 1), LATER, ([8, 6], [5, 2]), strict=True)
)
FOR_ANOTHER = "For another table: "


@check
def check_first_alarm(first_alarm: Callable, ours: pd.DataFrame, theirs: pd.DataFrame) -> Verdict:
    """Does `first_alarm` find the first round in which all of `ours` lie above all of `theirs`?

    ours, theirs: one row per run, one column per round, from 1 on.
    """
    own = number(ask(first_alarm, ours, theirs), "The round")
    verdict = _is_the_first(own, ours, theirs)
    try:
        other = number(ask(first_alarm, *OTHER_RUNS), "The round")
    except Advice as advice:
        its = "Does your function look at its arguments `ours` and `theirs` alone?"
        return wrong(f"{FOR_ANOTHER}{advice} {its}")
    if own == other:
        if verdict.passed:
            return wrong(
                f"{FOR_ANOTHER}it is another round. Compute it from the arguments `ours` and "
                "`theirs`, and not from the tables above."
            )
        return verdict
    # On the reader's own tables many wrong readings have the same answer.
    elsewhere = _is_the_first(other, *OTHER_RUNS)
    if not elsewhere.passed:
        return wrong(f"{FOR_ANOTHER if verdict.passed else ''}{elsewhere.message}")
    if not verdict.passed:
        return verdict
    return right(
        f"From round {own:g} on even the tamest of the {len(ours)} worlds is outside of what "
        "chance does to random lists. The solution says how that compares with the round in "
        "which people suffer."
    )


def _is_the_first(value: float, ours: pd.DataFrame, theirs: pd.DataFrame) -> Verdict:
    above = ours.min() > theirs.max()
    first = int(above.idxmax())
    if value == first:
        return right("")
    if value == int(np.argmax(above.to_numpy())):
        return wrong("Rounds are counted from 1 here: that is the position, which begins with 0.")
    if value not in ours.columns:
        return wrong(
            f"The answer is the number of a round, {ours.columns[0]} to {ours.columns[-1]}."
        )
    for part, advice in _readings(ours, theirs):
        if part[value] and value == part.idxmax():
            return wrong(advice)
    if value < first:
        return wrong(f"In round {value:g} some run of the chart is still within the twin's range.")
    return wrong("There is an earlier round in which every run of the chart lies above the twin's.")


def _readings(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    """What else could be compared, round by round, with the advice for it."""
    one = "There some run of the chart is above some run of the twin: all must be above all."
    return [
        (
            ours.mean() > theirs.mean(),
            "That is when the means part. An alarm that rings at every chance difference is soon "
            "switched off: compare the lowest run of the chart with the highest of the twin.",
        ),
        (
            ours.max() > theirs.max(),
            "There the highest run is above: ask it of the lowest run of the chart.",
        ),
        (
            ours.mean() > theirs.max(),
            "There the mean of the chart is above: ask it of its lowest run.",
        ),
        (
            (ours > theirs).all(),
            "You compare run with run. Each run must be above any run of the twin.",
        ),
        (
            ours.min() > theirs.mean(),
            "There the lowest run is above the mean of the twin: compare with its highest.",
        ),
        (
            ours.min() > theirs.min(),
            "There the lowest run is above the lowest of the twin: compare with its highest.",
        ),
        (
            ours.min() >= theirs.max(),
            "There the lowest run is as high as the highest of the twin: it must be above.",
        ),
        ((ours > theirs).any(), one),
        (ours.max() > theirs.min(), one),
        (ours.max() > theirs.mean(), one),
        (ours.mean() > theirs.min(), one),
    ]
