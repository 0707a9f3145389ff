"""Marks that several figures share."""

import pytest

from collab_lib.kit.marks import beside, ticks
from collab_lib.kit.picture import new_figure


@pytest.mark.parametrize(
    ("right", "up", "sides"),
    [(5, 0, ("left", "center")), (-5, 2, ("right", "bottom")), (0, -2, ("center", "top"))],
)
def test_a_text_beside_a_point_leads_away_from_it(right, up, sides):
    text = beside(new_figure(4, 2).subplots(), "a", (0, 0), right, up)
    assert (text.get_ha(), text.get_va()) == sides


def test_ticks_with_and_without_names():
    axes = new_figure(4, 2).subplots()
    axes.set(xlim=(0, 4), ylim=(0, 4))
    ticks(axes.xaxis, [1, 3], ["one", 3])
    ticks(axes.yaxis, range(0, 5, 2))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "3"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "2", "4"]
    assert axes.get_xticks().tolist() == [1, 3] and axes.get_xlim() == (0, 4)
