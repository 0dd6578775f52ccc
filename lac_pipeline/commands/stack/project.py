"""The files at the project's top level, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]


def project_file(name: str) -> Path:
    """Find `dagster.yaml`, `workspace.yaml` or `alembic.ini`: beside the package in a checkout, inside it in a wheel.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    for folder in (_PACKAGE.parent, _PACKAGE / "_project"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} belongs to lac_pipeline but is not where it was installed: {_PACKAGE}")
