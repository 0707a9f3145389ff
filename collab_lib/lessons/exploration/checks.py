"""The checks of lesson 1."""

from typing import Any

import pandas as pd

from collab_lib.kit.check import Advice, Verdict, check, judge, number, right, wrong


@check
def check_most_rated(answer: Any, collab: pd.DataFrame) -> Verdict:
    """Is `answer` the title of the movie with the most ratings?"""
    counts = collab["title"].value_counts()
    answer = _title(answer, counts.index)
    if answer == counts.index[0]:
        return right(f"{answer} has {counts.iloc[0]} ratings, more than any other movie.")
    times = "1 rating" if counts[answer] == 1 else f"{counts[answer]} ratings"
    return wrong(
        f"{answer} has {times}, and some movie has {counts.iloc[0]}. "
        "Count the ratings of each title, then take the largest."
    )


@check
def check_best_loved(answer: Any, collab: pd.DataFrame, at_least: int = 50) -> Verdict:
    """Is `answer` the title with the highest mean among those with `at_least` ratings?"""
    table = collab.groupby("title")["rating"].agg(["mean", "count"])
    answer = _title(answer, table.index)
    mean, count = table.loc[answer, "mean"], table.loc[answer, "count"]
    times = "1 rating" if count == 1 else f"{count:.0f} ratings"
    if answer == table[table["count"] >= at_least]["mean"].idxmax():
        return right(f"{answer}: {mean:.2f} stars over {times}.")
    if count < at_least:
        return wrong(
            f"{answer} has a mean of {mean:.2f}, but over {times}. "
            f"Keep the rows with {at_least} or more first."
        )
    return wrong(
        f"{answer} has a mean of {mean:.4f}; "  # the two best share the first two decimals
        "there is a higher one among the movies with enough ratings."
    )


@check
def check_share_of_tail(answer: Any, collab: pd.DataFrame, fewer_than: int = 5) -> Verdict:
    """Is `answer` the share of all ratings that fall on movies with fewer than `fewer_than`?"""
    counts = collab["movieId"].value_counts()
    tail = counts < fewer_than
    share = counts[tail].sum() / counts.sum()
    return judge(
        number(answer),
        share,
        praise=f"{tail.mean():.0%} of the movies have fewer than {fewer_than} ratings, "
        f"and all together they hold {share:.1%} of the ratings.",
        otherwise="Count the ratings of each movie, keep the small counts, add them up, "
        "and divide by the number of all ratings.",
        mistakes=[
            (tail.mean(), "That is their share of the movies. How many of the ratings are theirs?"),
            (tail.sum() / counts.sum(), "You count the movies. How many ratings do they have?"),
            (1 - share, "That is the share of all other movies."),
            (100 * share, "That is the percentage. As a share of 1, divide it by 100."),
            (round(share, 2), "That is rounded: hand in the number as it is computed."),
            (counts[tail].sum(), "That is how many ratings they have. Which share of all is that?"),
            (
                counts[counts <= fewer_than].sum() / counts.sum(),
                f"That counts the movies with {fewer_than} ratings, too: is it < or <=?",
            ),
        ],
        atol=0.0005,
    )


def _title(answer: Any, titles: pd.Index) -> str:
    """`answer`, if it is one of the titles; raises Advice if not."""
    if callable(answer):
        raise Advice("That is the function itself. Call it: put the brackets () behind its name.")
    if isinstance(answer, pd.Series | pd.DataFrame | pd.Index):
        raise Advice(
            f"The answer is one title; this is a whole {type(answer).__name__}. "
            "`idxmax()` gives the label of the largest value."
        )
    if not isinstance(answer, str):
        raise Advice(
            f"The answer is a title, a text such as 'Jumanji (1995)'; this is {answer!r:.40}. "
            "`max()` gives the largest value, `idxmax()` its label."
        )
    if answer not in titles:
        raise Advice(f"No movie is called {answer!r:.60}. Let pandas find the title.")
    return str(answer)
