"""The benchmark, `make bench`: ours against the peers, and what an epoch, growth and a panel cost.

python -m tools.benchmarks.run --peers-python .venv-bench/bin/python [--store-peers] [PART …]

On the bundled edition or the one that COLLAB_DATA names. It prints tables and the goals, and writes
everything to build/bench.json. --store-peers also writes what lessons 9 and 10 show of the peers
into collab_lib/results/peers.json: their rows of this edition, the paired intervals between our
best model and each of them, and two fresh splits that no setting was ever chosen on. --quick fits
each model once on each split and leaves the peaks of memory out.

Settings of the peers: see `tools.benchmarks.tune`. LensKit is 2025.8, since 2026.4 needs Python
3.12.5 and the course runs on 3.11; its BiasedMF is the same algorithm there. LensKit's EASE inverts
a table of all pairs of movies, for minutes: it is the formula of ours, and isn't run.

Left out after they were tried once, with the best of a few settings inside train. RMSE and nDCG
are means over three splits, of the edition of 2016 and of that of 2018:
- cornac's MF (0.8888, 0.8673), PMF (0.9070, 0.8824): no better than both biases (0.8889, 0.8669);
- Surprise's SVD++ (0.8849, 0.8592): no better than its SVD (0.8797, 0.8550), which takes a seventh;
- myFM's ordered probit: 0.001 to 0.002 better than its regression, at nearly twice the cost;
- implicit's BPR (nDCG 0.159, 0.158): about as good as the most popular films (0.145, 0.160), and
  far from the same library's ALS (0.277, 0.281). Lesson 10 trains with that loss itself.
cornac's NeuMF ranks and doesn't predict stars; it wasn't run.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from platform import python_version
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch

from collab_lib import (
    Ratings,
    coverage,
    load_collab,
    load_movies,
    mae,
    ndcg,
    precision,
    recall,
    rmse,
    top_lists,
)
from collab_lib.bayes import genres_and_year
from collab_lib.evaluation import ndcg_by_user
from collab_lib.movielens import EDITIONS
from tools.benchmarks import report, scaling
from tools.benchmarks.site_moves import SITE
from tools.benchmarks.workers import ROOT, Split, Worker, run_part

PARTS = ("accuracy", "lists", "epoch", "scaling", "reading", "processes", "panels", "site")
SPLIT_SEEDS, FRESH_SEEDS = (42, 43, 44), (45, 46)
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
    "CMF tuned",
    "myFM",
    *report.WITH_METADATA,
    "BiasedMF tuned",
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
    **dict.fromkeys(report.WITH_METADATA, 1),
    "neural network": 2,
}
SCALING_ROUNDS = 3
PEERS_FILE = ROOT / "collab_lib" / "results" / "peers.json"


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    options.add_argument("--peers-python", required=True, help="the interpreter of the peers")
    options.add_argument("--store-peers", action="store_true", help="write the peers' rows")
    options.add_argument("--quick", action="store_true", help="each model once, without peaks")
    options = options.parse_args()
    parts = options.parts or list(PARTS)
    if set(parts) - set(PARTS):
        sys.exit(f"unknown: {sorted(set(parts) - set(PARTS))}; the parts are {', '.join(PARTS)}")
    if "site" in parts and not (SITE / "index.html").is_file():
        sys.exit("the part site measures what `make site` builds: run that first, or name the rest")

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
        done |= accuracy(ratings, options.peers_python, options.quick)
        goals += report.accuracy_goals(done["models"])
    if "lists" in parts:
        done |= lists(ratings, options.peers_python)
        goals += report.list_goals(done["lists"])
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
    if "site" in parts:
        done["site"] = site()
        goals += report.site_goals(done["site"])
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


def accuracy(ratings: Ratings, peers_python: str, quick: bool = False) -> dict:
    """Fit every model on every split, ours and theirs by turns, and score all of them alike."""
    fits, scores, peaks, intervals, fresh = [], [], {}, {}, {}
    with TemporaryDirectory() as folder, both_workers(peers_python) as workers:
        folder = Path(folder)
        valids = save_splits(ratings, (*SPLIT_SEEDS, *FRESH_SEEDS), folder)
        for model in TURNS:
            workers[model].fit(model, folder / "small.npz")

        def fit(model: str, seed: int) -> tuple[dict, torch.Tensor]:
            file = folder / "predictions.npy"
            found = workers[model].fit(model, folder / f"{seed}.npz", file)
            return found, torch.from_numpy(np.load(file, allow_pickle=False))

        for seed in SPLIT_SEEDS:
            errors = {}
            for model in TURNS:
                found, predictions = fit(model, seed)
                fits.append({"model": model, "split": seed, "round": 0, **found})
                scores.append({"model": model, "split": seed, **score(predictions, valids[seed])})
                errors[model] = (predictions - valids[seed].ratings).numpy()
            for model, interval in paired(errors, valids[seed]).items():
                intervals.setdefault(model, []).append(interval)
        for round_ in range(1, 1 if quick else ROUNDS):
            for seed in SPLIT_SEEDS:
                for model in TURNS:
                    if round_ < ROUNDS_OF_SLOW.get(model, ROUNDS):
                        found = workers[model].fit(model, folder / f"{seed}.npz")
                        fits.append({"model": model, "split": seed, "round": round_, **found})
        for seed in FRESH_SEEDS:
            errors = {}
            for model in ("best model", "myFM", *report.WITH_METADATA):
                found, predictions = fit(model, seed)
                row = fresh.setdefault(model, {"rmse": [], "mae": []})
                for measure, value in score(predictions, valids[seed]).items():
                    row[measure].append(value)
                errors[model] = (predictions - valids[seed].ratings).numpy()
            for model, interval in paired(errors, valids[seed]).items():
                fresh[model].setdefault("best_minus_this", []).append(interval)
        for model in () if quick else TURNS:
            with worker_of(model, peers_python) as alone:
                peaks[model] = alone.fit(model, folder / f"{SPLIT_SEEDS[0]}.npz")["peak_mb"]
        made_with = {"ours": workers["dot model"].made_with, "peers": workers["SVD"].made_with}
    table = report.summary(fits, scores, peaks)
    header = ["", *(f"RMSE {seed}" for seed in SPLIT_SEEDS), "mean", "MAE"]
    header += ["RMSE ratio", "fit s", "fit ratio", "CPU s", "peak MB"]
    title = (
        "Models on three splits: ratios are to BiasedMF, times medians, memory a whole process's"
    )
    print(report.text_table(title, header, report.accuracy_rows(table)))
    print_intervals("RMSE of our best model less that of each peer, with 95 % intervals", intervals)
    told = {name: row["best_minus_this"] for name, row in fresh.items() if "best_minus_this" in row}
    print_intervals(f"The same on splits {FRESH_SEEDS}, which no setting was chosen on", told)
    return {
        "split_seeds": SPLIT_SEEDS,
        "made_with": made_with,
        "models": table,
        "intervals": intervals,
        "fresh": fresh,
        "fits": fits,
    }


def paired(errors: dict[str, np.ndarray], valid: Ratings) -> dict[str, tuple]:
    """For each peer: our RMSE less its own, with the interval; like is compared with like."""
    users, (ours, theirs) = valid.indices[:, 0].numpy(), report.WITH_METADATA
    pairs = {name: "best model" for name in report.PEERS if name in errors} | {theirs: ours}
    return {
        peer: report.paired_interval(errors[mine], errors[peer], users)
        for peer, mine in pairs.items()
    }


def print_intervals(title: str, intervals: dict[str, list]) -> None:
    rows = [
        [name, *(f"{d:+.4f} [{low:+.4f}, {high:+.4f}]" for d, low, high in found)]
        for name, found in intervals.items()
    ]
    splits = ["", *(f"split {n}" for n in range(1, len(rows[0])))]
    print(report.text_table(title, splits, rows))


def lists(ratings: Ratings, peers_python: str) -> dict:
    """Lists of ten of every model that makes any, on every split, measured alike."""
    fits, by_user = [], {}
    with TemporaryDirectory() as folder, both_workers(peers_python) as workers:
        folder = Path(folder)
        valids = save_splits(ratings, SPLIT_SEEDS, folder)
        for seed in SPLIT_SEEDS:
            train, _ = ratings.split(seed=seed)
            for model in (*report.OUR_LISTS, *report.PEERS_OF_LISTS):
                file = folder / "scores.npy"
                fit = workers[model].fit(model, folder / f"{seed}.npz", file)
                scores = torch.from_numpy(np.load(file, allow_pickle=False))
                top = top_lists(scores, train)
                found = measures_of(top, valids[seed])
                fits.append({"model": model, "split": seed, **fit, **found})
                by_user.setdefault(model, []).append(ndcg_by_user(top, valids[seed]).numpy())
    table = report.list_summary(fits)
    best = max(report.OUR_LISTS, key=lambda name: sum(table[name]["nDCG@10"]))
    intervals = {
        name: list(map(report.paired_mean_interval, by_user[best], by_user[name]))
        for name in report.PEERS_OF_LISTS
    }
    header = ["", *(f"nDCG {seed}" for seed in SPLIT_SEEDS), *report.LIST_MEASURES, "CPU s"]
    title = "Lists of ten on three splits, liked from 4 stars; tuned inside the training part"
    print(report.text_table(title, header, report.list_rows(table)))
    title = f"nDCG of our best lists ({best}) less that of each peer's, with 95 % intervals"
    print_intervals(title, intervals)
    return {"lists": table, "list_intervals": intervals}


def measures_of(found: torch.Tensor, valid: Ratings) -> dict[str, float]:
    """The measures of lesson 10 for lists, (n_users, 10)."""
    return {
        "nDCG@10": ndcg(found, valid),
        "recall@10": recall(found, valid),
        "precision@10": precision(found, valid),
        "coverage": coverage(found, valid.n_movies),
    }


def score(predictions: torch.Tensor, valid: Ratings) -> dict[str, float]:
    return {"rmse": rmse(predictions, valid.ratings), "mae": mae(predictions, valid.ratings)}


def save_splits(ratings: Ratings, seeds: Sequence[int], folder: Path) -> dict[int, Ratings]:
    """The valid parts by seed; the splits are saved in `folder`, with a small one to warm up."""
    movies = load_movies()
    valids = {}
    for seed in seeds:
        train, valids[seed] = ratings.split(seed=seed)
        as_split(train, valids[seed], movies).save(folder / f"{seed}.npz")
    # The first fit in a process pays for what is loaded and compiled once.
    few = train.subset(torch.arange(0, len(train), 20))
    as_split(few, few, movies).save(folder / "small.npz")
    return valids


def worker_of(model: str, peers_python: str) -> Worker:
    if model in (*report.OURS, *report.OUR_LISTS, report.WITH_METADATA[0]):
        return Worker(sys.executable, "tools.benchmarks.ours")
    return Worker(peers_python, "tools.benchmarks.peers")


@contextmanager
def both_workers(peers_python: str) -> Iterator[dict[str, Worker]]:
    """One worker for all models of ours and one for all peers, by the model's name."""
    mine = (*report.OURS, *report.OUR_LISTS, report.WITH_METADATA[0])
    others = (*report.PEERS, *report.PEERS_OF_LISTS, report.WITH_METADATA[1])
    with worker_of(mine[0], peers_python) as ours, worker_of(others[0], peers_python) as theirs:
        yield {**dict.fromkeys(mine, ours), **dict.fromkeys(others, theirs)}


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


def site() -> dict[str, dict[str, list[float]]]:
    """From a move to the new picture on the pages of the site."""
    found = run_part("tools.benchmarks.site_moves")
    rows = []
    for slowed, lessons in found.items():
        times = [one for of_lesson in lessons.values() for one in of_lesson]
        slowest = max(lessons, key=lambda lesson: median(lessons[lesson]))
        row = (len(times), median(times), median(lessons[slowest]), max(times))
        rows.append([slowed, *(f"{value:.0f}" for value in row), slowest])
    title = "From a move to the new picture on the site, at 390 × 844"
    header = ["slowed", "moves", "median ms", "in the slowest lesson", "longest", ""]
    print(report.text_table(title, header, rows))
    return found


def as_split(train: Ratings, valid: Ratings, movies: pd.DataFrame | None = None) -> Split:
    """Train and valid as the arrays that both environments read; movies: of `load_movies`."""
    parts = (train.indices, train.ratings, valid.indices, valid.ratings)
    features = genres = np.zeros((train.n_movies, 0), np.float32)
    years = np.zeros(train.n_movies)
    if movies is not None:
        features = genres_and_year(movies, train).numpy()
        known = movies.set_index("movieId").loc[train.movie_ids]
        genres = known["genres"].str.get_dummies("|").to_numpy(np.float32)
        years = known["title"].str.extract(r"\((\d{4})\)\s*$")[0].astype(float)
        years = years.fillna(0).to_numpy()
    arrays = (part.numpy() for part in parts)
    return Split(*arrays, train.n_users, train.n_movies, features, genres, years)


def edition_name(n_ratings: int, n_users: int) -> str:
    """The name of a MovieLens edition, by its size; the small ones with their year."""
    for edition in EDITIONS.values():
        if (edition.n_ratings, edition.n_users) == (n_ratings, n_users):
            return "ml-latest-small-2018" if edition.name == "ml-latest-small" else edition.name
    return f"{n_ratings:,} ratings by {n_users:,} users"


def store_peers(done: dict) -> None:
    """Put what this run found about the peers into the stored results; other editions' stay."""
    if not {"models", "lists"} & set(done):
        sys.exit("--store-peers needs the part accuracy or lists: leave the parts out, or name it")
    if not done["edition"].startswith("ml-"):
        sys.exit(f"--store-peers takes an edition of MovieLens, and this is {done['edition']}")
    stored = json.loads(PEERS_FILE.read_text()) if PEERS_FILE.is_file() else {}
    results = stored.get("results", {"editions": {}})
    made_with = stored.get("made_with", {})

    def put(kind: str, values: dict) -> None:
        editions = results.get(kind, {}) | {done["edition"]: values}
        results[kind] = dict(sorted(editions.items()))

    if "models" in done:
        results |= {"split_seeds": SPLIT_SEEDS, "fresh_split_seeds": FRESH_SEEDS}
        made_with = {"edition": "see the results", **done["made_with"]["peers"]}
        measures = ("rmse", "mae", "cpu_seconds")
        names = (*report.PEERS, report.WITH_METADATA[1])
        rows = {n: {m: rounded(done["models"][n][m]) for m in measures} for n in names}
        put("editions", rows)
        put("best_minus_peer", {name: rounded(found) for name, found in done["intervals"].items()})
        put(
            "fresh",
            {n: {m: rounded(v) for m, v in row.items()} for n, row in done["fresh"].items()},
        )
    if "lists" in done:
        names = report.PEERS_OF_LISTS
        put("lists", {n: {m: rounded(v) for m, v in done["lists"][n].items()} for n in names})
    write(PEERS_FILE, {"made_with": made_with, "results": results})


def rounded(values: float | Sequence) -> float | list:
    """Numbers, nested in lists or not, to four decimals."""
    return [rounded(v) for v in values] if isinstance(values, Sequence) else round(values, 4)


def write(path: Path, values: dict) -> None:
    """Write JSON whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".json.new")
    new.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    new.replace(path)


if __name__ == "__main__":
    main()
