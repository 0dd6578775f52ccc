"""What the commands print: the only way to standard output and standard error, so that nothing raw gets there."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer

from lac_pipeline.errors import SettingFault
from lac_pipeline.printable import printable

NAME, PACKAGE = "lac", "lac_pipeline"
ABOUT_NO_DEMO = frozenset({"init", "demo", "up", "simulator"})
"""Commands that are never about a demo by themselves."""


def called(argv: Sequence[str], *, found: str | None) -> str:
    """How a person can type the command again: as it was typed, or by its name where the shell finds it by that.

    Args:
        argv: of the process.
        found: what the shell finds by the name; None if nothing.
    """
    program = Path(argv[0])
    if program.name == "__main__.py" and program.parent.name == PACKAGE:
        return NAME if found else f"python -m {PACKAGE}"
    if program.name != NAME or (found is not None and Path(found).resolve() == program.resolve()):
        return NAME
    return argv[0]


@cache
def command() -> str:
    """How this command was called."""
    return called(sys.argv, found=shutil.which(NAME))


def _command_of_demo() -> str:
    """How a command about the same database is called: with `--demo`, if this one was called with it."""
    options = takewhile(lambda word: word.startswith("-"), sys.argv[1:])
    return f"{command()} --demo" if "--demo" in options else command()


def recalled(text: str, *, name: str, of_demo: str) -> str:
    """Write the commands of a text, which stand in backquotes, as a person can type them here.

    Args:
        text: with commands such as `lac status`.
        name: how a command is called.
        of_demo: how one is called that reads a database, or writes one.
    """
    text = text.replace(f"`{NAME} ", f"`{of_demo} ")
    for word in (*ABOUT_NO_DEMO, "--"):
        text = text.replace(f"`{of_demo} {word}", f"`{name} {word}")
    return text


def worded(message: object) -> str:
    """Text for a person: commands in it, which stand in backquotes, as this one was called."""
    name, of_demo = command(), _command_of_demo()
    text = printable(str(message))
    return text if of_demo == NAME else recalled(text, name=name, of_demo=of_demo)


def echo(message: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text; what in it would steer the terminal stands as text."""
    typer.echo(worded(message), err=err, nl=nl)  # noqa: TID251  # here alone


def data(message: object) -> None:
    """Print what programs read, such as JSON: only what would steer the terminal is changed."""
    typer.echo(printable(str(message)))  # noqa: TID251  # here alone


def secho(message: object = "", *, err: bool = False, color: bool | None = None, **style: Any) -> None:  # noqa: ANN401  # click's
    """Print text in a style, such as `fg=typer.colors.RED`."""
    typer.secho(worded(message), err=err, color=color, **style)  # noqa: TID251  # here alone


def warn_of(faults: Iterable[SettingFault]) -> None:
    """Print settings that do not do what they say, each with its fix, as warnings."""
    for fault in faults:
        secho(f"{fault.reason}; {fault.fix}", fg=typer.colors.YELLOW, err=True)


class _Stderr(logging.Handler):
    """Prints records that no other handler takes, as Python does by default, without control characters."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line, unless it is the last one again."""
        line = _OF_THE_DATABASE if _RETRIES in Path(record.pathname).parts else self.format(record)
        if line != self._last:
            echo(line, err=True)
        self._last = line


_RETRIES = "dagster_postgres"  # it logs each try to connect, in its driver's words
_OF_THE_DATABASE = "PostgreSQL does not respond; trying again"


def guard_logs() -> None:
    """Let warnings that no handler takes come through this door, too."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_Stderr())
