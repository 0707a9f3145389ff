"""Every test of a lesson also watches its checks: none may say what its exercise asks for."""

import pytest

from collab_lib.kit.check import Verdict
from tests.notebooks.lessons import given_away, solutions_of
from tools.course import lessons

MODULES = {lesson.module: lesson.path for lesson in lessons()}


@pytest.fixture(autouse=True)
def no_advice_is_the_solution(request, monkeypatch):
    """Every verdict that a test sees is read, also where the test asks for a word of it only."""
    name = request.path.stem.removeprefix("test_")
    module = next((m for m in MODULES if name == m or name.startswith(f"{m}_")), None)
    if module is None:
        yield
        return
    said = []
    make = Verdict.__init__

    def remembered(verdict, passed, message):
        make(verdict, passed, message)
        if not passed:
            said.append(message)

    monkeypatch.setattr(Verdict, "__init__", remembered)
    yield
    for message in said:
        told = given_away(message, solutions_of(MODULES[module]))
        assert told is None, f"the advice {message!r} gives the solution away: {told}"
