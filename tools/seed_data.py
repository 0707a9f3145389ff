"""Fetch the edition of September 2018, on which tests run as well; prints the folder it is in."""

from collab_lib.movielens.download import fetch
from collab_lib.movielens.editions import EDITIONS

if __name__ == "__main__":
    import contextlib
    import sys

    with contextlib.redirect_stdout(sys.stderr):
        folder = fetch(EDITIONS["ml-latest-small"])
    print(folder)
