"""The files at the project's top level, in a checkout and in an installed wheel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
_NEED_A_WORKSPACE = (
    ("dagster", "dev"),
    ("dagster", "definitions", "validate"),
    ("dagster-webserver",),
    ("dagster-daemon", "run"),
)
_NAME_CODE = frozenset(
    "-w --workspace --empty-workspace -m --module-name -f --python-file "
    "--package-name --grpc-port --grpc-socket".split()
)


def project_file(name: str) -> Path:
    """Find `dagster.yaml`, `workspace.yaml` or `alembic.ini`: beside the package in a checkout, inside it in a wheel.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    for folder in (_PACKAGE.parent, _PACKAGE / "_project"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} belongs to lac_pipeline but is not where it was installed: {_PACKAGE}")


def with_workspace(command: Sequence[str]) -> list[str]:
    """Point a command of Dagster's at our `workspace.yaml`, unless it names its code or this folder has one."""
    needs = any(tuple(command[: len(words)]) == words for words in _NEED_A_WORKSPACE)
    named = not _NAME_CODE.isdisjoint(word.partition("=")[0] for word in command)
    if not needs or named or Path("workspace.yaml").exists():
        return list(command)
    return [*command, "--workspace", str(project_file("workspace.yaml"))]
