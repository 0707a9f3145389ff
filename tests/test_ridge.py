"""Ridge regression against numpy's least squares on data with the penalty as extra rows."""

import numpy as np
import pytest
import torch

from collab_lib.ridge import ridge


@pytest.mark.parametrize("columns", [(), (2,)])
def test_it_is_least_squares_with_the_penalty_as_rows(columns):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(7, 3, generator=generator, dtype=torch.float64)
    targets = torch.randn(7, *columns, generator=generator, dtype=torch.float64)
    rows = np.vstack([features, np.sqrt(2.5) * np.eye(3)])
    wanted = np.linalg.lstsq(rows, np.concatenate([targets, np.zeros((3, *columns))]), rcond=None)[
        0
    ]
    np.testing.assert_allclose(ridge(features, targets, 2.5), wanted, atol=1e-10)


def test_without_rows_it_is_zero_and_without_a_penalty_an_error():
    assert ridge(torch.zeros(0, 3), torch.zeros(0), 1.0).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="penalty=0"):
        ridge(torch.ones(2, 2), torch.ones(2), 0)
