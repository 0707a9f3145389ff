"""The copies of the lessons for machines that don't have the course, and the container."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from tools.colab import copy_for_colab, make_copies
from tools.course import lesson_paths
from tools.places import Places

ROOT = Path(__file__).parents[2]
PLACES = Places("teacher/course", site="https://teacher.github.io/course/")


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_a_copy_installs_first_and_links_to_the_web(path):
    lesson = nbformat.read(path, as_version=4)
    copy = copy_for_colab(lesson, PLACES)
    nbformat.validate(copy)
    first, *rest = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert first.source.splitlines()[1] == (
        '%pip install --quiet "collab_lib @ git+https://github.com/teacher/course@main"'
    )
    assert [c.source for c in rest] == [c.source for c in lesson.cells if c.cell_type == "code"]
    links = [
        link
        for cell in copy.cells
        if cell.cell_type == "markdown"
        for link in re.findall(r"\]\(([^)\s]+)\)", cell.source)
    ]
    assert not [link for link in links if link.startswith("..")]
    beside = {other.name for other in lesson_paths()}
    whole = [link for link in links if link.startswith(("https:", "http:", "#", "mailto:"))]
    assert {link.partition("#")[0] for link in links if link not in whole} <= beside


def test_the_glossary_is_found_with_and_without_a_site():
    cells = [nbformat.v4.new_markdown_cell("[loss](../docs/glossary.md#loss)")]
    cells.append(nbformat.v4.new_code_cell("1"))
    lesson = nbformat.v4.new_notebook(cells=cells)
    text = copy_for_colab(lesson, PLACES).cells[0].source
    assert text == "[loss](https://teacher.github.io/course/docs/glossary.html#loss)"
    text = copy_for_colab(lesson, Places("teacher/course")).cells[0].source
    assert text == "[loss](https://github.com/teacher/course/blob/main/docs/glossary.md#loss)"
    assert lesson.cells[0].source == "[loss](../docs/glossary.md#loss)"


def test_without_a_repository_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="names no repository"):
        make_copies(Places(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_container_is_set_up_by_the_makefile():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    told = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))
    command, target = told["postCreateCommand"].split()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert command == "make" and f"\n{target}:" in makefile
