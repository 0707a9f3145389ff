"""Run notebooks in place, one after the other, and leave nothing in them that differs between runs.

python -m tools.notebooks                      all notebooks
python -m tools.notebooks notebooks/01_*.ipynb some
python -m tools.notebooks --slides             run nothing: only make slides of them
python -m tools.notebooks --slides --again     the same, and forget the slide types they have
"""

import argparse
import os
import secrets
import uuid
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from tools.course import NOTEBOOKS, lessons, write_contents, write_head
from tools.slides import LAYER, make_slides

WIDGET = "application/vnd.jupyter.widget-view+json"
KEPT_METADATA = {"jupyter", "slideshow", LAYER, "tags"}


def run(path: Path) -> None:
    """Run one notebook from top to bottom and write it back; raises where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    write(notebook, path)


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    normalise(notebook, path.stem)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def normalise(notebook: nbformat.NotebookNode, name: str) -> None:
    """Drop widget state, timings and machine names; write what lessons.toml says; make slides.

    A cell keeps its id for good, so that a new cell changes no other in git's eyes.
    Raises ValueError where a cell printed a warning: that is to be fixed and not to be hidden.
    """
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    notebook.nbformat_minor = 5
    for lesson in lessons():
        if lesson.file == name:
            write_head(notebook, lesson)
    make_slides(notebook)
    taken = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.id in taken:
            cell.id = secrets.token_hex(4)
        taken.add(cell.id)
        cell.metadata = {k: v for k, v in sorted(cell.metadata.items()) if k in KEPT_METADATA}
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{name}, cell {number} wrote to stderr:\n{output.text}")
            view = output.get("data", {}).get(WIDGET)
            if view is not None:
                view["model_id"] = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{cell.id}").hex


def only_slides(path: Path, again: bool) -> None:
    """Make slides of a notebook without running it."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if again:
            cell.metadata.pop("slideshow", None)
            cell.metadata.pop(LAYER, None)
    write(notebook, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--slides", action="store_true", help="run nothing: only make slides")
    parser.add_argument("--again", action="store_true", help="forget the slide types there are")
    chosen = parser.parse_args()
    # The stored outputs are those of the bundled edition, whatever this shell is set to.
    for name in ("COLLAB_DATA", "COLLAB_USERS"):
        os.environ.pop(name, None)
    # And the guest's, not those of whoever runs this.
    os.environ["COLLAB_MY_RATINGS"] = "nobody/my_ratings.csv"
    write_contents()
    for path in tqdm(chosen.notebooks or sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), unit="notebook"):
        if chosen.slides:
            only_slides(path, chosen.again)
        else:
            run(path)


if __name__ == "__main__":
    main()
