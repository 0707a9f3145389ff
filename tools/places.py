"""Where the course is published (docs/places.toml): one setting for every link that needs it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SETTINGS = Path(__file__).parent.parent / "docs" / "places.toml"


@dataclass(frozen=True)
class Places:
    """repository: "owner/name" on GitHub; site: an address that ends with a slash; or "" each."""

    repository: str = ""
    branch: str = "main"
    colab_branch: str = "colab"
    site: str = ""

    def launch(self, lesson: str) -> dict[str, str]:
        """By name, the addresses where somebody else's machine opens the lesson, its file's stem.

        None without a repository.
        """
        if not self.repository:
            return {}
        inside = quote(f"notebooks/{lesson}.ipynb")
        lab = quote(f"lab/tree/notebooks/{lesson}.ipynb", safe="")
        return {
            "Colab": f"https://colab.research.google.com/github/{self.repository}/blob/"
            f"{self.colab_branch}/{inside}",
            "Binder": f"https://mybinder.org/v2/gh/{self.repository}/{self.branch}?urlpath={lab}",
            "Codespaces": f"https://codespaces.new/{self.repository}?ref={self.branch}",
        }


def read_places(path: Path = SETTINGS, environment: Mapping[str, str] = os.environ) -> Places:
    """The settings of `path`; on GitHub, a repository that publishes itself needs none."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(told) - set(Places.__dataclass_fields__)
    if unknown:
        raise ValueError(f"{path.name} has {sorted(unknown)}, which nothing reads")
    repository = told.get("repository") or environment.get("GITHUB_REPOSITORY", "")
    site = told.get("site", "")
    if repository and not site:
        owner, _, name = repository.partition("/")
        site = f"https://{owner.lower()}.github.io/{name}/"
    return Places(
        **told | {"repository": repository, "site": site.rstrip("/") + "/" if site else ""}
    )
