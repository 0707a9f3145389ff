"""The reading site builds without a warning, and reads and plays well without kernel or network."""

import gzip
import json
import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import wait_until
from tests.conftest import skip
from tests.notebooks.lessons import FOLDER, PATHS
from tools import stills
from tools.benchmarks.site_moves import FROM_MOVE_TO_PICTURE, MOVABLE, PHONE

PAGES = ["index", *(f"notebooks/{path.stem}" for path in PATHS)]
PAGES += [f"docs/{path.stem}" for path in sorted((FOLDER.parent / "docs").glob("*.md"))]
PAGES += ["CONTRIBUTING", "CHANGELOG"]
every_page = pytest.mark.parametrize("name", PAGES)
every_lesson = pytest.mark.parametrize("lesson", [path.stem for path in PATHS])
FEW = 6  # states a panel, where nobody has drawn all of them


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def limit() -> int:
    """Pages are tested with all stills where they are drawn, and with few of each panel elsewhere.

    The code is the same; drawing all of them takes minutes.
    """
    named = os.environ.get("COLLAB_STILLS_LIMIT")
    return int(named) if named else stills.LIMIT if stills.are_drawn() else FEW


@pytest.fixture(scope="module")
def folder(tmp_path_factory, limit) -> Path:
    """The folder of the site, built as `make site` builds it."""
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-c", "docs", "-E", "--fail-on-warning", "--quiet"]
    done = subprocess.run(
        [*command, "-d", str(tmp_path_factory.mktemp("doctrees")), ".", str(built)],
        cwd=FOLDER.parent,
        env=os.environ | {"COLLAB_STILLS_LIMIT": str(limit)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return built


@pytest.fixture(scope="module")
def site(folder):
    """The address of the site, served on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def drawn(folder, limit):
    """By lesson, its panels as `tools.stills` stored them."""
    return {
        lesson: json.loads((made / "panels.json").read_text(encoding="utf-8"))
        for lesson, made in stills.make(limit=limit).items()
    }


class Visit:
    """A page of the site at a phone's width, and what went wrong while it loaded."""

    def __init__(self, browser, address: str, name: str):
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport=PHONE, has_touch=True)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._look)
        self.page.on("request", lambda request: self._stays(request.url, address))
        self.page.set_default_timeout(10_000)
        self.page.goto(f"{address}/{name}.html", wait_until="load")
        self.page.add_style_tag(content="html { scroll-behavior: auto !important }")

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
        && (getComputedStyle(e).overflowX == "auto" || e.matches(".panel-picture span")
            || scrolls(e.parentElement))
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
        if picture.get_attribute("aria-hidden"):  # a further piece: the first one is described
            picture = picture.locator("xpath=ancestor::*[@data-panel]//img[1]").first
        assert len(picture.get_attribute("alt")) > 20
    assert pictures or not name.startswith("notebooks/")


@every_lesson
def test_folded_answers_open(visit, folder, drawn, lesson):
    """All that is folded in the notebook is folded on the page, and opens.

    A panel that does its own sums shows its numbers unfolded, or is itself what is folded.
    """
    notebook = (FOLDER / f"{lesson}.ipynb").read_text(encoding="utf-8")
    html = (folder / f"notebooks/{lesson}.html").read_text(encoding="utf-8")
    live = [told["live"] for told in drawn[lesson] if told["live"]]
    instead = sum(one["instead"] for one in live)
    wanted = notebook.count("<details>")
    assert html.count("<details>") == wanted
    page = visit(f"notebooks/{lesson}")
    folded = page.locator("details")
    expect(folded).to_have_count(wanted - instead + len(live) - instead)
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
    expect(page.locator("h1")).to_have_text("Search")
    page.get_by_label("Words to look for").fill("overfitting")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results a", has_text="Weight decay").first).to_be_visible()


def test_the_sidebar_leads_from_lesson_to_lesson(visit):
    page = visit("index")
    lessons = page.locator(".sidebar-tree a[href^='notebooks/']")
    assert lessons.count() == len(PATHS)
    # Answers for teachers are no neighbours of the lessons.
    expect(page.locator(".sidebar-tree a[href*='teaching']")).to_have_count(0)
    expect(page.locator("article a[href*='teaching']")).not_to_have_count(0)


# --- panels without a kernel ---------------------------------------------------------------------


def has_stills(told: dict) -> bool:
    """Whether a panel is shown by stills: that of lesson 1 does its own sums."""
    return not (told["live"] or {}).get("instead")


def panels_on(page: Page) -> list[Locator]:
    return page.locator(".panel").all()


def control(panel: Locator, label: str) -> Locator:
    return panel.get_by_label(label, exact=True)


def set_control(panel: Locator, told: dict, value: str) -> None:
    """Set one control to the value of this name, as a hand would."""
    place = told["options"].index(value)
    found = control(panel, told["label"])
    if told["kind"] == "list":
        found.select_option(index=place)
    elif told["kind"] == "box":
        found.set_checked(bool(place))
    else:
        found.fill(str(place))


def wait_for(panel: Locator, sentence: str) -> None:
    expect(panel.get_by_role("status")).to_have_text(sentence)
    expect(panel.locator("img").first).to_have_attribute("alt", sentence)


def whole(panel: Locator) -> bool:
    """Whether the pictures of a panel are there."""
    return panel.evaluate(
        "panel => [...panel.querySelectorAll('img')].every(i => i.complete && i.naturalWidth > 100)"
    )


@every_lesson
def test_every_panel_of_a_lesson_is_live(visit, drawn, lesson):
    """Each control of each panel moves, and the page says what the panel itself says."""
    found = panels_on(visit(f"notebooks/{lesson}"))
    assert len(found) == len(drawn[lesson])
    for panel, told in zip(found, drawn[lesson], strict=True):
        if not has_stills(told):
            continue
        controls = [c for c in told["controls"] if len(c["options"]) > 1]
        assert panel.locator(".panel-controls :is(input, select)").count() == len(controls) > 0
        wait_for(panel, told["sentences"][told["start"]])
        for one in controls if not told["lengths"] else controls[:1]:
            before = panel.get_attribute("data-state")
            set_control(panel, one, one["options"][one["start"] - 1])
            expect(panel).not_to_have_attribute("data-state", before)
            state = int(panel.get_attribute("data-state"))
            wait_for(panel, told["sentences"][state])
            picture = f"/{told['pictures'][state]}.webp"
            assert panel.locator("img").first.get_attribute("src").endswith(picture)
            assert whole(panel)
        for known in told["sample"]:
            for one in controls:
                set_control(panel, one, known["set"][one["label"]])
            wait_for(panel, known["says"])


def test_a_step_button_moves_its_slider_one_on(visit, drawn):
    """By finger and by key, up to the end, where it says so; it has a name, and room for a finger.

    What the page leaves out is told by the button: it says where the next press leads.
    """
    pressed = 0
    for lesson, panels in drawn.items():
        if not any("button" in one for told in panels for one in told["controls"]):
            continue
        page = visit(f"notebooks/{lesson}")
        for panel, told in zip(panels_on(page), panels, strict=True):
            movable = (c for c in told["controls"] if len(c["options"]) > 1)
            for one in (c for c in movable if c.get("button")):
                button, options = panel.locator("button.panel-step"), one["options"]
                set_control(panel, one, options[0])
                for place in range(1, len(options)):
                    near = float(options[place]) == float(options[place - 1]) + 1
                    name = one["button"] if near else f"{one['button']} to {options[place]}"
                    expect(panel.get_by_role("button", name=name, exact=True)).to_have_count(1)
                    assert button.bounding_box()["height"] >= 44
                    before = panel.get_attribute("data-state")
                    if place % 2:
                        button.click()
                    else:
                        button.focus()
                        page.keyboard.press("Enter")
                    pressed += 1
                    assert control(panel, one["label"]).input_value() == str(place)
                    spoken = control(panel, one["label"]).get_attribute("aria-valuetext")
                    assert spoken == options[place]
                    expect(panel).not_to_have_attribute("data-state", before)
                    wait_for(panel, told["sentences"][int(panel.get_attribute("data-state"))])
                expect(button).to_have_text(f"{one['button']} (at the end)")
                button.click()
                assert control(panel, one["label"]).input_value() == str(len(options) - 1)
                expect(button).to_be_focused()
    assert pressed > 3


@every_lesson
def test_fingers_keys_and_screen_readers_can_use_the_controls(visit, drawn, lesson):
    page = visit(f"notebooks/{lesson}")
    for panel, told in zip(panels_on(page), drawn[lesson], strict=True):
        if not has_stills(told):
            continue
        for one in (c for c in told["controls"] if len(c["options"]) > 1):
            found = control(panel, one["label"])
            assert found.locator("..").bounding_box()["height"] >= 44
            found.focus()
            if one["kind"] != "range" or found.is_disabled():
                continue
            assert found.get_attribute("aria-valuetext") == one["options"][one["start"]]
            page.keyboard.press("Home")
            page.keyboard.press("ArrowRight")
            assert found.get_attribute("aria-valuetext") == one["options"][1]


OUT_OF_SIGHT = """control => {
    control.scrollIntoView({block: "center"});
    const header = document.querySelector(".mobile-header").getBoundingClientRect().bottom;
    const here = control.getBoundingClientRect();
    const plots = [...control.closest(".panel").querySelectorAll(".panel-picture span")];
    const boxes = plots.map(plot => plot.getBoundingClientRect());
    return boxes.filter(box => box.width < 100 || box.top < header - 1 || box.bottom > innerHeight
        || box.left < 0 || box.right > innerWidth
        || (box.bottom > here.top + 1 && box.top < here.bottom)).length;
}"""


@every_lesson
def test_no_plot_is_out_of_sight_while_its_slider_is_in_sight(visit, lesson):
    movable = ".panel-controls :is(input, select, .panel-step)"
    for found in visit(f"notebooks/{lesson}").locator(movable).all():
        assert not found.evaluate(OUT_OF_SIGHT)


def test_the_folded_numbers_follow(visit, drawn):
    lesson, number = next(
        (lesson, number)
        for lesson, panels in drawn.items()
        for number, panel in enumerate(panels)
        if has_stills(panel) and len(panel["tables"]) > 10
    )
    told = drawn[lesson][number]
    panel = panels_on(visit(f"notebooks/{lesson}"))[number]
    panel.locator("summary").click()
    for known in told["sample"]:
        for one in told["controls"]:
            set_control(panel, one, known["set"][one["label"]])
        wait_for(panel, known["says"])
        state = int(panel.get_attribute("data-state"))
        names, *rows = told["tables"][told["numbers"][state]]
        expect(panel.locator("tbody tr")).to_have_count(len(rows))
        expect(panel.locator("thead th")).to_have_text(names)
        expect(panel.locator("tbody tr").last.locator("td")).to_have_text(rows[-1])


def test_a_recorded_run_has_its_own_epochs(visit, drawn):
    lesson, number = next(
        (lesson, number)
        for lesson, panels in drawn.items()
        for number, panel in enumerate(panels)
        if panel.get("lengths")
    )
    told = drawn[lesson][number]
    panel = panels_on(visit(f"notebooks/{lesson}"))[number]
    runs, epochs = (control(panel, one["label"]) for one in told["controls"])
    expect(epochs).to_be_disabled()
    for run, length in enumerate(told["lengths"]):
        runs.select_option(index=run)
        last = sum(told["lengths"][: run + 1]) - 1
        wait_for(panel, told["sentences"][last])  # a run is shown as it ended
        assert epochs.get_attribute("max") == str(length - 1)
        if length > 1:
            epochs.fill("0")
            wait_for(panel, told["sentences"][last - length + 1])


def test_films_rated_on_a_page_are_found_on_another(browser, site, drawn):
    """One reader through the lessons whose panels do their own sums: rate, come back, forget."""
    context = browser.new_context(viewport=PHONE)
    own, film = 4.5, None
    places = [
        (lesson, told["live"])
        for lesson, panels in drawn.items()
        for told in panels
        if told["live"]
    ]
    try:
        for lesson, live in places:
            page = context.new_page()
            page.goto(f"{site}/notebooks/{lesson}.html")
            if not live["instead"]:
                page.get_by_text("With your own films").click()
            box = page.locator(".rate-films")
            says = box.get_by_role("status")
            expect(box.locator("tbody tr").first).to_be_visible()
            if film is None:
                expect(says).to_contain_text("The guest has rated 10 films")
                film = live["films"][3]
                control(box, "Film").select_option(index=3)
                control(box, "Stars").fill(str(int(2 * own)))
            mean = next(mean for movie, _, mean in live["films"] if movie == film[0])
            expect(says).to_contain_text(f"You have rated 1 film, on average {own:.2f} stars")
            assert float(re.search(r"the same film (\d\.\d\d)", says.inner_text())[1]) == (
                pytest.approx(mean, abs=0.011)
            )
            if "factors" in live:
                expect(says).to_contain_text("The list starts with")
                expect(box.locator("table").first.locator("tbody tr")).to_have_count(8)
            page.close()
        if places:
            page = context.new_page()
            page.goto(f"{site}/notebooks/{places[0][0]}.html")
            box = page.locator(".rate-films")
            box.get_by_role("button", name="Forget me").click()
            expect(box.get_by_role("status")).to_contain_text("The guest has rated 10 films")
            assert page.evaluate("localStorage.length") == 0
    finally:
        context.close()


def test_a_page_opened_from_a_folder_works(browser, folder, drawn):
    lesson, panels = max(drawn.items(), key=lambda pair: len(pair[1]))
    page = browser.new_page(viewport=PHONE)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto((folder / "notebooks" / f"{lesson}.html").as_uri())
        for panel, told in zip(panels_on(page), panels, strict=True):
            if has_stills(told):
                one = next(c for c in told["controls"] if len(c["options"]) > 1)
                set_control(panel, one, one["options"][one["start"] - 1])
                expect(panel).not_to_have_attribute("data-state", str(told["start"]))
                assert whole(panel)
        assert not complaints
    finally:
        page.close()


@every_lesson
def test_ten_moves_fetch_less_than_two_megabytes(visit, lesson):
    """Pictures, and those beside them that are fetched beforehand."""
    page = visit(f"notebooks/{lesson}")
    fetched = []
    page.on("response", lambda response: fetched.append(int(response.headers["content-length"])))
    for panel in panels_on(page):
        movable = panel.locator(MOVABLE).count()
        if movable and panel.locator("img").count():
            handle, before = panel.element_handle(), len(fetched)
            for move in range(10):
                page.evaluate(FROM_MOVE_TO_PICTURE, [handle, MOVABLE, move % movable])
            page.wait_for_load_state("networkidle")
            assert before < len(fetched) and sum(fetched[before:]) < 2e6


@every_lesson
def test_what_a_lesson_s_panels_weigh(folder, lesson):
    """A reader on a phone fetches a description of all states, and pictures one by one."""
    scripts = list(folder.glob(f"_static/panels/{lesson}/*/panels.js"))
    assert scripts
    for script in scripts:
        assert len(gzip.compress(script.read_bytes())) < 60_000
    for picture in folder.glob(f"_static/panels/{lesson}/*/*/*.webp"):
        assert picture.stat().st_size < 100_000


def test_the_site_fits_a_server_that_is_free(folder):
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"the site: {size / 1e6:.0f} MB")
    assert size < 90e6


# --- the site as a place -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, which finds what keeps people from reading a page."""
    try:
        import axe_playwright_python
    except ImportError:
        skip("there is no axe-playwright-python: it brings axe-core")
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


RUN_AXE = """async only => (
    await axe.run({...(only ? {runOnly: only} : {}), resultTypes: ["violations"]})
).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.map(node => node.html.slice(0, 150)).join("\\n")}`)
"""


@pytest.mark.parametrize("name", [*PAGES, "search", "404"])
def test_nobody_is_kept_out(visit, axe, name):
    """In the dark only the colours are others."""
    page = visit(name)
    page.evaluate(axe)
    for scheme, only in (("light", None), ("dark", ["color-contrast", "link-in-text-block"])):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("!document.getAnimations().length")  # colours change slowly
        assert page.evaluate(RUN_AXE, only) == [], scheme


KEEP_ITS_WORDS = """button => {
    window.words = [];
    new MutationObserver(() => window.words.push(button.textContent))
        .observe(button, {childList: true, characterData: true, subtree: true});
}"""


def test_code_copies_itself(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/notebooks/{PATHS[-1].stem}.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    code = page.locator(".cell_input .highlight").first
    button = code.locator("button.copy")
    expect(button).to_have_text("Copy")
    # All that the button says is kept: on a busy machine its two seconds may pass unseen.
    button.evaluate(KEEP_ITS_WORDS)
    button.focus()
    page.keyboard.press("Enter")
    wait_until(page, lambda: page.evaluate("window.words.length"), 60, "the button says nothing")
    assert page.evaluate("window.words[0]") == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code.locator("pre").inner_text().rstrip()
    page.close()


@every_page
def test_a_page_introduces_itself(folder, name):
    html = (folder / f"{name}.html").read_text(encoding="utf-8")
    for needed in ('<meta name="description" content="', 'property="og:title"', "Security-Policy"):
        assert html.count(needed) == 1


def test_each_lesson_can_be_taken_along(folder):
    for path in PATHS:
        assert (folder / "notebooks" / path.name).read_bytes() == path.read_bytes()
        html = (folder / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert f'href="{path.name}" download' in html


def test_every_page_has_its_policy_before_anything_that_it_could_forbid(folder):
    """Whatever is built, the search and the page for a wrong address included."""
    built = sorted(folder.rglob("*.html"))
    assert len(built) >= len(PAGES) + 2
    for path in built:
        html = path.read_text(encoding="utf-8")
        tag = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\''
        assert html.count(tag) == 1, path
        assert html.index(tag) < html.index("<script"), path


# What the policy says of a script with text that isn't one of the page's own, or that it has run.
SCRIPT_FROM_ELSEWHERE = """() => new Promise(told => {
    document.addEventListener("securitypolicyviolation", e => told(e.effectiveDirective))
    const script = document.createElement("script")
    script.textContent = "window.ran = true"
    document.body.append(script)
    if (window.ran) told("it has run")
})"""


def test_a_script_from_elsewhere_does_not_run(browser, site):
    """On the smallest page: the policy is the same on all, as the test above holds."""
    page = browser.new_page()
    page.goto(f"{site}/404.html")
    assert page.evaluate(SCRIPT_FROM_ELSEWHERE) == "script-src-elem"
    assert page.evaluate("window.ran") is None
    page.close()


def test_nothing_is_left_of_the_building(folder):
    assert not [path for path in folder.rglob("*") if path.name in (".doctrees", ".buildinfo")]
    assert (folder / "404.html").exists()


def test_paper_shows_the_text_and_no_controls(visit):
    page = visit(f"notebooks/{PATHS[-1].stem}")
    page.emulate_media(media="print")
    for hidden in (".skip-to-content", ".panel-controls", ".copy"):
        expect(page.locator(hidden).first).not_to_be_visible()
    sticks_out = "pre => pre.scrollWidth > pre.clientWidth + 1"
    assert not any(pre.evaluate(sticks_out) for pre in page.locator(".highlight pre").all())


def test_every_guide_is_visited():
    assert {f"docs/{path.stem}" for path in (FOLDER.parent / "docs").glob("*.md")} <= set(PAGES)
