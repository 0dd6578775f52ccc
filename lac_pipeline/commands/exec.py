"""`lac exec`: another command, with the databases started and the environment set."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.errors import LacError
from lac_pipeline.settings import Settings

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


def execute(settings: Settings, command: Sequence[str]) -> int:
    """Run a command and return its exit status; where no server of ours is to be stopped afterwards, become it.

    Raises:
        LacError: there is no such command.
        StorageError: PostgreSQL cannot be used.
    """
    with environment(settings):
        if settings.warehouse_url is not None:
            _become(with_workspace(command))
        return _run_in_foreground(with_workspace(command))


def with_workspace(command: Sequence[str]) -> list[str]:
    """Point a command of Dagster's at our `workspace.yaml`, unless it names its code or this folder has one."""
    needs = any(tuple(command[: len(words)]) == words for words in _NEED_A_WORKSPACE)
    named = not _NAME_CODE.isdisjoint(word.partition("=")[0] for word in command)
    if not needs or named or Path("workspace.yaml").exists():
        return list(command)
    return [*command, "--workspace", str(project_file("workspace.yaml"))]


def _become(command: Sequence[str]) -> NoReturn:
    """Put a person's command in the place of this process, so that signals reach it and nothing waits beside it.

    Raises:
        LacError: there is no such command.
    """
    program = _program(command[0])
    try:
        os.execvp(program, [program, *command[1:]])  # noqa: S606 - running it is what was requested
    except OSError as error:
        raise LacError(f"{command[0]} cannot be run", detail=str(error)) from error


def _program(name: str) -> str:
    return shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}") or name


def _run_in_foreground(command: Sequence[str]) -> int:
    """Run a person's command with this terminal, and return its exit status.

    Raises:
        LacError: there is no such command.
    """
    program = _program(command[0])
    try:
        process = subprocess.Popen([program, *command[1:]])  # noqa: S603 - running it is what was requested
    except OSError as error:
        raise LacError(f"{command[0]} cannot be run", detail=str(error)) from error
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C reaches the command too; it ends by itself
            return process.wait()
