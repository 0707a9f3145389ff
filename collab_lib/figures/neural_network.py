"""The figure of lesson 7: the shapes that flow through the network."""

from matplotlib.patches import Rectangle

from collab_lib.figures.picture import COLOURS, Picture, house_style, new_figure


@house_style
def shapes(batch: int, n_user_factors: int, n_movie_factors: int, n_act: int) -> Picture:
    """Boxes as wide as the rows of each tensor are long, from the two lookups to the prediction."""
    both = n_user_factors + n_movie_factors
    steps = [
        ("look up", [(n_user_factors, "user", "blue"), (n_movie_factors, "movie", "orange")], 12),
        ("concatenate", [(n_user_factors, "", "blue"), (n_movie_factors, "", "orange")], 0),
        ("linear", [(n_act, "", "green")], 0),
        ("ReLU", [(n_act, "", "green")], 0),
        ("linear", [(1, "", "vermilion")], 0),
        ("sigmoid, to stars", [(1, "", "vermilion")], 0),
    ]
    figure = new_figure(9.5, 4.6)
    axes = figure.subplots()
    for line, (name, parts, gap) in enumerate(steps):
        x = 0
        for width, label, colour in parts:
            axes.add_patch(Rectangle((x, line - 0.3), width, 0.6, color=COLOURS[colour], lw=2))
            if label:
                axes.text(x + width / 2, line, label, ha="center", va="center", color="white")
            x += width + gap
        widths = [width for width, _, _ in parts]
        shown = [(batch, width) for width in widths] if gap else [(batch, sum(widths))]
        shape = " and ".join(str(each) for each in shown) if line < 5 else f"({batch},)"
        axes.text(420, line, shape, va="center", ha="right", family="monospace")
        axes.text(-6, line, name, va="center", ha="right")
    axes.set(xlim=(-80, 425), ylim=(len(steps) - 0.4, -0.6))
    axes.axis("off")
    axes.set_title("From two indices to a rating: the shape after each step")
    weights = both * n_act + n_act + n_act + 1
    return Picture(
        figure,
        f"A batch of {batch}: ({batch}, {n_user_factors}) and ({batch}, {n_movie_factors}) are "
        f"concatenated to ({batch}, {both}), become ({batch}, {n_act}) activations, and end as "
        f"({batch},) ratings. The two linear layers hold {weights:,} numbers.",
    )
