"""From measurements to ratios, tables and goals. Nothing is timed here."""

from dataclasses import dataclass
from statistics import mean, median

import numpy as np

OURS = ("dot model", "neural network", "best model")
PEERS = (
    "BaselineOnly",
    "BaselineOnly tuned",
    "SVD",
    "SVD tuned",
    "KNNBaseline",
    "KNNBaseline tuned",
    "BiasedMF",
    "BiasedMF tuned",
    "CMF tuned",
    "myFM",
)
# Those that are told who watched what, besides the stars.
WHO_WATCHED = ("CMF tuned", "myFM")
YARDSTICK = "BiasedMF"
# Models that know the movies' genres and year as well, and are compared among themselves.
WITH_METADATA = ("best model, genres and year", "myFM, genres and year")
OUR_LISTS = (
    "predicted rating",
    "most rated",
    "also liked",
    "dot model in pairs",
    "EASE",
    "weighted ALS",
)
LIST_MEASURES = ("nDCG@10", "recall@10", "precision@10", "coverage")
PEERS_OF_LISTS = (
    "item kNN (implicit)",
    "ImplicitMF (LensKit)",
    "CMF_implicit (cmfrec)",
    "iALS (implicit)",
)


@dataclass(frozen=True)
class Goal:
    """What was measured against what it should be at most (or at least)."""

    what: str
    measured: float
    wanted: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        if self.at_least:
            return self.measured >= self.wanted
        return self.measured <= self.wanted

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        numbers = f"{self.measured:.4g}", f"{sign} {self.wanted:.4g}"
        return [self.what, *numbers, "met" if self.met else "MISSED"]


def summary(fits: list[dict], scores: list[dict], peaks: dict[str, float]) -> dict[str, dict]:
    """One entry a model, from all fits, the scores on each split and the peaks of memory.

    fits: {"model", "split", "round", "seconds", "cpu_seconds"} each. The ratio of two models' times
    is the median over the splits and rounds in which both were fitted, one shortly after the other.
    scores: {"model", "split", "rmse", "mae"} each, in stars. peaks: MB by model.
    """
    splits = sorted({score["split"] for score in scores})
    times = {(f["model"], f["split"], f["round"]): f for f in fits}
    yardstick_rmse = _by_split(scores, YARDSTICK, "rmse", splits)
    table = {}
    for model in dict.fromkeys(fit["model"] for fit in fits):
        own = [fit for fit in fits if fit["model"] == model]
        rmse = _by_split(scores, model, "rmse", splits)
        table[model] = {
            "rmse": rmse,
            "mae": _by_split(scores, model, "mae", splits),
            "fit_seconds": [
                median(fit["seconds"] for fit in own if fit["split"] == split) for split in splits
            ],
            "cpu_seconds": [
                median(fit["cpu_seconds"] for fit in own if fit["split"] == split)
                for split in splits
            ],
            "peak_mb": peaks.get(model),
            "n_fits": len(own),
            "rmse_ratio": mean(rmse) / mean(yardstick_rmse),
            "fit_ratio": median(
                fit["seconds"] / times[YARDSTICK, fit["split"], fit["round"]]["seconds"]
                for fit in own
            ),
        }
    return table


def accuracy_goals(table: dict[str, dict]) -> list[Goal]:
    """The goals on accuracy and on the time of a fit, for what `summary` returns."""
    best_peer = min(mean(table[name]["rmse"]) for name in PEERS)
    lead = max(
        own / min(table[name]["rmse"][i] for name in PEERS if name not in WHO_WATCHED)
        for i, own in enumerate(table["dot model"]["rmse"])
    )
    network = table["neural network"]
    return [
        # Level with the best of those that know what it knows: the stars.
        Goal("dot model: RMSE by the best peer's of stars alone, worst split", lead, 1.005),
        Goal("dot model: fit time by BiasedMF's", table["dot model"]["fit_ratio"], 0.8),
        Goal("neural network: RMSE by BiasedMF's", network["rmse_ratio"], 1.0),
        Goal("neural network: fit in seconds", median(network["fit_seconds"]), 3.0),
        Goal(
            "best model: RMSE by the best peer's",
            mean(table["best model"]["rmse"]) / best_peer,
            0.990,
        ),
        Goal(
            "best model with genres and year: RMSE by myFM's with both",
            mean(table[WITH_METADATA[0]]["rmse"]) / mean(table[WITH_METADATA[1]]["rmse"]),
            0.990,
        ),
        *(
            Goal(f"{name}: fit in CPU seconds", median(table[name]["cpu_seconds"]), 10.0)
            for name in ("best model", WITH_METADATA[0])
        ),
    ]


def list_goals(table: dict[str, dict]) -> list[Goal]:
    """The goals on lists, for what `list_summary` returns: nDCG@10, the mean over the splits."""
    ndcg = {name: mean(row["nDCG@10"]) for name, row in table.items()}
    best_of_ours, best_peer = (
        max(ndcg[name] for name in names) for names in (OUR_LISTS, PEERS_OF_LISTS)
    )
    return [
        Goal("best lists of ours: nDCG@10 by the best peer's", best_of_ours / best_peer, 1.0, True),
        Goal(
            "weighted ALS, trained: nDCG@10 by iALS's of implicit",
            ndcg["weighted ALS"] / ndcg["iALS (implicit)"],
            1.0,
            True,
        ),
    ]


def paired_interval(
    ours: np.ndarray, theirs: np.ndarray, users: np.ndarray, n_draws: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """RMSE of ours - RMSE of theirs, and the ends of its 95 % interval, in stars.

    ours, theirs: errors on the same ratings, (n,). users: whose rating each is, (n,). The paired
    bootstrap: as many users are drawn, with repetition, and both RMSEs are those of their ratings
    (Efron and Tibshirani 1993).
    """
    users = np.unique(users, return_inverse=True)[1]
    n = np.bincount(users)
    squares = [np.bincount(users, weights=errors**2) for errors in (ours, theirs)]
    drawn = np.random.default_rng(seed).integers(len(n), size=(n_draws, len(n)))
    roots = [np.sqrt(of[drawn].sum(axis=1) / n[drawn].sum(axis=1)) for of in squares]
    low, high = np.quantile(roots[0] - roots[1], [0.025, 0.975])
    return (
        float(np.sqrt(squares[0].sum() / n.sum()) - np.sqrt(squares[1].sum() / n.sum())),
        low,
        high,
    )


def paired_mean_interval(
    ours: np.ndarray, theirs: np.ndarray, n_draws: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """The mean of ours less that of theirs, and the ends of its 95 % interval.

    ours, theirs: (n,), a measure of the same users. The paired bootstrap, as in `paired_interval`.
    """
    apart = ours - theirs
    drawn = np.random.default_rng(seed).integers(len(apart), size=(n_draws, len(apart)))
    low, high = np.quantile(apart[drawn].mean(axis=1), [0.025, 0.975])
    return float(apart.mean()), low, high


def list_summary(fits: list[dict]) -> dict[str, dict]:
    """One entry a model of lists: its measures by split, and the median of its CPU seconds.

    fits: {"model", "split", "cpu_seconds", "nDCG@10", "recall@10", …} each.
    """
    splits = sorted({fit["split"] for fit in fits})
    table = {}
    for model in dict.fromkeys(fit["model"] for fit in fits):
        own = {fit["split"]: fit for fit in fits if fit["model"] == model}
        table[model] = {name: [own[split][name] for split in splits] for name in LIST_MEASURES}
        table[model]["cpu_seconds"] = median(fit["cpu_seconds"] for fit in own.values())
    return table


def list_rows(table: dict[str, dict]) -> list[list[str]]:
    """The rows of the table of lists, from the lowest nDCG to the highest."""
    return [
        [
            name,
            *(f"{ndcg:.4f}" for ndcg in row["nDCG@10"]),
            *(f"{mean(row[measure]):.4f}" for measure in LIST_MEASURES),
            f"{row['cpu_seconds']:.2f}",
        ]
        for name, row in sorted(table.items(), key=lambda item: mean(item[1]["nDCG@10"]))
    ]


def epoch_goals(epochs: dict[str, dict]) -> list[Goal]:
    """An epoch of ours is to be 50 times as fast as the first loop's."""
    return [
        Goal(f"{name}: epochs of ours in one of the first loop", e["times_faster"], 50, True)
        for name, e in epochs.items()
    ]


def scaling_goals(costs: dict[int, dict]) -> list[Goal]:
    """The goals on the cost of many ratings; `costs` by number of ratings."""
    most = max(costs)
    ratio = costs[most]["seconds_per_million"] / costs[1_000_000]["seconds_per_million"]
    return [
        Goal(f"cost of a rating at {most:,} by that at 1,000,000", ratio, 1.2),
        Goal(f"peak memory in GB at {most:,} ratings", costs[most]["peak_mb"] / 1000, 3.0),
    ]


def reading_goals(readings: dict[str, dict]) -> list[Goal]:
    """The course's reader checks all that it reads, and is to cost little more than pandas does."""
    ratio = readings["ours"]["user_seconds"] / readings["pandas"]["user_seconds"]
    return [Goal(f"reading {readings['ours']['n']:,} ratings by pandas alone", ratio, 1.2)]


def processes_goals(found: dict) -> list[Goal]:
    """However many processes train, they find what one finds."""
    last = {run["processes"]: run["rmse"][-1] for run in found["runs"]}
    return [
        Goal(f"{n} processes: RMSE by that of one, in stars apart", abs(rmse - last[1]), 0.001)
        for n, rmse in last.items()
        if n > 1
    ]


def panel_goals(panels: dict[str, dict]) -> list[Goal]:
    """The slowest panel's median update."""
    slowest = max(panels, key=lambda name: panels[name]["median_ms"])
    return [Goal(f"slowest panel, {slowest}: CPU ms an update", panels[slowest]["median_ms"], 60)]


def site_goals(times: dict[str, dict[str, list[float]]]) -> list[Goal]:
    """The slowest lesson's median time from a move to its picture, by how slow the processor is."""
    goals = []
    for slowed, wanted in (("1", 60), ("4", 150)):
        slowest = max(median(of_lesson) for of_lesson in times[slowed].values())
        goals.append(Goal(f"site, processor slowed {slowed} times: ms a picture", slowest, wanted))
    return goals


def middle_cost(runs: list[dict]) -> dict:
    """One entry for several runs of one size: median seconds, largest peaks."""
    return {
        "seconds_per_million": median(run["seconds_per_million"] for run in runs),
        "data_mb": max(run["data_mb"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "batch_size": runs[0]["batch_size"],
        "n_runs": len(runs),
    }


def accuracy_rows(table: dict[str, dict]) -> list[list[str]]:
    """The rows of the table of models, from the largest RMSE to the smallest."""
    return [
        [
            name,
            *(f"{rmse:.4f}" for rmse in entry["rmse"]),
            f"{mean(entry['rmse']):.4f}",
            f"{mean(entry['mae']):.4f}",
            f"{entry['rmse_ratio']:.3f}",
            f"{median(entry['fit_seconds']):.2f}",
            f"{entry['fit_ratio']:.2f}",
            f"{median(entry['cpu_seconds']):.2f}",
            "" if entry["peak_mb"] is None else f"{entry['peak_mb']:.0f}",
        ]
        for name, entry in sorted(table.items(), key=lambda item: -mean(item[1]["rmse"]))
    ]


def text_table(title: str, header: list[str], rows: list[list[str]]) -> str:
    """A table for the terminal: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]
    return "\n".join([title, "-" * len(lines[0]), *lines, ""])


def _by_split(scores: list[dict], model: str, measure: str, splits: list) -> list[float]:
    found = {s["split"]: s[measure] for s in scores if s["model"] == model}
    return [found[split] for split in splits]
