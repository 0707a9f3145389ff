"""Question banks: every question of every lesson, in files that learning platforms can read."""

import base64
import io
import re
import tomllib
import zipfile
from xml.etree import ElementTree as ET

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.lessons import PATHS, prose, read
from tools.quiz import moodle, qti
from tools.quiz.questions import COURSE_TEST, Question, course_test, of_lesson, to_html

PNG = base64.b64encode(b"\x89PNG a picture").decode()
NS = {"q": qti.QTI, "p": qti.PACKAGE}
QUESTIONS = [question for path in PATHS for question in of_lesson(path)]
BANK = [*QUESTIONS, *course_test()]


@pytest.fixture
def lesson(tmp_path):
    """A small lesson with all kinds of questions."""
    picture = f'<figure><img alt="two &lt;lines&gt;" src="data:image/png;base64,{PNG}"></figure>'
    output = new_output("display_data", {"text/html": picture, "text/plain": "Picture"})
    cells = [
        new_markdown_cell("# 7. A small lesson"),
        new_markdown_cell(
            "## Do you remember?\n\n**a.** What is *p*?\n\n"
            "<details><summary>Answer</summary>\n\nA vector, see [lesson 3](03_x.ipynb).\n\n"
            "</details>\n\n**b.** And $q_i$?\n\n<details><summary>Answer</summary>\n\n"
            "Another < one & more.\n\n</details>"
        ),
        new_markdown_cell("## A section\n\n**1.** This is no question of ours."),
        new_markdown_cell("## Check yourself\n\n**1.** Which line is which?"),
        new_code_cell("figures.lines()", outputs=[output]),
        new_markdown_cell("<details><summary>Answer</summary>\n\nThe lower one.\n\n</details>"),
        new_markdown_cell("## Exercises\n\n### Exercise 1"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "07_small.ipynb")
    return tmp_path / "07_small.ipynb"


def test_questions_are_read_with_their_pictures_and_answers(lesson):
    first, second, third = of_lesson(lesson)
    assert first.name == "07_small recall a"
    assert first.text == "<p>What is <em>p</em>?</p>"
    assert first.answer == "<p>A vector, see lesson 3.</p>"
    assert (second.text, second.answer) == (
        r"<p>And \(q_i\)?</p>",
        "<p>Another &lt; one &amp; more.</p>",
    )
    assert third.name == "07_small check 1"
    assert (third.pictures[0].data, third.pictures[0].words) == (PNG, "two <lines>")
    assert not first.pictures and not third.choices


def test_a_question_without_an_answer_is_named(tmp_path):
    cells = [new_markdown_cell("# 1. X"), new_markdown_cell("## Check yourself\n\n**1.** Why?")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "01_x.ipynb")
    with pytest.raises(ValueError, match=r"01_x.ipynb, Check yourself: question 1"):
        of_lesson(tmp_path / "01_x.ipynb")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_question_of_a_lesson_is_left_out(path):
    text = prose(read(path))
    expected = 0
    for section in ("Do you remember?", "Check yourself"):
        body = re.search(rf"^## {re.escape(section)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
        expected += body[1].count("<summary>Answer") if body else 0
    assert len(of_lesson(path)) == expected


def test_names_are_unique():
    names = [question.name for question in BANK]
    assert len(set(names)) == len(names)


def check_moodle(data: bytes) -> list[ET.Element]:
    """What Moodle's import asks of a file: raises an AssertionError where something is missing."""
    quiz = ET.fromstring(data)
    assert quiz.tag == "quiz"
    assert quiz[0].get("type") == "category"
    found = []
    for question in quiz:
        assert question.tag == "question"
        if question.get("type") == "category":
            assert question.findtext("category/text").startswith("$course$/top/")
            continue
        found.append(question)
        assert question.findtext("name/text")
        text = question.find("questiontext")
        assert text.get("format") == "html" and text.findtext("text")
        files = {file.get("name") for file in text.iter("file")}
        assert set(re.findall(r"@@PLUGINFILE@@/([^\"]+)", text.findtext("text"))) == files
        for file in text.iter("file"):
            assert file.get("encoding") == "base64" and base64.b64decode(file.text, validate=True)
        assert float(question.findtext("defaultgrade")) == 1
        if question.get("type") == "multichoice":
            fractions = [float(answer.get("fraction")) for answer in question.iter("answer")]
            assert sorted(fractions) == [0, 0, 0, 100]
            assert question.findtext("single") == "true"
        else:
            assert question.get("type") == "essay"
            assert question.findtext("graderinfo/text")
            assert question.findtext("responseformat") == "editor"
    return found


def check_qti(data: bytes) -> list[ET.Element]:
    """What QTI 1.2 asks of a package: its files, each item's parts in their order, their ids.

    The rules are ours. The published schemas (XSD) aren't part of the project; the files were valid
    by them when the writer was built. No platform has imported one here.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    manifest = ET.fromstring(archive.read("imsmanifest.xml"))
    assert manifest.tag == f"{{{qti.PACKAGE}}}manifest"
    listed = {file.get("href") for file in manifest.iterfind(".//p:file", NS)}
    assert listed | {"imsmanifest.xml"} == set(archive.namelist())
    assert manifest.find(".//p:resource", NS).get("type") == "imsqti_xmlv1p2"
    root = ET.fromstring(archive.read("questions/questions.xml"))
    items = root.findall("q:assessment/q:section/q:item", NS)
    idents = [item.get("ident") for item in items]
    assert len(set(idents)) == len(idents)
    for item in items:
        assert re.fullmatch(r"[A-Za-z_]\w*", item.get("ident"), re.ASCII)
        parts = [part.tag.partition("}")[2] for part in item]
        assert parts == ["itemmetadata", "presentation", "resprocessing", "itemfeedback"]
        fields = {
            field.findtext("q:fieldlabel", namespaces=NS): field.findtext(
                "q:fieldentry", namespaces=NS
            )
            for field in item.iterfind(".//q:qtimetadatafield", NS)
        }
        responses = [e for e in item.find("q:presentation", NS) if "response" in e.tag]
        assert len(responses) == 1 and responses[0].get("rcardinality") == "Single"
        assert item.find(".//q:decvar", NS).get("varname") == "SCORE"
        feedback = {element.get("ident") for element in item.iterfind("q:itemfeedback", NS)}
        for shown in item.iterfind(".//q:displayfeedback", NS):
            assert shown.get("linkrefid") in feedback
        if fields["question_type"] == "multiple_choice_question":
            labels = [e.get("ident") for e in item.iterfind(".//q:response_label", NS)]
            equal = item.find(".//q:varequal", NS)
            assert equal.get("respident") == responses[0].get("ident")
            assert equal.text in labels and len(set(labels)) == 4
            assert item.find(".//q:setvar", NS).text == "100"
        else:
            assert fields["question_type"] == "essay_question"
        for text in item.iterfind(".//q:mattext", NS):
            for name in re.findall(r"\$IMS-CC-FILEBASE\$/([^\"]+)", text.text or ""):
                assert name in listed
    return items


def test_moodle_gets_every_question():
    questions = check_moodle(moodle.bank(BANK))
    assert [q.findtext("name/text") for q in questions] == [q.name for q in BANK]
    assert [len(q.findall("questiontext/file")) for q in questions] == [
        len(q.pictures) for q in BANK
    ]


def test_canvas_gets_every_question():
    items = check_qti(qti.package(BANK, "a title & more"))
    assert [item.get("title") for item in items] == [question.name for question in BANK]


def test_the_right_choice_is_the_right_one_in_both(lesson):
    choices = (("<p>no</p>", False), ("<p>yes</p>", True), ("<p>nor</p>", False), ("", False))
    asked = [Question("x", "L", "<p>?</p>", "<p>!</p>", choices=choices), *of_lesson(lesson)]
    (first, *rest) = check_moodle(moodle.bank(asked))
    (right,) = [a for a in first.iter("answer") if a.get("fraction") == "100"]
    assert right.findtext("text") == "<p>yes</p>"
    assert rest[-1].findtext("questiontext/file") == PNG
    assert 'alt="two &lt;lines&gt;"' in rest[-1].findtext("questiontext/text")
    package = qti.package(asked, "t")
    item, *_ = check_qti(package)
    label = item.find(".//q:varequal", NS).text
    (chosen,) = [e for e in item.iterfind(".//q:response_label", NS) if e.get("ident") == label]
    assert chosen.findtext(".//q:mattext", namespaces=NS) == "<p>yes</p>"
    archive = zipfile.ZipFile(io.BytesIO(package))
    assert archive.read("pictures/q_07_small_check_1_1.png") == base64.b64decode(PNG)


@pytest.mark.parametrize("damage", ["fraction", "questiontext", "file"])
def test_the_structural_test_notices_damage(damage, lesson):
    data = moodle.bank([*course_test(), *of_lesson(lesson)]).decode()
    damaged = {
        "fraction": data.replace('fraction="100"', 'fraction="50"', 1),
        "questiontext": data.replace("questiontext", "text", 2),
        "file": data.replace('name="picture1.png"', 'name="other.png"'),
    }[damage]
    assert damaged != data
    with pytest.raises((AssertionError, AttributeError)):
        check_moodle(damaged.encode())


def test_the_same_questions_make_the_same_files():
    assert moodle.bank(course_test()) == moodle.bank(course_test())
    assert qti.package(course_test(), "t") == qti.package(course_test(), "t")


def test_the_test_of_the_course_asks_about_each_lesson_in_its_order():
    asked = tomllib.loads(COURSE_TEST.read_text("utf-8"))["question"]
    lessons = [question["lesson"] for question in asked]
    assert lessons == sorted(lessons)
    assert set(lessons) == set(range(1, 13))
    for question in asked:
        choices = [question["right"], *question["wrong"]]
        assert len(set(choices)) == 4
        assert not re.search(r"\d", question["right"])  # no number of one edition


def test_right_choices_are_neither_always_first_nor_always_longest():
    places = [[right for _, right in q.choices].index(True) for q in course_test()]
    assert len(set(places)) == 4
    longest = [max(q.choices, key=lambda c: len(c[0]))[1] for q in course_test()]
    assert sum(longest) < len(longest) * 0.7


def test_formulas_and_links_are_ready_for_a_platform():
    assert to_html("$a_1$ and [here](#x)") == r"<p>\(a_1\) and here</p>"
    assert "https://example.org" in to_html("[there](https://example.org)")
