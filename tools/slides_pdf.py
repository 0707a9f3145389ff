"""The slides of a lesson as a PDF, from its stored outputs: `python -m tools.present 5 --pdf`.

One page for each screen of the deck, with the same numbers, printed by Chromium or Chrome. Panels
are pictures there. Folded answers and the tables under pictures are left out: nobody can open them.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from tools.chromium import find_chromium

LICENCE = "Collaborative filtering · © The collab_lib authors · CC BY 4.0"
FOLDED = re.compile(r"<details.*?</details>", re.DOTALL)
WIDGET = "application/vnd.jupyter.widget-view+json"
# Chromium prints a page of 1,280 × 720 points of the screen, as a projector has.
STYLE = """
@page { size: 1280px 720px; margin: 0; }
html, body, .jp-Notebook { margin: 0 !important; padding: 0 !important; background: white; }
section { box-sizing: border-box; width: 1280px; height: 720px; padding: 36px 70px;
  overflow: hidden; position: relative; break-after: page;
  --jp-content-font-size1: 21px; --jp-code-font-size: 17px; }
section > div { display: flow-root; }
section pre { font-size: 17px !important; line-height: 1.35; }
section footer { position: absolute; bottom: 8px; right: 24px; font: 13px sans-serif; color: #555; }
.jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser, .anchor-link { display: none !important; }
.jp-RenderedHTMLCommon { font-size: 21px; line-height: 1.4; }
.jp-Cell { padding: 2px 0 !important; }
.jp-CodeCell:has(img) .jp-Cell-outputWrapper { float: left; width: 68%; }
.jp-CodeCell { clear: both; }
/* On paper nbconvert makes blocks of these: then no text stands beside a picture. */
.jp-Cell-inputWrapper, .jp-Cell-outputWrapper { display: flex !important; }
.jp-OutputArea-output img {
  width: 100%; max-height: 430px; object-fit: contain; object-position: 0 0; }
"""
# What is higher than its page is made smaller until it fits.
FIT = """
for (const page of document.querySelectorAll("section > div")) {
  const room = 720 - 36 - 36;
  for (let zoom = 1; page.offsetHeight * zoom > room && zoom > 0.3; zoom -= 0.05)
    page.style.zoom = zoom - 0.05;
}
"""


def pages(lesson: NotebookNode) -> list[list[NotebookNode]]:
    """The cells of each screen of the deck, without those that are left out."""
    screens = []
    for cell in lesson.cells:
        kind = cell.metadata.slideshow.slide_type
        if kind in {"slide", "subslide"}:
            screens.append([])
        if kind != "skip":
            screens[-1].append(cell)
    return screens


def as_html(lesson: NotebookNode) -> str:
    """A page of HTML that prints as the slides, one screen a page."""
    # Nothing is fetched: a formula stays as it is written.
    none = dict.fromkeys(("mathjax_url", "require_js_url", "jquery_url", "mermaid_js_url"), "")
    exporter = HTMLExporter(template_name="lab", embed_images=True, **none)
    screens, sections = pages(lesson), []
    for number, screen in enumerate(screens, start=1):
        cells = [_without_folds(cell) for cell in screen]
        html, _ = exporter.from_notebook_node(nbformat.from_dict({**lesson, "cells": cells}))
        head, body = html.split("<main>")
        foot = f"<footer>{LICENCE} · {number} / {len(screens)}</footer>"
        sections.append(f"<section><div>{body.split('</main>')[0]}</div>{foot}</section>")
    head = head.replace("</head>", f"<style>{STYLE}</style></head>")
    return f"{head}<main>{''.join(sections)}</main><script>{FIT}</script></body></html>"


def print_pdf(lesson: Path, into: Path) -> Path:
    """Write the PDF of a lesson to the folder `into`; returns its path.

    Raises ValueError where there is no browser that can print.
    """
    browser = find_chromium()
    if browser is None:
        raise ValueError("printing needs Chromium or Chrome, and neither was found")
    into.mkdir(parents=True, exist_ok=True)
    pdf = into / f"{lesson.stem}.pdf"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "slides.html")
        page.write_text(as_html(nbformat.read(lesson, as_version=4)), "utf-8")
        options = ["--headless", "--disable-gpu", "--no-pdf-header-footer"]
        if getattr(os, "geteuid", lambda: 1)() == 0:
            options.append("--no-sandbox")  # Chromium has none for root, and doesn't start
        options += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf.resolve()}"]
        subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True)
    return pdf


def _without_folds(cell: NotebookNode) -> NotebookNode:
    """A copy without folded parts, and with the picture of each panel."""
    cell = nbformat.from_dict(cell)
    if cell.cell_type == "markdown":
        cell.source = FOLDED.sub("", cell.source).strip()
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        data.pop(WIDGET, None)
        if "text/html" in data:
            data["text/html"] = FOLDED.sub("", data["text/html"])
    return cell
