"""A picture and its sentence, wherever a page shows them."""

import base64
import re

import pandas as pd
from matplotlib import rcParams

from collab_lib.kit.picture import COLOURS, EDGE, Picture, contrast, house_style, new_figure, plain


def picture(sentence="Three dots.") -> Picture:
    figure = new_figure(4, 2)
    figure.subplots().plot([1, 2, 3], "o")
    return Picture(figure, sentence)


def test_each_kind_of_page_gets_something():
    bundle, metadata = picture()._repr_mimebundle_()
    assert bundle["text/plain"] == "Three dots."
    inside = re.search(r"base64,([^\"]+)", bundle["text/html"]).group(1)
    assert base64.b64decode(inside).startswith(b"\x89PNG")
    assert 'alt="Three dots."' in bundle["text/html"]
    assert set(bundle) == {"text/html", "text/plain"}, "each picture once"
    assert "line" in metadata["drawn"]


def test_the_numbers_can_be_unfolded():
    html = picture().html()
    table = html.split("<summary>The numbers in this picture</summary>")[1]
    assert 'role="group" aria-label="The numbers in this picture"' in table
    assert [n in table for n in ("<td>1</td>", "<td>3</td>", "<td>4</td>")] == [True, True, False]
    own = pd.DataFrame({"<b>": [0.25]})
    html = Picture(picture().figure, "", own).html()
    assert "&lt;b&gt;" in html and "<td>0.25</td>" in html


def test_text_from_data_is_escaped():
    html = picture('A "title" with <script>alert(1)</script> & more').html()
    assert "<script>" not in html
    assert 'alt="A &quot;title&quot; with &lt;script&gt;' in html


def test_a_dollar_sign_starts_no_formula():
    figure = new_figure(4, 2)
    figure.suptitle(plain("$9.99 and $5"))
    assert Picture(figure, "").png()


def test_the_image_keeps_the_size_of_the_figure():
    html = picture().html()
    assert 'width="440" height="220"' in html


def test_the_style_of_the_course_leaves_no_trace():
    before = dict(rcParams)

    @house_style
    def draw():
        assert not rcParams["axes.spines.top"]

    draw()
    assert dict(rcParams) == before


def test_light_lines_and_dots_get_an_edge_and_so_does_the_legend():
    figure = new_figure(4, 2)
    axes = figure.subplots()
    light, dark = (
        axes.plot([1, 2], "-o", color=COLOURS[name], label=name)[0] for name in ("sky", "blue")
    )
    legend = axes.legend()
    Picture(figure, "Two lines.")
    handles = zip(legend.get_lines(), (True, False), strict=True)
    for line, edged in ((light, True), (dark, False), *handles):
        assert bool(line.get_path_effects()) == edged == (line.get_markeredgecolor() == EDGE)
    assert contrast(EDGE) > 7 and contrast("white") == 1 and round(contrast("black")) == 21
    assert contrast(COLOURS["orange"]) < 3 < contrast(COLOURS["vermilion"])
