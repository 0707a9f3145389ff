"""Marks that several figures share."""

import pytest

from collab_lib.kit.marks import beside
from collab_lib.kit.picture import new_figure


@pytest.mark.parametrize(
    ("right", "up", "sides"),
    [(5, 0, ("left", "center")), (-5, 2, ("right", "bottom")), (0, -2, ("center", "top"))],
)
def test_a_text_beside_a_point_leads_away_from_it(right, up, sides):
    text = beside(new_figure(4, 2).subplots(), "a", (0, 0), right, up)
    assert (text.get_ha(), text.get_va()) == sides
