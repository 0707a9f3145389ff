"""The reading site: README, lessons and guides as web pages, from what is stored (`make site`)."""

import shutil
from pathlib import Path

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
exclude_patterns = [".*", "build", "**/.ipynb_checkpoints"]
CONTENTS = """
```{toctree}
:hidden:
:caption: Lessons
:glob:

Start here <notebooks/00_start_here>
notebooks/0[1-9]*
```

```{toctree}
:hidden:
:caption: Beside the lessons

docs/glossary
docs/teaching
docs/hosting
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
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False


def add_contents(app, docname: str, source: list[str]) -> None:
    """The list of pages for the sidebar: on a forge's page of the README it would show as code."""
    if docname == root_doc:
        source[0] += CONTENTS


def add_index(app, error) -> None:
    """A web server looks for index.html."""
    if error is None:
        shutil.copy(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app) -> None:
    app.connect("source-read", add_contents)
    app.connect("build-finished", add_index)
