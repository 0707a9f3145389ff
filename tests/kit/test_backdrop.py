"""What never changes in a panel's picture lies behind what does, as it was drawn."""

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.picture import new_figure


def test_a_figure_in_front_looks_like_the_one_behind_and_takes_its_axes():
    behind = new_figure(4, 3)
    axes = behind.subplots()
    axes.plot([1, 10, 1000], label="steps")
    axes.set(yscale="log", ylim=(1, 2000), xlim=(-1, 3))
    front, (bare,) = Backdrop(behind).figure_in_front()
    assert (pixels_of(front) == pixels_of(behind)).all()
    for part in ("get_xlim", "get_ylim", "get_yscale"):
        assert getattr(bare, part)() == getattr(axes, part)()
