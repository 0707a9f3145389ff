"""Build a wheel in build/dist, check it, and run lesson 3 with it in an empty environment.

The lesson runs in a folder elsewhere, so that nothing of this one is used but the wheel. Beside the
wheel goes a software bill of materials: every package of that environment, version and licence.
"""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "build" / "dist"
LESSON = ROOT / "notebooks" / "03_latent_factors.ipynb"


def run(*command: str | Path, folder: Path = ROOT) -> None:
    subprocess.run([str(part) for part in command], cwd=folder, check=True)


def bill_of_materials(environment: Path, file: Path) -> None:
    """Write what is installed in an environment as CycloneDX, the course as its root component."""
    command = (sys.executable, "-m", "cyclonedx_py", "environment", environment)
    run(*command, "--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "-o", file)


def main() -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "build", "twine", "cyclonedx-bom")
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", DIST)
    run(sys.executable, "-m", "twine", "check", "--strict", *DIST.iterdir())
    (wheel,) = DIST.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        venv.create(elsewhere / "venv", with_pip=True)
        python = elsewhere / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        constraints = ROOT / "constraints.txt"
        run(python, *pip[1:], "--constraint", constraints, wheel, "nbclient", "ipykernel")
        shutil.copy(LESSON, elsewhere)
        run(python, "-m", "nbclient.cli", "--execute", LESSON.name, folder=elsewhere)
        run(python, "-c", "import collab_lib; print(collab_lib.__file__)", folder=elsewhere)
        bill_of_materials(elsewhere / "venv", wheel.with_suffix(".cdx.json"))
    print(f"{wheel.name} is ready: lesson 3 ran with it in an empty environment.")


if __name__ == "__main__":
    main()
