"""Print what pyproject.toml's extra `bench` asks for, a package a line, for `pip --requirement`."""

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
    "project"
]
print("\n".join(project["optional-dependencies"]["bench"]))
