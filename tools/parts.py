"""Ratings as files of which each process reads its own part: docs/scale.md.

python -m tools.parts EDITION FOLDER    stores the split of the lessons in FOLDER/train and /valid
"""

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch

from collab_lib import Ratings, load_collab

A_ROW_A_RATING = ("indices", "ratings", "timestamps")


def store(ratings: Ratings, folder: Path) -> None:
    """Write each column of `ratings` as an .npy file."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(Ratings):
        np.save(folder / f"{field.name}.npy", np.asarray(getattr(ratings, field.name)))


def load_part(folder: Path, rank: int = 0, n_processes: int = 1) -> Ratings:
    """Part number `rank` (from 0) of `n_processes` of the ratings in `folder`; all ids and titles.

    Only this part is read. All parts are equally long, since all processes must take equally many
    steps: where the ratings can't be shared out evenly, the last few are left out.

    Raises ValueError if there are fewer ratings than processes.
    """
    columns = {f.name: np.load(folder / f"{f.name}.npy", mmap_mode="r") for f in fields(Ratings)}
    n = len(columns["ratings"]) // n_processes
    if n == 0:
        raise ValueError(f"{folder} holds fewer ratings than there are processes, {n_processes}")
    for name in A_ROW_A_RATING:
        columns[name] = torch.from_numpy(columns[name][rank * n : (rank + 1) * n].copy())
    return Ratings(**columns)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for name, part in zip(
        ("train", "valid"), Ratings.from_frame(load_collab(sys.argv[1])).split(seed=42), strict=True
    ):
        store(part, Path(sys.argv[2], name))
