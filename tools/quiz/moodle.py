"""A question bank as Moodle's XML: *Question bank → Import → Moodle XML format*."""

import html
from xml.etree import ElementTree as ET

from tools.quiz.questions import Question

CATEGORY = "$course$/top/Collaborative filtering"


def bank(questions: list[Question]) -> bytes:
    """The file. Open questions are essays, with the answer for whoever marks and as feedback."""
    quiz = ET.Element("quiz")
    category = None
    for question in questions:
        if question.lesson != category:
            category = question.lesson
            entry = ET.SubElement(quiz, "question", type="category")
            name = f"{CATEGORY}/{category.replace('/', '//')}"
            ET.SubElement(ET.SubElement(entry, "category"), "text").text = name
        quiz.append(_question(question))
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="utf-8", xml_declaration=True)


def _question(question: Question) -> ET.Element:
    kind = "multichoice" if question.choices else "essay"
    made = ET.Element("question", type=kind)
    ET.SubElement(ET.SubElement(made, "name"), "text").text = question.name
    text = _html(made, "questiontext", question.text + _pictures(question))
    for number, picture in enumerate(question.pictures, start=1):
        ET.SubElement(
            text, "file", name=f"picture{number}.png", path="/", encoding="base64"
        ).text = picture.data
    _html(made, "generalfeedback", question.answer)
    _plain(made, defaultgrade="1", penalty="0", hidden="0", idnumber=question.name)
    if question.choices:
        _plain(made, single="true", shuffleanswers="true", answernumbering="abc")
        for choice, right in question.choices:
            answer = _html(made, "answer", choice)
            answer.set("fraction", "100" if right else "0")
            _html(answer, "feedback", "")
    else:
        _plain(made, responseformat="editor", responserequired="1", responsefieldlines="6")
        _plain(made, attachments="0", attachmentsrequired="0")
        _html(made, "graderinfo", question.answer)
        _html(made, "responsetemplate", "")
    return made


def _pictures(question: Question) -> str:
    return "".join(
        f'<p><img src="@@PLUGINFILE@@/picture{number}.png" alt="{html.escape(picture.words)}"></p>'
        for number, picture in enumerate(question.pictures, start=1)
    )


def _html(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, name, format="html")
    ET.SubElement(made, "text").text = text
    return made


def _plain(parent: ET.Element, **values: str) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = value
