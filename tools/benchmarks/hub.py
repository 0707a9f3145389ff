"""A class of simulated students on a class server on this machine: what does it need?

.venv-hub/bin/python -m tools.benchmarks.hub --students 8 --lessons 3 5

Starts `tools.hub` on 127.0.0.1 in a folder of its own, lets all students log in at once, run
lessons and move panels, kills the hub in the middle, starts it again, looks whether all is still
there, and stops everything. No step waits for longer than its limit.
"""

import argparse
import asyncio
import contextlib
import html
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
import urllib3
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tools.grade.lessons import cells_of
from tools.grade.sandbox import COURSE

urllib3.disable_warnings()  # the server's certificate is its own
LIMIT = 240.0


class Student:
    """One browser: logs in, opens a lesson, runs it, moves a panel, saves."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address, self.user, self.password = address, user, password
        self.http = requests.Session()
        self.http.verify = self.http.trust_env = False
        self.base = f"{address}/user/{user}"

    def log_in(self) -> float:
        """Returns the seconds from the login page to JupyterLab's own page."""
        began = time.perf_counter()
        page = self.http.get(f"{self.address}/hub/login", timeout=30)
        data = {"username": self.user, "password": self.password}
        data["_xsrf"] = self.http.cookies.get("_xsrf", path="/hub/")
        page = self.http.post(f"{self.address}/hub/login?next=/hub/spawn", data=data, timeout=LIMIT)
        page.raise_for_status()
        while time.perf_counter() - began < LIMIT:
            page = self.http.get(f"{self.base}/lab/tree/course/00_start_here.ipynb", timeout=LIMIT)
            if page.ok and "jupyter-config-data" in page.text:
                return time.perf_counter() - began
            time.sleep(0.3)
        raise TimeoutError(f"{self.user} got no JupyterLab: {page.status_code} {page.url}")

    def ask(self, method: str, path: str, **given: object) -> requests.Response:
        token = self.http.cookies.get("_xsrf", path=f"/user/{self.user}/")
        answer = self.http.request(
            method, f"{self.base}/api/{path}", headers={"X-XSRFToken": token}, timeout=60, **given
        )
        answer.raise_for_status()
        return answer

    def run_lesson(self, path: str) -> dict:
        """Run all cells of a lesson in a new kernel, then move its first slider twenty times."""
        kernel = self.ask("post", "kernels", json={"name": "python3", "path": path}).json()["id"]
        cells = [c.source for c in self.cells(path)]
        return asyncio.run(self._talk(kernel, cells)) | {"kernel": kernel}

    def cells(self, path: str) -> list:
        content = self.ask("get", f"contents/{path}").json()["content"]
        return [cell for cell in cells_of(json.dumps(content)) if cell.kind == "code"]

    def evaluate(self, kernel: str, code: str) -> str:
        """What the code prints in a kernel that is there already."""
        return asyncio.run(self._talk(kernel, [code]))["printed"]

    def write(self, path: str, text: str) -> None:
        """Save a lesson with a cell more."""
        model = self.ask("get", f"contents/{path}").json()
        cell = {"cell_type": "markdown", "metadata": {}, "source": text, "id": "mine"}
        model["content"]["cells"].append(cell)
        body = {"type": "notebook", "format": "json", "content": model["content"]}
        self.ask("put", f"contents/{path}", json=body)

    async def _talk(self, kernel: str, cells: list[str]) -> dict:
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies if self._mine(c))
        address = f"{self.base.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
        request = HTTPRequest(address, headers={"Cookie": cookies}, validate_cert=False)
        socket = await websocket_connect(request, max_message_size=2**28)
        result = {"errors": 0, "printed": "", "moves": [], "seconds": 0.0}
        sliders: list[tuple[str, dict]] = []
        began = time.perf_counter()
        for cell in cells:
            await self._do(socket, result, sliders, "execute_request", {"code": cell})
        result["seconds"] = time.perf_counter() - began
        for step in range(20 if sliders else 0):
            comm, state = sliders[0]
            value = state["min"] + (state["max"] - state["min"]) * (step % 10) / 10
            value = round(value) if isinstance(state["min"], int) else value
            data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            began = time.perf_counter()
            await self._do(socket, result, sliders, "comm_msg", {"comm_id": comm, "data": data})
            result["moves"].append(time.perf_counter() - began)
        socket.close()
        return result

    async def _do(self, socket, result, sliders, kind, content) -> None:
        """Send one message to the kernel, and read until it is idle again."""
        name = uuid.uuid4().hex
        extra = {"silent": False, "store_history": False, "allow_stdin": False}
        message = {
            "header": {
                "msg_id": name,
                "msg_type": kind,
                "username": self.user,
                "session": name,
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "content": content | (extra if kind == "execute_request" else {}),
            "channel": "shell",
        }
        await socket.write_message(json.dumps(message))
        while True:
            text = await asyncio.wait_for(socket.read_message(), LIMIT)
            if text is None:
                raise ConnectionError(f"{self.user}: the kernel's connection was closed")
            if isinstance(text, bytes):
                continue
            got = json.loads(text)
            if got["parent_header"].get("msg_id") != name:
                continue
            kind, content = got["header"]["msg_type"], got["content"]
            if kind == "error":
                result["errors"] += 1
                result["printed"] += f"{content['ename']}: {content['evalue']}\n"
            elif kind == "stream":
                result["printed"] += content["text"]
            elif kind == "comm_open":
                state = content["data"].get("state", {})
                if "Slider" in state.get("_model_name", "") and "max" in state:
                    sliders.append((content["comm_id"], state))
            elif kind == "status" and content["execution_state"] == "idle":
                return

    def _mine(self, cookie) -> bool:
        return f"/user/{self.user}/".startswith(cookie.path)


class Server:
    """tools.hub on loopback, in a folder of its own."""

    def __init__(self, folder: Path, names: list[str], port: int, proxy: str | None) -> None:
        self.folder, self.port = folder, port
        self.names = folder / "class.txt"
        self.names.write_text("\n".join(names), "utf-8")
        self.more = ["--proxy", proxy] if proxy else []
        self.process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Returns the seconds until the login page is there."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "tools.hub", str(self.names), "--address", "127.0.0.1"]
        command += ["--folder", str(self.folder / "class"), "--bind", "127.0.0.1"]
        command += ["--port", str(self.port), *self.more]
        log = (self.folder / "hub.log").open("ab")
        self.process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=COURSE, start_new_session=True
        )
        while time.perf_counter() - began < LIMIT:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "hub.log").read_text("utf-8")[-2000:])
            try:
                if requests.get(f"{self.address}/hub/login", verify=False, timeout=5).ok:
                    return time.perf_counter() - began
            except requests.RequestException:
                time.sleep(0.2)
        raise TimeoutError("the hub's login page doesn't come")

    def kill(self) -> None:
        """As if the power of the hub alone went: its servers go on."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """Ctrl-C; returns the seconds until it is gone, with all its servers."""
        began = time.perf_counter()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        return time.perf_counter() - began

    def sweep(self) -> None:
        """End what a hub that broke down has left: the benchmark leaves nothing running."""
        for number in self.processes():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)

    def processes(self) -> dict[int, str]:
        """The students' servers and kernels, and the hub with its proxy: process id to command."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (path / "cmdline").read_bytes().replace(b"\0", b" ")
                student = f":{self.port + 1}/hub/api".encode() in (path / "environ").read_bytes()
                proxy = b"configurable-http-proxy" in command and str(self.port).encode() in command
                if student or proxy or int(path.name) == (self.process and self.process.pid):
                    found[int(path.name)] = command.decode("utf-8", "replace")
        return found

    def passwords(self) -> dict[str, str]:
        """By user, off the slips."""
        text = "".join(p.read_text("utf-8") for p in (self.folder / "class").glob("slips-*.html"))
        found = re.findall(r"user <code>(.*?)</code></p><p>password <code>(.*?)</code>", text)
        return {html.unescape(user): html.unescape(password) for user, password in found}

    def memory(self) -> dict[str, float]:
        """GB in use now: by the hub and its proxy, by the students' servers, by their kernels.

        What processes share counts once (their proportional parts are added up).
        """
        found = {"hub": 0.0, "servers": 0.0, "kernels": 0.0}
        for number, command in self.processes().items():
            kind = "kernels" if "ipykernel_launcher" in command else "hub"
            kind = "servers" if "jupyterhub.singleuser" in command else kind
            with contextlib.suppress(OSError, IndexError, ValueError):
                text = Path(f"/proc/{number}/smaps_rollup").read_text()
                found[kind] += int(text.partition("\nPss:")[2].split()[0]) / 2**20
        return found


def measure(given: argparse.Namespace) -> list[tuple[str, str]]:
    """The rows of the table: (what, how much)."""
    names = [f"Student {number}" for number in range(1, given.students + 1)]
    folder = Path(tempfile.mkdtemp(prefix="collab-hub-"))
    server = Server(folder, names, given.port, given.proxy)
    rows = []
    try:
        rows.append(("hub ready after the command", f"{server.start():.1f} s"))
        known = server.passwords()
        students = [
            Student(server.address, user, known[user])
            for user in sorted(known)
            if user != "teacher"
        ]
        with ThreadPoolExecutor(len(students)) as pool:
            waits = list(pool.map(Student.log_in, students))
            rows.append(
                (
                    f"{len(students)} log in at once: JupyterLab is there",
                    f"{statistics.median(waits):.1f} s (median), {max(waits):.1f} s (last)",
                )
            )
            rows.append(("memory, nobody at work yet", _gigabytes(server.memory())))
            kernels = []
            for number in given.lessons:
                path = f"course/{next(COURSE.glob(f'notebooks/{number:02d}_*')).name}"
                done = list(pool.map(lambda one, path=path: one.run_lesson(path), students))
                seconds = [d["seconds"] for d in done]
                moves = [move for d in done for move in d["moves"]]
                errors = sum(d["errors"] for d in done)
                told = f"{statistics.median(seconds):.0f} s (median), {max(seconds):.0f} s (last)"
                rows.append((f"all run lesson {number} at once", f"{told}, {errors} errors"))
                if errors:
                    print(done[0]["printed"][-500:], file=sys.stderr)
                if moves:
                    told = (
                        f"{statistics.median(moves):.2f} s (median), {max(moves):.2f} s (longest)"
                    )
                    rows.append((f"a panel of lesson {number} moved, {len(moves)} times", told))
                kernels = [d["kernel"] for d in done]
            rows.append(("memory after these lessons", _gigabytes(server.memory())))
            list(
                pool.map(
                    lambda one: one.write("course/03_latent_factors.ipynb", one.user), students
                )
            )
            list(pool.map(lambda one, k: one.evaluate(k, "kept = 'still here'"), students, kernels))
            server.kill()
            rows.append(("hub killed (kill -9), and ready again", f"{server.start():.1f} s"))
            list(pool.map(Student.log_in, students))
            texts = list(
                pool.map(
                    lambda one: one.ask("get", "contents/course/03_latent_factors.ipynb").text,
                    students,
                )
            )
            saved = sum(f'"{one.user}"' in text for one, text in zip(students, texts, strict=True))
            rows.append(("saved work that is still there", f"{saved} of {len(students)}"))
            told = list(pool.map(lambda one, k: one.evaluate(k, "print(kept)"), students, kernels))
            alive = sum("still here" in text for text in told)
            rows.append(("kernels that are still there", f"{alive} of {len(students)}"))
        rows.append(("stopped with Ctrl-C, all servers gone", f"{server.stop():.1f} s"))
        rows.append(("processes left", str(len(server.processes()))))
    finally:
        server.stop()
        server.sweep()
        if given.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return rows


def _gigabytes(found: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    return f"{sum(found.values()):.2f} GB ({parts})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=8)
    parser.add_argument("--lessons", type=int, nargs="*", default=[3, 5])
    parser.add_argument("--port", type=int, default=18443)
    parser.add_argument("--proxy", help="where configurable-http-proxy is, if not in .venv-hub")
    parser.add_argument("--keep", action="store_true", help="leave the folder, with the log")
    print("| what | measured |\n| --- | --- |")
    for what, much in measure(parser.parse_args()):
        print(f"| {what} | {much} |")


if __name__ == "__main__":
    main()
