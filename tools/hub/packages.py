"""Let another environment find the packages of this one, after its own.

python -m tools.hub.packages .venv-hub
"""

import sys
import sysconfig
from pathlib import Path


def let_find(other: Path) -> Path:
    """Write the file that does it; returns its path."""
    here = sysconfig.get_path("purelib")
    there = sysconfig.get_path("purelib", vars={"base": str(other.resolve())})
    path = Path(there) / "course.pth"
    path.write_text(f"import site; site.addsitedir({here!r})\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    let_find(Path(sys.argv[1]))
