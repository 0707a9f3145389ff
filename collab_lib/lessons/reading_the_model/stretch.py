"""The same predictions from other factors: what a dot product can't see, and a cosine can."""

import torch

from collab_lib.models import DotProduct


def copy_of(model: DotProduct) -> DotProduct:
    """Another model with the same numbers."""
    n_users, n_factors = model.user_factors.shape
    other = DotProduct(n_users, len(model.movie_factors), n_factors, model.y_range)
    other.load_state_dict(model.state_dict())
    return other


def stretched(model: DotProduct, amount: float, seed: int = 0) -> DotProduct:
    """A model that predicts the same with other factors.

    Each factor of the movies is multiplied by a number, and the same factor of the users divided by
    it, so that every product p · q stays. The numbers are e^(amount · z) with z from normal(0, 1),
    drawn with `seed`; with an amount of 0 nothing changes. Introduced in lesson 7.
    """
    other = copy_of(model)
    generator = torch.Generator().manual_seed(seed)
    by = torch.exp(amount * torch.randn(model.movie_factors.shape[1], generator=generator))
    with torch.no_grad():
        other.movie_factors.mul_(by)
        other.user_factors.div_(by)
    return other


def sum_of_squares(model: DotProduct) -> float:
    """The sum of the squares of all weights: what weight decay makes expensive (lesson 6)."""
    return sum((p.detach() ** 2).sum().item() for p in model.parameters())
