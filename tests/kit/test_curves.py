"""The curves of a training."""

import pandas as pd

from collab_lib.kit.curves import curves
from tests.drawn import matches_snapshot


def test_the_curves_of_four_epochs():
    """The notebook's own curves come from a training, so their output isn't compared."""
    history = pd.DataFrame(
        {
            "train_loss": [1.1, 0.8, 0.6, 0.4],
            "valid_loss": [1.0, 0.9, 0.85, 0.95],
            "valid_accuracy": [0.2, 0.24, 0.27, 0.25],
        }
    )
    matches_snapshot("kit/curves", curves(history))
