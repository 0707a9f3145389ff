"""A panel's picture is the same whether its ticks and labels are drawn or copied."""

import pytest

from collab_lib.kit import frames
from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.controls import slider
from collab_lib.kit.frames import KEPT, Frames
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import picture

PLACES = {"left": 0.2, "right": 0.97, "top": 0.85, "bottom": 0.25, "wspace": 0.5}


@picture(width=5, height=2.5, places=PLACES, ncols=2)
def bars(both, heights=(1, 3), change=lambda left, right: None):
    left, right = both
    left.bar(range(len(heights)), heights, label="bars")
    left.set(xlabel="which bar", ylabel="how much", title=f"{sum(heights)}", ylim=(0, 5))
    left.set_xticks(range(len(heights)), [f"bar {n}" for n in range(len(heights))])
    right.plot(heights, "o-", label="line")
    right.set(yscale="log", ylim=(0.1, 100))
    right.legend()
    change(left, right)
    return "Bars."


@picture(width=5, height=2.5)
def laid_out(axes, n):
    axes.plot([n], [n], "o", label="dot")
    return "A dot."


def same(frames_, made):
    """Are the figure's pixels those of a full drawing? And is the figure left as it was?"""
    before = made.drawn
    quick, full = frames_.pixels(made.figure).astype(int), pixels_of(made.figure).astype(int)
    assert abs(quick - full).max() <= 2
    assert type(made)(made.figure, made.sentence).drawn == before


CHANGES = {
    "bold": lambda left, right: left.get_xticklabels()[0].set_weight("bold"),
    "turned": lambda left, right: left.tick_params("x", rotation=40),
    "one turned": lambda left, right: left.get_xticklabels()[1].set_rotation(60),
    "no marks": lambda left, right: right.tick_params(which="both", length=0),
    "far": lambda left, right: left.set_ylim(0, 500),
    "linear": lambda left, right: right.set_yscale("linear"),
    "upside down": lambda left, right: right.invert_yaxis(),
    "names": lambda left, right: left.set_xticks([0, 1], ["first", "second"]),
    "label": lambda left, right: left.set_xlabel("which one", color="red"),
    "moved": lambda left, right: left.set_position([0.1, 0.3, 0.3, 0.5]),
    "grid": lambda left, right: left.grid(),
    "off": lambda left, right: left.set_axis_off(),
    "no axis": lambda left, right: left.xaxis.set_visible(False),
    "grey": lambda left, right: left.set_facecolor("lightgrey"),
    "square": lambda left, right: right.set_aspect("equal"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_drawn(change):
    kept = Frames()
    same(kept, bars())
    same(kept, bars((2, 1), change))
    same(kept, bars((4, 2)))
    same(kept, bars((1, 1), change))


def test_a_frame_is_drawn_once(monkeypatch):
    drawn = []
    monkeypatch.setattr(frames, "pixels_of", lambda f: drawn.append(f) or pixels_of(f))
    kept = Frames()
    for heights in ((1, 3), (2, 2), (4, 1)):
        kept.pixels(bars(heights).figure)
    assert len(drawn) == 4


def test_the_first_move_copies_the_frame_already(monkeypatch):
    panel = Panel(lambda n: laid_out(1), keep_layout=True, n=slider("n", 1, 4, 1))
    drawn = []
    monkeypatch.setattr(frames, "pixels_of", lambda f: drawn.append(f) or pixels_of(f))
    panel(n=2)
    assert len(drawn) == 1


def test_few_frames_are_kept_and_the_oldest_goes_first():
    kept = Frames()
    for top in range(5, 5 + KEPT + 3):
        kept.pixels(bars(change=lambda left, right, top=top: left.set_ylim(0, top)).figure)
    assert len(kept._kept) == KEPT
    same(kept, bars(change=lambda left, right: left.set_ylim(0, 5)))


def test_a_layout_that_follows_the_labels_is_drawn_in_full():
    kept = Frames()
    same(kept, laid_out(1))
    assert not kept._kept


def test_a_panel_shows_what_was_drawn():
    panel = Panel(lambda n: bars((n, 2)), n=slider("n", 1, 4, 1))
    for n in (3, 1, 4):
        panel(n=n)
        assert panel.view.value == bars((n, 2)).html(compress_level=1)
