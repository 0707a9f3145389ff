"""The curves of a training: losses and accuracy, epoch by epoch."""

from matplotlib.ticker import MaxNLocator, PercentFormatter

from collab_lib.figures.picture import COLOURS, Picture, house_style, new_figure
from collab_lib.training import History


@house_style
def curves(history: History) -> Picture:
    """Train and valid loss by epoch, and beside them the valid accuracy. Introduced in lesson 5."""
    epochs = [epoch.epoch for epoch in history.epochs]
    train = [epoch.train_loss for epoch in history.epochs]
    valid = [epoch.valid_loss for epoch in history.epochs]
    accuracy = [epoch.valid_accuracy for epoch in history.epochs]
    figure = new_figure(height=3.4)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    left.plot(epochs, train, "o-", label="train")
    left.plot(epochs, valid, "s--", color=COLOURS["vermilion"], label="valid")
    left.set_title("Loss")
    left.set_ylabel("mean squared error (stars²)")
    left.legend()
    right.plot(epochs, accuracy, "s--", color=COLOURS["vermilion"])
    right.set_title("Valid accuracy")
    right.set_ylabel("share of exact hits")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.margins(y=0.3)
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    best = min(history.epochs, key=lambda epoch: epoch.valid_loss)
    times = "1 epoch" if len(epochs) == 1 else f"{len(epochs)} epochs"
    return Picture(
        figure,
        f"After {times} the train loss is {train[-1]:.2f} and the valid loss {valid[-1]:.2f}; "
        f"the lowest valid loss, {best.valid_loss:.2f}, is that of epoch {best.epoch}. "
        f"The last valid accuracy is {accuracy[-1]:.0%}.",
    )
