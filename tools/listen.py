"""Hear lesson 3 with the screen reader Orca: every control of every panel, and an exercise's check.

python -m tools.listen           writes what was done and what Orca said to docs/orca_lesson_3.md
python -m tools.listen FILE.md   or to another file

Orca, a Chromium with a window and a JupyterLab of their own run on a screen that nobody sees. Keys
are pressed as a keyboard presses them, so that Orca gets them first, as it does with a person.
Its speech is read from its own log, and needs no sound.

What fails (exit code 1) is a control that is silent, a name or a value that is seen and not heard,
and a picture whose new sentence isn't spoken. Without Orca nothing is tried (exit code 2). On
Debian and Ubuntu: apt-get install --no-install-recommends orca xvfb at-spi2-core dbus-x11 xdotool
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tools.chromium import CHROMIUM_OPTIONS, find_chromium
from tools.course import NOTEBOOKS
from tools.try_notebook import PROMPTS, wait_until_run

PROJECT = NOTEBOOKS.parent
LESSON = "03_latent_factors"
CHECK = "checks.check_downhill(downhill)"
PAGE = PROJECT / "docs" / "orca_lesson_3.md"
TOKEN = "course"
NEEDED = ("orca", "Xvfb", "dbus-daemon", "xdotool")
PANEL = ".jp-OutputArea-output:has(.jupyter-widgets)"
CONTROL = ".noUi-handle, select, button, input"

# --- what was heard -------------------------------------------------------------------------------

# What follows the words is their voice. After a space it is a key's: Orca echoes what is pressed.
SPEECH = re.compile(r"SPEECH OUTPUT: '(.*?)'( \{.*?|(?: voice=\w+)?(?:\{.*?)?)$", re.M | re.S)


def spoken(log: str) -> list[str]:
    """What Orca said, in order, by a piece of its log; without the echo of keys."""
    said = (" ".join(words.split()) for words, voice in SPEECH.findall(log) if voice[:2] != " {")
    return [words for words in said if re.search(r"\w", words)]


def missing(said: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Which of the `wanted` texts weren't said. Each needs a place of its own: a value that comes
    only in the sentence doesn't count when the sentence is wanted as well."""
    heard = " ".join(" ".join(said).split())
    lost = []
    for text in sorted(wanted, key=len, reverse=True):
        words = " ".join(text.split())
        found = re.search(rf"(?<![\w.,−]){re.escape(words)}(?!\w|[.,]\d)", heard)
        if found:
            heard = f"{heard[: found.start()]}|{heard[found.end() :]}"
        else:
            lost.append(text)
    return lost


@dataclass
class Heard:
    """One thing that was done, what Orca said then, and what it should have said and didn't."""

    done: str
    said: list[str]
    lost: list[str] = field(default_factory=list)


def as_table(rows: Sequence[Heard]) -> str:
    """The rows as a Markdown table: done | Orca says."""
    lines = ["| done | Orca says |", "| --- | --- |"]
    for row in rows:
        says = " ".join(f'"{one}"' for one in row.said) or "(nothing)"
        if row.lost:
            says += f" **Not heard: {', '.join(row.lost)}.**"
        lines.append(f"| {_in_cell(row.done)} | {_in_cell(says)} |")
    return "\n".join(lines) + "\n"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("$", "\\$")


# --- a screen that nobody sees --------------------------------------------------------------------


@contextmanager
def running(command: Sequence[str], log: Path, **kwargs) -> Iterator[subprocess.Popen]:
    """A program with its complaints in `log`; ended at the end."""
    with open(log, "w") as file:
        process = subprocess.Popen(command, stderr=file, **{"stdout": file} | kwargs)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def desktop(folder: Path) -> Iterator[dict[str, str]]:
    """A screen and a message bus for Orca and the browser; yields their environment.

    Its home is `folder`: nothing of the user's desktop is seen, or changed.
    """
    with ExitStack() as stack:
        number, told = os.pipe()
        screen = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1300x1000x24"]
        screen += ["-nolisten", "tcp"]
        stack.enter_context(running(screen, folder / "xvfb.log", pass_fds=[told]))
        os.close(told)
        with open(number) as pipe:
            display = pipe.readline().strip()
        environment = os.environ | {
            "DISPLAY": f":{display}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "LC_ALL": "C.UTF-8",  # what Orca says is compared with English words
        }
        bus = ["dbus-daemon", "--session", "--print-address=1", "--nofork"]
        pipes = {"env": environment, "stdout": subprocess.PIPE, "text": True}
        daemon = stack.enter_context(running(bus, folder / "bus.log", **pipes))
        yield environment | {"DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}


class Orca:
    """Orca on the screen of `environment`, and what it says after each key."""

    def __init__(self, environment: dict[str, str], log: Path):
        self.environment = environment
        self.log = log
        self.read = 0

    def said(self) -> list[str]:
        """What it has said since the last row was done."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            file.seek(self.read)
            return spoken(file.read())

    def press(self, key: str) -> None:
        subprocess.run(["xdotool", "key", key], env=self.environment, check=True)

    def hear(self, done: str, wanted: Sequence[str], seconds: float = 20) -> Heard:
        """Listen until all that is `wanted` was said, and Orca is silent for a moment."""
        deadline = time.monotonic() + seconds
        while (lost := missing(self.said(), wanted)) and time.monotonic() < deadline:
            time.sleep(0.2)
        said, quiet = self.said(), time.monotonic()
        while time.monotonic() - quiet < 1.2:
            time.sleep(0.2)
            if (now := self.said()) != said:
                said, quiet = now, time.monotonic()
        self.read = self.log.stat().st_size
        row = Heard(done, said, missing(said, wanted) if lost else [])
        print(as_table([row]).splitlines()[-1], flush=True)
        return row


# Orca runs this at its start. Without it the log lags behind by some thousand letters.
AT_ONCE = "from orca import debug\ndebug.debugFile.reconfigure(line_buffering=True)\n"


@contextmanager
def orca(environment: dict[str, str], folder: Path) -> Iterator[Orca]:
    log = folder / "orca.log"
    own = folder / "orca"
    own.mkdir()
    (own / "orca-customizations.py").write_text(AT_ONCE)
    command = ["orca", "--debug-file", str(log), "--user-prefs", str(own)]
    with running(command, folder / "orca_complains.log", env=environment) as process:
        deadline = time.monotonic() + 120
        while not (log.exists() and spoken(log.read_text(encoding="utf-8", errors="replace"))):
            if process.poll() is not None or time.monotonic() > deadline:
                complaint = (folder / "orca_complains.log").read_text(errors="replace")
                raise RuntimeError(f"Orca did not start:\n{complaint[-2000:]}")
            time.sleep(0.2)
        yield Orca(environment, log)


# --- the lesson -----------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the lesson with the course's extensions and settings; yields its address."""
    (folder / "lesson").mkdir()
    shutil.copy(NOTEBOOKS / f"{LESSON}.ipynb", folder / "lesson")
    shutil.copytree(PROJECT / "jupyter", folder / "data" / "labextensions")
    settings = PROJECT / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = json.loads(settings.read_text(encoding="utf-8"))
    # Cells out of view are in the page as well.
    overrides["@jupyterlab/notebook-extension:tracker"] = {"windowingMode": "none"}
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / settings.name).write_text(json.dumps(overrides))
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_CONFIG_PATH": "config",
        "JUPYTER_PATH": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    others = {k: v for k, v in os.environ.items() if k not in ("COLLAB_DATA", "COLLAB_MY_RATINGS")}
    environment = others | {name: str(folder / place) for name, place in own.items()}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser"]
    command += [f"--port={port}", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    where = {"cwd": folder / "lesson", "env": environment}
    with running(command, folder / "server.log", **where) as server:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=5)
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("JupyterLab did not start") from None
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/doc/tree/{LESSON}.ipynb?token={TOKEN}&reset"


# What has the focus: its kind, and the name and the value that are *seen*; and its panel's picture.
FOCUSED = """place => {
  const panel = document.querySelectorAll(PANEL)[place], at = document.activeElement;
  if (!panel.contains(at)) return null;
  const text = (part) => part?.textContent.trim() ?? "";
  const widget = at.closest(".widget-inline-hbox");
  const label = text(widget?.querySelector(".widget-label"));
  const found = at.matches(".noUi-handle")
    ? ["slider", label, text(widget.querySelector(".widget-readout")),
       +at.ariaValueNow >= +at.ariaValueMax]
    : at.matches(".widget-readout") ? ["number", label, text(at), false]
    : at.matches("select")
    ? ["list", label, text(at.selectedOptions[0]), at.selectedIndex == at.options.length - 1]
    : at.matches("input[type=checkbox]") ? ["box", text(at.closest("label")), "", false]
    : at.matches("button") ? ["button", text(at), "", false]
    : at.matches("summary") ? ["folded numbers", text(at), "", false]
    : at.matches("details > div") ? ["their table", "", "", false]
    : ["unknown", "", "", false];
  const [kind, name, value, at_end] = found;
  return {kind, name, value, at_end, picture: panel.querySelector("img").src,
          sentence: text(panel.querySelector("p[role=status]"))};
}""".replace("PANEL", json.dumps(PANEL))
# The key that works a control; at its end, the other one.
KEYS = {
    "slider": ("Right", "Left"),
    "list": ("Down", "Up"),
    "box": ("space", "space"),
    "button": ("space", "space"),
}
SIGNS = {"Right": "→", "Left": "←", "Down": "↓", "Up": "↑", "space": "Space"}


def walk(page, orca: Orca, place: int) -> Iterator[Heard]:
    """Tab from the first control of a panel to its last one, and work each.

    In the first panel *The numbers in this picture* are opened.
    """
    controls = page.locator(PANEL).nth(place).locator(CONTROL)
    controls.first.focus()
    done, worked = f"panel {place + 1}: focus on its first control", 0
    # Where Tab doesn't lead on, a control would be worked for ever.
    while worked <= controls.count() and (now := page.evaluate(FOCUSED, place)):
        kind = now["kind"]
        row = orca.hear(f"{done} ({kind})", [text for text in (now["name"], now["value"]) if text])
        if not now["name"] and kind != "their table":
            row.lost.append("a name, as none is seen")
        yield row
        if kind in KEYS:
            worked += 1
            yield _work(page, orca, place, now)
        elif kind == "folded numbers" and not place:
            orca.press("Return")
            yield orca.hear("Enter", ["expanded"])
        orca.press("Tab")
        done = "Tab"
        page.wait_for_timeout(300)
    row = orca.hear("Tab, out of the panel", [])
    if worked != controls.count():
        row.lost.append(f"{controls.count()} controls, but {worked}")
    yield row


def _work(page, orca: Orca, place: int, before: dict) -> Heard:
    key = KEYS[before["kind"]][before["at_end"]]
    orca.press(key)
    after, deadline = before, time.monotonic() + 20
    while after["picture"] == before["picture"]:
        if time.monotonic() > deadline:
            row = orca.hear(SIGNS[key], [], 0)
            row.lost = ["the picture stays the same"]
            return row
        page.wait_for_timeout(100)
        after = page.evaluate(FOCUSED, place)
    wanted = [after["value"]] if after["value"] != before["value"] else []
    if after["sentence"] != before["sentence"]:
        wanted.append(after["sentence"])
    return orca.hear(SIGNS[key], wanted)


def run_check(page, orca: Orca) -> Iterator[Heard]:
    """Run the check of an exercise that isn't solved: its verdict must be spoken."""
    cell = page.locator(".jp-CodeCell").filter(has_text=CHECK)
    verdict = cell.locator(".jp-OutputArea-output [role=status]")
    cell.locator(".cm-content").focus()
    yield orca.hear(f"focus on the cell `{CHECK}`", [])
    prompt = cell.locator(".jp-InputPrompt").inner_text()
    orca.press("ctrl+Return")
    deadline = time.monotonic() + 60
    while cell.locator(".jp-InputPrompt").inner_text() in (prompt, "[*]:"):
        if time.monotonic() > deadline:
            raise RuntimeError("the check does not run")
        page.wait_for_timeout(200)
    yield orca.hear("Ctrl+Enter", [verdict.inner_text()])


def open_and_run(page, address: str) -> None:
    """Open the lesson, and run all cells as soon as there is a kernel."""
    idle = []

    def hear(frame: str | bytes) -> None:
        text = frame.decode("utf-8", "ignore") if isinstance(frame, bytes) else frame
        idle.extend(re.findall(r'"execution_state": ?"idle"', text))

    page.on("websocket", lambda one: one.on("framereceived", hear))
    page.goto(address)
    deadline = time.monotonic() + 120
    while not idle:
        if time.monotonic() > deadline:
            raise RuntimeError("the kernel did not start")
        page.wait_for_timeout(200)
    page.click('.lm-MenuBar-item:has-text("Run")')
    page.click('.lm-Menu-item[data-command="runmenu:run-all"]')
    wait_until_run(page, PROMPTS[7])
    page.wait_for_selector(f"{PANEL} .noUi-handle")


def listen(folder: Path) -> tuple[list[Heard], int, str]:
    """The whole walk; returns what was heard, the number of panels, and the browser's version."""
    from playwright.sync_api import sync_playwright

    rows = []
    with (
        served(folder) as address,
        desktop(folder) as environment,
        orca(environment, folder) as reader,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path, on_a_screen=True),
            headless=False,
            args=[*CHROMIUM_OPTIONS, "--force-renderer-accessibility", "--window-position=0,0"],
            env=environment,
        )
        page = browser.new_page(viewport={"width": 1280, "height": 850})
        page.set_default_timeout(120_000)
        open_and_run(page, address)
        panels = page.locator(PANEL).count()
        reader.hear("(the lesson is opened and run)", [])  # no row: JupyterLab's own parts
        for place in range(panels):
            rows += walk(page, reader, place)
        rows += run_check(page, reader)
        chromium = browser.version
        browser.close()
    return rows, panels, chromium


# --- the page -------------------------------------------------------------------------------------

HEAD = """# Lesson 3, heard with Orca

What the screen reader Orca said in lesson 3, word for word: on every control of its {panels}
panels, and on the check of exercise 1, which wasn't solved. `make listen` walks through the lesson
and writes this page. What else was tried, and what wasn't: [Accessibility](accessibility.md).

Orca {orca}, Chromium {chromium}, JupyterLab {lab} and ipywidgets {widgets} on Linux, with
Orca's own settings. {load}

A program pressed the keys, as a keyboard does. Where a row says *focus on*, the program put the
focus there; a person gets to it with the arrow keys and Tab. The words are those that Orca sent to
its voice: nobody listened to the sound. The program waited until Orca was silent, and who presses
the next key sooner hears less. The echo of the keys is left out. "0 percent" and "100 percent" are
JupyterLab's sign for the kernel's status; "Browse mode" and "Focus mode" are Orca's own.

"""


def page_of(rows: Sequence[Heard], panels: int, chromium: str) -> str:
    told = subprocess.run(["orca", "--version"], capture_output=True, text=True, check=True)
    cpus, load = os.cpu_count(), os.getloadavg()[0]
    busy = "was busy with other work, too" if load > cpus else "had little else to do"
    head = HEAD.format(
        panels=panels,
        orca=told.stdout.strip(),
        chromium=chromium,
        lab=version("jupyterlab"),
        widgets=version("ipywidgets"),
        load=f"The computer, with {cpus} processors, {busy} (load {load:.1f}).",
    )
    return head + as_table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=PAGE, help="where to write the table")
    chosen = parser.parse_args()
    absent = [program for program in NEEDED if not shutil.which(program)]
    if absent:
        print(f"nothing was heard: {', '.join(absent)} isn't installed", file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        heard, panels, chromium = listen(Path(folder))
    chosen.file.parent.mkdir(parents=True, exist_ok=True)
    chosen.file.write_text(page_of(heard, panels, chromium), encoding="utf-8")
    lost = [row for row in heard if row.lost]
    print(f"{panels} panels, {len(heard)} rows, {len(lost)} with something not heard")
    if lost or not panels:
        sys.exit(1)


if __name__ == "__main__":
    main()
