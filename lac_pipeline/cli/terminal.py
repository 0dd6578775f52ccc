"""What the commands print: the only way to standard output and standard error, so that nothing raw gets there."""

from __future__ import annotations

import logging
from typing import Any

import typer

from lac_pipeline.printable import printable


def echo(message: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text; what in it would steer the terminal stands as text."""
    typer.echo(printable(str(message)), err=err, nl=nl)  # noqa: TID251  # here alone


def secho(message: object = "", *, err: bool = False, color: bool | None = None, **style: Any) -> None:  # noqa: ANN401  # click's
    """Print text in a style, such as `fg=typer.colors.RED`."""
    typer.secho(printable(str(message)), err=err, color=color, **style)  # noqa: TID251  # here alone


class _Printable(logging.Formatter):
    """Writes a line of a log with nothing raw in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record."""
        return printable(super().format(record))


def guard_logs() -> None:
    """Let lines that no handler takes, which Python prints itself, be printable too."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Printable())
