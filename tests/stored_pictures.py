"""A plugin of pytest: nbval compares texts, and this the pictures that are stored in a notebook.

`conftest.py` beside `tests` loads it. A conftest inside `tests` isn't asked about notebooks.
"""

import pytest
from nbval.plugin import IPyNbCell

from tests.drawn import ROUNDING, TRAINED, difference

compare_texts = IPyNbCell.compare_outputs


def pytest_itemcollected(item: pytest.Item) -> None:
    """Of a cell whose texts nbval must not compare, the pictures are compared all the same."""
    if isinstance(item, IPyNbCell) and "nbval-ignore-output" in item.cell.metadata.get("tags", []):
        item.options["check"] = item.pictures_alone = True


def compare_texts_and_pictures(cell, test, ref, *rest) -> bool:
    """nbval compares texts; of a picture, compare also what is drawn, which is stored beside it.

    Trained numbers differ between processors and versions of torch, so their texts are not
    compared, and their pictures by a wider measure. A map is tagged `names-where-there-is-room`: in
    which order its names find a place hangs on the last digit.
    """
    cell.comparison_traceback = []
    trained = getattr(cell, "pictures_alone", False)
    if not (trained or compare_texts(cell, test, ref, *rest)):
        return False
    if "names-where-there-is-room" in cell.cell.metadata.get("tags", []):
        return True
    drawn = [
        [o["metadata"]["drawn"] for o in outputs if "drawn" in o.get("metadata", {})]
        for outputs in (ref, test)
    ]
    for stored, now in zip(*drawn, strict=True):
        told = difference(stored, now, TRAINED if trained else ROUNDING)
        if told:
            cell.comparison_traceback.append(f"the code draws another picture, {told}")
            return False
    return True


IPyNbCell.compare_outputs = compare_texts_and_pictures
