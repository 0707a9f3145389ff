"""The reading site: README, lessons and guides as web pages, from what is stored (`make site`).

The panels of the lessons work there without a kernel: `tools/stills.py` draws all their states, and
`docs/panels.js` shows the one that is asked for.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from sphinx.errors import ExtensionError

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))

from tools import pages, stills  # noqa: E402
from tools.places import read_places  # noqa: E402

places = read_places()

project = html_title = "Collaborative filtering"
author = "the authors of the course"
copyright = "the authors of the course; lessons CC BY 4.0, code MIT"
language = "en"

# The project's folder is the source as it lies, so that links between its files hold everywhere.
root_doc = "README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "notebooks/*.ipynb",
    "docs/*.md",
]
exclude_patterns = [".*", "build", "class", "marks", "notebooks/mine", "**/.ipynb_checkpoints"]
CONTENTS = """
```{toctree}
:hidden:
:caption: Lessons
:glob:

Start here <notebooks/00_start_here>
notebooks/[0-9]*
```

```{toctree}
:hidden:
:caption: Beside the lessons

docs/glossary
docs/accessibility
docs/orca_lesson_3
docs/hosting
docs/scale
CONTRIBUTING
CHANGELOG
```
"""

extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx-mathjax-offline"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# The notebooks are stored with their outputs. On a page without a kernel, a panel is its picture.
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

html_theme = "furo"
html_favicon = "icon.svg"
scripts = ["site.js", "panels.js", "fold_in.js", "rate_films.js"]
html_static_path = ["site.css", "panel.png", *scripts]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_baseurl = places.site
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
# In bytes; what readers on a phone and servers that cost nothing can be asked for.
LARGEST = 90e6
# Plans and answers for teachers are a link in the README, and no neighbour of the lessons.
FOR_TEACHERS = {"docs/teaching"}


def draw_panels(app) -> None:
    """Every state of every panel, from the cache or drawn now; the build fails if one isn't live.

    COLLAB_STILLS_LIMIT: at most so many states a panel, for a quick look and for tests.
    """
    limit = int(os.environ.get("COLLAB_STILLS_LIMIT", stills.LIMIT))
    try:
        app.stills = stills.make(limit=limit)
    except (stills.NotLive, RuntimeError) as trouble:
        raise ExtensionError(f"a panel is not live on the site:\n{trouble}") from trouble
    shutil.rmtree(Path(app.outdir) / "_static" / "panels", ignore_errors=True)


def add_contents(app, docname: str, source: list[str]) -> None:
    """The list of pages for the sidebar: on a forge's page of the README it would show as code."""
    if docname == root_doc:
        source[0] += CONTENTS
    elif docname in FOR_TEACHERS:
        source[0] = f"---\norphan: true\n---\n\n{source[0]}"


def fill_page(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Live panels, links to where a lesson runs, and what previews of links show."""
    body = context.get("body", "")
    lesson = pagename.removeprefix("notebooks/")
    if lesson in app.stills:
        start = f"{context['pathto'](root_doc)}#start"
        made = app.stills[lesson]
        panels = json.loads((made / "panels.json").read_text(encoding="utf-8"))
        # The key of the stills is in the address: a browser's cache can't mix two versions.
        inside = f"panels/{lesson}/{made.name[:8]}"
        seen = f"{context['content_root']}_static/{inside}"
        links = pages.where_to_run(places, lesson, start)
        try:
            body = pages.with_panels(body, panels, seen, links, lesson)
        except stills.NotLive as trouble:
            raise ExtensionError(str(trouble)) from trouble
        context["body"] = body.replace("</h1>", f"</h1>{pages.launch_links(places, lesson)}", 1)
        if panels:
            target = Path(app.outdir) / "_static" / inside
            pages.write_panels(panels, made, target, seen)
            app.add_js_file(f"{inside}/panels.js", defer="defer")
            app.add_js_file("panels.js", defer="defer")
            if any(panel["live"] for panel in panels):
                app.add_js_file("fold_in.js", defer="defer")
                app.add_js_file("rate_films.js", defer="defer")
    if templatename == "page.html":
        title = pages.plain(context.get("title", project))
        page = f"{pagename}.html" if pagename != root_doc else ""
        about = pages.description(body)
        tags = pages.preview_tags(title, about, places.site, page)
        context["metatags"] = context.get("metatags", "") + tags


def add_missing_page(app):
    """What a server shows where there is no page."""
    body = (
        "<h1>There is no such page</h1><p>The course has moved, or the address has a slip in it. "
        f'Begin at <a href="{root_doc}.html">the contents</a>, or search for a word.</p>'
    )
    yield "404", {"title": "There is no such page", "body": body}, "page.html"


def finish(app, error) -> None:
    """What needs the finished pages: policy, index, sitemap, and each notebook to download."""
    if error is not None:
        return
    site = Path(app.outdir)
    found = sorted(site.rglob("*.html"))
    for path in found:
        page = pages.for_listeners(path.read_text(encoding="utf-8"))
        if path.name == "404.html":
            page = pages.with_base(page, places.site)
        path.write_text(pages.with_policy(page), encoding="utf-8")
    shutil.copy(site / f"{root_doc}.html", site / "index.html")  # a web server looks for it
    (site / ".buildinfo").unlink(missing_ok=True)
    leave_out_unused_mathjax(site / "_static" / "mathjax")
    for lesson in app.stills:
        shutil.copy(PROJECT / "notebooks" / f"{lesson}.ipynb", site / "notebooks")
    if places.site:
        names = [p.relative_to(site).as_posix() for p in found if p.name not in ("404.html",)]
        listed = pages.sitemap(places.site, [name for name in names if name != "index.html"])
        (site / "sitemap.xml").write_text(listed, encoding="utf-8")
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    if size > LARGEST:
        raise ExtensionError(
            f"the site has {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}: give a panel fewer "
            "stills, or lower LIMIT in tools/stills.py"
        )


def leave_out_unused_mathjax(folder: Path) -> None:
    """Whole builds for other input and output, and speech in other languages: 19 MB."""
    for path in [*folder.glob("*.js"), *folder.glob("input/*.js")]:
        if path.name != "tex-chtml.js":
            path.unlink()
    for unused in ("output/svg", "input/mml", "adaptors"):
        shutil.rmtree(folder / unused, ignore_errors=True)
    for path in (folder / "sre" / "mathmaps").glob("*.json"):
        if path.stem not in {"base", "en", "nemeth"}:
            path.unlink()


def setup(app) -> None:
    app.connect("builder-inited", draw_panels)
    app.connect("source-read", add_contents)
    app.connect("html-page-context", fill_page)
    app.connect("html-collect-pages", add_missing_page)
    # After what extensions add to the pages.
    app.connect("build-finished", finish, priority=900)
