"""Names beside points: readable where the points lie close together."""

import itertools

import numpy as np
from matplotlib.transforms import Bbox

from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.labels import Rim, name_points
from collab_lib.kit.picture import new_figure


def boxes(room: float) -> tuple[list[Bbox], dict]:
    """Where the names of four crowded points stand, in pixels, and the ends of the names."""
    x, y = np.array([0.0, 0.02, 0.03, 0.01]), np.array([0.0, 0.01, -0.01, 0.02])
    figure = new_figure(7, 4)
    axes = figure.subplots()
    axes.set(xlim=(-1, 1), ylim=(-1, 1))
    ends = name_points(axes, x, y, range(4), ["Alien", "Brazil", "Casablanca", "Diva"], room)
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in axes.texts], ends


def test_no_two_names_overlap():
    placed, _ = boxes(room=0)
    assert len(placed) == 4
    assert not any(a.overlaps(b) for a, b in itertools.combinations(placed, 2))


def test_room_is_kept_free_behind_a_name():
    near, _ = boxes(room=0)
    far, ends = boxes(room=60)
    assert sorted(ends) == [0, 1, 2, 3]
    assert [b.x0 for b in near] != [b.x0 for b in far]


def test_a_name_with_room_stands_beside_its_own_point():
    axes = new_figure(7, 4).subplots()
    axes.set(xlim=(-1, 1), ylim=(-1, 1))
    x, y, names = (
        np.array([0.4, -0.6, -0.1]),
        np.array([0.5, -0.5, 0.0]),
        ["Alien", "Brazil", "Diva"],
    )
    name_points(axes, x, y, [2, 0, 1], names)
    written = {text.get_text(): text.xy for text in axes.texts}
    for name, across, up in zip(names, x, y, strict=True):
        assert 0 < written[name][0] - across < 0.1 and written[name][1] == up
    assert not axes.lines, "no name had to move"


def test_a_name_that_would_lie_over_another_moves_and_no_other():
    """The second finds room in front of its point that ends where the first name does, or above."""
    side_by_side = 0
    for apart in np.linspace(0.7, 0.9, 41):
        figure = new_figure(7, 4)
        axes = figure.subplots()
        axes.set(xlim=(-1, 1), ylim=(-1, 1))
        x, y = np.array([0.95 - apart, 0.95]), np.zeros(2)
        name_points(axes, x, y, range(2), ["The Lion King", "Independence Day"])
        figure.draw_without_rendering()
        left, right = sorted((t.get_window_extent() for t in axes.texts), key=lambda box: box.x0)
        if abs(left.y0 - right.y0) < left.height:
            assert right.x0 > left.x1
            side_by_side += 1
    assert 0 < side_by_side < 41, "some fit, and some had to move"


def test_a_name_over_dots_hides_them_with_its_letters_only():
    """Its rim is white where a line passes below it, and doesn't rub out a single dot."""

    def blue(with_rims: bool) -> int:
        figure = new_figure(7, 4)
        axes = figure.subplots()
        across = np.linspace(-1, 1, 60)
        x, y = (grid.ravel() for grid in np.meshgrid(across, np.linspace(-1, 1, 30)))
        axes.plot(x, y, "o", color="blue", markersize=3)
        axes.set(xlim=(-1, 1), ylim=(-1, 1))
        names = [*[""] * len(x), "A long name of a film"]
        name_points(axes, np.append(x, 0.0), np.append(y, 0.0), [len(x)], names)
        rims = [artist for artist in axes.artists if isinstance(artist, Rim)]
        assert len(rims) == 1
        rims[0].set_visible(with_rims)
        return int((pixels_of(figure)[..., :3] == (0, 0, 255)).all(axis=-1).sum())

    assert blue(with_rims=True) == blue(with_rims=False) > 1000
