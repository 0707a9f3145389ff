"""The glossary has each term once, with the lesson that introduces it, and lessons link to it."""

import re
from itertools import takewhile

import pytest

from tests.notebooks.lessons import FOLDER, PATHS, prose, read

GLOSSARY = FOLDER.parent / "docs" / "glossary.md"
ENTRIES = dict(re.findall(r"^## (.+)\n\n((?:(?!^## ).*\n?)+)", GLOSSARY.read_text("utf-8"), re.M))
TEXTS = {path.name: prose(read(path)) for path in PATHS}
LINK = re.compile(r"\]\(\.\./docs/glossary\.md#([^)]+)\)")


def anchor(term: str) -> str:
    return re.sub(r"[^\w\s-]", "", term.lower()).replace(" ", "-")


def says(text: str, term: str) -> bool:
    """Whether a text has the term, in whatever number and with or without a capital letter."""
    stem = re.escape(term).removesuffix("y").removesuffix("x")
    return re.search(rf"\b{stem}", text, re.IGNORECASE) is not None


def test_terms_are_in_order():
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)
    assert len(ENTRIES) > 60


def test_letters_on_top_lead_to_their_first_terms():
    first = {}
    for term in ENTRIES:
        first.setdefault(term[0].upper(), term)
    line = " · ".join(f"[{letter}](#{anchor(term)})" for letter, term in first.items())
    top = GLOSSARY.read_text("utf-8").split("\n## ")[0]
    assert top.splitlines()[-1] == line, f"the line of letters should be\n{line}"


@pytest.mark.parametrize("term", ENTRIES)
def test_a_term_sends_to_the_lesson_that_introduces_it(term):
    introduced = re.search(r"\(\.\./notebooks/([^)]+)\)", ENTRIES[term])[1]
    assert says(TEXTS[introduced], term)
    before = "".join(TEXTS[name] for name in takewhile(lambda name: name != introduced, TEXTS))
    assert not says(" ".join(re.findall(r"\*\*(.+?)\*\*", before)), term)


@pytest.mark.parametrize("path", PATHS[2:], ids=lambda path: path.stem)
def test_a_lesson_links_its_words(path):
    anchors = {anchor(term) for term in ENTRIES}
    linked = set(LINK.findall(TEXTS[path.name]))
    assert linked <= anchors
    assert len(linked) >= 3


def test_links_inside_the_glossary_lead_to_terms():
    inside = re.findall(r"\]\(#([^)]+)\)", GLOSSARY.read_text("utf-8"))
    assert set(inside) <= {anchor(term) for term in ENTRIES}
