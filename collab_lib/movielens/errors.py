"""The one exception that everything in this folder raises about data."""


class DataError(ValueError):
    """The data can't be used. The message names the file or address, the place and the remedy."""
