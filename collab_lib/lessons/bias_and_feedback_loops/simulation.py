"""Run a simulated world, round by round, over one seed or several. Introduced in lesson 12."""

from collections.abc import Iterable, Mapping

import pandas as pd

from collab_lib.lessons.bias_and_feedback_loops.site import Site
from collab_lib.lessons.bias_and_feedback_loops.world import WARM_UP, World


def simulate(
    world: World, seed: int = 0, changes: Mapping[int, World] | None = None
) -> pd.DataFrame:
    """Run `world`; returns its measures, one row per round: -2 to 0 are random, 1 on recommended.

    changes: what the people in charge do meanwhile: by round, the settings from that round on. Only
    the recommender, exploration, zeal, repeats, leaving and patience can change on the way, and the
    learning can be stopped (`learns_from="nothing"`); "dot" has to be there from the start.

    The same seed draws the same movies, people and luck whatever the recommender, so that worlds of
    one size differ by nothing but their settings. Shares are 0 to 1. The columns:

    gini_shown: how unequally this round's places on lists fall on the movies: see `gini`.
    coverage: the share of movies that at least one user was shown this round.
    niche_of_page_1, niche_of_pages_2_3: the enthusiasts' genre's share of places 1 to 10, and 11 to
        30, of the chart that somebody would see of whom nothing is known; the genre itself is 1 in
        `n_genres` movies.
    niche_of_lists, niche_of_newcomers: its share of what the ordinary users here were shown, and of
        what those were shown whose first round this is.
    satisfaction_ordinary, satisfaction_enthusiasts, satisfaction_newcomers: the mean enjoyment, in
        stars, of what each group here watched from its list; newcomers are ordinary ones.
    n_ordinary, n_enthusiasts: how many are here.
    enthusiasts_of_ratings: their share of this round's ratings.
    mean_rating: of this round's ratings, in stars: what the site sees.

    A measure of a group that is empty this round is NaN. Introduced in lesson 12. Raises ValueError
    where a change isn't possible.
    """
    changes = changes or {}
    for number, other in changes.items():
        _check_change(world, number, other)
    site = Site(world, seed)
    records = []
    for number in rounds_of(world):
        site.world = changes.get(number, site.world)
        records.append(site.one_round(number))
    return pd.DataFrame(records).set_index("round")


def rounds_of(world: World) -> range:
    """The numbers of the rounds: the last random one is 0."""
    return range(1 - WARM_UP, world.rounds + 1)


def over_seeds(
    world: World, seeds: Iterable[int], changes: Mapping[int, World] | None = None
) -> pd.DataFrame:
    """`simulate` for each seed: one table with the index (seed, round). Lesson 12.

    Raises ValueError if there is no seed.
    """
    runs = {seed: simulate(world, seed, changes) for seed in seeds}
    if not runs:
        raise ValueError("seeds is empty: give at least one, for example range(10)")
    return pd.concat(runs, names=["seed"])


def _check_change(world: World, number: int, other: World) -> None:
    if not 1 <= number <= world.rounds:
        raise ValueError(f"a change in round {number} is out of range: give 1 to {world.rounds}")
    fixed = ("rival", "shared", "enthusiasts", "rounds", "n_users", "newcomers")
    fixed += ("n_movies", "n_genres", "list_length")
    if other.learns_from != "nothing":
        fixed += ("learns_from",)
    for name in fixed:
        if getattr(other, name) != getattr(world, name):
            raise ValueError(
                f"{name} can't change from {getattr(world, name)} to {getattr(other, name)} in "
                f"round {number}: make the other world with dataclasses.replace(world, ...)"
            )
    if other.recommender == "dot" and world.recommender != "dot":
        raise ValueError(f"'dot' in round {number} has learnt nothing: start the world with it")
