"""The checks of lesson 1."""

import pandas as pd

from collab_lib.kit.check import Verdict, right, wrong


def check_most_rated(answer: str, collab: pd.DataFrame) -> Verdict:
    """Is `answer` the title of the movie with the most ratings?"""
    counts = collab["title"].value_counts()
    if not isinstance(answer, str):
        return wrong("The answer is a title: a string such as 'Jumanji (1995)'.")
    if answer == counts.index[0]:
        return right(f"{answer} has {counts.iloc[0]} ratings, more than any other movie.")
    if answer not in counts.index:
        return wrong(f"No movie is called {answer!r}. Take the title from collab['title'].")
    return wrong(
        f"{answer} has {counts[answer]} ratings, and some movie has {counts.iloc[0]}. "
        "Count the ratings of each title, then take the largest."
    )


def check_best_loved(answer: str, collab: pd.DataFrame, at_least: int = 50) -> Verdict:
    """Is `answer` the title with the highest mean among those with `at_least` ratings?"""
    table = collab.groupby("title")["rating"].agg(["mean", "size"])
    if not isinstance(answer, str) or answer not in table.index:
        return wrong(f"No movie is called {answer!r}. Take the title from the table's index.")
    best = table[table["size"] >= at_least]["mean"].idxmax()
    if answer == best:
        row = table.loc[best]
        return right(f"{best}: {row['mean']:.2f} stars over {row['size']:.0f} ratings.")
    if table.loc[answer, "size"] < at_least:
        return wrong(
            f"{answer} has a mean of {table.loc[answer, 'mean']:.2f}, but over "
            f"{table.loc[answer, 'size']} ratings. Keep the rows with {at_least} or more first."
        )
    return wrong(
        f"{answer} has a mean of {table.loc[answer, 'mean']:.2f}; "
        "there is a higher one among the movies with enough ratings."
    )


def check_share_of_tail(answer: float, collab: pd.DataFrame, fewer_than: int = 5) -> Verdict:
    """Is `answer` the share of all ratings that fall on movies with fewer than `fewer_than`?"""
    counts = collab["movieId"].value_counts()
    tail = counts < fewer_than
    share = counts[tail].sum() / counts.sum()
    if not isinstance(answer, int | float):
        return wrong("The answer is a number between 0 and 1.")
    if abs(answer - share) < 0.0005:
        return right(
            f"{tail.mean():.0%} of the movies have fewer than {fewer_than} ratings, "
            f"and all together they hold {share:.1%} of the ratings."
        )
    if abs(answer - tail.mean()) < 0.0005:
        return wrong("That is their share of the movies. How many of the ratings are theirs?")
    if abs(answer - 100 * share) < 0.05:
        return wrong("That is the percentage. As a share of 1, divide it by 100.")
    return wrong(
        "Count the ratings of each movie, keep the small counts, add them up, "
        "and divide by the number of all ratings."
    )
