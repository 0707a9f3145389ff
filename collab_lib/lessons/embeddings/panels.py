"""The panels of lesson 4: a lookup beside its one-hot product, and the rows that learn from it."""

import torch
from ipywidgets import IntSlider, Layout

from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.lessons.embeddings import figures


def lookup_panel(table: torch.Tensor, rows: tuple[int, int, int] = (3, 0, 3)) -> Panel:
    """Pick three rows of `table`, (n_rows, n_factors): the lookup, and the product that equals it.

    rows: where the sliders stand at first. Lesson 4.
    """
    numbers = table.detach().numpy()

    def draw(first: int, second: int, third: int) -> Picture:
        return figures.lookup_and_product(numbers, [first, second, third])

    return Panel(draw, keep_layout=True, **_row_sliders(len(table), rows))


def gradient_panel(
    table: torch.Tensor, rows: tuple[int, int, int] = (3, 0, 3), lr: float = 0.01
) -> Panel:
    """Pick three rows of `table`: the gradient of the sum of what was looked up, and one step.

    The step is plain gradient descent, table - lr · gradient; rows: where the sliders stand at
    first. `table` itself stays as it is. Lesson 4.
    """
    before = table.detach().clone()

    def draw(first: int, second: int, third: int) -> Picture:
        picked = [first, second, third]
        copy = before.clone().requires_grad_()
        copy[picked].sum().backward()
        return figures.gradient_of_rows(before.numpy(), copy.grad.numpy(), picked, lr)

    return Panel(draw, keep_layout=True, **_row_sliders(len(table), rows))


def _row_sliders(n_rows: int, rows: tuple[int, int, int]) -> dict[str, IntSlider]:
    return {
        name: IntSlider(row, 0, n_rows - 1, description=f"{name} row", layout=Layout(width="31%"))
        for name, row in zip(("first", "second", "third"), rows, strict=True)
    }
