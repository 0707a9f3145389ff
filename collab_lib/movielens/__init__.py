"""MovieLens ratings in: editions, the bundled files, folders, downloads and their validation.

The data is GroupLens's; LICENSE-DATA.txt in this folder has its conditions and the citation.
"""

from .editions import EDITIONS, Edition
from .errors import DataError
from .loading import describe_source, load_collab, load_movies, load_ratings

__all__ = [
    "EDITIONS",
    "DataError",
    "Edition",
    "describe_source",
    "load_collab",
    "load_movies",
    "load_ratings",
]
