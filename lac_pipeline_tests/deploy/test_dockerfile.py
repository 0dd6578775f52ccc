"""The Dockerfile, against the rules that docs/security.md states; no container engine is needed for this."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lac_pipeline_tests.deploy.deployment import PINNED, ROOT, locked_version, services

HADOLINT = Path(sys.executable).with_name("hadolint")
TEXT = (ROOT / "Dockerfile").read_text()
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    if line.strip()
]


def arguments(instruction: str) -> list[str]:
    """What follows each occurrence of an instruction."""
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is published for Linux on x86-64 alone")
def test_hadolint_finds_nothing() -> None:
    """The linter of Dockerfiles has no warning, not even of style."""
    command = [str(HADOLINT), "--failure-threshold", "style", "Dockerfile"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, b"")


def test_base_images_are_pinned() -> None:
    """Every stage starts from an image of a named version, all from the same one."""
    images = {base.split()[0] for base in arguments("FROM")}
    assert len(images) == 1
    assert PINNED.match(images.pop())


def test_the_image_runs_as_the_user_of_the_deployments() -> None:
    """The last USER is the number that the services of docker-compose.yml run as, to whom their volume belongs."""
    ours = {service["user"] for service in services().values() if "build" in service}
    assert {arguments("USER")[-1]} == ours


def test_nothing_is_fetched_by_address() -> None:
    """No ADD, no curl, no wget, no package manager of the system."""
    assert not arguments("ADD")
    assert not re.search(r"\b(curl|wget|apt-get|apt|git clone)\b|https?://", " ".join(arguments("RUN")))


def test_libraries_come_from_the_lock_and_are_checked_by_hash() -> None:
    """The only install that may fetch is the one of the lock, with hashes and without building anything."""
    installs = [shlex.split(run) for run in arguments("RUN") if " install " in run and "pip" in run]
    fetching = [words for words in installs if "--no-index" not in words]
    assert len(fetching) == 1
    assert {"--require-hashes", "--only-binary", "--no-deps"} <= set(fetching[0])
    assert fetching[0][fetching[0].index("--requirement") + 1] == "requirements-run.lock"


def test_every_line_of_the_lock_has_a_hash() -> None:
    """Each pinned package of `requirements-run.lock` is followed by at least one hash."""
    pins = re.split(r"^(?=[a-z0-9])", _run_lock(), flags=re.MULTILINE)[1:]
    assert len(pins) > 100
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_image_runs_the_versions_that_are_tested() -> None:
    """What both lock files pin has the same version in both."""
    names = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    shared = [name for name in names if re.search(rf"^{re.escape(name)}==", _run_lock(), re.MULTILINE)]
    assert {"dagster", "sqlalchemy", "psycopg", "httpx"} <= set(shared)
    for name in shared:
        assert locked_version(name) == locked_version(name, "requirements.lock"), name


def test_development_tools_stay_out() -> None:
    """The lock of the image names no test or lint tool."""
    assert not re.search(r"^(pytest|ruff|mypy|moto|playwright|hypothesis)==", _run_lock(), re.MULTILINE)


def test_no_secret_is_baked_in() -> None:
    """No secret setting is named, and no `.env` can be copied: the build context is a list of what may enter."""
    assert not re.search(r"SECRET|TOKEN|PASSWORD|\.env", TEXT)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {word for copy in arguments("COPY") if "--from" not in copy for word in copy.split()[:-1]}
    assert "*" in ignored
    assert copied == allowed


def test_python_is_one_that_the_package_supports() -> None:
    """The base image's Python is one that the package is tested with."""
    version = re.search(r"python:(\d+\.\d+)", arguments("FROM")[0])
    assert version is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]


def test_the_lock_resolves_for_the_images_python() -> None:
    """Everything the wheel itself needs is in the lock, so that installing without dependencies leaves nothing out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in project["dependencies"]]
    assert needed
    for name in needed:
        assert locked_version(name.lower())


def _run_lock() -> str:
    return (ROOT / "requirements-run.lock").read_text()
