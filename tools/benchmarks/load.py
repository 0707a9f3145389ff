"""Many students on one server, `make load`: what a lesson needs, and what many at once do.

python -m tools.benchmarks.load [PART …]

Real Jupyter kernels run whole lessons on the bundled edition. It prints tables, which
docs/hosting.md shows and explains, and writes everything to build/load.json. Linux only.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory

import torch

from tests.browser.lab import TOKEN, jupyterlab
from tools.benchmarks import load_tables as tables
from tools.benchmarks.kernels import kernel, memory_of
from tools.benchmarks.run import write
from tools.course import NOTEBOOKS, ROOT, lesson_named, lesson_paths

AT_ONCE = (1, 2, 4, 8)
ROUNDS = 5
ONE_THREAD = {"COLLAB_THREADS": "1"}
TORCHS_DEFAULT = {}

# Run once in each kernel that trains. Without protection the loop of `train_model` computes with as
# many threads as torch chooses; nothing else differs.
TRAINING = """
import time
from contextlib import nullcontext
import torch
from collab_lib import DotProduct, Ratings, load_collab, train_model, training
from collab_lib.repeatable import one_thread

split = Ratings.from_frame(load_collab()).split(seed=42)
default = torch.get_num_threads()

def timed(start, protected):
    training.one_thread = one_thread if protected else nullcontext
    torch.set_num_threads(1 if protected else default)
    model = DotProduct(split[0].n_users, split[0].n_movies, 50, seed=0)
    time.sleep(max(0.0, start - time.time()))
    wall, cpu = time.perf_counter(), time.process_time()
    train_model(model, *split, n_epochs=1)
    return time.perf_counter() - wall, time.process_time() - cpu
"""


def main() -> None:
    options = argparse.ArgumentParser(prog="make load")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parts = options.parse_args().parts or list(PARTS)
    if set(parts) - set(PARTS):
        sys.exit(f"unknown: {sorted(set(parts) - set(PARTS))}; the parts are {', '.join(PARTS)}")
    if not Path("/proc/self/smaps_rollup").is_file():
        sys.exit("memory is read from /proc/PID/smaps_rollup, and there is none: this needs Linux")

    start = time.perf_counter()
    done = {
        "processors": os.cpu_count(),
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "python": python_version(),
        "torch": torch.__version__,
        "torchs_default_threads": torch.get_num_threads(),
        "load_at_start": os.getloadavg()[0],
    }
    print(
        f"{done['processors']} processors, {done['memory_gb']:.0f} GB of memory, "
        f"Python {done['python']}, torch {done['torch']}; "
        f"load {done['load_at_start']:.1f} before the start\n"
    )
    for part in parts:
        measure, table = PARTS[part]
        done[part] = asyncio.run(measure())
        print(table(done[part]), flush=True)
    if {"lessons", "server"} <= set(parts):
        print(tables.students_table(done["lessons"], done["server"]))
    done["load_at_end"] = os.getloadavg()[0]
    write(ROOT / "build" / "load.json", done)
    print(f"{time.perf_counter() - start:.0f} s; all numbers are in build/load.json")


async def lessons() -> dict[str, dict]:
    """Each lesson in a kernel of its own, one after the other."""
    return {path.stem: await one_lesson(path) for path in lesson_paths()}


async def one_lesson(
    path: Path, variables: dict[str, str] = ONE_THREAD, wait: Callable[[], Awaitable] | None = None
) -> dict:
    """Start a kernel, import the library, run a lesson: seconds, processor seconds, memory.

    variables: of the kernel's environment. wait: called before memory is looked at.
    """
    async with kernel(**variables) as own:
        start = time.perf_counter()
        await own.execute("import collab_lib")
        import_seconds = time.perf_counter() - start
        lesson_seconds = await own.run_lesson(path)
        cpu_seconds = await own.cpu_seconds()
        if wait:
            await wait()
        return {
            "ready_seconds": own.start_seconds + import_seconds,
            "lesson_seconds": lesson_seconds,
            "cpu_seconds": cpu_seconds,
            "memory": own.memory(),
        }


async def lesson_at_once(n: int, path: Path, variables: dict[str, str]) -> list[dict]:
    """A whole lesson in n kernels that start together, and that all live until the last is done."""
    barrier = asyncio.Barrier(n)
    return await asyncio.gather(*(one_lesson(path, variables, barrier.wait) for _ in range(n)))


async def together() -> dict[int, list[dict]]:
    """Lesson 5 in several kernels at once."""
    return {n: await lesson_at_once(n, lesson_named("5").path, ONE_THREAD) for n in AT_ONCE}


async def threads() -> list[dict]:
    """Lesson 6, which doesn't choose threads itself, with one and with torch's default."""
    found = []
    for n in (1, 2):
        for variables in (ONE_THREAD, TORCHS_DEFAULT):
            for own in await lesson_at_once(n, lesson_named("6").path, variables):
                kind = {"n": n, "one_thread": variables is ONE_THREAD, "round": 0}
                found.append({**kind, "seconds": own["lesson_seconds"], **own})
    return found


async def training() -> list[dict]:
    """An epoch of the dot model in several kernels, from the same moment on.

    First with one thread, as the library trains; then unprotected with torch's default, in one
    round only, since that takes so long.
    """
    plan = [(n, True, number) for number in range(ROUNDS) for n in AT_ONCE]
    plan += [(n, False, 0) for n in AT_ONCE]
    barrier = asyncio.Barrier(max(AT_ONCE))
    students = [train_by_plan(place, plan, barrier) for place in range(max(AT_ONCE))]
    return [own for found in await asyncio.gather(*students) for own in found]


async def train_by_plan(place: int, plan: list[tuple], barrier: asyncio.Barrier) -> list[dict]:
    """One of the kernels that train: it joins in where more than `place` are to train at once."""
    found = []
    async with kernel() as own:
        await own.execute(TRAINING)
        await own.execute("timed(0, True)")
        for n, one_thread, number in plan:
            await barrier.wait()
            if place < n:
                start = time.time() + 0.3
                seconds, cpu_seconds = await own.answer(f"timed({start}, {one_thread})")
                kind = {"n": n, "one_thread": one_thread, "round": number}
                found.append({**kind, "seconds": seconds, "cpu_seconds": cpu_seconds})
        await barrier.wait()
    return found


async def server() -> dict:
    """The process of a JupyterLab that has opened a notebook and started its kernel."""
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        with jupyterlab(NOTEBOOKS, Path(folder), overrides=None) as address:
            ready_seconds = time.perf_counter() - start
            lesson = f"notebooks/{lesson_named('5').path.name}"
            for page in ("lab", "lab/api/settings/", f"api/contents/{lesson}"):
                ask(f"{address}/{page}")
            session = {"path": lesson, "name": "", "type": "notebook", "kernel": {"name": ""}}
            ask(f"{address}/api/sessions", session)
            (info,) = Path(folder, "runtime").glob("jpserver-*.json")
            memory = memory_of(json.loads(info.read_text())["pid"])
            return {"ready_seconds": ready_seconds, "memory": memory}


def ask(address: str, message: dict | None = None) -> None:
    """Fetch a page of the server, or post a message to it; raises where it refuses."""
    data = None if message is None else json.dumps(message).encode()
    request = urllib.request.Request(address, data, {"Authorization": f"token {TOKEN}"})
    urllib.request.urlopen(request, timeout=60).close()


PARTS = {
    "lessons": (lessons, tables.lessons_table),
    "server": (server, tables.server_table),
    "together": (together, tables.together_table),
    "training": (training, tables.training_table),
    "threads": (threads, tables.threads_table),
}

if __name__ == "__main__":
    main()
