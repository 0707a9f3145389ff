"""Run a simulated world, round by round, over one seed or several. Introduced in lesson 12."""

from collections.abc import Iterable, Mapping

import pandas as pd

from collab_lib.lessons.bias_and_feedback_loops.site import Site
from collab_lib.lessons.bias_and_feedback_loops.world import WARM_UP, World


def simulate(
    world: World, seed: int = 0, changes: Mapping[int, World] | None = None
) -> pd.DataFrame:
    """Run `world`; returns its measures, a row a round: -2 to 0 are random, 1 on are recommended.

    changes: what the people in charge do meanwhile: by round, the settings from that round on. Only
    the recommender, exploration, zeal, retraining, leaving and patience can change on the way, and
    "dot" has to be there from the start.

    The same seed draws the same movies, people and luck whatever the recommender, so that worlds of
    one size differ by nothing but their settings. Shares are 0 to 1. The columns:

    gini_shown, gini_ratings: how unequally this round's places on lists, and all ratings so far,
        fall on the movies: see `gini`.
    coverage: the share of movies that at least one user was shown this round.
    enthusiasts_of_users, enthusiasts_of_ratings: their share of who is here and of this round's
        ratings.
    niche_of_top_list: the enthusiasts' genre's share of the ten movies that a newcomer would see
        first without exploration; the genre itself is 1 in `n_genres` movies.
    niche_of_lists: its share of what the ordinary users here were shown.
    top_list_worth: the enjoyment, in stars, that the top list would give to ordinary users, mean
        over the list and over all who ever come.
    satisfaction_ordinary, satisfaction_enthusiasts: the mean enjoyment, in stars, of what each
        group here watched from its list.
    satisfaction_newcomers: the same for the ordinary users whose first round this is.
    n_ordinary, n_enthusiasts: how many are here.
    leaving_ordinary: the share of the ordinary users here who leave after this round.
    mean_rating: of this round's ratings, in stars: what the site sees.
    rmse_seen: the error of predictions for this round's ratings, made before them: the site's test.
    rmse_unseen: the same over all that ordinary users here haven't watched: the site can't know it.

    A measure of a group that is empty this round is NaN. Lesson 8. Raises ValueError where a change
    isn't possible.
    """
    changes = changes or {}
    for number, other in changes.items():
        _check_change(world, number, other)
    site = Site(world, seed)
    records = []
    for number in range(1 - WARM_UP, world.rounds + 1):
        site.world = changes.get(number, site.world)
        records.append(site.one_round(number))
    return pd.DataFrame(records).set_index("round")


def over_seeds(
    world: World, seeds: Iterable[int], changes: Mapping[int, World] | None = None
) -> pd.DataFrame:
    """`simulate` for each seed: one table with the index (seed, round). Lesson 8.

    Raises ValueError if there is no seed.
    """
    runs = {seed: simulate(world, seed, changes) for seed in seeds}
    if not runs:
        raise ValueError("seeds is empty: give at least one, for example range(10)")
    return pd.concat(runs, names=["seed"])


def _check_change(world: World, number: int, other: World) -> None:
    if not 1 <= number <= world.rounds:
        raise ValueError(f"a change in round {number} is out of range: give 1 to {world.rounds}")
    fixed = ("enthusiasts", "rounds", "n_users", "newcomers", "n_movies", "n_genres", "list_length")
    for name in fixed:
        if getattr(other, name) != getattr(world, name):
            raise ValueError(
                f"{name} can't change from {getattr(world, name)} to {getattr(other, name)} in "
                f"round {number}: make the other world with dataclasses.replace(world, ...)"
            )
    if other.recommender == "dot" and world.recommender != "dot":
        raise ValueError(f"'dot' in round {number} has learnt nothing: start the world with it")
