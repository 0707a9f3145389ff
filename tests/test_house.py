"""The house: arrows of import point one way, without a circle, and a lesson lives in one place."""

import ast
import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.course import lessons

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "collab_lib"
OURS = ("collab_lib", "tools", "tests")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in LIBRARY.rglob("*.py")
}
OF_1_0 = {
    "Baseline",
    "CollabNN",
    "DotProduct",
    "Epoch",
    "History",
    "Ratings",
    "Score",
    "accuracy",
    "coverage",
    "create_embedding",
    "evaluate",
    "global_mean",
    "interpret",
    "load_collab",
    "load_movies",
    "load_ratings",
    "mae",
    "movie_means",
    "ndcg",
    "precision",
    "predict",
    "ranged_sigmoid",
    "recall",
    "regularised_biases",
    "rmse",
    "scoreboard",
    "top_lists",
    "train_epochs",
    "train_model",
    "user_means",
}

SINCE_2_0 = {
    "BayesianMF",
    "ease",
    "forget_my_ratings",
    "genres_and_year",
    "load_my_ratings",
    "save_my_ratings",
}


def imports(module: str) -> set[str]:
    """The modules of the library that `module` imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = node.module
            if node.level:  # "from .errors": collab_lib.movielens can be loaded by itself
                package = (
                    module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
                )
                source = f"{package}.{source}"
            inner = {f"{source}.{alias.name}" for alias in node.names}
            found |= inner & set(MODULES) or {source}
    return found & set(MODULES)


def room(module: str) -> str:
    """core, kit, or the lesson that owns a module."""
    parts = module.split(".")
    if parts[1:2] == ["kit"]:
        return "kit"
    return ".".join(parts[1:3]) if parts[1:2] == ["lessons"] else "core"


@pytest.mark.parametrize("module", MODULES)
def test_arrows_point_one_way(module):
    allowed = {"core": {"core"}, "kit": {"kit"}}.get(room(module), {"core", "kit", room(module)})
    for other in imports(module):
        assert room(other) in allowed, f"{module} ({room(module)}) imports {other}"


def test_no_module_imports_itself_in_a_circle():
    arrows = {module: imports(module) - {module} for module in MODULES}
    while arrows:
        free = {module for module, others in arrows.items() if not others & set(arrows)}
        assert free, f"a circle among {sorted(arrows)}"
        arrows = {module: others for module, others in arrows.items() if module not in free}


def test_what_a_lesson_owns_is_named_after_it():
    folders = {p.name for p in (LIBRARY / "lessons").iterdir() if (p / "__init__.py").exists()}
    modules = {lesson.module for lesson in lessons()}
    assert modules <= folders
    for test in (ROOT / "tests" / "lessons").glob("test_*.py"):
        named = test.stem.removeprefix("test_")
        assert any(named == folder or named.startswith(f"{folder}_") for folder in folders), test


def test_every_public_name_can_be_imported():
    import collab_lib

    names = list(collab_lib.__all__)
    assert sorted(names) == sorted(OF_1_0 | SINCE_2_0), "a name that is public stays so for good"
    for name in collab_lib.__all__:
        assert getattr(collab_lib, name).__module__.startswith("collab_lib."), name
    with pytest.raises(AttributeError, match="load_colab"):
        _ = collab_lib.load_colab


@pytest.mark.parametrize("module", ["collab_lib", "collab_lib.movielens"])
def test_loading_ratings_does_not_wait_for_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_that_is_imported_exists():
    """In the tools, too, of which some are run by hand only."""
    missing = []
    for path in [*ROOT.glob("*.py"), *(p for d in OURS for p in (ROOT / d).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS:
                module = importlib.import_module(node.module)
                for name in (one.name for one in node.names):
                    inside = f"{node.module}.{name}"
                    a_part = hasattr(module, "__path__") and find_spec(inside)
                    if not (hasattr(module, name) or a_part):
                        missing.append(f"{path.relative_to(ROOT)}: {inside}")
    assert not missing
