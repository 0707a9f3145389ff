"""A question bank as a QTI 1.2 package, which Canvas, Blackboard and Brightspace import.

The elements are those of the IMS Question & Test Interoperability: ASI XML binding, version 1.2.
"""

import base64
import html
import io
import re
import zipfile
from xml.etree import ElementTree as ET

from tools.quiz.questions import Question

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"


def package(questions: list[Question], title: str) -> bytes:
    """The zip: a manifest, the questions, and their pictures."""
    pictures = {
        _picture_name(question, number): base64.b64decode(picture.data)
        for question in questions
        for number, picture in enumerate(question.pictures, start=1)
    }
    files = {
        "imsmanifest.xml": _manifest(title, sorted(pictures)),
        "questions/questions.xml": _assessment(questions, title),
        **pictures,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            archive.writestr(member, data, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _manifest(title: str, pictures: list[str]) -> bytes:
    manifest = ET.Element("manifest", identifier="manifest", xmlns=PACKAGE)
    metadata = ET.SubElement(manifest, "metadata")
    ET.SubElement(metadata, "schema").text = "IMS Content"
    ET.SubElement(metadata, "schemaversion").text = "1.1.3"
    ET.SubElement(manifest, "organizations")
    resources = ET.SubElement(manifest, "resources")
    resource = ET.SubElement(resources, "resource", identifier="questions", type="imsqti_xmlv1p2")
    ET.SubElement(resource, "file", href="questions/questions.xml")
    for number, name in enumerate(pictures, start=1):
        made = ET.SubElement(
            resources, "resource", identifier=f"picture{number}", type="webcontent", href=name
        )
        ET.SubElement(made, "file", href=name)
    return _bytes(manifest)


def _assessment(questions: list[Question], title: str) -> bytes:
    root = ET.Element("questestinterop", xmlns=QTI)
    assessment = ET.SubElement(root, "assessment", ident="course", title=title)
    section = ET.SubElement(assessment, "section", ident="root_section")
    for question in questions:
        section.append(_item(question))
    return _bytes(root)


def _item(question: Question) -> ET.Element:
    kind = "multiple_choice_question" if question.choices else "essay_question"
    item = ET.Element("item", ident=_ident(question), title=question.name)
    fields = ET.SubElement(ET.SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", kind), ("points_possible", "1")):
        field = ET.SubElement(fields, "qtimetadatafield")
        ET.SubElement(field, "fieldlabel").text = label
        ET.SubElement(field, "fieldentry").text = entry
    presentation = ET.SubElement(item, "presentation")
    _text(presentation, question.text + _pictures(question))
    if question.choices:
        _choices(item, presentation, question)
    else:
        response = ET.SubElement(
            presentation, "response_str", ident="response1", rcardinality="Single"
        )
        label = ET.SubElement(ET.SubElement(response, "render_fib"), "response_label")
        label.set("ident", "answer1")
        processing = _processing(item)
        condition = ET.SubElement(processing, "respcondition")
        condition.set("continue", "No")
        ET.SubElement(ET.SubElement(condition, "conditionvar"), "other")
    feedback = ET.SubElement(item, "itemfeedback", ident="general_fb")
    _text(ET.SubElement(feedback, "flow_mat"), question.answer)
    return item


def _choices(item: ET.Element, presentation: ET.Element, question: Question) -> None:
    response = ET.SubElement(presentation, "response_lid", ident="response1", rcardinality="Single")
    render = ET.SubElement(response, "render_choice", shuffle="Yes")
    for number, (text, _) in enumerate(question.choices, start=1):
        _text(ET.SubElement(render, "response_label", ident=f"choice{number}"), text)
    processing = _processing(item)
    everyone = ET.SubElement(processing, "respcondition")
    everyone.set("continue", "Yes")
    ET.SubElement(ET.SubElement(everyone, "conditionvar"), "other")
    ET.SubElement(everyone, "displayfeedback", feedbacktype="Response", linkrefid="general_fb")
    right = next(n for n, (_, good) in enumerate(question.choices, start=1) if good)
    condition = ET.SubElement(processing, "respcondition")
    condition.set("continue", "No")
    equal = ET.SubElement(ET.SubElement(condition, "conditionvar"), "varequal")
    equal.set("respident", "response1")
    equal.text = f"choice{right}"
    ET.SubElement(condition, "setvar", action="Set", varname="SCORE").text = "100"


def _processing(item: ET.Element) -> ET.Element:
    processing = ET.SubElement(item, "resprocessing")
    ET.SubElement(
        ET.SubElement(processing, "outcomes"),
        "decvar",
        maxvalue="100",
        minvalue="0",
        varname="SCORE",
        vartype="Decimal",
    )
    return processing


def _text(parent: ET.Element, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, "material"), "mattext", texttype="text/html").text = text


def _pictures(question: Question) -> str:
    return "".join(
        f'<p><img src="$IMS-CC-FILEBASE$/{_picture_name(question, number)}" '
        f'alt="{html.escape(picture.words)}"></p>'
        for number, picture in enumerate(question.pictures, start=1)
    )


def _picture_name(question: Question, number: int) -> str:
    return f"pictures/{_ident(question)}_{number}.png"


def _ident(question: Question) -> str:
    """A name that XML takes for an id: letters, digits and _."""
    return "q_" + re.sub(r"\W+", "_", question.name).strip("_")


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
