"""Try the course where it isn't JupyterLab: other versions of its packages, and Jupyter Notebook.

python -m tools.try_notebook            run every lesson, and move every control of every panel
python -m tools.try_notebook --browser  then work lesson 3 in this environment's Notebook, 6 or 7
python -m tools.try_notebook --install  first install the course, which must change nothing else

`make places` does both in environments of their own: with Colab's versions in Notebook 6, and in
Notebook 7. What fails is an exception, or a picture that doesn't follow its control.
"""

import argparse
import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib.metadata import version
from pathlib import Path

from collab_lib.kit.panel import Panel
from collab_lib.kit.training_panel import TrainingPanel
from tools.chromium import CHROMIUM_OPTIONS, find_chromium
from tools.course import NOTEBOOKS, lesson_paths
from tools.lesson_panels import panels_as_shown

PROJECT = NOTEBOOKS.parent
LESSON = "03_latent_factors"
TOKEN = "course"
PIP_INSTALL = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
PACKAGES = ("ipywidgets", "ipython", "notebook", "pandas", "numpy", "matplotlib", "torch")
VIEW = "application/vnd.jupyter.widget-view+json"


# --- what the course brings -----------------------------------------------------------------------


def brought_by(*wanted: str) -> list[str]:
    """The packages, "name version", that pip would fetch or exchange here to install `wanted`."""
    command = [*PIP_INSTALL, "--dry-run", "--report=-", *wanted]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    about = [package["metadata"] for package in report["install"]]
    return sorted(f"{one['name']} {one['version']}" for one in about)


def install() -> None:
    """Install the course where everything else is there, as a first cell does in Colab."""
    brought = brought_by(str(PROJECT))
    if [package.partition(" ")[0] for package in brought] != ["collab_lib"]:
        sys.exit(f"the course must bring itself alone, and would bring {', '.join(brought)}")
    print(f"pip install brings {brought[0]}, and changes nothing else", flush=True)
    subprocess.run([*PIP_INSTALL, "--no-deps", str(PROJECT)], check=True)


# --- lessons and panels, without a browser --------------------------------------------------------


def try_lesson(path: Path) -> tuple[int, int]:
    """Run a lesson and move its panels; returns how many panels, and how many moves."""
    panels = moves = 0
    with tempfile.TemporaryDirectory() as elsewhere:
        for _, panel in panels_as_shown(path, Path(elsewhere)):
            panels += 1
            moves += move(panel)
    return panels, moves


def move(panel: Panel) -> int:
    """Set every control to both of its ends; returns the number of moves. The picture must follow.

    What a notebook gets of the panel must be a widget, and a picture for where there is none.
    """
    data, _ = panel._repr_mimebundle_()
    assert data[VIEW]["model_id"] == panel.widget.model_id
    assert "<img" in data["text/html"]
    moves = 0
    for name, control in panel.controls.items():
        values = ends(control)
        before = panel.picture
        for value in values:
            control.value = value
            moves += 1
        assert panel.picture is not before or len(values) < 2, f"{name} moves nothing"
        assert f'<img alt="{escape(panel.picture.sentence)}"' in panel.view.value
    if isinstance(panel, TrainingPanel):
        assert len(list(itertools.islice(panel._epochs(), 2))) == 2  # an epoch, and its picture
    return moves


def ends(control) -> list:
    """The last and the first value of a control; of a line of text, the one that it has."""
    if hasattr(control, "_options_full"):
        values = [value for _, value in control._options_full]
    elif hasattr(control, "max"):
        values = [control.min, control.max]
    else:
        values = [False, True] if isinstance(control.value, bool) else [control.value]
    return list(dict.fromkeys([values[-1], values[0]]))


# --- a lesson in a browser ------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve `folder` with this environment's Jupyter Notebook; yields the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "notebook", "--allow-root", "--no-browser", f"--port={port}"]
    old = version("notebook").startswith("6.")
    command += ["--ip=127.0.0.1", f"--{'NotebookApp' if old else 'IdentityProvider'}.token={TOKEN}"]
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait_for(address: str, server: subprocess.Popen, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5)
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("Jupyter Notebook did not start")


CONNECTED_6 = "() => Jupyter.notebook.kernel.is_connected()"
# What sliders, prompts and keys are in each of the two.
HANDLES = {6: ".ui-slider-handle", 7: ".noUi-handle"}
PROMPTS = {6: ".code_cell .input_prompt", 7: ".jp-CodeCell .jp-InputPrompt"}
AT_END = {
    6: "handle => parseFloat(handle.style.left) >= 100",
    7: "handle => +handle.ariaValueNow >= +handle.ariaValueMax",
}
KEYS = {6: ("ArrowLeft", "ArrowRight"), 7: ("PageDown", "PageUp")}  # 7 keeps the arrows to itself


def work_in_browser(lesson: str = LESSON) -> int:
    """Run a lesson in this environment's Notebook, and move its sliders by keyboard; returns how
    many were moved. Each picture must follow."""
    from playwright.sync_api import sync_playwright

    major = int(version("notebook").partition(".")[0])
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        shutil.copy(NOTEBOOKS / f"{lesson}.ipynb", folder)
        place = find_chromium(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=place, args=CHROMIUM_OPTIONS)
        with served(folder) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(120_000)
            page.goto(f"{address}/notebooks/{lesson}.ipynb?token={TOKEN}")
            # Without a kernel's help the stored pictures are there.
            page.wait_for_selector(".collab-panel img")
            if major == 6:
                page.wait_for_function(CONNECTED_6)
            # Too early, 6 shows no widgets, and 7 takes a run and forgets it; neither tells when.
            page.wait_for_timeout(5000)
            if major == 6:
                page.evaluate("() => Jupyter.notebook.execute_all_cells()")
            else:
                page.click('.lm-MenuBar-item:has-text("Run")')
                page.click('.lm-Menu-item[data-command="runmenu:run-all"]')
            wait_until_run(page, PROMPTS[major])
            page.wait_for_selector(HANDLES[major])  # widgets are drawn a little later
            moved = _move_sliders(page, major)
        browser.close()
    return moved


def wait_until_run(page, prompts: str, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    running, begun = True, False
    while running or not begun:
        texts = page.locator(prompts).all_inner_texts()
        running = any("*" in text for text in texts)
        begun |= running
        if time.monotonic() > deadline:
            raise RuntimeError(f"the cells did not finish: {texts}")
        page.wait_for_timeout(200)


def _move_sliders(page, major: int) -> int:
    moved = 0
    down, up = KEYS[major]
    for panel in page.locator(".widget-vbox:has(img)").all():
        for handle in panel.locator(HANDLES[major]).all():
            handle.scroll_into_view_if_needed()
            before = panel.locator("img").first.get_attribute("src")
            handle.focus()
            at_end = handle.evaluate(AT_END[major])
            page.keyboard.press(down if at_end else up)
            other = [panel.element_handle(), before]
            page.wait_for_function(
                "([panel, src]) => panel.querySelector('img').src != src", arg=other
            )
            moved += 1
    if not moved:
        raise RuntimeError("there is no slider on the page")
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--install", action="store_true", help="first install the course alone")
    parser.add_argument("--browser", action="store_true", help="lesson 3 in Jupyter Notebook, too")
    chosen = parser.parse_args()
    if chosen.lesson:
        panels, moves = try_lesson(chosen.lesson)
        print(f"{chosen.lesson.stem:30}{panels:3} panels {moves:4} moves", flush=True)
        return
    if chosen.install:
        install()
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES), flush=True)
    for path in lesson_paths():  # each in a process of its own, as with a kernel
        subprocess.run([sys.executable, "-m", "tools.try_notebook", str(path)], check=True)
    if chosen.browser:
        print(f"{LESSON} in Notebook {version('notebook')}: {work_in_browser()} sliders moved")


if __name__ == "__main__":
    main()
