"""`lac dump`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lac_pipeline.cli import terminal

MEBIBYTE = 1 << 20


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(dump)


def dump(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", dir_okay=False, help="Where to write it, such as lac.dump."),
    ],
) -> None:
    """Back up the schema linkedin_ads to a file, by the pg_dump of the server's own version.

    `lac restore` brings it back. The file holds the encrypted tokens, not the key that decrypts them.

    Example: lac dump lac.dump
    """
    from lac_pipeline.commands.dump import dump as dumped
    from lac_pipeline.settings import Settings

    made = dumped(Settings.load(), file)
    terminal.echo(f"{made.file}: {made.size / MEBIBYTE:,.1f} MiB, a dump of PostgreSQL {made.version}")
