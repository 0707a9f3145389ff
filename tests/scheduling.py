"""Who runs what, where pytest has several processes (`--dist=loadfile`)."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

# Each of their tests runs a whole lesson: one process alone would still be at it when the others
# have nothing left to do.
OF_WHOLE_LESSONS = {"test_grade_lessons", "test_lessons", "test_runs", "test_sample"}


class ByFile(LoadFileScheduling):
    """A file goes to one process, and so does a notebook; tests of whole lessons go one by one."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return nodeid if Path(file).stem in OF_WHOLE_LESSONS else file


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByFile | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None
