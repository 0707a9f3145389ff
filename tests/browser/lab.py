"""A real JupyterLab in headless Chromium: start a server, open a notebook, run it, work its panels.

What a test must know about them:
- Cells out of view aren't in the page, unless the notebook's windowing is switched off.
- An exception in a widget's callback shows nowhere in the page. It arrives as an `error` message on
  the kernel's websocket, so that is listened to.
- The page says "idle" before there is a kernel: the websocket tells when it really is.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.chromium import CHROMIUM_OPTIONS, find_chromium

TOKEN = "course"
WITHOUT_WINDOWING = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
expect.set_options(timeout=60_000)  # a busy machine is slow, and no test here asserts a time
KERNEL_ERROR = re.compile(r'"msg_type": ?"error"')
KERNEL_REPLY = re.compile(r'"msg_type": ?"execute_reply"')
KERNEL_IDLE = re.compile(r'"execution_state": ?"idle"')


@contextmanager
def chromium():
    """A headless Chromium or Chrome; yields None where there is none."""
    with sync_playwright() as playwright:
        place = find_chromium(playwright.chromium.executable_path)
        if place is None:
            yield None
            return
        browser = playwright.chromium.launch(executable_path=place, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@contextmanager
def jupyterlab(
    notebooks: Path,
    folder: Path,
    overrides: dict | None = WITHOUT_WINDOWING,
    extensions: Path | None = None,
):
    """Serve a copy of `notebooks` in `folder` on loopback, as `make lab` does; yields the address.

    The server has folders of its own for settings, and never sees the user's. `overrides` are
    settings on top of the course's own, `extensions` a folder with further extensions.
    """
    root = folder / "served"
    left_out = shutil.ignore_patterns(".ipynb_checkpoints", "*.py", "my_ratings.csv")
    for name in ("notebooks", "docs"):  # lessons link to the glossary
        shutil.copytree(notebooks.parent / name, root / name, ignore=left_out)
    course = json.loads(
        (notebooks.parent / "jupyter/labconfig/default_setting_overrides.json").read_text("utf-8")
    )
    config = folder / "config"
    (config / "labconfig").mkdir(parents=True)
    # The extension as it is in this folder, and not as it was when the course was installed.
    shutil.copytree(notebooks.parent / "jupyter", folder / "data" / "labextensions")
    settings = config / "labconfig" / "default_setting_overrides.json"
    settings.write_text(json.dumps(course | (overrides or {})))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("COLLAB_DATA", "COLLAB_MY_RATINGS")},
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_CONFIG_PATH": str(config),  # in a virtual environment its own settings come first
        "JUPYTER_PATH": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser"]
    command += [f"--port={port}", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    if extensions:
        command.append(f"--LabApp.extra_labextensions_path={extensions}")
    address = f"http://127.0.0.1:{port}"
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(address, server, folder / "server.log")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(address: str, server: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=2)
            return
        except (urllib.error.URLError, TimeoutError):
            if server.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class OpenNotebook:
    """One notebook in a page of its own, and what the kernel and the page complained about.

    view: "doc" for the notebook alone, "lab" for all of JupyterLab.
    """

    def __init__(
        self, browser: Browser, address: str, name: str, view: str = "doc", height: int = 900
    ):
        self.errors: list[str] = []
        self.console: list[str] = []  # what the page wrote there as an error
        self.idle_messages = 0
        self.replies = 0  # of cells that have run
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": height})
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._hear))
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", self._listen)
        self.page.goto(f"{address}/{view}/tree/notebooks/{name}?token={TOKEN}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def _hear(self, frame: str | bytes) -> None:
        text = frame.decode("utf-8", "ignore") if isinstance(frame, bytes) else frame
        if KERNEL_ERROR.search(text):
            self.errors.append(f"kernel: {text[:2000]}")
        if KERNEL_REPLY.search(text):
            self.replies += 1
        if KERNEL_IDLE.search(text):
            self.idle_messages += 1

    def _listen(self, message) -> None:
        if message.type == "error":
            self.console.append(message.text)

    def run_all(self, seconds: float = 300, restart: bool = True) -> None:
        """Restart the kernel (or don't), run every cell, and wait for the last one."""
        page = self.page
        wait_until(page, lambda: self.idle_messages > 0, 60, "the kernel did not start")
        page.click('.lm-MenuBar-item:has-text("Run")')
        if restart:
            page.click('.lm-Menu-item[data-command="runmenu:restart-and-run-all"]')
            page.click(".jp-Dialog .jp-mod-accept")
        else:
            page.click('.lm-Menu-item[data-command="runmenu:run-all"]')
        n_cells, before = page.locator(".jp-CodeCell").count(), self.replies

        def finished() -> bool:
            if self.errors or self.replies - before < n_cells:
                return bool(self.errors)
            # The prompts of the run before are still there for a moment.
            prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
            return all(re.match(r"\[\d+\]:?", p) for p in prompts if p.strip())

        wait_until(page, finished, seconds, f"{n_cells} cells did not finish")

    def panels(self) -> list[Locator]:
        """The live panels, in order."""
        return self.page.locator(".jp-OutputArea-output:has(.jupyter-widgets)").all()

    def close(self) -> None:
        self.page.close()


def handles_of(panel: Locator) -> list[Locator]:
    return panel.locator(".noUi-handle").all()


def image_of(panel: Locator) -> str:
    return panel.locator("img").first.get_attribute("src")


def shown_by(panel: Locator) -> str:
    """The picture and its sentence: to choose a film to rate changes only the second of them."""
    return image_of(panel) + panel.locator("p[role=status]").first.inner_text()


def wait_for_change(
    panel: Locator, before: str, seconds: float = 60, look: Callable[[Locator], str] = image_of
) -> float:
    """Wait until the picture is another (or what `look` sees); returns the seconds it took."""
    start = time.perf_counter()
    while look(panel) == before:
        if time.perf_counter() - start > seconds:
            now = [handle.get_attribute("aria-valuenow") for handle in handles_of(panel)]
            at = panel.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            said = panel.locator("p[role=status]").all_inner_texts()
            raise AssertionError(
                f"the picture stays the same; it says {said}, sliders are at {now}, focus at {at}"
            )
        time.sleep(0.015)  # what looks more often takes the processor from what it waits for
    return time.perf_counter() - start


def work_by_keyboard(panel: Locator) -> list[float]:
    """Move every slider, list, checkbox, toggle and step button of a panel by keyboard.

    Its picture must change, and after a step button its sentence and its slider as well.

    Returns the seconds from each key to its picture.
    """
    seconds = []
    for handle in handles_of(panel):
        handle.scroll_into_view_if_needed()
        before = image_of(panel)
        handle.focus()
        value = float(handle.get_attribute("aria-valuenow"))
        at_end = value >= float(handle.get_attribute("aria-valuemax"))
        handle.press("ArrowLeft" if at_end else "ArrowRight")
        seconds.append(wait_for_change(panel, before))
    for chooser in panel.locator("select").all():
        if chooser.locator("option").count() < 2:
            continue
        before = shown_by(panel)
        chooser.focus()
        last = chooser.evaluate("list => list.selectedIndex == list.options.length - 1")
        # On a closed list JupyterLab takes the arrow keys for itself.
        chooser.press("Alt+ArrowDown")
        panel.page.keyboard.press("ArrowUp" if last else "ArrowDown")
        panel.page.keyboard.press("Enter")
        seconds.append(wait_for_change(panel, before, look=shown_by))
    for switch in panel.locator(".widget-checkbox input, .widget-toggle-button").all():
        before = image_of(panel)
        switch.focus()
        switch.press("Space")
        seconds.append(wait_for_change(panel, before))
    for button in panel.locator(".panel-step").all():
        handle = button.locator("xpath=..").locator(".noUi-handle")
        value = float(handle.get_attribute("aria-valuenow"))
        before, said = image_of(panel), panel.locator("p[role=status]").first.inner_text()
        expect(button).to_have_text("Step")
        button.focus()
        button.press("Enter")
        seconds.append(wait_for_change(panel, before))
        assert panel.locator("p[role=status]").first.inner_text() != said
        wait_until(
            panel.page,
            lambda handle=handle, value=value: (
                float(handle.get_attribute("aria-valuenow")) == value + 1
            ),
            60,
            "the slider stays where it was",
        )
    return seconds


def expect_no_errors(notebook: OpenNotebook) -> None:
    assert not notebook.errors, "\n".join(notebook.errors)
    stderr = '[data-mime-type="application/vnd.jupyter.stderr"]'
    expect(notebook.page.locator(stderr)).to_have_count(0)
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(notebook.page.locator('[role="alert"]')).to_have_count(0)


def wait_until(page: Page, done, seconds: float, complaint: str) -> None:
    """Let the page live until `done()` holds."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"{complaint} within {seconds} s")
        page.wait_for_timeout(100)
