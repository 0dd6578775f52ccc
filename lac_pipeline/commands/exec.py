"""`lac exec`: another command, with the databases started and the environment set."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.foreground import become, run_in_foreground
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.postgres.clients import libpq_variables
from lac_pipeline.postgres.embedded.binaries import bundled_programs
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings, export

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
    embedded = settings.warehouse_url is None
    with environment(settings) as ready:
        export(libpq_variables(read_url(str(ready.warehouse_url))))
        program, *arguments = with_workspace(command)
        found = [_program(program, embedded=embedded), *arguments]
        if not embedded:
            become(found)
        return run_in_foreground(found)


def with_workspace(command: Sequence[str]) -> list[str]:
    """Point a command of Dagster's at our `workspace.yaml`, unless it names its code or this folder has one."""
    needs = any(tuple(command[: len(words)]) == words for words in _NEED_A_WORKSPACE)
    named = not _NAME_CODE.isdisjoint(word.partition("=")[0] for word in command)
    if not needs or named or Path("workspace.yaml").exists():
        return list(command)
    return [*command, "--workspace", str(project_file("workspace.yaml"))]


def _program(name: str, *, embedded: bool) -> str:
    """Find a program beside this Python's; of the embedded server's version, before an older one of the machine's."""
    folders = [str(Path(sys.executable).parent), *([str(bundled_programs())] if embedded else []), os.defpath]
    return shutil.which(name, path=os.pathsep.join(folders)) or name
