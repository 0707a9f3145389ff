"""Titles of movies, where they enter a picture or a list."""

from collab_lib.kit.picture import plain

ARTICLES = ("The", "A", "An", "Les", "Le", "La")


def short_title(title: str, n: int = 27) -> str:
    """`title` in `n` letters or fewer, ready to be drawn: without its year, the article in front.

    "Matrix, The (1999)" is The Matrix. Of a long title with two halves the second is kept: it tells
    the parts of a series apart; "Part 2" alone would not say of what, and keeps the beginning. What
    still doesn't fit ends in "…". For a sentence, which isn't drawn, use `name_of`.
    """
    return plain(name_of(title, n))


def name_of(title: str, n: int = 60) -> str:
    """The name of a movie in `n` letters or fewer, for a sentence: see `short_title`."""
    name = title.rsplit(" (", 1)[0].split(" (", 1)[0]
    for article in ARTICLES:
        if name.endswith(f", {article}"):
            name = f"{article} {name.removesuffix(f', {article}')}"
    series, _, part = name.partition(": ")
    if len(name) > n and part.startswith("Part ") and len(part) < n - 5:
        name = f"{series[: n - len(part) - 3].rstrip()}…: {part}"
    elif len(name) > n and part and len(part) < n:
        name = f"…{part}"
    return name if len(name) <= n else name[: n - 1].rstrip() + "…"
