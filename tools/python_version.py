"""Is this Python new enough for the course? Runs on any Python, before anything is installed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "The course needs Python 3.11 or newer, and this is Python {}.{}. Install a newer one and "
        "name it: make lab PYTHON=python3.12".format(*sys.version_info)
    )
