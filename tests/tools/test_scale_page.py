"""docs/scale.md: its table of editions is arithmetic, and can be checked."""

import re
from pathlib import Path

import pytest

from collab_lib.movielens import EDITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    table = PAGE.split("| edition |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]


def number(cell: str) -> float:
    return float(re.search(r"[\d,.]+", cell).group().replace(",", ""))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].split()[0])
def test_a_row_is_that_of_the_edition(row):
    edition = EDITIONS[row[0].split()[0]]
    ratings, users, movies = map(number, row[1:4])
    assert (ratings, users) == (edition.n_ratings, edition.n_users)
    # A cell of the pivot table is float64, one of scores and of pairs of movies float32.
    sizes = [users * movies * 8, users * movies * 4, movies * movies * 4, ratings * 3 * 8]
    for size, cell in zip(sizes, row[4:], strict=True):
        decimals = len(cell.partition(".")[2])
        assert number(cell) == round(size / 1e9, decimals), row


def test_every_edition_that_has_not_got_two_sizes_has_a_row():
    named = {row[0].split()[0] for row in rows()}
    assert named == set(EDITIONS) - {"ml-latest"}
