"""Here, and not in `tests`, so that it also holds where a notebook is tested alone."""

pytest_plugins = ["tests.scheduling", "tests.stored_pictures"]
