"""The reading site builds without a warning, and reads well without a kernel or a network."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.notebooks.lessons import FOLDER, PATHS

PAGES = ["index", *(f"notebooks/{path.stem}" for path in PATHS)]
PAGES += ["docs/glossary", "docs/teaching", "docs/hosting", "CONTRIBUTING", "CHANGELOG"]
every_page = pytest.mark.parametrize("name", PAGES)
PHONE = {"width": 390, "height": 844}


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site, built as `make site` builds it and served on loopback."""
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-c", "docs", "--fail-on-warning", "--quiet"]
    done = subprocess.run(
        [*command, ".", str(built)], cwd=FOLDER.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=built))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Visit:
    """A page of the site at a phone's width, and what went wrong while it loaded."""

    def __init__(self, browser, address: str, name: str):
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport=PHONE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._look)
        self.page.on("request", lambda request: self._stays(request.url, address))
        self.page.goto(f"{address}/{name}.html", wait_until="load")

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _look(self, response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _stays(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:")):
            self.complaints.append(f"asked another host: {url}")


@pytest.fixture
def visit(browser, site):
    visits = []

    def open_page(name: str) -> Page:
        visits.append(Visit(browser, site, name))
        return visits[-1].page

    yield open_page
    for one in visits:
        one.page.close()
        assert not one.complaints


WIDER_THAN_THE_SCREEN = """() => {
    const scrolls = e => !e.matches(".content")  // the text as a whole must not
        && (getComputedStyle(e).overflowX == "auto" || scrolls(e.parentElement))
    const sticks_out = e => e.getBoundingClientRect().right > window.innerWidth + 1
    const all = [...document.querySelectorAll("article *")]
    return all.filter(e => sticks_out(e) && !scrolls(e.parentElement)).map(e => e.outerHTML)
}"""


@every_page
def test_a_page_is_whole(visit, name):
    """It loads from here alone, fits a phone's width, and its pictures show and are described."""
    page = visit(name)
    expect(page.locator("h1")).to_have_count(1)
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    pictures = page.locator("article img").all()
    for picture in pictures:
        assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
        assert len(picture.get_attribute("alt")) > 20
    assert pictures or not name.startswith("notebooks/")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_folded_answers_open(visit, path):
    page = visit(f"notebooks/{path.stem}")
    folded = page.locator("details")
    assert folded.count() == path.read_text(encoding="utf-8").count("<details>")
    for answer in folded.all():
        inside = answer.locator(":scope > :not(summary)").first
        expect(inside).not_to_be_visible()
        answer.locator("summary").click()
        expect(inside).to_be_visible()
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)


def test_formulas_render(visit):
    page = visit("notebooks/02_pivot_table")
    expect(page.locator("mjx-container[display=true] mjx-math").first).to_be_visible()
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 5
    assert page.locator("mjx-merror").count() == 0
    assert "\\frac" not in page.locator("article").inner_text()


def test_the_search_finds_a_word_of_a_lesson(visit):
    page = visit("search")
    page.locator("input[name=q]").last.fill("overfitting")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results a", has_text="Weight decay").first).to_be_visible()


def test_the_sidebar_leads_from_lesson_to_lesson(visit):
    page = visit("index")
    lessons = page.locator(".sidebar-tree a[href^='notebooks/']")
    assert lessons.count() == len(PATHS)


def test_every_guide_is_visited():
    assert {f"docs/{path.stem}" for path in (FOLDER.parent / "docs").glob("*.md")} <= set(PAGES)
