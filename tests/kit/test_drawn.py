"""What is drawn, as text and as numbers: a wrong picture must differ, a rounded one must not."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import collab_lib
from collab_lib.kit.backdrop import Backdrop
from collab_lib.kit.marks import beside, cells, percent, ticks
from collab_lib.kit.picture import picture
from collab_lib.kit.words import Word, Words
from tests.drawn import TRAINED, difference


@picture()
def usual(axes, change=""):
    """Every kind of artist, with one thing changed."""
    x = np.arange(5.0)
    y = (
        x**2
        * {"rounding": 1.001, "other training": 1.04}.get(change, 1)
        * (-1 if change == "upside down" else 1)
    )
    y = y[::-1] if change == "other order" else y
    axes.plot(
        x,
        y,
        "-o",
        color="red" if change == "other colour" else "blue",
        label="squares",
        linewidth=1 if change == "thin line" else 3,
        alpha=0.3 if change == "faint line" else None,
        markersize=2 if change == "small markers" else 6,
    )
    axes.bar(x, np.roll(y, change == "other bar"), label="bars")
    axes.scatter(
        *((y, x) if change == "swapped" else (x, y)),
        label="dots",
        s=9 if change == "small dots" else 30,
    )
    axes.fill_between(x, y - (0 if change == "no band" else 1), y + 1)
    beside(axes, "✗" if change == "other mark" else "✓", (1, 1), right=3)
    axes.axhline(3, linestyle="--" if change != "solid" else "-")
    axes.text(2, 2, "two", weight="bold" if change == "bold" else "normal")
    axes.patches[0].set_linewidth(4 if change == "frame" else 1)
    axes.set_xticks([0, 2, 3] if change == "moved tick" else [0, 2, 4], ["none", "two", "four"])
    axes.set_ylim(*((30, -30) if change == "flipped" else (-30, 30)))
    axes.set(title="Squares", xlabel="n" if change != "label" else "m", ylabel="n²")
    handles, names = axes.get_legend_handles_labels()
    handles = handles[::-1] if change == "legend" else handles
    (axes.figure if change == "legend elsewhere" else axes).legend(handles, names)
    return "Squares."


CHANGES = (
    "upside down",
    "other order",
    "other colour",
    "other bar",
    "swapped",
    "no band",
    "other mark",
    "solid",
    "flipped",
    "label",
    "thin line",
    "faint line",
    "small markers",
    "small dots",
    "bold",
    "frame",
    "moved tick",
    "legend",
    "legend elsewhere",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_wrong_picture_is_told_from_the_right_one(change):
    assert difference(usual().drawn, usual(change).drawn) is not None


def test_rounding_makes_no_difference():
    assert usual().drawn != usual("rounding").drawn
    assert difference(usual().drawn, usual("rounding").drawn) is None


def test_trained_numbers_may_differ_by_more_and_pictures_may_not():
    trained = usual("other training").drawn
    assert difference(usual().drawn, trained) is not None
    assert difference(usual().drawn, trained, TRAINED) is None
    for change in ("upside down", "other colour", "swapped", "thin line"):
        assert difference(usual().drawn, usual(change).drawn, TRAINED) is not None


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("0.838", "0.870"),  # the errors of two models
        ("0.872", "0.851"),
        ("0.03", "0.045"),
        ("0.030", "0.035"),
        ("-0.02", "0.02"),
        ("−0.012", "0.012"),
        ("1995", "2030"),
        ("1995", "1996"),
        ("4.4", "4.6"),
        ("0.1", "0.2"),
        ("12", "13"),
    ],
)
def test_numbers_that_lessons_tell_apart_differ(stored, now):
    assert difference(f"x {stored}", f"x {now}") is not None
    assert difference(f"x {now}", f"x {stored}") is not None


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("0.8721", "0.8731"),
        ("0.87", "0.88"),
        ("4.4", "4.5"),
        ("0.03", "0.04"),
        ("-0.0004", "0.0005"),
        ("−2.13", "-2.15"),
        ("12340", "12500"),
        ("1e-05", "2e-05"),
        ("1995", "1995"),
    ],
)
def test_last_digits_make_no_difference(stored, now):
    assert difference(f"x {stored}", f"x {now}") is None
    assert difference(f"x {now}", f"x {stored}") is None


def test_a_trained_count_may_look_like_a_year():
    assert difference("x 1950", "x 1990", TRAINED) is None
    assert difference("x 1950", "x 2400", TRAINED) is not None


def test_more_or_fewer_artists_are_a_difference():
    text = usual().drawn
    assert "artists" in difference(text, text + "\n  line")
    assert "artists" in difference(text, text.rpartition("\n")[0])


def test_what_an_earlier_version_stored_is_compared_as_far_as_it_goes():
    def told_less(change=""):
        return re.sub(" *¦.*", "", usual(change).drawn)

    assert "¦" not in told_less() and len(told_less().splitlines()) > 10
    assert difference(told_less(), usual().drawn) is None
    assert difference(told_less(), usual("thin line").drawn) is None
    assert difference(told_less(), usual("upside down").drawn) is not None


def test_a_legend_of_the_whole_figure_is_drawn_too():
    @picture()
    def two(axes, order):
        lines = axes.plot([1, 2], "red") + axes.plot([2, 1], "blue")
        axes.figure.legend(lines[::order], ["up", "down"], loc="outside lower center")
        return "Two."

    assert difference(two(1).drawn, two(-1).drawn) is not None


def test_what_lies_behind_is_drawn_too():
    front, _ = Backdrop(usual().figure).figure_in_front()
    other, _ = Backdrop(usual("swapped").figure).figure_in_front()
    from collab_lib.kit.drawn import drawn

    assert "squares" in drawn(front)
    assert difference(drawn(front), drawn(other)) is not None


def test_numbers_are_those_drawn():
    table = usual().numbers
    squares = table[table["what"] == "squares"]
    assert squares["n"].tolist() == [0, 1, 2, 3, 4] and squares["n²"].tolist() == [0, 1, 4, 9, 16]
    bars = table[table["what"] == "bars"]
    assert bars["n"].tolist() == [0, 1, 2, 3, 4] and bars["n²"].tolist() == [0, 1, 4, 9, 16]
    assert set(table["what"]) == {"squares", "bars", "dots"}


def test_a_line_across_everything_is_one_number_and_without_a_name_none():
    @picture()
    def guides(axes):
        axes.plot([1, 2], [3, 4], label="way")
        axes.axhline(3.5, label="level")
        axes.axvline(1.5, label="edge")
        axes.axvline(1.2)
        return "A way and two guides."

    rows = guides().numbers.fillna("").values.tolist()
    assert rows == [["way", 1, 3], ["way", 2, 4], ["level", "", 3.5], ["edge", 1.5, ""]]


def test_plots_that_share_an_axis_share_its_name():
    @picture(ncols=2, sharey=True)
    def shared(both):
        for axes in both:
            axes.plot([1, 2], [3, 4], label=axes.get_subplotspec().colspan.start)
        both[0].set_ylabel("loss")
        ticks(both[1].xaxis, [1, 2], ["Ada", "Bo"])
        return "Two plots."

    numbers = shared().numbers.fillna("")
    assert numbers.columns.tolist() == ["what", "x", "loss", "name"]
    assert numbers["name"].tolist() == ["", "", "Ada", "Bo"]


def test_dots_are_told_across_before_up():
    dots = usual("swapped").numbers.query("what == 'dots'")
    assert dots["n"].tolist() == [0, 1, 4, 9, 16] and dots["n²"].tolist() == [0, 1, 2, 3, 4]


def test_no_figure_draws_an_image():
    """`drawn` sees none: cells are a mesh (`mesh_of`)."""
    package = Path(collab_lib.__file__).parent
    assert not [path for path in package.rglob("*.py") if ".imshow(" in path.read_text("utf-8")]


def test_cells_are_read_with_their_names():
    @picture()
    def table(axes):
        cells(axes, [[1, np.nan], [3, 4]], ["Ada", "Bo"], ["Alien", "Ca\\$h"], frames=[(1, 0)])
        return "Four cells."

    drawn = table()
    assert drawn.numbers.columns.tolist() == ["row", "Alien", "Ca$h"]
    assert drawn.numbers["Alien"].tolist() == [1, 3]
    (words,) = (part for part in drawn.figure.axes[0].artists if isinstance(part, Words))
    assert words.words == [
        Word(0, 0, "1.00", "white"),
        Word(0, 1, "3.00"),
        Word(1, 1, "4.00"),
    ]
    (frame,) = drawn.figure.axes[0].patches
    assert frame.get_xy() == (-0.5, 0.5), "around Bo's Alien: row 1, column 0"


def test_a_column_that_says_nothing_is_left_out():
    @picture()
    def line(axes):
        axes.plot([1, 2], [3, 4])
        return "A line without a name."

    assert line().numbers.to_dict("list") == {"x": [1, 2], "y": [3, 4]}


def test_columns_of_one_name_are_told_apart():
    @picture()
    def table(axes):
        cells(axes, [[1, 2, 3]], ["Ada"], ["Alien", "Heat", "Alien"])
        return "Three cells."

    assert table().numbers.iloc[0].to_dict() == {
        "row": "Ada",
        "Alien (1)": 1,
        "Heat": 2,
        "Alien (3)": 3,
    }


def test_cells_without_names_are_no_table():
    @picture()
    def surface(axes):
        axes.pcolormesh([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [[1, 2], [3, 4]])
        return "Four values of a function."

    assert surface().numbers.empty, "row 0 and column 0 would be no place on these axes"


def test_a_line_of_names_and_a_percent_axis():
    @picture(ncols=2)
    def two(axes):
        axes[0].plot(["2 to 4", "5 to 9"], [0.1, 0.2], label="shares")
        percent(axes[0].yaxis)
        axes[1].barh(["a", "b"], [1, 2])
        axes[1].set_title("right")
        return "Two."

    assert two().figure.axes[0].yaxis.get_major_formatter()(0.1) == "10%"
    table = two().numbers
    assert table["name"].tolist()[:2] == ["2 to 4", "5 to 9"]
    right = table[table["plot"] == "right"]
    assert right["name"].tolist() == ["a", "b"] and right["x"].tolist() == [1, 2]


def test_a_long_line_is_thinned_and_unnamed_dots_are_left_out():
    @picture()
    def long(axes):
        axes.plot(np.arange(1000), label="long")
        axes.scatter(np.arange(100), np.arange(100))
        return "Long."

    assert len(long().numbers) == 60


ROOT = Path(__file__).parents[2]
RISING = """from collab_lib.kit.picture import picture


@picture()
def rising(axes):
    axes.plot([1, 2], [3.0, 4.0])
    return "It rises."
"""


def test_a_notebook_fails_where_the_code_draws_another_picture(tmp_path):
    """Cells of each kind, in which one number of what is stored is another."""
    room = {}
    exec(RISING, room)
    data, metadata = room["rising"]()._repr_mimebundle_()
    assert "(1 3 2 3 2 4)" in metadata["drawn"]
    cells = [new_code_cell(RISING, execution_count=1)]
    for number, tags in (
        ("4", []),
        ("4.2", []),
        ("4.2", ["nbval-ignore-output"]),
        ("5", ["nbval-ignore-output"]),
        ("5", ["names-where-there-is-room"]),
    ):
        stored = {"drawn": metadata["drawn"].replace("2 3 2 4)", f"2 3 2 {number})")}
        output = new_output("execute_result", data, metadata=stored, execution_count=2)
        cells.append(new_code_cell("rising()", outputs=[output], execution_count=2))
        cells[-1].metadata["tags"] = tags
    notebook = new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    nbformat.write(notebook, tmp_path / "pictures.ipynb")

    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    command += ["-p", "tests.stored_pictures", "-q", str(tmp_path / "pictures.ipynb")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert re.findall(r"^FAILED .*::Cell (\d)", told, re.MULTILINE) == ["2", "4"], told
    assert "the code draws another picture, line 4: 4.2 is now 4" in told


def test_every_notebook_is_compared_in_that_way(request):
    """Also one that is tested alone: hooks in `tests/conftest.py` hold inside `tests` only."""
    notebook = ROOT / "notebooks" / "05_dot_model.ipynb"
    asked = request.session.gethookproxy(notebook).pytest_itemcollected.get_hookimpls()
    assert "tests.stored_pictures" in {hook.plugin_name for hook in asked}
