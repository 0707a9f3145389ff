"""The check of the start page."""

import pandas as pd

from collab_lib.kit.check import Verdict, right, wrong


def check_number_of_ratings(answer: int, collab: pd.DataFrame) -> Verdict:
    """Is `answer` the number of rows of `collab`?"""
    if answer == len(collab):
        return right("That is how exercises work here. On to lesson 1!")
    if answer == collab.size:
        return wrong("That is the number of cells. How many rows has the table?")
    if isinstance(answer, str):
        return wrong("The answer is a number, not text: leave out the quotation marks.")
    return wrong("Replace the number in the cell above by len(collab), then run both cells again.")
