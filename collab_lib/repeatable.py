"""What makes a run repeatable and fair: seeds of its own, and how many threads torch computes with.

The environment variable COLLAB_THREADS is read here and nowhere else; docs/hosting.md says when to
set it, and what was measured.
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import RLock

import torch

# Torch has one number of threads and one generator for a whole process: whoever changes one of them
# for a while has it alone.
_ALONE = RLock()


def asked_threads(environment: Mapping[str, str] = os.environ) -> int | None:
    """How many threads the environment asks for, or None to leave torch as it is.

    COLLAB_THREADS decides; more than there are cores means all cores. Without it, a server that a
    JupyterHub started (it sets JUPYTERHUB_USER) is one of many on its machine and gets 1, unless
    OMP_NUM_THREADS is set: that one torch has followed already.

    Raises ValueError if COLLAB_THREADS is no whole number from 1 on.
    """
    asked = environment.get("COLLAB_THREADS", "").strip()
    if asked:
        if not (asked.isascii() and asked.isdigit() and int(asked) > 0):
            raise ValueError(
                f"the environment variable COLLAB_THREADS is {asked!r}, and must be a whole "
                "number, 1 or more. Set it to 1 where many share a machine; remove it to let "
                "torch choose."
            )
        return min(int(asked), os.cpu_count() or 1)
    if environment.get("JUPYTERHUB_USER") and not environment.get("OMP_NUM_THREADS"):
        return 1
    return None


def apply_asked_threads() -> None:
    """Let torch compute with `asked_threads`; a mistyped COLLAB_THREADS is a warning, no end."""
    try:
        n_threads = asked_threads()
    except ValueError as error:
        warnings.warn(str(error), stacklevel=2)
        return
    if n_threads is not None:
        torch.set_num_threads(n_threads)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread inside the block, and with as many as before after it.

    A step on a thousand ratings is too short to be shared out: on two idle cores two threads are
    hardly faster than one, and beside one other busy program they wait for each other so long that
    a training takes ten times as long. One thread also adds up in the same order on every machine.
    """
    with _ALONE:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Draw from `seed` inside the block and leave torch's own generator as it was found.

    With None the block draws from torch's own generator, as torch does everywhere.
    """
    if seed is None:
        yield
        return
    with _ALONE, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


# Once a process: whoever loads a model or trains one comes through here.
apply_asked_threads()
