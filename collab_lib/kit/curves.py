"""The curves of a training: losses and accuracy, epoch by epoch."""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from collab_lib.kit.marks import percent
from collab_lib.kit.picture import COLOURS, picture


@picture(height=3.4, ncols=2, width_ratios=[3, 2])
def curves(axes, history: pd.DataFrame) -> str:
    """Train and valid loss by epoch, and beside them the valid accuracy. Introduced in lesson 5.

    history: one row per epoch, as `History.frame()` returns it, with the columns train_loss and
        valid_loss (mean squared errors in stars²) and valid_accuracy (shares).
    """
    train, valid = history["train_loss"].tolist(), history["valid_loss"].tolist()
    accuracy = history["valid_accuracy"].tolist()
    left, right = axes
    epochs = range(1, len(train) + 1)
    left.plot(epochs, train, "o-", label="train")
    left.plot(epochs, valid, "s--", color=COLOURS["vermilion"], label="valid")
    left.set(title="Loss", ylabel="mean squared error (stars²)")
    left.legend()
    right.plot(epochs, accuracy, "s--", color=COLOURS["vermilion"], label="valid accuracy")
    right.set(title="Valid accuracy", ylabel="share of exact hits")
    percent(right.yaxis)
    right.margins(y=0.3)
    for plot in axes:
        plot.set_xlabel("epoch")
        plot.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    best = min(epochs, key=lambda epoch: valid[epoch - 1])
    times = "1 epoch" if len(epochs) == 1 else f"{len(epochs)} epochs"
    return (
        f"After {times} the train loss is {train[-1]:.2f} and the valid loss {valid[-1]:.2f}; "
        f"the lowest valid loss, {valid[best - 1]:.2f}, is that of epoch {best}. "
        f"The last valid accuracy is {accuracy[-1]:.0%}."
    )
