"""What docs/hosting/ offers for a cluster fits the course, and the values fit their chart."""

import re
import shlex
import tomllib

import jsonschema
import pytest
import yaml

from tools.course import ROOT

HOSTING = ROOT / "docs" / "hosting"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VALUES = yaml.safe_load((HOSTING / "z2jh.yaml").read_text("utf-8"))


def only(**properties) -> dict:
    """The schema of an object that has these keys and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


TEXT, FLAG, SECONDS = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 1}
SIZE = {"type": "string", "pattern": r"^[0-9]+(M|G|Mi|Gi)$"}
STRINGS = {"type": "object", "additionalProperties": TEXT}
# The keys that we use, with their types. Names and types were read in the chart's own schema,
# jupyterhub/values.schema.yaml of zero-to-jupyterhub-k8s, in July 2026 (chart 4.4, JupyterHub 5.5),
# which takes these values together with the chart's defaults. We ask for more in some places: a
# variable of the environment must be text, and a size must have its unit.
SCHEMA = only(
    singleuser=only(
        image=only(name=TEXT, tag=TEXT),
        defaultUrl=TEXT,
        memory=only(guarantee=SIZE, limit=SIZE),
        cpu=only(guarantee={"type": "number"}, limit={"type": "number"}),
        extraEnv=STRINGS,
        storage=only(capacity=SIZE),
        extraFiles=only(
            kernels=only(
                mountPath={"type": "string", "pattern": r"^/.+\.json$"},
                data=only(
                    MappingKernelManager=only(
                        cull_idle_timeout=SECONDS, cull_interval=SECONDS, cull_connected=FLAG
                    )
                ),
            )
        ),
    ),
    cull=only(enabled=FLAG, timeout=SECONDS),
    scheduling=only(
        podPriority=only(enabled=FLAG),
        userPlaceholder=only(enabled=FLAG, replicas={"type": "integer", "minimum": 0}),
    ),
    prePuller=only(hook=only(enabled=FLAG), continuous=only(enabled=FLAG)),
)


def instructions() -> list[tuple[str, list[str]]]:
    """The Dockerfile: each instruction with its words, lines that are continued put together."""
    text = (HOSTING / "Dockerfile").read_text("utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    words = (shlex.split(line) for line in text.splitlines() if line.strip())
    return [(first, rest) for first, *rest in words]


def test_values_fit_the_keys_of_the_chart():
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize(
    "damage",
    [
        {"singleusr": {}},
        {"cull": {"enabled": "yes"}},
        {"singleuser": {"extraEnv": {"COLLAB_THREADS": 1}}},
        {"singleuser": {"memory": {"limit": "2 GB"}}},
    ],
)
def test_a_slip_in_the_values_is_noticed(damage):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(VALUES | damage, SCHEMA)


def test_image_values_and_page_are_of_this_version():
    version = PROJECT["version"]
    assert VALUES["singleuser"]["image"]["tag"] == version
    labels = [rest for name, rest in instructions() if name == "LABEL"]
    assert labels == [[f"org.opencontainers.image.version={version}"]]
    pages = [ROOT / "docs" / "hosting.md", HOSTING / "Dockerfile"]
    tags = [tag for page in pages for tag in re.findall(r"/course:(\S+)", page.read_text("utf-8"))]
    assert len(tags) >= 3 and set(tags) == {version}


def test_the_image_copies_what_is_there_and_what_the_installation_needs():
    copied = [word for name, rest in instructions() if name == "COPY" for word in rest[:-1]]
    for pattern in copied:
        assert list(ROOT.glob(pattern)), pattern
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]
    wheel = hatch["build"]["targets"]["wheel"]
    needed = [PROJECT["readme"], *PROJECT["license-files"], *wheel["packages"], "constraints.txt"]
    needed += [folder.split("/")[0] for folder in wheel["shared-data"]]
    assert set(needed) <= {word.rstrip("/") for word in copied}


def test_the_image_has_the_tested_versions_and_no_rights():
    everything = instructions()
    (base,) = (rest[0] for name, rest in everything if name == "FROM")
    assert base == "python:3.12-slim"
    assert PROJECT["requires-python"] == ">=3.11"
    (install,) = (rest for name, rest in everything if name == "RUN" and rest[0] == "pip")
    assert install[install.index("--constraint") + 1] == "constraints.txt"
    assert {".[lab]", "nbgitpuller", "jupyterhub==5.*"} <= set(install)
    names = [name for name, _ in everything]
    assert dict(everything)["USER"] == ["jovyan"]
    assert "RUN" not in names[names.index("USER") :]
    # Zero to JupyterHub mounts the student's volume over this home: no course there.
    folders = [rest[0] for name, rest in everything if name == "WORKDIR"]
    assert folders == ["/srv/course", "/home/jovyan"]
    lessons = next(rest[0] for name, rest in everything if name == "ENV")
    assert lessons == f"COLLAB_LESSONS={folders[0]}/notebooks"
