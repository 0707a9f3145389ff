"""The check of the start page."""

from typing import Any

import pandas as pd

from collab_lib.kit.check import Verdict, check, number, right, wrong


@check
def check_number_of_ratings(answer: Any, collab: pd.DataFrame) -> Verdict:
    """Is `answer` the number of rows of `collab`?"""
    if isinstance(answer, str):
        return wrong("The answer is a number, not text: leave out the quotation marks.")
    if isinstance(answer, tuple) and answer == collab.shape:
        return wrong("That is the shape: rows and columns. The answer is the number of rows alone.")
    if isinstance(answer, pd.Series):
        return wrong(
            "That counts column by column. How many rows does the table have, in one number?"
        )
    answer = number(answer)
    if answer == len(collab):
        return right("That is how exercises work here. On to lesson 1!")
    if answer == collab.size:
        return wrong("That is the number of cells. How many rows does the table have?")
    if answer == len(collab.columns):
        return wrong("That is the number of columns. How many rows does the table have?")
    for column, what in (("userId", "users"), ("movieId", "movies")):
        if answer == collab[column].nunique():
            return wrong(f"That is the number of {what}. How many rows does the table have?")
    if abs(answer - len(collab)) == 1:
        return wrong("Off by one: the first row is called 0. Let Python count the rows.")
    return wrong("Let Python count the rows, in place of a number that you write.")
