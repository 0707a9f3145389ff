"""Who runs what, where pytest has several processes (`--dist=loadgroup`)."""

from pathlib import Path

import pytest

# Each of their tests runs a whole lesson: one process alone would still be at it when the others
# have nothing left to do.
OF_WHOLE_LESSONS = {"test_grade_lessons", "test_lessons", "test_runs", "test_sample"}


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook, too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and the cells of a notebook, which need each other."""
    for item in items:
        file = Path(item.nodeid.split("::")[0]).stem
        if file not in OF_WHOLE_LESSONS:
            item.add_marker(pytest.mark.xdist_group(file))
