"""The check of the start page: right in any form, wrong with advice, never a traceback."""

import numpy as np
import pytest
import torch

from collab_lib.lessons.start_here.checks import check_number_of_ratings


@pytest.mark.parametrize("form", [int, float, np.int64, torch.tensor, lambda n: np.array([n])])
def test_a_right_answer_in_any_form(collab, form):
    verdict = check_number_of_ratings(form(len(collab)), collab)
    assert verdict.passed and "lesson 1" in verdict.message


def test_wrong_answers_get_their_own_advice(collab):
    wrong = {
        "number of cells": collab.size,
        "number of columns": 5,
        "quotation marks": str(len(collab)),
        "Let Python count": 100,
        "the shape": collab.shape,
        "column by column": collab.count(),
        "number of users": collab["userId"].nunique(),
        "number of movies": collab["movieId"].nunique(),
        "called 0": collab.index.max(),
        "one number": collab.index,
        "a DataFrame": collab,
        "a function": len,
        "None": None,
        "True": True,
    }
    for advice, answer in wrong.items():
        verdict = check_number_of_ratings(answer, collab)
        assert not verdict.passed
        assert advice in verdict.message, verdict.message


def test_the_advice_does_not_give_the_answer_away(collab):
    for answer in (100, -1, len(collab) + 1, collab.size):
        message = check_number_of_ratings(answer, collab).message
        assert "len(" not in message and str(len(collab)) not in message


def test_a_verdict_reads_as_a_sentence(collab):
    assert repr(check_number_of_ratings(len(collab), collab)).startswith("✓ That is")
    assert repr(check_number_of_ratings(1, collab)).startswith("✗ Let Python")
