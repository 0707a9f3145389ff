"""The panel of lesson 7: the shapes that flow through the network."""

from ipywidgets import IntSlider, Layout

from collab_lib.figures.neural_network import shapes
from collab_lib.panels.panel import Panel


def shapes_panel() -> Panel:
    """Choose the batch and the widths, and see the shape after each step."""
    wide = Layout(width="380px")
    return Panel(
        shapes,
        keep_layout=True,
        batch=IntSlider(64, 1, 1024, description="Ratings in a batch", layout=wide),
        n_user_factors=IntSlider(72, 1, 150, description="Factors of a user", layout=wide),
        n_movie_factors=IntSlider(103, 1, 150, description="Factors of a movie", layout=wide),
        n_act=IntSlider(100, 1, 200, description="Activations", layout=wide),
    )
