"""Run notebooks in place, one after the other, and leave nothing in them that differs between runs.

python tools/notebooks.py                      all notebooks
python tools/notebooks.py notebooks/01_*.ipynb some
"""

import os
import sys
import uuid
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
KEPT_METADATA = {"tags", "slideshow"}


def run(path: Path) -> None:
    """Run one notebook from top to bottom and write it back; raises where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    normalise(notebook, path.stem)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def normalise(notebook: nbformat.NotebookNode, name: str) -> None:
    """Drop saved widget state, timings and machine names; number the cells' ids.

    Raises ValueError where a cell printed a warning: that is to be mended and not to be hidden.
    """
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"{name.partition('_')[0]}-{number:03d}"
        cell.metadata = {k: v for k, v in sorted(cell.metadata.items()) if k in KEPT_METADATA}
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{name}, cell {number} wrote to stderr:\n{output.text}")
            view = output.get("data", {}).get(WIDGET)
            if view is not None:
                view["model_id"] = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{number}").hex


def main() -> None:
    # The stored outputs are those of the bundled edition, whatever this shell is set to.
    os.environ.pop("COLLAB_DATA", None)
    paths = [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    for path in tqdm(paths, unit="notebook"):
        run(path)


if __name__ == "__main__":
    main()
