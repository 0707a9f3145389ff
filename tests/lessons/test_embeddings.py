"""The panels of lesson 4: each slider over its range, and what the sentences say."""

import pytest
import torch

from collab_lib import create_embedding
from collab_lib.lessons.embeddings.panels import gradient_panel, lookup_panel


@pytest.fixture(scope="module")
def table():
    torch.manual_seed(42)
    return create_embedding([5, 2])


@pytest.mark.parametrize("make", [lookup_panel, gradient_panel])
@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_each_slider_changes_the_picture_over_its_range(make, name, table):
    panel = make(table, rows=(3, 0, 1))
    slider = panel.controls[name]
    sentences, views = set(), set()
    for row in range(slider.min, slider.max + 1):
        sentences.add(panel(**{name: row}).sentence)
        views.add(panel.view.value)
        assert "could not draw" not in panel.view.value
    assert (slider.min, slider.max) == (0, 4)
    assert len(sentences) == len(views) == 5


def test_the_lookup_is_told_with_its_numbers(table):
    sentence = lookup_panel(table)(first=3, second=3, third=2).sentence
    assert sentence.startswith("Looked up 3, 3, 2 (row 3: (0.022, −0.006); row 2: (−0.011, −0.002)")


def test_the_gradient_counts_the_lookups(table):
    panel = gradient_panel(table)
    assert "row 2 3.0 (looked up 3 times)" in panel(first=2, second=2, third=2).sentence
    assert panel.picture.sentence.endswith("not changed: rows 0, 1, 3, 4.")
    assert panel(first=0, second=1).sentence.endswith("not changed: rows 3, 4.")
    assert "row 0 1.0, row 1 1.0, row 2 1.0" in panel.picture.sentence


def test_the_panels_leave_the_table_as_it_was(table):
    before = table.detach().clone()
    table.grad = None
    gradient_panel(table)(first=4)
    assert torch.equal(table, before) and table.grad is None


def test_a_small_table_without_unused_rows():
    table = create_embedding([3, 2])
    assert gradient_panel(table, (0, 1, 2)).picture.sentence.endswith("Every row changes.")
    assert "Looked up 0, 1, 2" in lookup_panel(table, (0, 1, 2)).picture.sentence
