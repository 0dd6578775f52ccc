"""Runs another program at this terminal: as a child process, or in place of this process."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Sequence
from typing import NoReturn

from lac_pipeline.errors import LacError


def become(command: Sequence[str]) -> NoReturn:
    """Put a program in the place of this process, so that signals reach it and nothing waits beside it.

    Raises:
        LacError: there is no such program.
    """
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - running it is what was requested
    except OSError as error:
        raise _not_run(command, error) from error


def run_in_foreground(command: Sequence[str]) -> int:
    """Run a program with this terminal, and return its exit status.

    Raises:
        LacError: there is no such program.
    """
    try:
        process = subprocess.Popen(list(command))  # noqa: S603 - running it is what was requested
    except OSError as error:
        raise _not_run(command, error) from error
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C reaches the program too; it ends by itself
            return process.wait()


def _not_run(command: Sequence[str], error: OSError) -> LacError:
    return LacError(f"{command[0]} cannot be run", detail=str(error))
