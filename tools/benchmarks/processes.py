"""The loop under torchrun in one, two and four processes, on ratings of a known world.

python -m tools.benchmarks.processes [N]    prints a line of JSON
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.benchmarks.scaling import SIZES, synthetic, with_tastes
from tools.benchmarks.workers import ROOT, environment
from tools.parts import store

N = 25_000_000
PROCESSES = (1, 2, 4)
N_EPOCHS, N_FACTORS = 1, 10  # the known world has 4, and nothing is learnt by heart in one epoch
VALID = 0.01


def compare(n: int = N) -> dict:
    """What `tools.distributed` finds with each number of processes, and the lowest RMSE possible.

    Everything is stored first, by this process: those that train read their own parts alone.
    """
    n_users, n_movies, _ = SIZES[n]
    with TemporaryDirectory() as folder:
        ratings, lowest = with_tastes(synthetic(n, n_users, n_movies))
        for name, part in zip(("train", "valid"), ratings.split(valid=VALID), strict=True):
            store(part, Path(folder, name))
        del ratings, part
        return {"lowest_rmse": lowest, "runs": [trained(folder, n) for n in PROCESSES]}


def trained(folder: str, n_processes: int) -> dict:
    """Train in so many processes of this machine."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={n_processes}", "-m", "tools.distributed", folder]
    done = subprocess.run(
        [*command, f"--epochs={N_EPOCHS}", f"--factors={N_FACTORS}"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(compare(*map(int, sys.argv[1:]))))
