"""What the deployment files say, read once for the tests of this folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PINNED = re.compile(r"^[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.]+)*$")
"""An image with a version of at least two numbers."""


def compose_text() -> str:
    """`docker-compose.yml` with its `${NAME:-default}` and `${NAME:?message}` put in, as compose does first of all."""
    return re.sub(
        r"\$\{\w+:([-?])([^}]*)\}", lambda found: found[2] if found[1] == "-" else "given", COMPOSE.read_text()
    )


def compose() -> dict[str, Any]:
    """`docker-compose.yml` with its anchors and merges resolved, and its variables not."""
    return read_yaml(COMPOSE)


def read_yaml(file: Path) -> dict[str, Any]:
    """A YAML file that is a mapping."""
    content = yaml.safe_load(file.read_text())
    assert isinstance(content, dict)
    return content


def services() -> dict[str, dict[str, Any]]:
    """The services of `docker-compose.yml` by name."""
    return dict(compose()["services"])


def locked_version(package: str, lock: str = "requirements-run.lock") -> str:
    """The version that a lock file pins."""
    found = re.search(rf"^{re.escape(package)}==([^ ;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    assert found is not None, package
    return found[1]
