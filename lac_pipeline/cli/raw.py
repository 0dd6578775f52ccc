"""`lac raw prune`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.help import CommandGroup
from lac_pipeline.printable import counted

LONGEST_DAYS = 99_999

raw = CommandGroup(help="The raw archive: every response of LinkedIn, unchanged.", no_args_is_help=True)


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.add_typer(raw, name="raw", rich_help_panel=panel)


def _age(text: str) -> timedelta:
    number = text.removesuffix("d")
    if number == text or not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= LONGEST_DAYS:
        raise typer.BadParameter(f"{text!r} is not a number of days such as 90d")
    return timedelta(days=int(number))


@raw.command()
def prune(
    older_than: Annotated[timedelta, typer.Option(parser=_age, metavar="DAYSd", help="Such as 90d.")],
) -> None:
    """Remove the archived responses of UTC days that ended longer ago than this; the tables stay as they are.

    Example: lac raw prune --older-than 90d
    """
    from lac_pipeline.commands.raw import prune as pruned_of
    from lac_pipeline.settings import Settings

    settings = Settings.load()
    pruned = pruned_of(settings, older_than)
    terminal.echo(
        f"removed {counted(pruned.responses, 'response')}, {pruned.bytes / (1 << 20):,.1f} MiB, from {settings.raw_url}"
    )
