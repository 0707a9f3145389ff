"""The guessing game of lesson 2: hidden ratings about which the train ratings have much to say."""

from dataclasses import dataclass

import numpy as np
import torch

from collab_lib.baselines import Baseline
from collab_lib.dataset import Ratings

N_CASES = 24
SEED = 0


@dataclass(frozen=True)
class Case:
    """One hidden rating to guess, and what may be known about it.

    user: id; title: of the movie; truth: the hidden stars.
    known: (title, stars) of other ratings of the user, highest first.
    user_mean, movie_mean: in stars, over `user_count` and `movie_count` train ratings.
    guesses: the baselines' predictions, by name.
    """

    user: int
    title: str
    truth: float
    known: list[tuple[str, float]]
    user_mean: float
    user_count: int
    movie_mean: float
    movie_count: int
    guesses: dict[str, float]


def clear_rows(
    train: Ratings, valid: Ratings, judge: Baseline, at_least: int = 50, away: float = 0.75
) -> torch.Tensor:
    """The rows of `valid` about which the train ratings have much to say.

    Those of movies with `at_least` train ratings, where `judge` predicts at least `away` stars more
    or less than the mean of all. The hidden ratings themselves play no part in the choice.
    """
    rated = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    often = rated[valid.indices[:, 1]] >= at_least
    far = (judge(valid.indices) - judge.mean).abs() >= away
    return (often & far).nonzero().squeeze(1)


def draw_rows(
    rows: torch.Tensor, valid: Ratings, judge: Baseline, n_cases: int = N_CASES, seed: int = SEED
) -> list[int]:
    """`n_cases` of `rows`, drawn with `seed`: `judge` is above the mean in half of them."""
    above = (judge(valid.indices[rows]) > judge.mean).numpy()
    generator = np.random.default_rng(seed)
    halves = [generator.choice(rows[part].numpy(), n_cases // 2, False) for part in (above, ~above)]
    return generator.permutation(np.concatenate(halves)).tolist()


def cases_of(
    rows: list[int],
    train: Ratings,
    valid: Ratings,
    baselines: dict[str, Baseline],
    n_known: int = 6,
    seed: int = SEED,
) -> list[Case]:
    """The cases for `rows` of `valid`; as a help, the user's ratings of `n_known` known movies.

    They are drawn with `seed` among the thirty most-rated movies of the user's train ratings.
    """
    generator = np.random.default_rng(seed)
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    cases = []
    for row in rows:
        pair = valid.indices[row : row + 1]
        user, movie = pair[0].tolist()
        of_user = (train.indices[:, 0] == user).nonzero().squeeze(1)
        of_movie = train.indices[:, 1] == movie
        fame = counts[train.indices[of_user, 1]]
        famous = of_user[fame.argsort(descending=True, stable=True)[:30]]
        some = generator.choice(famous.numpy(), min(n_known, len(famous)), replace=False)
        titles, stars = train.titles[train.indices[some, 1].numpy()], train.ratings[some].tolist()
        known = sorted(zip(titles.tolist(), stars, strict=True), key=lambda pair: -pair[1])
        cases.append(
            Case(
                user=int(train.user_ids[user]),
                title=str(train.titles[movie]),
                truth=valid.ratings[row].item(),
                known=known,
                user_mean=train.ratings[of_user].mean().item(),
                user_count=len(of_user),
                movie_mean=train.ratings[of_movie].mean().item(),
                movie_count=int(of_movie.sum()),
                guesses={name: baseline(pair).item() for name, baseline in baselines.items()},
            )
        )
    return cases


def error_so_far(guesses: list[float], truths: list[float]) -> float:
    """The RMSE, in stars, of the guesses made so far."""
    return float(np.sqrt(np.mean((np.array(guesses) - np.array(truths)) ** 2)))
