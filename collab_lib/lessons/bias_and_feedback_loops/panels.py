"""The panels of lesson 12: whom lists serve, the chart as tiles, and A/B tests."""

import torch

from collab_lib.dataset import Ratings
from collab_lib.kit.controls import choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.bias_and_feedback_loops.enthusiasts import (
    BY_ACTIVITY,
    QUARTERS,
    by_group,
    favourites,
    mainstream,
    quarter_of,
    ratings_per_user,
)
from collab_lib.lessons.bias_and_feedback_loops.experiments import (
    WORLDS,
    ChartRound,
    from_hundredths,
)
from collab_lib.lessons.bias_and_feedback_loops.figures import ab_tests, by_quarter, chart_tiles
from collab_lib.results import load_results

PLACES = (5, 10, 20, 30, 50, 100)
KINDS = {
    "both learn from all ratings": "shared",
    "each learns from its own half": "own",
    "both halves get the chart (A/A)": "a/a",
}


def quarters_panel(
    places_by: dict[str, torch.Tensor], errors: torch.Tensor, train: Ratings, valid: Ratings
) -> Panel:
    """Error and hidden favourites found, for quarters of the users. Lesson 12.

    places_by: by the name of the lists, what `places_of_favourites` returns. errors: the absolute
    error of each rating in `valid`, (n,).
    """
    groups = {
        "how mainstream their films are": (quarter_of(mainstream(train)), QUARTERS),
        "how many ratings they wrote": (quarter_of(ratings_per_user(train)), BY_ACTIVITY),
    }
    users = favourites(valid)[:, 0]

    def draw(quarters: str, lists: str, places: int) -> Picture:
        off = by_group(errors, valid.indices[:, 0], *groups[quarters])
        found = by_group(places_by[lists] <= places, users, *groups[quarters])
        return by_quarter(off, found, lists, places)

    names = list(places_by)
    return Panel(
        draw,
        keep_layout=True,
        quarters=pick("quarters of the users by", list(groups), next(iter(groups))),
        lists=pick("lists by", names, names[0]),
        places=choice("places on a list", PLACES, 10),
    )


def chart_panel() -> Panel:
    """The chart of a stored world as thirty tiles, one round after the other. Lesson 12."""
    stored = load_results("feedback")
    charts = {
        name: [ChartRound(**one) for one in rounds] for name, rounds in stored["charts"].items()
    }

    def draw(world: str, number: int) -> Picture:
        bands = stored["worlds"][world]
        curves = {m: from_hundredths(bands[m]) for m in ("niche_of_lists", "satisfaction_ordinary")}
        return chart_tiles(world, number, charts[world][number - 1], curves)

    names = list(WORLDS)
    rounds = len(charts[names[0]])
    return Panel(
        draw,
        world=pick("the chart learns from", names, names[0]),
        number=slider("round", 1, rounds, 1),
    )


def ab_panel() -> Panel:
    """Stored A/B tests against the truth: what is learnt from, and how many users. Lesson 12."""
    stored = load_results("feedback")["ab"]
    truth = from_hundredths(stored["truth"])
    names = {kind: name for name, kind in KINDS.items()}

    def draw(data: str, users: int) -> Picture:
        tests = {name: from_hundredths(v) for name, v in stored[data][str(users)].items()}
        return ab_tests(0 * truth if data == "a/a" else truth, tests, names[data], users)

    sizes = [int(n) for n in stored["own"]]
    return Panel(
        draw,
        keep_layout=True,
        data=pick("data", list(KINDS.items()), "shared"),
        users=choice("users in each half", sizes, sizes[2]),
    )
