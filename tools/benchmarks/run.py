"""The benchmark, `make bench`: ours against the peers, and what an epoch, growth and a panel cost.

python -m tools.benchmarks.run --peers-python .venv-bench/bin/python [--store-peers] [PART …]

On the bundled edition or the one that COLLAB_DATA names. It prints tables and the goals, and writes
everything to build/bench.json. --store-peers also writes the peers' rows of this edition into
collab_lib/results/peers.json, where the scoreboard of lesson 9 reads them.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory

import numpy as np
import torch

from collab_lib import Ratings, load_collab, mae, rmse
from collab_lib.movielens import EDITIONS
from tools.benchmarks import report, scaling
from tools.benchmarks.workers import ROOT, Split, Worker, run_part

PARTS = ("accuracy", "epoch", "scaling", "reading", "processes", "panels")
SPLIT_SEEDS = (42, 43, 44)
# Ours and theirs by turns, the dot model next to BiasedMF.
TURNS = (
    "BaselineOnly",
    "neural network",
    "SVD",
    "SVD tuned",
    "best model",
    "KNNBaseline",
    "BaselineOnly tuned",
    "KNNBaseline tuned",
    "myFM",
    "dot model",
    "BiasedMF",
)
# How many times a model is fitted on each split, where that isn't the number of all rounds.
ROUNDS = 5
ROUNDS_OF_SLOW = {
    "KNNBaseline": 1,
    "KNNBaseline tuned": 1,
    "myFM": 1,
    "best model": 1,
    "neural network": 2,
}
SCALING_ROUNDS = 3
PEERS_FILE = ROOT / "collab_lib" / "results" / "peers.json"


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    options.add_argument("--peers-python", required=True, help="the interpreter of the peers")
    options.add_argument("--store-peers", action="store_true", help="write the peers' rows")
    options = options.parse_args()
    parts = options.parts or list(PARTS)
    if set(parts) - set(PARTS):
        sys.exit(f"unknown: {sorted(set(parts) - set(PARTS))}; the parts are {', '.join(PARTS)}")

    start = time.perf_counter()
    ratings = Ratings.from_frame(load_collab())
    done = {
        "edition": edition_name(len(ratings), ratings.n_users),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": python_version(),
        "load_at_start": os.getloadavg()[0],
    }
    print(
        f"{done['edition']}: {len(ratings):,} ratings by {ratings.n_users:,} users of "
        f"{ratings.n_movies:,} movies; {done['processors']} processors, {done['threads']} threads, "
        f"load {done['load_at_start']:.1f} before the start\n"
    )
    goals = []
    if "accuracy" in parts:
        done |= accuracy(ratings, options.peers_python)
        goals += report.accuracy_goals(done["models"])
    if "epoch" in parts:
        done["epoch"] = epoch()
        goals += report.epoch_goals(done["epoch"])
    if "scaling" in parts:
        done["scaling"] = growth()
        goals += report.scaling_goals(done["scaling"])
    if "reading" in parts:
        done["reading"] = reading()
        goals += report.reading_goals(done["reading"])
    if "processes" in parts:
        done["processes"] = processes()
        goals += report.processes_goals(done["processes"])
    if "panels" in parts:
        done["panels"] = panels()
        goals += report.panel_goals(done["panels"])
    done["goals"] = [
        {"what": g.what, "measured": g.measured, "wanted": g.wanted, "met": g.met} for g in goals
    ]
    done["load_at_end"] = os.getloadavg()[0]
    rows = [goal.row() for goal in goals]
    print(report.text_table("Goals", ["", "measured", "wanted", ""], rows))
    write(ROOT / "build" / "bench.json", done)
    if options.store_peers:
        store_peers(done)
    print(f"{time.perf_counter() - start:.0f} s; all numbers are in build/bench.json")


def accuracy(ratings: Ratings, peers_python: str) -> dict:
    """Fit every model on every split, ours and theirs by turns, and score all of them alike."""
    fits, scores, peaks = [], [], {}
    with TemporaryDirectory() as folder:
        folder = Path(folder)
        valids = {}
        for seed in SPLIT_SEEDS:
            train, valids[seed] = ratings.split(seed=seed)
            as_split(train, valids[seed]).save(folder / f"{seed}.npz")
        # The first fit in a process pays for what is loaded and compiled once.
        few = train.subset(torch.arange(0, len(train), 20))
        as_split(few, few).save(folder / "small.npz")

        def worker_of(model: str) -> Worker:
            if model in report.OURS:
                return Worker(sys.executable, "tools.benchmarks.ours")
            return Worker(peers_python, "tools.benchmarks.peers")

        with worker_of("dot model") as ours, worker_of("SVD") as theirs:
            made_with = {"ours": ours.made_with, "peers": theirs.made_with}
            workers = {
                **dict.fromkeys(report.OURS, ours),
                **dict.fromkeys(report.PEERS, theirs),
            }
            for model in TURNS:
                workers[model].fit(model, folder / "small.npz")
            for round_ in range(ROUNDS):
                for seed in SPLIT_SEEDS:
                    for model in TURNS:
                        if round_ >= ROUNDS_OF_SLOW.get(model, ROUNDS):
                            continue
                        file = None if round_ else folder / "predictions.npy"
                        fit = workers[model].fit(model, folder / f"{seed}.npz", file)
                        fits.append({"model": model, "split": seed, "round": round_, **fit})
                        if file:
                            predictions = torch.from_numpy(np.load(file, allow_pickle=False))
                            stars = valids[seed].ratings
                            score = {
                                "rmse": rmse(predictions, stars),
                                "mae": mae(predictions, stars),
                            }
                            scores.append({"model": model, "split": seed, **score})
        for model in TURNS:
            with worker_of(model) as fresh:
                peaks[model] = fresh.fit(model, folder / f"{SPLIT_SEEDS[0]}.npz")["peak_mb"]
    table = report.summary(fits, scores, peaks)
    header = ["", *(f"RMSE {seed}" for seed in SPLIT_SEEDS), "mean", "MAE"]
    header += ["RMSE ratio", "fit s", "fit ratio", "CPU s", "peak MB"]
    title = (
        "Models on three splits: ratios are to BiasedMF, times medians, memory a whole process's"
    )
    print(report.text_table(title, header, report.accuracy_rows(table)))
    return {"split_seeds": SPLIT_SEEDS, "made_with": made_with, "models": table, "fits": fits}


def epoch() -> dict:
    """The first loop against ours."""
    epochs = run_part("tools.benchmarks.epoch")
    rows = [
        [
            name,
            f"{e['first_loop_seconds']:.1f}",
            f"{e['ours_seconds']:.3f}",
            f"{e['times_faster']:.0f}",
            f"{e['steps_timed']:,} of {e['steps_an_epoch']:,}",
        ]
        for name, e in epochs.items()
    ]
    title = "One epoch by the first loop, from a sample of its steps, and by ours, with validation"
    header = ["", "first loop s", "ours s", "times faster", "steps timed"]
    print(report.text_table(title, header, rows))
    return epochs


def growth() -> dict[int, dict]:
    """The cost of training as ratings grow, each size in its own process, sizes by turns."""
    runs = {n: [] for n in scaling.SIZES}
    for _ in range(SCALING_ROUNDS):
        for n, found in runs.items():
            found.append(run_part("tools.benchmarks.scaling", n))
    costs = {n: report.middle_cost(found) for n, found in runs.items()}
    rows = [
        [
            f"{n:,}",
            f"{c['batch_size']:,}",
            f"{c['seconds_per_million']:.2f}",
            f"{c['data_mb']:.0f}",
            f"{c['peak_mb']:.0f}",
        ]
        for n, c in costs.items()
    ]
    title = "Training the dot model, 50 factors, on synthetic ratings"
    header = ["ratings", "batch", "CPU s a million", "MB before", "peak MB"]
    print(report.text_table(title, header, rows))
    return costs


def reading() -> dict[str, dict]:
    """The course's reader against pandas alone."""
    readings = run_part("tools.benchmarks.reading")
    rows = [
        [how, f"{r['user_seconds']:.2f}", f"{r['system_seconds']:.2f}", f"{r['peak_mb']:.0f}"]
        for how, r in readings.items()
    ]
    title = f"Reading {readings['ours']['n']:,} ratings"
    print(report.text_table(title, ["", "user s", "system s", "peak MB"], rows))
    return readings


def processes() -> dict:
    """The loop under torchrun."""
    found = run_part("tools.benchmarks.processes")
    rows = [
        [
            str(run["processes"]),
            *(f"{rmse:.4f}" for rmse in run["rmse"]),
            f"{run['seconds']:.0f}",
            f"{max(run['cpu_seconds']):.0f}",
            f"{max(run['peak_mb']):.0f}",
        ]
        for run in found["runs"]
    ]
    epochs = [f"RMSE, epoch {n}" for n in range(1, len(found["runs"][0]["rmse"]) + 1)]
    header = ["processes", *epochs, "seconds", "CPU s of each", "MB of each"]
    title = f"The same loop under torchrun; the lowest RMSE possible is {found['lowest_rmse']:.4f}"
    print(report.text_table(title, header, rows))
    return found


def panels() -> dict[str, dict]:
    """The update of every panel."""
    updates = run_part("tools.benchmarks.panel_updates")
    rows = [
        [name, f"{u['median_ms']:.0f}", f"{u['longest_ms']:.0f}", str(u["updates"])]
        for name, u in updates.items()
    ]
    title = "Updates of the panels in the kernel: drawn and encoded"
    print(report.text_table(title, ["", "median ms", "longest ms", "updates"], rows))
    return updates


def as_split(train: Ratings, valid: Ratings) -> Split:
    """Train and valid as the arrays that both environments read."""
    parts = (train.indices, train.ratings, valid.indices, valid.ratings)
    return Split(*(part.numpy() for part in parts), train.n_users, train.n_movies)


def edition_name(n_ratings: int, n_users: int) -> str:
    """The name of a MovieLens edition, by its size; the small ones with their year."""
    for edition in EDITIONS.values():
        if (edition.n_ratings, edition.n_users) == (n_ratings, n_users):
            return "ml-latest-small-2018" if edition.name == "ml-latest-small" else edition.name
    return f"{n_ratings:,} ratings by {n_users:,} users"


def store_peers(done: dict) -> None:
    """Put the peers' rows of this run into the stored results; other editions' rows stay."""
    if "models" not in done:
        sys.exit("--store-peers needs the part accuracy: leave the parts out, or name it")
    if not done["edition"].startswith("ml-"):
        sys.exit(f"--store-peers takes an edition of MovieLens, and this is {done['edition']}")
    stored = json.loads(PEERS_FILE.read_text()) if PEERS_FILE.is_file() else {}
    editions = stored.get("results", {}).get("editions", {})
    editions[done["edition"]] = {
        name: {
            measure: [round(value, 4) for value in done["models"][name][measure]]
            for measure in ("rmse", "mae", "fit_seconds")
        }
        for name in report.PEERS
    }
    made_with = {"edition": "see the results", **done["made_with"]["peers"]}
    results = {"split_seeds": done["split_seeds"], "editions": dict(sorted(editions.items()))}
    write(PEERS_FILE, {"made_with": made_with, "results": results})


def write(path: Path, values: dict) -> None:
    """Write JSON whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".json.new")
    new.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    new.replace(path)


if __name__ == "__main__":
    main()
