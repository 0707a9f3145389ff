"""The threads of torch: what COLLAB_THREADS and a JupyterHub ask for, and what a block needs."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import torch

from collab_lib import repeatable
from collab_lib.repeatable import asked_threads, one_thread, seeded

ASKING = ("COLLAB_THREADS", "JUPYTERHUB_USER", "OMP_NUM_THREADS")


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(repeatable.os, "cpu_count", lambda: 8)


def torch_in_a_new_process(**environment: str) -> subprocess.CompletedProcess:
    """A model imported in a process with this environment: torch's threads before and after."""
    others = {name: value for name, value in os.environ.items() if name not in ASKING}
    threads = "print(torch.get_num_threads())"
    code = f"import torch; {threads}; from collab_lib import DotProduct; {threads}"
    return subprocess.run(
        [sys.executable, "-c", code], env=others | environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"COLLAB_THREADS": ""}, None),
        ({"COLLAB_THREADS": "3"}, 3),
        ({"COLLAB_THREADS": " 1 "}, 1),
        ({"COLLAB_THREADS": "64"}, 8),
        ({"OMP_NUM_THREADS": "3"}, None),
        ({"JUPYTERHUB_USER": "ada"}, 1),
        ({"JUPYTERHUB_USER": "ada", "COLLAB_THREADS": "2"}, 2),
        ({"JUPYTERHUB_USER": "ada", "OMP_NUM_THREADS": "2"}, None),
        ({"JUPYTERHUB_USER": ""}, None),
    ],
)
def test_what_the_environment_asks_for(environment, expected):
    assert asked_threads(environment) == expected


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²", "1 2"])
def test_a_bad_value_is_named_with_its_remedy(value):
    with pytest.raises(ValueError, match="Set it to 1 where many share") as caught:
        asked_threads({"COLLAB_THREADS": value, "JUPYTERHUB_USER": "ada"})
    assert "COLLAB_THREADS" in str(caught.value) and repr(value) in str(caught.value)


def test_importing_the_library_is_enough():
    on_a_hub = torch_in_a_new_process(JUPYTERHUB_USER="ada").stdout.split()
    at_home = torch_in_a_new_process().stdout.split()
    assert on_a_hub[1] == "1"
    assert at_home[0] == at_home[1]


def test_a_bad_value_is_a_warning_and_no_end():
    done = torch_in_a_new_process(COLLAB_THREADS="many")
    assert done.returncode == 0
    assert "UserWarning: the environment variable COLLAB_THREADS is 'many'" in done.stderr


def test_one_thread_inside_the_block_and_as_many_as_before_after_it():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with pytest.raises(ZeroDivisionError), one_thread():
            assert torch.get_num_threads() == 1
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_who_overlaps_waits_and_all_is_as_before():
    inside, go_on = Event(), Event()

    def first():
        with one_thread(), seeded(1):
            inside.set()
            go_on.wait(10)
            return torch.rand(1).item(), torch.get_num_threads()

    def second():
        inside.wait(10)
        go_on.set()
        with one_thread(), seeded(2):
            return torch.rand(1).item(), torch.get_num_threads()

    torch.manual_seed(5)
    before, n_threads = torch.get_rng_state(), torch.get_num_threads()
    with ThreadPoolExecutor() as pool:
        drawn = [one.result() for one in [pool.submit(first), pool.submit(second)]]
    for seed, (number, threads) in zip((1, 2), drawn, strict=True):
        assert number == torch.rand(1, generator=torch.Generator().manual_seed(seed)).item()
        assert threads == 1
    assert torch.equal(torch.get_rng_state(), before) and torch.get_num_threads() == n_threads
