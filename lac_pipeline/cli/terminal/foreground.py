"""What commands print that run until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
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


@contextmanager
def announced_stop() -> Iterator[None]:
    """Print that everything is being stopped, which takes a few seconds, as soon as Ctrl-C is pressed."""
    try:
        yield
    except KeyboardInterrupt:
        terminal.echo("\nstopping ...")
        raise


def stay(stack: Stack, url: str, *, further: Sequence[str] = ()) -> NoReturn:
    """Await the Dagster UI, print its address and further lines, and stay until Ctrl-C or a process ends by itself."""
    stack.serve(url)
    terminal.echo(f"\nThe Dagster UI: {url}   (Ctrl-C stops everything)")
    terminal.echo(f"The database:   {stack.database}   (`lac psql` opens it)")
    for line in further:
        terminal.echo(line)
    stack.watch()
