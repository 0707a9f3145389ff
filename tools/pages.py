"""What the site's pages get beyond what Sphinx makes of a lesson; `docs/conf.py` calls it."""

import base64
import hashlib
import itertools
import json
import re
import shutil
from html import escape, unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tools.places import Places
from tools.stills import NotLive

# Tables of numbers come in parts of so many: one part is fetched when somebody opens a table.
TABLES_A_PART = 40
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self'"
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


# --- panels --------------------------------------------------------------------------------------


def with_panels(body: str, panels: list[dict], folder: str, links: str, lesson: str) -> str:
    """A lesson's page with a place for the controls at each panel's picture.

    panels: as `tools.stills` stores them. folder: where their pictures are, as seen from the page.
    links: HTML that says where the real thing runs.
    Raises NotLive if the picture that a panel starts with isn't on the page.
    """
    done, rest = "", body
    for number, panel in enumerate(panels):
        sentence = panel["sentences"][panel["start"]]
        found = _picture(sentence).search(rest)
        if not found:
            raise NotLive(
                f"{lesson}: the page doesn't show what panel {number} starts with ({sentence!r}): "
                f"run the lesson again with `python -m tools.notebooks`"
            )
        done += rest[: found.start()] + _live(found, panel, number, folder, links)
        rest = rest[found.end() :]
    return done + rest


def _picture(sentence: str) -> re.Pattern:
    """The HTML of a `Picture` with this sentence."""
    return re.compile(
        r'(?P<hint><p class="panel-hint">[^<]*</p>)?\s*'
        rf'<img alt="{re.escape(escape(sentence))}" src="[^"]*"(?P<rest>[^>]*)>\s*'
        r'(?P<says><p role="status"[^>]*>.*?</p>)\s*(?P<table><details>.*?</details>)?',
        re.DOTALL,
    )


def _live(found: re.Match, panel: dict, number: int, folder: str, links: str) -> str:
    """The panel's place: a note and its controls (a script shows both), picture, text, numbers."""
    alt = escape(panel["sentences"][panel["start"]])
    source = f"{folder}/{number}/{panel['pictures'][panel['start']]}.webp"
    size = f'width="{panel["width"]}" height="{panel["height"]}"'
    ends = [0.0, *panel["pieces"], 1.0]
    pieces = []
    for left, right in itertools.pairwise(ends):
        ratio = (right - left) * panel["width"] / panel["height"]
        crop = f"--left:{left};--share:{right - left:.4f};--ratio:{ratio:.4f}"
        words = f'alt="{alt}"' if left == 0 else 'alt="" aria-hidden="true" class="again"'
        pieces.append(f'<span style="{crop}"><img {words} src="{source}" {size}></span>')
    count = len(panel["sentences"])
    fixed = [c for c in panel["controls"] if len(c["options"]) == 1 and c["options"] != ["(empty)"]]
    kept = "; ".join(f"{escape(c['label'])} {escape(c['options'][0])}" for c in fixed)
    what = "come from recorded runs" if panel["lengths"] else "were computed beforehand"
    stays = f" What stays as it is here: {kept}." if kept else ""
    note = f"These {count:,} pictures {what}.{stays} {links}"
    if (panel.get("live") or {}).get("instead"):
        note = (
            f"This panel works here, with a list of {len(panel['live']['films'])} films: instead "
            "of searching, open the list and type how a title begins. What you rate stays in this "
            "browser, and goes nowhere else."
        )
    # The table is beside what moves, and not in it: on a phone the picture stays in sight above the
    # controls, and would cover the table.
    return (
        f'<div class="panel" data-panel="{number}" style="--width:{panel["width"]}px;'
        f'--n:{len(pieces)}"><div class="panel-moves">{found["hint"] or ""}'
        f'<p class="panel-note" hidden>{note}</p>'
        f'<div class="panel-picture">{"".join(pieces)}</div>'
        f"{found['says']}</div>{found['table'] or ''}</div>"
    )


def write_panels(panels: list[dict], source: Path, target: Path, seen_from_page: str) -> None:
    """Copy the pictures of a lesson, and write the scripts with all that the page says of them.

    source: where `tools.stills` put them. target: the folder of the site for this lesson;
    seen_from_page: the same, as the page names it.
    """
    told = []
    for number, panel in enumerate(panels):
        shutil.copytree(source / str(number), target / str(number), dirs_exist_ok=True)
        for part in range(0, len(panel["tables"]), TABLES_A_PART):
            tables = panel["tables"][part : part + TABLES_A_PART]
            place = part // TABLES_A_PART
            script = f'panelTables["{number}-{place}"]={_json(tables)};\n'
            (target / str(number) / f"numbers-{place}.js").write_text(script, encoding="utf-8")
        live = panel.get("live")
        if live:
            script = f'liveData["{number}"]={_json(live)};\n'
            (target / str(number) / "live.js").write_text(script, encoding="utf-8")
        left_out = ("live", "tables", "sample", "seconds", "pieces", "width", "height")
        told.append(
            {k: v for k, v in panel.items() if k not in left_out}
            | {
                "number": number,
                "live": live and ("instead" if live["instead"] else "beside"),
                "folder": f"{seen_from_page}/{number}",
                "tables_a_part": TABLES_A_PART,
            }
        )
    (target / "panels.js").write_text(f"window.panels={_json(told)};\n", encoding="utf-8")


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- a page's head and links ---------------------------------------------------------------------


def launch_links(places: Places, lesson: str) -> str:
    """A line of links under a lesson's title: where it runs, and the file itself."""
    links = [f'<a href="{escape(url)}">{name}</a>' for name, url in places.launch(lesson).items()]
    run = f"Run this lesson: {' · '.join(links)} · " if links else ""
    download = f'<a href="{lesson}.ipynb" download>Download the notebook</a>'
    return f'<p class="launch">{run}{download}</p>'


def where_to_run(places: Places, lesson: str, start: str) -> str:
    """The sentence at each panel: where other values can be tried. start: how to set up."""
    links = [f'<a href="{escape(url)}">{name}</a>' for name, url in places.launch(lesson).items()]
    links.append(f'<a href="{start}">on your computer</a>')
    return f"To try other values, run the lesson: {', '.join(links)}."


def description(body: str) -> str:
    """What a page is about, for search engines and link previews, at most 200 characters."""
    goals = re.search(r"You will be able to</strong>.*?<ul[^>]*>(.*?)</ul>", body, re.DOTALL)
    if goals:
        points = re.findall(r"<li>(.*?)</li>", goals[1], re.DOTALL)
        text = "You will be able to " + " ".join(plain(point) for point in points)
    else:
        paragraphs = [plain(p) for p in re.findall(r"<p>(.*?)</p>", body, re.DOTALL)]
        text = next((p for p in paragraphs if len(p) > 60), "")
    return text if len(text) <= 200 else text[:197].rsplit(" ", 1)[0].rstrip(",;") + " …"


def plain(html: str) -> str:
    """The text of a piece of HTML, on one line."""
    return " ".join(unescape(TAG.sub("", html)).split())


def preview_tags(title: str, about: str, site: str, page: str) -> str:
    """Tags for search engines and for the previews that messengers show of a link."""
    tags = {"og:title": title, "og:description": about, "og:type": "article"}
    if site:
        tags |= {"og:url": urljoin(site, page), "og:image": urljoin(site, "_static/panel.png")}
    lines = [f'<meta name="description" content="{escape(about)}">']
    lines += [f'<meta property="{k}" content="{escape(v)}">' for k, v in tags.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image">' if site else "")
    return "\n".join(lines)


# --- the whole site ------------------------------------------------------------------------------


def with_policy(page: str) -> str:
    """The page with a content security policy: nothing runs or loads but what is the site's own.

    The theme has a short script inside each page; the policy names it by its hash.
    """
    scripts = sorted({_hash(code) for code in INLINE_SCRIPT.findall(page)})
    policy = f"{POLICY}; script-src 'self' {' '.join(scripts)}".strip()
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">{tag}', 1)


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


SEARCH = """<h1>Search</h1>
<form class="search" role="search" action="search.html">
<label>Words to look for <input type="search" name="q"></label> <button>Search</button>
</form>
<div id="search-results"></div>"""


def for_listeners(page: str) -> str:
    """Add what the theme leaves out: a heading's level, a button's name, the search's own box."""
    page = page.replace('<div id="search-results"></div>', SEARCH)
    page = page.replace('role="heading">', 'role="heading" aria-level="2">')
    return page.replace(
        '<label class="toctree-checkbox', '<label aria-label="Show pages" class="toctree-checkbox'
    )


def sitemap(site: str, pages: list[str]) -> str:
    """All pages for search engines; their addresses must be whole."""
    rows = "".join(f"<url><loc>{escape(urljoin(site, page))}</loc></url>\n" for page in pages)
    name = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{name}">\n{rows}</urlset>\n'


def with_base(page: str, site: str) -> str:
    """A page that a server shows at any address (404): its links begin where the site begins."""
    root = urlsplit(site).path or "/"
    return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8"><base href="{root}">', 1)
