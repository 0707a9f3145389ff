"""Find the settings of the peers inside the training part, and store them with what was tried.

python -m tools.benchmarks.tune --peers-python .venv-bench/bin/python [NAME …]

On split 42 of the bundled edition: its train part is split once more, 80 to 20, and the settings
with the lowest RMSE (or, for models of lists, the highest nDCG@10) on that inner part are written
to settings.json, with the scores of all that were tried. The ratings that the benchmark reports on
take no part. The other splits and the edition of 2018 use the same settings.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from collab_lib import Ratings, load_collab, ndcg, rmse, top_lists
from tools.benchmarks.peers import LISTS, SETTINGS
from tools.benchmarks.run import as_split, write
from tools.benchmarks.workers import Worker

EDITION, SPLIT_SEED, INNER_SEED = "ml-latest-small-2016", 42, 42


def every(**values: list) -> list[dict]:
    """All combinations of the values: [{name: value}]."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


TRIED: dict[str, list[dict]] = {
    "BaselineOnly tuned": [
        {"reg_u": u, "reg_i": i} for u, i in ((15, 10), (6, 4), (5, 3), (4, 3), (3, 2))
    ],
    "SVD tuned": [
        {"n_factors": f, "n_epochs": n, "lr_all": lr, "reg_all": reg}
        for f, n, lr, reg in (
            (50, 30, 0.01, 0.1),
            (100, 30, 0.01, 0.1),
            (100, 60, 0.005, 0.1),
            (200, 60, 0.01, 0.1),
            (200, 60, 0.01, 0.08),
        )
    ],
    "KNNBaseline tuned": [
        {"k": k, "shrinkage": shrinkage, "min_support": support, "reg_u": u, "reg_i": i}
        for k, shrinkage, support, u, i in (
            (40, 100, 1, 15, 10),
            (40, 100, 2, 5, 3),
            (60, 100, 2, 5, 3),
            (60, 200, 2, 5, 3),
            (80, 200, 2, 4, 3),
        )
    ],
    "BiasedMF tuned": every(embedding_size=[25, 50], regularization=[0.1, 0.15, 0.2]),
    "CMF tuned": [
        {"k": k, "bias": bias, "factors": factors, "w_implicit": w, "niter": 15}
        for k, bias, factors, w in (
            (40, 10, 10, 0.5),
            (40, 4, 10, 0.5),
            (40, 4, 15, 0.5),
            (40, 4, 15, 0.1),
            (40, 4, 20, 0.5),
            (40, 4, 20, 1.0),
            (60, 4, 20, 0.5),
            (20, 4, 15, 0.5),
            (40, 4, 13, 0.5),
            (40, 4, 15, 1.0),
            (40, 4, 15, 2.0),
            (80, 4, 15, 0.5),
        )
    ],
    "myFM": [
        {"rank": rank, "power": power} for rank, power in ((10, 0.5), (14, 0.5), (20, 0.5), (10, 1))
    ],
    "item kNN (implicit)": every(K=[20, 100, 200, 500]),
    "ImplicitMF (LensKit)": every(
        embedding_size=[25, 50], regularization=[1.0, 5.0, 20.0, 40.0, 60.0], weight=[5, 8, 12]
    ),
    "CMF_implicit (cmfrec)": every(
        k=[16, 32, 48], lambda_=[1.0, 5.0, 20.0, 40.0, 60.0], alpha=[4.0, 8.0, 12.0]
    ),
    "iALS (implicit)": every(
        factors=[16, 32, 48, 64],
        regularization=[1.0, 5.0, 20.0, 40.0, 60.0],
        alpha=[5.0, 8.0, 12.0],
    ),
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.benchmarks.tune")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TRIED)}; or all")
    options.add_argument("--peers-python", required=True, help="the interpreter of the peers")
    options = options.parse_args()
    train, _ = Ratings.from_frame(load_collab(EDITION)).split(seed=SPLIT_SEED)
    inner, held_out = train.split(seed=INNER_SEED)
    with (
        TemporaryDirectory() as folder,
        Worker(options.peers_python, "tools.benchmarks.peers") as worker,
    ):
        file, predictions = Path(folder) / "inner.npz", Path(folder) / "predictions.npy"
        as_split(inner, held_out).save(file)
        for name in options.names or TRIED:
            of_lists = name in LISTS
            tried = []
            for settings in TRIED[name]:
                fit = worker.fit(name, file, predictions, settings)
                found = torch.from_numpy(np.load(predictions, allow_pickle=False))
                score = (
                    ndcg(top_lists(found, inner), held_out)
                    if of_lists
                    else rmse(found, held_out.ratings)
                )
                tried.append([settings, round(score, 4)])
                print(f"{name} {settings}: {score:.4f} in {fit['cpu_seconds']:.1f} CPU s")
            best = (max if of_lists else min)(tried, key=lambda pair: pair[1])
            store(name, "nDCG@10" if of_lists else "RMSE", best[0], tried)


def store(name: str, measure: str, chosen: dict, tried: list) -> None:
    """Put what was found for one model into settings.json; the others' stay."""
    stored = json.loads(SETTINGS.read_text("utf-8")) if SETTINGS.is_file() else {"models": {}}
    stored["how"] = {
        "edition": EDITION,
        "split_seed": SPLIT_SEED,
        "inner_split": f"a random fifth of the training part, seed {INNER_SEED}",
    }
    stored["models"][name] = {"measure": measure, "chosen": chosen, "tried": tried}
    write(SETTINGS, stored)


if __name__ == "__main__":
    main()
