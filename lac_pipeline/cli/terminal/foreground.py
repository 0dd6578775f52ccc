"""What commands print that run until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from lac_pipeline.cli import terminal

if TYPE_CHECKING:
    from lac_pipeline.commands.up import Stack


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Take Ctrl-C as the normal end; a second one does not disturb the clean-up."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    terminal.echo("stopped; nothing is left running")


def stay(stack: Stack, port: int) -> NoReturn:
    """Start the Dagster UI, print its address, and stay until Ctrl-C or until a process ends by itself."""
    url = stack.serve(port)
    terminal.echo(f"\nThe Dagster UI: {url}   (Ctrl-C stops everything)")
    terminal.echo(f"The database:   {stack.database}   (`lac psql` opens it)")
    stack.watch()
