"""Pixels of a figure: texts that are copied look as matplotlib draws them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.picture import new_figure, picture
from collab_lib.kit.words import Word, write


def figure_of(draw, width=2.0, height=1.0):
    figure = Figure(figsize=(width, height), dpi=100)
    draw(figure)
    return figure


def by_matplotlib(figure):
    canvas = FigureCanvasAgg(figure)
    with rc_context({"text.hinting": "none"}):
        canvas.draw()
    return np.asarray(canvas.buffer_rgba()).astype(int)


def ink(pixels):
    """First and last row and column of what isn't white."""
    rows, columns = np.nonzero((pixels[..., :3] < 200).any(axis=-1))
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


@pytest.mark.parametrize("angle", [0, 30, 50, 90, 135, -45])
def test_a_text_looks_as_matplotlib_draws_it(angle):
    def draw(figure):
        figure.text(0.5, 0.5, "Äg 3.5", rotation=angle, rotation_mode="anchor", color="#d55e00")

    ours, theirs = pixels_of(figure_of(draw)).astype(int), by_matplotlib(figure_of(draw))
    assert theirs[..., :3].min() < 100 and abs(ours - theirs).max() <= 4


def test_a_text_between_pixels_is_moved_by_less_than_one():
    for part in (0.1, 0.4, 0.6, 0.9):
        figure = figure_of(lambda f, part=part: f.text((50 + part) / 200, (40 + part) / 100, "g8"))
        assert abs(ink(pixels_of(figure)) - ink(by_matplotlib(figure))).max() <= 1


@pytest.mark.parametrize("how", [{"alpha": 0.5}, {"color": (0, 0, 1, 0.5)}])
def test_a_text_that_lets_light_through(how):
    figure = figure_of(lambda f: f.text(0.25, 0.25, "half", **how))
    assert abs(pixels_of(figure).astype(int) - by_matplotlib(figure)).max() <= 4


def test_a_formula_is_drawn():
    figure = figure_of(lambda f: f.text(0.25, 0.25, "$x^2$"))
    assert ink(pixels_of(figure)).tolist() == ink(by_matplotlib(figure)).tolist()


def test_a_text_outside_of_the_figure_is_cut():
    figure = figure_of(lambda f: (f.text(-0.1, 0.5, "left"), f.text(0.9, 0.9, "right and above")))
    assert abs(pixels_of(figure).astype(int) - by_matplotlib(figure)).max() <= 4


def test_what_was_drawn_before_changes_nothing():
    def one(figure):
        figure.text(0.25, 0.5, "one", color="red")

    first = pixels_of(figure_of(one))
    kept = first.copy()
    pixels_of(figure_of(lambda f: f.text(0.25, 0.5, "one", color="blue", weight="bold")))
    assert (first == kept).all(), "each picture has pixels of its own"
    assert (pixels_of(figure_of(one)) == kept).all()


def test_asking_for_the_renderer_leaves_what_is_drawn():
    figure = new_figure(2, 1)
    figure.text(0.25, 0.5, "one")
    drawn = pixels_of(figure)
    figure.canvas.get_renderer()  # as `get_window_extent` does, also in the middle of a drawing
    assert (np.asarray(figure.canvas.buffer_rgba()) == drawn).all()


def test_two_threads_draw_two_pictures():
    def drawing(word):
        def draw(_):
            figure = figure_of(lambda f: [f.text(0.1, 0.1 + n / 50, word) for n in range(40)])
            return pixels_of(figure)

        return draw

    alone = [drawing(word)(0) for word in ("one", "other")]
    with ThreadPoolExecutor(2) as threads:
        both = [threads.map(drawing(word), range(20)) for word in ("one", "other")]
        for pictures, wanted in zip(both, alone, strict=True):
            assert all((picture == wanted).all() for picture in pictures)


def test_a_font_that_is_changed_later_is_drawn():
    figure = figure_of(lambda f: f.text(0.1, 0.3, "word", fontsize=8))
    small = ink(pixels_of(figure))
    figure.texts[0].set_fontsize(16)
    large = ink(pixels_of(figure))
    assert large[3] - large[2] > 1.5 * (small[3] - small[2])


def test_a_length_is_the_same_wherever_it_is_measured():
    figure = new_figure()
    figure.text(0.1, 0.3, "never measured before")
    figure.draw_without_rendering()
    before = figure.texts[0].get_window_extent().width
    pixels_of(figure)
    assert figure.texts[0].get_window_extent().width == before


def test_words_stand_where_texts_would():
    def axes_of(figure):
        axes = figure.add_axes([0, 0, 1, 1], xlim=(0, 200), ylim=(0, 100))
        axes.set_axis_off()
        return axes

    figures = []
    for weight in ("normal", "bold"):
        words = figure_of(lambda f: None)
        write(axes_of(words), [Word(60, 50, "−0.25", "#0072b2")], 12, weight)
        text = figure_of(lambda f: None)
        how = {"ha": "center", "va": "center", "fontsize": 12, "weight": weight}
        axes_of(text).text(60, 50, "−0.25", color="#0072b2", **how)
        figures.append(pixels_of(words))
        assert abs(ink(pixels_of(words)) - ink(pixels_of(text))).max() <= 1
        darkest = [pixels_of(f).min(axis=(0, 1)).astype(int) for f in (words, text)]
        assert abs(darkest[0] - darkest[1]).max() < 40, "the same colour"
    assert (figures[0] != figures[1]).any(), "bold is bold"


def test_a_word_without_a_place_is_left_out():
    figure = figure_of(lambda f: f.add_axes([0, 0, 1, 1]).set_axis_off())
    write(figure.axes[0], [Word(np.nan, 0.5, "nowhere"), Word(0.5, 0.5, "8")], 12)
    left, right = ink(pixels_of(figure))[2:]
    assert right - left < 12 and 90 < left < 110


def test_two_threads_leave_matplotlibs_settings_as_they_were():
    @picture()
    def line(axes):
        axes.plot([0, 1])
        return "A line."

    before = dict(rcParams)
    with ThreadPoolExecutor() as pool:
        for made in [pool.submit(line) for _ in range(12)]:
            made.result()
    assert dict(rcParams) == before
