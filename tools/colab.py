"""Copies of the lessons for Colab and Kaggle: a cell that installs the course, and whole links.

python -m tools.colab                            for the repository in docs/places.toml
python -m tools.colab --repository owner/name    for another one

They are written to build/colab. Publish that folder as a branch of its own (docs/places.toml names
it): the site's links to Colab open the lessons there. The lessons in notebooks/ stay as they are.
"""

import argparse
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.course import lesson_paths
from tools.places import Places, read_places

COPIES = Path(__file__).parents[1] / "build" / "colab"
INSTALL = """# Brings the course to this machine; it takes a minute.
%pip install --quiet "collab_lib @ git+https://github.com/{repository}@{branch}\""""
GUIDE = re.compile(r"\]\(\.\./((?:docs/)?[\w.-]+)\.md(#[\w-]+)?\)")


def copy_for_colab(notebook: NotebookNode, places: Places) -> NotebookNode:
    """The lesson with a first code cell that installs the course, and links to the guides on the
    web: their files aren't beside a copy. Links between lessons work as they are."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.source = GUIDE.sub(
                lambda found: f"]({_on_the_web(places, *found.groups())})", cell.source
            )
    install = nbformat.v4.new_code_cell(
        INSTALL.format(repository=places.repository, branch=places.branch), id="install"
    )
    first = next(i for i, cell in enumerate(copy.cells) if cell.cell_type == "code")
    copy.cells.insert(first, install)
    return copy


def _on_the_web(places: Places, page: str, part: str | None) -> str:
    if places.site:
        return f"{places.site}{page}.html{part or ''}"
    return f"https://github.com/{places.repository}/blob/{places.branch}/{page}.md{part or ''}"


def make_copies(places: Places, folder: Path = COPIES) -> list[Path]:
    """Write a copy of every lesson; raises ValueError if nobody says where the course is."""
    if not places.repository:
        raise ValueError("docs/places.toml names no repository: add it, or use --repository")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "notebooks").mkdir(parents=True)
    written = []
    for path in lesson_paths():
        written.append(folder / "notebooks" / path.name)
        nbformat.write(copy_for_colab(nbformat.read(path, as_version=4), places), written[-1])
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", help="on GitHub, as owner/name")
    chosen = parser.parse_args()
    places = read_places()
    if chosen.repository:
        places = replace(places, repository=chosen.repository)
    try:
        copies = make_copies(places)
    except ValueError as error:
        sys.exit(str(error))
    print(f"{len(copies)} lessons in {COPIES}")


if __name__ == "__main__":
    main()
