"""The one exception that everything in this folder raises about data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataError(ValueError):
    """The data can't be used. The message names the file or address, the place and the remedy."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Whatever the system says against reading `path` inside the block is a DataError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise DataError(
            f"{error.filename or path} can't be read: {reason}. Allow yourself to read it, or name "
            "another folder with COLLAB_DATA."
        ) from error
