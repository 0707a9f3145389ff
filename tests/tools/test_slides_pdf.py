"""The slides as a PDF: a page for each screen of the deck, and nothing that must be opened."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.conftest import skip
from tests.notebooks.lessons import PATHS
from tools import slides_pdf
from tools.chromium import find_chromium

FOLDED = "<details><summary>Answer</summary>\n\nSecret.\n\n</details>"


def lesson(*cells):
    """A notebook from (slide type, cell or text) pairs."""
    notebook = new_notebook()
    for slide_type, cell in cells:
        cell = new_markdown_cell(cell) if isinstance(cell, str) else cell
        cell.metadata.slideshow = {"slide_type": slide_type}
        notebook.cells.append(cell)
    return notebook


def test_a_page_is_a_screen_with_all_its_steps_and_without_what_is_left_out():
    found = slides_pdf.pages(
        lesson(
            ("slide", "# Title"),
            ("skip", "import"),
            ("fragment", "More"),
            ("subslide", "Below"),
            ("slide", "## Next"),
        )
    )
    assert [[cell.source for cell in page] for page in found] == [
        ["# Title", "More"],
        ["Below"],
        ["## Next"],
    ]


def test_nothing_folded_and_no_widget_is_printed_and_the_lesson_stays_as_it_is():
    data = {"text/html": f"<p>seen</p>{FOLDED}", slides_pdf.WIDGET: {"model_id": "x"}}
    panel = new_code_cell("panel()", outputs=[new_output("display_data", data)])
    given = lesson(("slide", f"# Title\n\nAsk.\n\n{FOLDED}"), ("subslide", panel))
    html = slides_pdf.as_html(given)
    assert "Secret" not in html and "seen" in html and "Ask." in html
    assert "Secret" in given.cells[0].source and slides_pdf.WIDGET in panel.outputs[0].data


def test_each_page_has_its_number_and_the_licence_and_fetches_nothing():
    html = slides_pdf.as_html(nbformat.read(PATHS[5], as_version=4))
    sections = html.split("<section>")[1:]
    for number, section in enumerate(sections, start=1):
        assert f"CC BY 4.0 · {number} / {len(sections)}</footer>" in section
    assert not re.search(r'<(script|link)[^>]+(src|href)="http', html)


def test_it_is_printed_with_a_page_for_each_screen(tmp_path):
    if find_chromium() is None:
        skip("there is no Chromium and no Chrome: install one of them to run this")
    pdf = slides_pdf.print_pdf(PATHS[0], tmp_path / "slides")
    assert pdf == tmp_path / "slides" / f"{PATHS[0].stem}.pdf"
    screens = slides_pdf.pages(nbformat.read(PATHS[0], as_version=4))
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == len(screens)


def test_without_a_browser_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(slides_pdf, "find_chromium", lambda: None)
    with pytest.raises(ValueError, match="Chromium or Chrome"):
        slides_pdf.print_pdf(PATHS[0], tmp_path)
