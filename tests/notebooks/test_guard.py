"""Every notebook has been run, is clean, and has the shape that a reader relies on."""

import ast
import copy
import importlib
import itertools
import re
from pathlib import Path
from statistics import median
from urllib.parse import unquote

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from collab_lib.kit.check import check
from collab_lib.kit.picture import contrast
from tests.notebooks.lessons import (
    FOLDER,
    PATHS,
    code_cells,
    exercises,
    given_away,
    has_tag,
    prose,
    read,
)
from tools.course import DOOR, contents, front_door, lessons, minutes_needed, navigation
from tools.notebooks import KEPT_METADATA, normalise
from tools.places import Places, read_places
from tools.slides import LAYER, PREDICT, SLIDE_TYPES, cut

COURSE = lessons()
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
LESSONS = PATHS[1:]
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
ENDING = ["Check yourself", "Exercises", "What we learnt", "Going further"]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
WIDGET = "application/vnd.jupyter.widget-view+json"


def headings(notebook) -> list[tuple[int, str]]:
    text = re.sub(r"```.*?```", "", prose(notebook), flags=re.DOTALL)
    return [(len(m[1]), m[2]) for m in re.finditer(r"^(#{1,6}) (.+)$", text, re.MULTILINE)]


def test_the_course_is_what_lessons_toml_says():
    assert PATHS == [lesson.path for lesson in COURSE]
    for lesson in COURSE:
        assert (FOLDER.parent / "collab_lib" / "lessons" / lesson.module).is_dir()
        name = headings(read(lesson.path))[0][1]
        assert lesson.number == 0 or name == lesson.heading


def test_tables_of_contents_are_written_from_lessons_toml():
    assert contents() in prose(read(PATHS[0]))
    assert contents("notebooks/") in (FOLDER.parent / "README.md").read_text(encoding="utf-8")


def test_readme_opens_with_the_places_where_the_course_is_published():
    (door,) = DOOR.findall((FOLDER.parent / "README.md").read_text(encoding="utf-8"))
    assert door == front_door(read_places(environment={}))
    assert front_door(Places()) == ""
    told = front_door(Places("teacher/course", site="https://course.example/"))
    assert "(https://course.example/)" in told
    assert "git clone https://github.com/teacher/course" in told
    assert [name in told for name in ("[Colab]", "[Binder]", "[Codespaces]")] == [True] * 3


@every_notebook
def test_it_was_run_from_top_to_bottom(path):
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@every_notebook
def test_its_outputs_are_clean(path):
    notebook = read(path)
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error"]
    assert not [o for o in outputs if o.get("name") == "stderr"]
    assert "widgets" not in notebook.metadata
    assert path.stat().st_size < 1_000_000
    assert outputs


@every_notebook
def test_every_cell_that_shows_something_has_its_output(path):
    """A stripped cell would pass nbval unchecked."""
    for cell in code_cells(read(path)):
        last = cell.source.rstrip().splitlines()[-1]
        shows = re.match(r"(print|display|figures\.|panels\.|check_|scoreboard)", last)
        assert cell.outputs or not shows, cell.source


@every_notebook
def test_pictures_have_a_description(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "image/png" not in data, "each picture is stored once, as HTML with its text"
            if "<img" in data.get("text/html", ""):
                assert len(data["text/plain"]) > 20
                assert not data["text/plain"].startswith("<"), cell.source
                assert 'alt="' in data["text/html"]
                assert "The numbers in this picture" in data["text/html"], cell.source
                empty = re.findall("<td>(?:None|NaN|nan)</td>", data["text/html"])
                assert not empty, "what isn't there yet is an empty cell, and no word to be read"
                assert output.metadata.drawn, "what was drawn is stored beside the picture"


LINE_DRAWN = re.compile(
    r"^ +line .*?(#[0-9a-f]{6}) (\S+) (\S+) n=.* edge (#[0-9a-f]{6})( outlined)?$", re.MULTILINE
)


@every_notebook
def test_lines_and_dots_stand_out_from_the_paper(path):
    """Each is 3:1 apart from white, or has an edge that is."""
    outputs = [output for cell in code_cells(read(path)) for output in cell.outputs]
    pictures = [o.metadata.drawn for o in outputs if "drawn" in o.get("metadata", {})]
    for picture in pictures:
        found = LINE_DRAWN.findall(picture)
        assert len(found) == len(re.findall(r"^ +line ", picture, re.MULTILINE))
        for colour, style, marker, edge, outlined in found:
            assert style == "None" or outlined or contrast(colour) >= 3, picture
            assert marker == "None" or contrast(edge) >= 3, picture


@every_notebook
def test_metadata_is_the_same_on_every_machine(path):
    notebook = read(path)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(set(c.metadata) <= KEPT_METADATA for c in notebook.cells)


@every_notebook
def test_every_cell_has_its_place_in_the_deck(path):
    """`python -m tools.notebooks --slides` gives it one."""
    cells = read(path).cells
    types = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells]
    assert set(types) <= SLIDE_TYPES, "the deck knows no other slide type"
    assert types[0] == "slide"
    for cell in cells:
        assert len(cut(cell)) == 1, f"a slide would begin in the middle of this:\n{cell.source}"


@every_notebook
def test_a_class_predicts_before_it_sees(path):
    shown = [c for c in read(path).cells if c.metadata.slideshow.slide_type != "skip"]
    for cell, answer in itertools.pairwise(shown):
        if PREDICT in cell.source:
            assert answer.metadata.slideshow.slide_type in {"slide", "subslide", "fragment"}
        if answer.source.startswith("**Try this.**"):
            assert answer.metadata.slideshow.slide_type == "", "apart from its panel"
        layer = answer.metadata.get(LAYER, {}).get("layer")
        assert (answer.metadata.slideshow.slide_type == "") == (layer == "slide"), "an empty press"


@every_notebook
def test_headings_skip_no_level(path):
    levels = [level for level, _ in headings(read(path))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


@every_notebook
def test_links_lead_somewhere(path):
    for target in LINK.findall(prose(read(path))):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = unquote(target).partition("#")
        other = (path.parent / file) if file else path
        assert other.exists(), target
        if anchor and other.suffix == ".ipynb":
            anchors = [title.replace(" ", "-") for _, title in headings(read(other))]
            assert anchor in anchors, target


@every_lesson
def test_it_has_the_fixed_shape(path):
    notebook = read(path)
    number = int(path.stem[:2])
    text = prose(notebook)
    (_, title), *rest = headings(notebook)
    assert title.startswith(f"{number}. ")
    assert [name for level, name in rest if level == 2][-4:] == ENDING
    assert text.split("\n\n")[1] == navigation(number)
    assert text.rstrip().endswith(navigation(number))
    for part in ("**You will be able to**", "**Before you start**", "**Time**"):
        assert text.count(part) == 1, part
    able = text.split("**You will be able to**")[1].split("**Before you start**")[0]
    assert 3 <= len(re.findall(r"^- ", able, re.MULTILINE)) <= 5


@every_lesson
def test_it_asks_before_it_shows(path):
    notebook = read(path)
    assert prose(notebook).count("**Predict.**") >= 4
    for place, cell in enumerate(notebook.cells):
        if any(WIDGET in o.get("data", {}) for o in cell.get("outputs", [])):
            after = notebook.cells[place + 1].source
            assert after.startswith("**Try this.**"), cell.source
            assert "<summary>Answer</summary>" in after, cell.source


@every_lesson
def test_it_has_questions_and_exercises(path):
    notebook = read(path)
    questions = prose(notebook).split("## Check yourself")[1].split("## Exercises")[0]
    assert 3 <= len(re.findall(r"^\*\*\d\.\*\*", questions, re.MULTILINE)) <= 6
    assert questions.count("<summary>Answer") == len(re.findall(r"^\*\*\d\.\*\*", questions, re.M))
    assert 2 <= len(list(exercises(notebook))) <= 4


@pytest.mark.parametrize("path", PATHS[2:], ids=lambda path: path.stem)
def test_it_asks_first_what_is_remembered(path):
    asked = prose(read(path)).split("## Do you remember?")[1].split("\n## ")[0]
    assert asked.count("<summary>Answer") == 3


@every_notebook
def test_exercises_are_whole(path):
    notebook = read(path)
    titles = [name for _, name in headings(notebook) if re.match(r"Exercise \d+: ", name)]
    found = list(exercises(notebook))
    assert [title.split()[1] for title in titles] == [f"{n + 1}:" for n in range(len(found))]
    assert all(has_tag(check, "check") for _, check, _ in found)
    text = prose(notebook)
    assert text.count("<summary>Hint</summary>") == len(found)
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")


@every_notebook
def test_every_check_goes_through_the_one_door_and_has_a_bank(path):
    """Each is under `@check`, and the lesson's tests ask it and read what it advises."""
    module = COURSE[int(path.stem[:2])].module
    checks = importlib.import_module(f"collab_lib.lessons.{module}.checks")
    door = check(lambda: None).__code__
    tests = [
        ast.unparse(node)
        for file in sorted((FOLDER.parent / "tests" / "lessons").glob(f"test_{module}*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    for _, cell, _ in exercises(read(path)):
        (called,) = re.findall(r"^checks\.(check_\w+)\(", cell.source, re.MULTILINE)
        assert getattr(checks, called).__code__ is door, f"{called} is not under @check"
        bank = "\n".join(test for test in tests if re.search(rf"\b{called}\(", test))
        assert ".passed" in bank, f"no test in tests/lessons asks {called}"
        assert re.search(r"\.message|\badvice\b", bank), f"no test reads the advice of {called}"


def test_what_gives_a_solution_away():
    rows = "def weigh(n):\n    return n / (n + damping)\n"
    assert given_away("Try n/(n + damping).", (rows,)) == "n / (n + damping)"
    assert given_away("Divide by more than n.", (rows,)) is None
    shape = "batch = 32\nshape = (32, 10 + 4)"
    assert given_away("It is (32,10+4)", (rows, shape)) == "(32, 10 + 4)"
    assert given_away("It is (32, 14): one row a pair.", (shape,)) == "(32, 14)"
    assert given_away("Not (32, 10).", (shape, "weight = 0.3", "def a():\n    return b")) is None


@every_lesson
def test_code_cells_are_short(path):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(read(path))]
    assert median(lengths) < 8
    assert max(lengths) <= 32


@every_lesson
def test_most_outputs_are_compared(path):
    cells = code_cells(read(path))
    ignored = [c for c in cells if has_tag(c, "nbval-ignore-output")]
    assert not [c for c in cells if has_tag(c, "nbval-skip")]
    assert len(ignored) <= len(cells) / 3
    for cell in ignored:
        place = cells.index(cell)
        beside = [c.source for c in cells[max(0, place - 1) : place + 3]]
        assert any("assert" in source for source in beside), cell.source


@every_lesson
def test_its_time_is_honest(path):
    lesson = COURSE[int(path.stem[:2])]
    assert lesson.time in prose(read(path))
    needed = minutes_needed(read(path))
    stated = (lesson.minutes, lesson.exercise_minutes)
    for what, number, least in zip(("minutes", "exercise_minutes"), stated, needed, strict=True):
        assert 0.8 * least <= number <= 1.2 * least, f"{what} is {number}; it takes {least:.0f}"


@every_notebook
def test_cells_that_only_assert_are_folded_away(path):
    for cell in code_cells(read(path)):
        only_asserts = all(isinstance(line, ast.Assert) for line in ast.parse(cell.source).body)
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert only_asserts <= folded, cell.source


def test_a_new_cell_changes_no_other_in_the_eyes_of_git():
    """Ids and the names of widgets stay; a cell that is a copy of another gets an id of its own."""
    notebook = read(PATHS[3])
    before = copy.deepcopy(notebook.cells)
    new, twin = new_code_cell("1 + 1"), copy.deepcopy(notebook.cells[-1])
    new.metadata = {"slideshow": {"slide_type": "skip"}, "collapsed": True}
    notebook.cells[5:5] = [new]
    notebook.cells.append(twin)
    normalise(notebook, PATHS[3].stem)
    *same, last = [cell for cell in notebook.cells if cell is not new]
    assert same == before
    assert any(WIDGET in o.get("data", {}) for cell in before for o in cell.get("outputs", []))
    assert last.id != before[-1].id and last.source == before[-1].source
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert set(new.metadata) == {"slideshow"}


def test_a_cell_that_warned_is_not_stored():
    warned = new_output("stream", name="stderr", text="it is deprecated")
    notebook = new_notebook(cells=[new_code_cell("1 + 1", outputs=[warned])])
    with pytest.raises(ValueError, match="deprecated"):
        normalise(notebook, "a_notebook")


def test_no_notebook_names_a_machine():
    for path in PATHS:
        text = Path(path).read_text(encoding="utf-8")
        assert not re.search(r"/(home|root|Users|tmp)/", text), path.name
