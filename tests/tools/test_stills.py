"""Panels without a kernel: what is drawn for the site, and when the build must fail."""

import json
import math

import nbformat
import pytest
from ipywidgets import Text
from PIL import Image

from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.controls import box, choice, pick, slider, stepper
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture, new_figure, picture
from collab_lib.kit.training_panel import TrainingPanel
from tools import stills, try_this
from tools.stills import NotLive, axes_of, compare, walk


@picture(width=3, height=2)
def line(axes, **values):
    axes.plot([0, 1], [0, sum(v for v in values.values() if isinstance(v, int | float))], label="a")
    return f"A line for {values}."


def draw(**values):
    return line(**values)


def test_the_grid_is_every_combination_and_the_last_control_changes_fastest(tmp_path):
    panel = Panel(draw, steps=slider("Steps", 1, 3, 2), deep=box("Deep"))
    grid = walk(panel, folder=tmp_path)
    assert [(a.label, a.kind, a.labels) for a in grid.axes] == [
        ("Steps", "range", ["1", "2", "3"]),
        ("Deep", "box", ["no", "yes"]),
    ]
    assert grid.start == 2
    states = [(steps, deep) for steps in (1, 2, 3) for deep in (False, True)]
    for place, (steps, deep) in enumerate(states):
        assert grid.sentences[place] == panel(steps=steps, deep=deep).sentence
        drawn = Image.open(tmp_path / f"{grid.pictures[place]}.webp").convert("RGB")
        assert drawn.size == (grid.width, grid.height)
        few = Image.fromarray(pixels_of(draw(steps=steps, deep=deep).figure)).convert("RGB")
        few = few.quantize(256, method=Image.Quantize.FASTOCTREE).convert("RGB")
        assert drawn.tobytes() == few.tobytes()


def test_equal_pictures_are_stored_once(tmp_path):
    panel = Panel(lambda name: line(up=1), name=pick("Name", ["a", "b", "c"], "a"))
    with pytest.raises(NotLive, match="nothing changes"):
        walk(panel, folder=tmp_path)
    panel = Panel(lambda n: line(up=n // 2), n=slider("n", 0, 3, 0))
    assert walk(panel, folder=tmp_path).pictures == [0, 0, 1, 1]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_table_is_told_as_the_notebook_shows_it():
    grid = walk(Panel(draw, n=slider("n", 0, 1, 0)))
    names, *rows = grid.tables[grid.numbers[1]]
    html = draw(n=1).html()
    assert rows
    for word in [*names, *(word for row in rows for word in row)]:
        assert f">{word}<" in html


def test_a_button_that_moves_a_slider_on_comes_along(tmp_path):
    code = LESSON.format(last=3).replace("slider", "stepper").replace(", 1)", ", 1, press='On')")
    path = tmp_path / "01_one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    (made,) = stills.make([path], folder=tmp_path / "stills").values()
    (panel,) = json.loads((made / "panels.json").read_text())
    (control,) = panel["controls"]
    assert (control["kind"], control["button"]) == ("range", "On")
    assert (
        stepper("n", 1, 3, 1).press,
        axes_of(Panel(draw, n=slider("n", 1, 3, 1)))[0].button,
    ) == (
        "Step",
        "",
    )


def test_stills_choose_the_values():
    size = choice("Size", [("small", 0.5), ("large", 2.0)], 0.5)
    panel = Panel(draw, stills={"n": [1, 50, 100]}, n=slider("n", 1, 100, 50), size=size)
    n, size = axes_of(panel)
    assert (n.values, n.start) == ([1, 50, 100], 1)
    assert (size.labels, size.values) == (["small", "large"], [0.5, 2.0])


def test_a_value_that_the_control_does_not_have_fails():
    with pytest.raises(NotLive, match="n the value 7"):
        axes_of(Panel(draw, stills={"n": [1, 7]}, n=slider("n", 1, 5, 1)))


@pytest.mark.parametrize("limit", [2, 10, 60, 400])
def test_too_many_states_are_thinned_and_the_start_stays(limit):
    panel = Panel(
        draw, a=slider("a", 1, 100, 37), b=slider("b", 0, 1, 0.3, 0.1), c=box("c", value=True)
    )
    axes = axes_of(panel, limit)
    assert limit / 4 < math.prod(len(axis.values) for axis in axes) <= limit
    assert [axis.values[axis.start] for axis in axes] == [37, 0.3, True]


def test_thinning_keeps_both_ends_of_a_long_slider():
    (axis,) = axes_of(Panel(draw, a=slider("a", 1, 100, 38)), limit=30)
    assert (axis.values[0], axis.values[-1]) == (1, 100)


def test_free_text_becomes_a_list_and_the_list_beside_it_is_whole():
    films = {"": [("Alien", 1), ("Brazil", 2), ("Casino", 3)], "b": [("Brazil", 2)]}
    found = pick("Film", films["b"], 2)
    typed = Text(value="b", description="Search")

    def refill(change):
        with panel.held():
            found.options = films[typed.value]

    typed.observe(refill, names="value")
    panel = Panel(
        lambda search, film: line(film=film), stills={"search": [""]}, search=typed, film=found
    )
    grid = walk(panel)
    search, film = grid.axes
    assert search.labels == ["(empty)"] and film.labels == ["Alien", "Brazil", "Casino"]
    assert typed.value == "b" and found.options == (("Brazil", 2),)
    # The lesson shows Brazil: that is where the page must begin.
    assert grid.sentences[grid.start] == panel.picture.sentence


def test_a_panel_whose_start_is_left_out_fails():
    panel = Panel(draw, stills={"n": [1, 2]}, n=slider("n", 1, 9, 5))
    with pytest.raises(NotLive, match=r"starts with.*n=2"):
        walk(panel)


def test_a_panel_that_says_something_else_than_was_walked_fails():
    calls = []

    def forgetful(n):
        calls.append(n)
        return line(n=n, calls=len(calls) // 5)

    panel = Panel(forgetful, n=slider("n", 1, 3, 1))
    grid = walk(panel)
    with pytest.raises(NotLive, match="the page would say"):
        compare(panel, grid)


def test_a_panel_that_shows_another_picture_than_was_walked_fails():
    calls = []

    @picture()
    def drifting(axes, n):
        calls.append(n)
        axes.plot([0, n, len(calls) // 5])
        return f"A line to {n}."

    panel = Panel(drifting, n=slider("n", 1, 3, 1))
    grid = walk(panel)
    with pytest.raises(NotLive, match="another picture"):
        compare(panel, grid)


def test_a_sample_is_kept_as_the_page_names_it():
    panel = Panel(draw, n=slider("Steps", 1, 3, 2), deep=box("Deep"))
    sample = compare(panel, walk(panel))
    assert {"set": {"Steps": "3", "Deep": "yes"}, "says": draw(n=3, deep=True).sentence} in sample
    assert panel.picture.sentence == draw(n=2, deep=False).sentence  # and the panel is as it was


def test_a_panel_that_trains_is_recorded_epoch_by_epoch():
    def train(rate, n_epochs):
        yield from (rate * (epoch + 1) for epoch in range(n_epochs))

    def progress(runs, rate, n_epochs):
        return line(losses=[run.epochs[-1] for run in runs if run.epochs], rate=rate)

    panel = TrainingPanel(
        progress,
        train,
        stills=[{"rate": 1, "n_epochs": 3}, {"rate": 2, "n_epochs": 2}],
        rate=choice("Rate", [1, 2], 1),
        n_epochs=slider("Epochs", 1, 9, 4),
    )
    grid = walk(panel)
    assert grid.lengths == [1, 3, 2]
    assert grid.axes[0].labels == ["not trained yet", "run 1: Rate 1", "run 2: Rate 2"]
    losses = [sentence.partition("]")[0].rpartition("[")[2] for sentence in grid.sentences]
    # The second run is drawn over the first, as if both had been trained one after the other.
    assert losses == ["", "1", "2", "3", "3, 2", "3, 4"]


def test_few_states_take_few_runs():
    def train(n_epochs):
        yield from range(n_epochs)

    def progress(runs, n_epochs):
        return line(epochs=sum(len(run.epochs) for run in runs))

    settings = [{"n_epochs": 3}, {"n_epochs": 2}, {"n_epochs": 4}]
    panel = TrainingPanel(progress, train, stills=settings, n_epochs=slider("Epochs", 1, 9, 4))
    assert walk(panel, limit=4).lengths == [1, 3]
    assert walk(panel, limit=5).lengths == [1, 3, 2]


TRY_THIS = """**Try this.** Move *Steps* from 1 to 9, then to −3 and back. Set *How* to "slow".
Choose *fast*. What do 77 *steps* tell?

<details><summary>Answer</summary>*Steps* to 55</details>"""


@pytest.mark.parametrize(
    ("steps", "how", "missing"),
    [
        (["1", "9", "−3"], ["slow", "fast"], []),
        (["1", "9", "-3"], ["fast", "slow", "other"], []),
        (["1", "−3"], ["slow", "fast"], ["Steps: 9"]),
        (["1", "9"], ["slow"], ["Steps: −3", "How: fast"]),
        (["1", "9", "−3"], ["fast"], ["How: slow"]),
    ],
)
def test_what_a_try_this_names_is_looked_for_on_the_page(steps, how, missing):
    options = {"Steps": steps, "How": ["slow", "fast", "other"]}
    text = try_this.asked(TRY_THIS)
    assert try_this.left_out(text, {"Steps": steps, "How": how}, options) == missing
    assert try_this.asked("**Predict.** Move *Steps* to 9.") == ""


def test_a_page_without_what_its_try_this_names_fails(tmp_path):
    path = lesson(tmp_path, last=5)
    notebook = nbformat.read(path, 4)
    cell = nbformat.v4.new_markdown_cell("**Try this.** Move *n* from 1 to 7.")
    nbformat.write(nbformat.v4.new_notebook(cells=[*notebook.cells, cell]), path)
    with pytest.raises(NotLive, match=r"Try this names: \['n: 7'\]"):
        stills.make([path], folder=tmp_path / "stills")


def test_plots_side_by_side_may_be_cut_apart_where_no_picture_has_ink():
    @picture(8, 3, ncols=2)
    def two(axes, n, name):
        axes[0].plot([0, n])
        axes[1].plot([0, -n])
        if name:
            axes[0].figure.suptitle("over both plots, from one end to the other")
        return f"Two lines, {n}, {name}."

    panel = Panel(lambda n: two(n, ""), n=slider("n", 1, 3, 1))
    (cut,) = walk(panel).pieces
    assert 0.4 < cut < 0.6
    panel = Panel(lambda n: two(n, "x" if n == 3 else ""), n=slider("n", 1, 3, 1))
    assert walk(panel).pieces == []


def test_a_cut_leaves_labels_beside_their_plot_also_those_of_a_backdrop():
    behind = new_figure(8, 3)
    behind.set_layout_engine("none")
    behind.add_axes([0.02, 0.1, 0.4, 0.8])
    axes = behind.add_axes([0.6, 0.1, 0.38, 0.8])
    axes.set_yticks([0, 1], ["a long name", "b"])
    backdrop = Backdrop(behind)

    def two(n):
        figure, (left, right) = backdrop.figure_in_front()
        left.plot([0.1, 0.1 * n])
        right.plot([0.2, 0.2 * n])
        return Picture(figure, f"Two lines, {n}.")

    (cut,) = walk(Panel(two, n=slider("n", 1, 3, 1))).pieces
    assert 0.42 < cut < 0.6 - 0.1  # left of the name, which is a tenth of the width


LESSON = """from tests.tools.test_stills import draw
from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.controls import slider
from collab_lib.kit.panel import Panel

panel = Panel(draw, n=slider("n", 1, {last}, 1))
panel"""


def lesson(folder, **kept):
    cells = [nbformat.v4.new_code_cell(LESSON.format(**kept))]
    path = folder / "01_one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_lesson_is_drawn_once_and_again_when_its_code_changes(tmp_path):
    path = lesson(tmp_path, last=3)
    (first,) = stills.make([path], folder=tmp_path / "stills").values()
    (panel,) = json.loads((first / "panels.json").read_text())
    assert len(panel["sentences"]) == 3
    made = (first / "panels.json").stat().st_mtime_ns
    assert stills.make([path], folder=tmp_path / "stills") == {"01_one": first}
    assert (first / "panels.json").stat().st_mtime_ns == made
    (second,) = stills.make([lesson(tmp_path, last=4)], folder=tmp_path / "stills").values()
    assert second != first and not first.exists()
    assert len(json.loads((second / "panels.json").read_text())[0]["sentences"]) == 4


def test_a_lesson_is_run_up_to_its_last_panel(tmp_path):
    path = lesson(tmp_path, last=3)
    notebook = nbformat.read(path, 4)
    after = [nbformat.v4.new_code_cell(code) for code in ("1 / 1", "panel", "1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=[*notebook.cells, *after]), path)
    (made,) = stills.make([path], folder=tmp_path / "stills").values()
    assert len(json.loads((made / "panels.json").read_text())) == 2


def test_what_is_not_live_stops_with_lesson_and_cell(tmp_path):
    with pytest.raises(NotLive, match=r"(?s)01_one.*panel: nothing changes"):
        stills.make([lesson(tmp_path, last=1)], folder=tmp_path / "stills")


def test_a_key_covers_the_lesson_its_own_library_and_the_limit(tmp_path):
    keys = {stills.lesson_key(lesson(tmp_path, last=n), limit) for n in (3, 4) for limit in (5, 6)}
    assert len(keys) == 4


def test_a_key_covers_what_is_to_be_tried_and_no_other_text(tmp_path):
    keys = []
    for text in ("**Try this.** Set *n* to 3.", "**Try this.** Set *n* to 4.", "Read.", "Go on."):
        path = lesson(tmp_path, last=3)
        notebook = nbformat.read(path, 4)
        notebook.cells.append(nbformat.v4.new_markdown_cell(text))
        nbformat.write(notebook, path)
        keys.append(stills.lesson_key(path, 5))
    assert len(set(keys)) == 3 and keys[2] == keys[3]
