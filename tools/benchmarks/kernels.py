"""Real Jupyter kernels to measure: start them, run code and whole lessons in them.

Many run at once in one event loop, a coroutine each. Memory is read from /proc: Linux only.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tools.benchmarks.workers import environment, proc_mb
from tools.course import NOTEBOOKS

# What would change the measurement if the shell has it.
SETTINGS = (
    "COLLAB_DATA",
    "COLLAB_USERS",
    "COLLAB_THREADS",
    "JUPYTERHUB_USER",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)


@dataclass
class Kernel:
    """A running kernel. start_seconds: from the start of its process until it answers."""

    client: NotebookClient
    start_seconds: float

    async def execute(self, source: str) -> str:
        """Run code and return what it prints; raises where the code does."""
        cells = self.client.nb.cells
        cells.append(nbformat.v4.new_code_cell(source))
        await self.client.async_execute_cell(cells[-1], len(cells) - 1)
        return "".join(o.text for o in cells[-1].outputs if o.get("name") == "stdout")

    async def answer(self, expression: str) -> Any:
        """The value of an expression, by way of JSON."""
        return json.loads(await self.execute(f"import json; print(json.dumps({expression}))"))

    async def run_lesson(self, path: Path) -> float:
        """Run every code cell of a notebook, and return the seconds that took."""
        start = time.perf_counter()
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                await self.execute(cell.source)
        return time.perf_counter() - start

    async def cpu_seconds(self) -> float:
        """The processor seconds of all threads of the kernel since it was started."""
        return await self.answer("__import__('time').process_time()")

    def memory(self) -> dict[str, float]:
        """What `memory_of` says about the kernel's process."""
        return memory_of(self.client.km.provisioner.pid)


def memory_of(pid: int) -> dict[str, float]:
    """The memory of a process in MB.

    peak: the most that was ever resident. files: the part of it that is mapped from files, above
    all the libraries; all processes share one copy of it. private: the rest of the peak, which
    each process needs for itself. pss: what is resident now, where a page that n processes share
    counts 1/n for each.
    """
    peak, files = proc_mb("VmHWM", pid), proc_mb("RssFile", pid)
    pss = proc_mb("Pss", pid, "smaps_rollup")
    return {"peak": peak, "files": files, "private": peak - files, "pss": pss}


@asynccontextmanager
async def kernel(**variables: str) -> AsyncIterator[Kernel]:
    """A kernel in the folder of the notebooks, with these environment variables; ends with it."""
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        timeout=600,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        extra_arguments=["--log-level=ERROR"],
    )
    inherited = {name: v for name, v in environment().items() if name not in SETTINGS}
    start = time.perf_counter()
    async with client.async_setup_kernel(env=inherited | variables):
        yield Kernel(client, time.perf_counter() - start)
