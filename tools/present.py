"""Open a lesson as slides: JupyterLab that starts as a deck, with settings for a projector.

python -m tools.present                  lesson 1
python -m tools.present 05_dot_model     another; 5 is enough
python -m tools.present 5 --pdf          as a PDF in build/slides, in place of JupyterLab
python -m tools.present 5 --no-browser   with options of `jupyter lab`

The deck is the extension jupyterlab-slideshow, with a small one of ours beside it (tools/deck) for
number, time and notes. Settings and window layout live in a folder that goes when the server
stops, so that nothing of this shows in a JupyterLab started otherwise: the extension notes in the
user's settings that a deck is open, and the next JupyterLab would be one.
"""

import json
import os
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyterlab.labapp import LabApp
from nbconvert.filters import markdown2html

from tools.course import ROOT, lesson_named, lessons
from tools.slides_pdf import print_pdf

PRESENTING = "body[data-jp-deck-mode='presenting']"
# The window is so much wider than a page of text at normal size, in steps.
ZOOM = {0: 1, 1000: 1.15, 1250: 1.45, 1500: 1.75, 1800: 2.2, 2400: 2.9, 3600: 4.4}


def of_screen(percent: float) -> str:
    return f"calc({percent}vh / var(--deck-zoom))"


STYLES = {
    **{
        f"@media (min-width: {width}px)": {PRESENTING: {"--deck-zoom": zoom}}
        for width, zoom in ZOOM.items()
    },
    ".jp-Deck .jp-WindowedPanel-inner": {"zoom": "var(--deck-zoom)"},
    ".jp-Deck .jp-Notebook": {"--jp-code-font-size": "12px"},  # 100 characters in a line
    ".jp-Deck .jp-RenderedMarkdown pre code": {"font-size": "var(--jp-code-font-size)"},
    ".jp-Deck .jp-RenderedHTMLCommon :is(td, th)": {"padding": "0.2em 0.6em"},
    # The text after a picture stands beside it. The picture fills what it has, and is never higher
    # than the screen: the less code stands above it, the higher it may be.
    ".jp-Deck .jp-Cell-outputWrapper:has(img[alt])": {"float": "left", "width": "68%"},
    ".jp-Deck .jp-CodeCell.jp-deck-mod-onscreen": {"clear": "both"},
    # The task of a panel is a layer of its slide, and stays at its place.
    ".jp-Deck .jp-Cell.jp-deck-mod-layer": {"position": "static !important"},
    ".jp-Deck .jp-WindowedPanel-viewport": {"display": "flow-root"},
    ".jp-Deck .jp-OutputArea-output img": {
        "width": "100% !important",
        "max-height": of_screen(60),
        "object-fit": "contain",
        "object-position": "0 0",
    },
    ".jp-Deck .jp-CodeCell:not(:has(.cm-line:nth-child(5), .jupyter-widgets)) img": {
        "max-height": of_screen(72)
    },
    # Long code scrolls in its box, so that what it shows is in sight.
    ".jp-Deck .jp-CodeCell:not(.jp-mod-noOutputs) .cm-editor": {"max-height": of_screen(48)},
    ".jp-Deck .jp-CodeCell:has(img[alt]) .cm-editor": {"max-height": of_screen(24)},
    ".jp-Deck .jupyter-widgets img": {"max-height": of_screen(54)},
    # Three controls or more are smaller, five or more stand in two columns.
    ".jp-Deck .widget-vbox > .widget-hbox:has(> :nth-child(3))": {"zoom": 0.78},
    ".jp-Deck .widget-vbox:has(> .widget-hbox > :nth-child(3)) img": {"max-height": of_screen(46)},
    ".jp-Deck .widget-hbox:has(> :nth-child(5)) > *": {"width": "48% !important"},
    # A column of many controls beside the picture takes the whole width.
    ".jp-Deck .jp-Cell-outputWrapper:has(.widget-vbox > :nth-child(9))": {
        "float": "none",
        "width": "100%",
    },
    ".jp-Deck .widget-hbox:has(> .widget-vbox > :nth-child(9))": {"zoom": 0.75},
    ".jp-Deck .widget-hbox:has(> .widget-vbox > :nth-child(9)) img": {"max-height": of_screen(90)},
    # The arrows are there for the mouse; the buttons at the bottom left would restyle the cells.
    ".jp-Deck-Remote": {
        "transform": "scale(0.6)",
        "transform-origin": "bottom right",
        "opacity": 0.6,
    },
    ".jp-Deck-DesignTools": {"display": "none"},
}

IN_A_CELL = ".jp-Deck .jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite)"
NOWHERE = f"{PRESENTING}:not(:focus-within)"
NEXT = {"direction": "down", "alternate": "forward"}
BACK = {"direction": "up", "alternate": "back"}


def go(args: dict, key: str, selector: str) -> dict:
    return {"command": "deck:go", "args": args, "keys": [key], "selector": selector}


def leave_to_the_browser(key: str, selector: str) -> dict:
    """The deck takes no key that a button, a list or a folded answer needs itself.

    Starting a deck that has started does nothing, and the browser sees the key.
    """
    binding = {"command": "deck:start", "keys": [key], "selector": f"{IN_A_CELL} {selector}"}
    return {**binding, "preventDefault": False}


def anywhere(command: str, key: str) -> dict:
    return {"command": command, "keys": [key], "selector": PRESENTING}


KEYS = [
    # A remote control sends PageDown and PageUp. Its "black" is B, which would insert a cell.
    go(NEXT, "PageDown", f"{IN_A_CELL} :focus"),
    go(BACK, "PageUp", f"{IN_A_CELL} :focus"),
    leave_to_the_browser("B", ":focus"),
    # A button that was pressed and is now disabled leaves nothing that has the focus.
    *(go(NEXT, key, NOWHERE) for key in ("Space", "PageDown")),
    *(go(BACK, key, NOWHERE) for key in ("Shift Space", "PageUp")),
    *(
        leave_to_the_browser("Space", f".jupyter-widgets {control}:focus")
        for control in ("button", "input", "select")
    ),
    *(
        leave_to_the_browser(f"Arrow{way}", ".jupyter-widgets select:focus")
        for way in ("Up", "Down", "Left", "Right")
    ),
    *(leave_to_the_browser(key, "summary:focus") for key in ("Space", "Enter")),
    anywhere("notebook:restart-run-all", "Accel Shift Enter"),
    # The browser's own zoom would change nothing: the sizes follow the width of the window.
    anywhere("application:zoom-in-widget", "Accel ="),
    anywhere("application:zoom-in-widget", "Accel Shift ="),
    anywhere("application:zoom-out-widget", "Accel -"),
    anywhere("application:reset-widget-zoom", "Accel 0"),
]

SETTINGS = {
    "jupyterlab-slideshow:plugin": {"active": True},
    # The deck shows all cells of a slide, so they must all be in the page.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/shortcuts-extension:shortcuts": {"shortcuts": KEYS},
    "@deathbeds/jupyterlab-fonts:fonts": {"styles": STYLES},
}


def notes() -> dict[str, str]:
    """What the teacher's guide says of each lesson, as HTML, by the name of the notebook."""
    guide = (ROOT / "docs" / "teaching.md").read_text("utf-8")
    chapters = dict(
        re.findall(r"^## Lesson (\d+):.*?\n(.*?)(?=^## |\Z)", guide, re.DOTALL | re.MULTILINE)
    )
    return {one.file: markdown2html(chapters[str(one.number)]) for one in lessons()}


def write_extension(folder: Path) -> Path:
    """Our extension with its notes, in `folder`, as JupyterLab looks for it; returns `folder`."""
    copied = shutil.copytree(Path(__file__).parent / "deck", folder / "course-deck")
    (copied / "static" / "notes.json").write_text(json.dumps(notes()), "utf-8")
    return folder


def main() -> None:
    name, *options = sys.argv[1:] or ["01"]
    try:
        path = lesson_named(name).path
        if "--pdf" in options:
            print(f"written: {print_pdf(path, ROOT / 'build' / 'slides')}")
            return
    except ValueError as error:
        raise SystemExit(f"Nothing was opened or written: {error}.") from None
    if find_spec("jupyterlab_slideshow") is None:
        raise SystemExit('The slides need an extension: install --editable ".[slides]".')
    with TemporaryDirectory() as folder:
        config = Path(folder, "labconfig")
        config.mkdir()
        (config / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
        others = os.environ.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep)
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [folder, *others]))
        address = f"/lab/tree/{path.relative_to(ROOT).as_posix()}"  # also what the server prints
        places = {"default_url": address}
        places |= {f"{name}_dir": Path(folder, name) for name in ("user_settings", "workspaces")}
        chosen = [f"--LabApp.{name}={place}" for name, place in places.items()]
        extensions = write_extension(Path(folder, "labextensions"))
        chosen.append(f"--LabApp.extra_labextensions_path={extensions}")
        LabApp.launch_instance([f"--notebook-dir={ROOT}", *chosen, *options])


if __name__ == "__main__":
    main()
