"""The panels of lesson 10: choose a penalty inside train; taste four lists blind."""

from collections.abc import Mapping

import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.kit.controls import box, choice, pick
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.text import name_of
from collab_lib.lessons.lists import figures

LETTERS = "ABCD"


def penalty_panel(table: pd.DataFrame) -> Panel:
    """Choose a penalty of EASE; table as in `figures.tuning`."""
    options = [(f"{penalty:g}", penalty) for penalty in table.index]
    return Panel(
        lambda penalty: figures.tuning(table, penalty),
        penalty=choice("Penalty", options, table.index[0]),
    )


def tasting_panel(
    lists: Mapping[str, torch.Tensor],
    train: Ratings,
    measures: pd.DataFrame,
    others: int = 5,
) -> Panel:
    """Four lists without names, for the reader (the last user) and for some others: choose, look.

    lists: by model, four of them, the movies of each user, (n_users, k), best first.
    measures: one row per model, with "nDCG@10" and "coverage". others: how many other users.
    """
    reader = train.n_users - 1
    counts = torch.bincount(train.indices[:, 0], minlength=train.n_users)[:reader]
    by_count = counts.argsort(descending=True, stable=True)
    some = by_count[20 :: max(1, reader // (2 * others))][:others].tolist()
    people = [("you", reader), *((f"user {train.user_ids[user]}", user) for user in some)]
    whose = {row: f"{name}, who liked {_favourites(train, row)}" for name, row in people}
    names = list(lists)

    def draw(user: int, chosen: str, revealed: bool) -> Picture:
        # A new order for each user, which says nothing about the models, and is always the same.
        order = torch.randperm(4, generator=torch.Generator().manual_seed(7 * user + 3)).tolist()
        mixed = dict(zip(LETTERS, (names[place] for place in order), strict=True))
        return figures.tasting(
            {letter: train.titles[lists[name][user]].tolist() for letter, name in mixed.items()},
            {
                letter: f"{name}\nnDCG {measures.loc[name, 'nDCG@10']:.3f}, "
                f"coverage {measures.loc[name, 'coverage']:.1%}"
                for letter, name in mixed.items()
            },
            chosen,
            revealed,
            whose[user],
        )

    return Panel(
        draw,
        user=pick("For", people, reader),
        chosen=pick("I choose", [("none yet", ""), *((f"list {x}", x) for x in LETTERS)], ""),
        revealed=box("Show the names"),
    )


def _favourites(train: Ratings, user: int, n: int = 3) -> str:
    """The names of the `n` films that a user rated highest in train."""
    mine = train.indices[:, 0] == user
    best = train.ratings[mine].argsort(descending=True, stable=True)[:n]
    return ", ".join(name_of(title, 40) for title in train.titles[train.indices[mine, 1][best]])
