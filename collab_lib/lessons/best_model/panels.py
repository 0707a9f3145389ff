"""The panels of lesson 9: why this film, one number and how sure, from one draw to the mean."""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import predict
from collab_lib.kit.controls import choice, pick, slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.text import name_of
from collab_lib.lessons.best_model import figures
from collab_lib.neighbours import ItemNeighbours

SHOWN = 8  # neighbours


def behind_the_correction(
    neighbours: ItemNeighbours, train: Ratings, user: int, movie: int
) -> pd.DataFrame:
    """What each film that `user` rated adds to the prediction for `movie`, the largest first.

    The columns: film, similarity, rating, residual, adds; the sum of adds is the correction. Empty
    where the movie has too few ratings to have neighbours. user, movie: indices.
    """
    mine = neighbours.indices[:, 0] == user
    rated, residuals = neighbours.indices[mine, 1], neighbours.residuals[mine]
    if neighbours.place[movie] < 0 or len(rated) == 0:
        return pd.DataFrame(columns=["film", "similarity", "rating", "residual", "adds"])
    similarity = neighbours.similarities[neighbours.place[movie], neighbours.place[rated]]
    if len(rated) > neighbours.n_neighbours:
        similarity, kept = similarity.topk(neighbours.n_neighbours)
        rated, residuals = rated[kept], residuals[kept]
    adds = similarity * residuals / (similarity.sum() + neighbours.damping)
    of_user = train.indices[:, 0] == user
    stars = dict(
        zip(train.indices[of_user, 1].tolist(), train.ratings[of_user].tolist(), strict=True)
    )
    table = pd.DataFrame(
        {
            "film": train.titles[rated],
            "similarity": similarity,
            "rating": [stars[movie] for movie in rated.tolist()],
            "residual": residuals,
            "adds": adds,
        }
    )
    return table.sort_values("adds", key=abs, ascending=False, kind="stable", ignore_index=True)


def why_panel(
    neighbours: ItemNeighbours, train: Ratings, valid: Ratings, n_users: int = 12, n_films: int = 8
) -> Panel:
    """Choose a user and one of the hidden ratings: which rated films are behind the correction?

    The users are among those with 40 to 150 ratings in train, and the films of each are hidden
    ones; first come those that have the most similar film among the rated ones.
    """
    counts = torch.bincount(train.indices[:, 0], minlength=train.n_users)
    users = ((counts >= 40) & (counts <= 150)).nonzero()[:, 0][: 5 * n_users].tolist()
    corrections = neighbours.corrections(valid.indices)
    nearest = _nearest(neighbours, valid, users)
    hidden = {}
    for user in users:
        rows = (valid.indices[:, 0] == user).nonzero()[:, 0].tolist()
        hidden[user] = sorted(rows, key=lambda row: -nearest[row])[:n_films]
    users = [user for user in users if len(hidden[user]) == n_films]
    users = sorted(users, key=lambda user: -nearest[hidden[user][0]])[:n_users]
    model = predict(neighbours.model, valid.indices)
    prepared = {}

    def draw(user: int, film: int) -> Picture:
        row = hidden[user][film - 1]
        movie = valid.indices[row, 1].item()
        if row not in prepared:
            prepared[row] = behind_the_correction(neighbours, train, user, movie).head(SHOWN)
        told = {
            "model": model[row].item(),
            "correction": corrections[row].item(),
            "rating": valid.ratings[row].item(),
        }
        title = valid.titles[movie]
        return figures.why(int(train.user_ids[user]), title, told, prepared[row])

    names = [(f"user {train.user_ids[user]}", user) for user in users]
    return Panel(
        draw,
        user=pick("User", names, users[0]),
        film=slider("Hidden film", 1, n_films, 1),
    )


def one_number_panel(mean_of_ratings: float = 0.5, spread: float = 0.45) -> Panel:
    """Choose how many ratings there are and how noisy they are: what is plausible for the bias?"""
    return Panel(
        lambda n, noise: figures.one_number(n, noise, mean_of_ratings, spread),
        n=choice("Ratings", [0, 1, 2, 3, 5, 8, 13, 20, 50, 100, 300], 0),
        noise=choice("Noise", [0.4, 0.6, 0.8, 1.0, 1.2], 0.8),
    )


def errors_of_means(draws: torch.Tensor, valid: Ratings) -> torch.Tensor:
    """The RMSE on valid of the mean of the first 1, 2, … draws, (n_draws,), in stars.

    draws: (n_draws, n_valid), predictions in stars.
    """
    n = torch.arange(1, len(draws) + 1)[:, None]
    means = (draws.cumsum(dim=0) / n).clamp(0.5, 5)
    return (means - valid.ratings).square().mean(dim=1).sqrt()


def draws_panel(draws: torch.Tensor, valid: Ratings, lines: Mapping[str, float]) -> Panel:
    """Choose how many draws are averaged, and one hidden rating to look at.

    draws: (n_draws, n_valid), predictions in stars. lines: RMSEs to compare with.
    """
    errors = errors_of_means(draws, valid).numpy()
    spread = draws.std(dim=0)
    by_spread = spread.argsort()
    rows = by_spread[(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]) * (len(valid) - 1)).long()].tolist()

    def about(row: int) -> str:
        user, movie = valid.indices[row].tolist()
        return f"User {valid.user_ids[user]}, {name_of(valid.titles[movie], 30)}"

    def draw(n: int, rating: int) -> Picture:
        stars = valid.ratings[rating].item()
        return figures.draws_and_mean(
            n, errors, lines, draws[:, rating].numpy(), about(rating), stars
        )

    numbers = [n for n in (1, 2, 3, 5, 8, 13, 20, 40, 80) if n < len(draws)]
    return Panel(
        draw,
        n=choice("Draws", [*numbers, len(draws)], 1),
        rating=pick("Rating", [(about(row), row) for row in rows], rows[2]),
    )


def _nearest(neighbours: ItemNeighbours, valid: Ratings, users: Sequence[int]) -> dict[int, float]:
    """By row of valid, for the ratings of `users`: how similar the most similar rated film is."""
    found = {}
    for user in users:
        rated = neighbours.place[neighbours.indices[neighbours.indices[:, 0] == user, 1]]
        for row in (valid.indices[:, 0] == user).nonzero()[:, 0].tolist():
            place = neighbours.place[valid.indices[row, 1]]
            known = place >= 0 and len(rated) > 0
            found[row] = neighbours.similarities[place, rated].max().item() if known else 0.0
    return found
