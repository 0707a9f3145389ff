"""The check of the start page."""

from typing import Any

import pandas as pd

from collab_lib.kit.check import Verdict, check, number, right, wrong


@check
def check_number_of_ratings(answer: Any, collab: pd.DataFrame) -> Verdict:
    """Is `answer` the number of rows of `collab`?"""
    if isinstance(answer, str):
        return wrong("The answer is a number, not text: leave out the quotation marks.")
    answer = number(answer)
    if answer == len(collab):
        return right("That is how exercises work here. On to lesson 1!")
    if answer == collab.size:
        return wrong("That is the number of cells. How many rows does the table have?")
    if answer == len(collab.columns):
        return wrong("That is the number of columns. How many rows does the table have?")
    return wrong("Let Python count the rows, in place of the number that stands there.")
