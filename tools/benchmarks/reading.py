"""What reading many ratings costs: the course's reader against pandas alone, on a file made here.

python -m tools.benchmarks.reading [N]         both by turns on N rows; prints a line of JSON
python -m tools.benchmarks.reading HOW FOLDER   one reading, in a process of its own
"""

import json
import resource  # not on Windows
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from collab_lib.movielens.reader import RATINGS_COLUMNS, read_ratings
from tools.benchmarks.scaling import CHUNK, zipf_shares
from tools.benchmarks.workers import peak_mb, run_part

N_ROWS, N_USERS, N_MOVIES = 20_000_000, 138_493, 26_744  # those of ml-20m
ROUNDS = 3
READERS = {
    "pandas": lambda folder: pd.read_csv(folder / "ratings.csv", dtype=RATINGS_COLUMNS),
    "ours": read_ratings,
}


def write_ratings(folder: Path, n: int, n_users: int = N_USERS, n_movies: int = N_MOVIES) -> int:
    """Write a ratings.csv like GroupLens's of about `n` rows, by user and movie; how many it has.

    A user rates a movie once, so the rows are a little fewer where many ratings were drawn.
    """
    rng = np.random.default_rng(0)
    counts = rng.multinomial(n, zipf_shares(n_users, rng, exponent=0.4))
    up_to = zipf_shares(n_movies, rng, exponent=0.5).cumsum()
    written, user = 0, 0
    with open(folder / "ratings.csv", "w", newline="") as file:
        file.write(",".join(RATINGS_COLUMNS) + "\r\n")
        while user < n_users:
            # As many users as have a chunk's ratings together.
            last = user + int(np.searchsorted(counts[user:].cumsum(), CHUNK)) + 1
            users = np.repeat(np.arange(user, min(last, n_users)), counts[user:last])
            drawn = up_to.searchsorted(rng.random(len(users))).clip(max=n_movies - 1)
            pairs = np.unique(users * n_movies + drawn)
            users, movies = pairs // n_movies + 1, pairs % n_movies + 1
            stars = rng.integers(1, 11, len(pairs)) / 2
            seconds = rng.integers(800_000_000, 1_500_000_000, len(pairs))
            columns = (column.tolist() for column in (users, movies, stars, seconds))
            rows = zip(*columns, strict=True)
            file.writelines(f"{u},{m},{r:.1f},{t}\r\n" for u, m, r, t in rows)
            written, user = written + len(pairs), last
    return written


def one_reading(how: str, folder: Path) -> dict:
    """User seconds and system seconds of the processor, and the peak of memory in MB."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    n = len(READERS[how](folder))
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "n": n,
        "user_seconds": after.ru_utime - before.ru_utime,
        "system_seconds": after.ru_stime - before.ru_stime,
        "peak_mb": peak_mb(),
    }


def compare(n: int = N_ROWS) -> dict[str, dict]:
    """Both readers by turns, each time in a fresh process: medians, and the largest peak."""
    with TemporaryDirectory() as folder:
        write_ratings(Path(folder), n)
        runs = {how: [] for how in READERS}
        for _ in range(ROUNDS):
            for how, found in runs.items():
                found.append(run_part("tools.benchmarks.reading", how, folder))
    return {
        how: {
            "n": found[0]["n"],
            "user_seconds": median(run["user_seconds"] for run in found),
            "system_seconds": median(run["system_seconds"] for run in found),
            "peak_mb": max(run["peak_mb"] for run in found),
        }
        for how, found in runs.items()
    }


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(one_reading(sys.argv[1], Path(sys.argv[2]))))
    else:
        print(json.dumps(compare(*map(int, sys.argv[1:]))))
