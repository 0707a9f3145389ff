"""The panels of lesson 4: a lookup beside its product, the rows that learn, and your row."""

from collections.abc import Sequence

import numpy as np
import torch
from ipywidgets import Dropdown

from collab_lib.kit.controls import choice, pick, stepper
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.embeddings import figures

ORDER = ("first", "second", "third")


def lookup_panel(
    table: torch.Tensor, names: Sequence[str], rows: tuple[int, int, int] = (3, 0, 3)
) -> Panel:
    """Pick three rows of `table`, (n_rows, n_factors): the lookup, and the product that equals it.

    names: of the rows; rows: which are picked at first. Lesson 4.
    """
    numbers = table.detach().numpy()

    def draw(first: int, second: int, third: int) -> Picture:
        return figures.lookup_and_product(numbers, [first, second, third], names)

    return Panel(draw, **_pickers(names, rows))


def gradient_panel(
    table: torch.Tensor,
    names: Sequence[str],
    rows: tuple[int, int, int] = (3, 0, 3),
    lr: float = 0.01,
) -> Panel:
    """Pick three rows of `table`: the gradient of the sum of what was looked up, and one step.

    The step is plain gradient descent, table - lr · gradient; names: of the rows; rows: which are
    picked at first. `table` itself stays as it is. Lesson 4.
    """
    before = table.detach().clone()

    def draw(first: int, second: int, third: int) -> Picture:
        picked = [first, second, third]
        copy = before.clone().requires_grad_()
        copy[picked].sum().backward()
        return figures.gradient_of_rows(before.numpy(), copy.grad.numpy(), picked, lr, names)

    return Panel(draw, keep_layout=True, **_pickers(names, rows))


def your_row_panel(
    you: torch.Tensor,
    movies: torch.Tensor,
    stars: torch.Tensor,
    titles: Sequence[str],
    n_steps: int = 40,
) -> Panel:
    """Gradient descent on your ratings alone: it pulls your row, and the rows of your films.

    you: (2,), your row; movies: (n, 2), the rows of your n films; stars: (n,), your ratings;
    titles: of the films. The tensors themselves stay as they are. Lesson 4.
    """
    start = you.detach().double().numpy(), movies.detach().double().numpy()
    ratings = stars.double().numpy()

    def draw(step: int, lr: float) -> Picture:
        here, rows = start
        for _ in range(step):
            here, rows = pulled(here, rows, ratings, lr)
        pull = pulled(here, rows, ratings, lr)[0] - here
        return figures.your_row(here, pull, rows, ratings, titles, step)

    return Panel(
        draw,
        keep_layout=True,
        step=stepper("step", 0, n_steps, 0),
        lr=choice("learning rate", [0.05, 0.2, 0.5], 0.2),
    )


def pulled(
    you: np.ndarray, movies: np.ndarray, ratings: np.ndarray, lr: float
) -> tuple[np.ndarray, np.ndarray]:
    """Your row and your films' rows after a step on the mean squared error of your ratings.

    Of fewer than ten, the missing ones count as errors of 0: the mean over one or two ratings is so
    steep that every learning rate of the panel ends in numbers without end.
    """
    scaled = 2 / max(10, len(ratings)) * (movies @ you - ratings)
    return you - lr * scaled @ movies, movies - lr * np.outer(scaled, you)


def _pickers(names: Sequence[str], rows: Sequence[int]) -> dict[str, Dropdown]:
    options = [(f"{row}: {name}", row) for row, name in enumerate(names)]
    return {name: pick(f"{name} row", options, row) for name, row in zip(ORDER, rows, strict=True)}
