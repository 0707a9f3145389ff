"""Ridge regression: the one linear solve that the course uses again and again."""

import torch


def ridge(features: torch.Tensor, targets: torch.Tensor, penalty: float) -> torch.Tensor:
    """The weights w that minimise Σ (features · w - targets)² + penalty · |w|².

    features: (n, k). targets: (n,), or (n, m) for m columns at once. Returns (k,) or (k, m):

        w = (XᵀX + penalty · I)⁻¹ Xᵀ y        (Hoerl and Kennard 1970)

    Without rows (n = 0) w is 0. Introduced in lesson 9, used in lessons 10 and 11.

    Raises ValueError if `penalty` is not above 0: then few rows fit anything.
    """
    if not penalty > 0:
        raise ValueError(f"penalty={penalty} must be above 0: without it, few ratings fit anything")
    squares = features.T @ features
    squares = squares + penalty * torch.eye(len(squares), dtype=features.dtype)
    return torch.linalg.solve(squares, features.T @ targets)
