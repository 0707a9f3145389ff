"""The parts of `make load` that are no measurement: its tables, and the kernels that it starts."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.conftest import skip
from tools.benchmarks import load_tables
from tools.benchmarks.kernels import SETTINGS, kernel, memory_of
from tools.benchmarks.load import PARTS


def memory(peak, files):
    return {"peak": peak, "files": files, "private": peak - files, "pss": peak - files / 2}


def test_the_spread_is_that_of_a_round():
    """The second round is slower as a whole, which is not unfair to anybody."""
    assert load_tables.spread([[1.0, 2.0], [3.0, 9.0]]) == ["2.50", "9.00", "2.50"]


def test_students_by_hand():
    lessons = {
        "01": {"cpu_seconds": 10.0, "memory": memory(500, 100)},
        "02": {"cpu_seconds": 3.0, "memory": memory(270, 120)},
    }
    text = load_tables.students_table(lessons, {"memory": memory(120, 20)})
    assert text.splitlines()[0].endswith("beside the 140 MB that all of them share")
    assert [line.split() for line in text.splitlines()[-2:]] == [
        ["01", "500", "2.0", "6"],
        ["02", "250", "4.0", "20"],
    ]


def test_one_thread_comes_first_and_kernels_in_order():
    found = [
        {"n": n, "one_thread": one, "round": 0, "seconds": n / 4, "cpu_seconds": 2.0}
        for one, n in ((False, 1), (True, 2), (True, 2), (True, 1))
    ]
    lines = load_tables.threads_by_kernels("Title", found).splitlines()
    assert [line.split("  ")[0] for line in lines[3:]] == ["1", "2", "1"]
    assert lines[4].split() == ["2", "1", "0.50", "0.50", "1.00", "2.00"]
    assert "torch's default" in lines[5]


def test_every_part_has_a_table():
    assert all(callable(table) for _, table in PARTS.values())


def test_a_kernel_has_the_variables_of_the_measurement_and_not_the_shells(monkeypatch):
    for name in SETTINGS:
        monkeypatch.setenv(name, "9")

    async def seen() -> dict:
        async with kernel(COLLAB_THREADS="1") as own:
            await own.execute("import os")
            assert own.start_seconds > 0 and await own.cpu_seconds() > 0
            return await own.answer(f"{{name: os.environ.get(name) for name in {SETTINGS}}}")

    assert asyncio.run(seen()) == {**dict.fromkeys(SETTINGS), "COLLAB_THREADS": "1"}


def test_private_and_shared_memory_make_the_peak():
    if not Path("/proc/self/smaps_rollup").is_file():
        skip("there is no /proc/PID/smaps_rollup: memory is measured on Linux only")
    own = memory_of(os.getpid())
    assert own["private"] + own["files"] == pytest.approx(own["peak"])
    assert 0 < own["pss"] <= own["peak"]
