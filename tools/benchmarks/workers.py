"""What both environments of the benchmark share: splits as files, and workers that fit on command.

The peers need other versions of packages than the course, so they live in an environment of their
own. A worker is a process of either environment. It waits for lines of JSON on its standard input
and answers with lines of JSON, so that models of both can be fitted by turns: when something else
keeps the machine busy, it slows ours and theirs alike. Needs numpy and nothing else.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
# Settings for old builds of OpenBLAS that slow current ones down.
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True)
class Split:
    """Train and valid as plain arrays: indices int64 (n, 2), ratings float32 (n,), two sizes.

    movie_features: (n_movies, n_features), what `genres_and_year` makes of the genres and the year
    of each movie, float32. The peers make their own of movie_genres, (n_movies, n_genres), float32,
    0 or 1, and movie_years: (n_movies,), 0 where it isn't known.
    """

    train_indices: np.ndarray
    train_ratings: np.ndarray
    valid_indices: np.ndarray
    valid_ratings: np.ndarray
    n_users: int
    n_movies: int
    movie_features: np.ndarray
    movie_genres: np.ndarray
    movie_years: np.ndarray

    def save(self, path: Path) -> None:
        """Write the split as an npz file, which is read without pickle."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path | str) -> "Split":
        """Read a split that `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            values = {field.name: arrays[field.name] for field in fields(cls)}
        sizes = {name: int(values[name]) for name in ("n_users", "n_movies")}
        return cls(**{**values, **sizes})


@dataclass(frozen=True)
class Task:
    """One model and one split, with everything imported and converted: only the fit is left.

    fit: returns the fitted model. predict: called with it, returns (n_valid,) predictions in stars,
    or, for a model of lists, a score of every movie for every user, (n_users, n_movies).
    """

    fit: Callable[[], Any]
    predict: Callable[[Any], np.ndarray]


def serve(make_task: Callable[..., Task], packages: list[str]) -> None:
    """Answer requests until the input ends. A request names a model and a split's file.

    make_task: called with both, and with the request's "settings" if it has any. With
    "predictions", a path, the worker predicts too and saves the predictions there. The answer:
    seconds and processor seconds of the fit, and the most memory the process ever took, in MB.
    """
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(**values) -> None:
        print(json.dumps(values), file=answers, flush=True)

    answer(python=python_version(), **{package: version(package) for package in packages})
    for line in sys.stdin:
        request = json.loads(line)
        settings = [request["settings"]] if "settings" in request else []
        task = make_task(request["model"], Split.load(request["split"]), *settings)
        wall, cpu = time.perf_counter(), time.process_time()
        model = task.fit()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = peak_mb()
        if request.get("predictions"):
            np.save(request["predictions"], np.asarray(task.predict(model), dtype=np.float64))
        answer(seconds=wall, cpu_seconds=cpu, peak_mb=peak)


class Worker:
    """A running worker: `python` is its interpreter, `module` the module that calls `serve`."""

    def __init__(self, python: str, module: str):
        self.process = subprocess.Popen(
            [python, "-m", module],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.name = module
        self.made_with = self._answer()

    def fit(
        self,
        model: str,
        split: Path,
        predictions: Path | None = None,
        settings: dict | None = None,
    ) -> dict:
        """Fit `model` on the split in the file `split`; the answer of `serve`."""
        request = {"model": model, "split": str(split)}
        if predictions:
            request["predictions"] = str(predictions)
        if settings is not None:
            request["settings"] = settings
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} stopped without an answer: its message stands above")
        return json.loads(line)


def run_part(module: str, *arguments: object) -> dict:
    """Run a module in a process of its own; it prints one line of JSON."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def environment() -> dict[str, str]:
    """The environment variables for a process of the benchmark."""
    return {name: value for name, value in os.environ.items() if name not in SLOWING}


def peak_mb() -> float:
    """The most memory that this process has held at a time, in MB (10⁶ bytes)."""
    if Path("/proc/self/status").is_file():
        # Not getrusage: there a process inherits the peak of the one that started it.
        return proc_mb("VmHWM")
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def proc_mb(field: str, pid: int | str = "self", file: str = "status") -> float:
    """A field of Linux's /proc/PID/status or another such file, in MB (10⁶ bytes)."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024 / 1e6
