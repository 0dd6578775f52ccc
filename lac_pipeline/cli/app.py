"""The `lac` command: its subcommands, and how failures are shown."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from lac_pipeline import __version__, private
from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.help import HELP, CommandGroup, PlainGroup
from lac_pipeline.cli.terminal.lazy import CommandModules
from lac_pipeline.errors import LacError
from lac_pipeline.gc_pause import leave_libraries_alone
from lac_pipeline.home import DEMO_HOME, DEMO_SETTINGS
from lac_pipeline.interrupts import watched_interrupts

INTERRUPTED = 130

PANELS = {
    "Set up": ("init", "doctor", "migrate", "grant-reader", "auth"),
    "Run": ("demo", "up", "simulator", "psql", "dump", "restore", "exec"),
    "Load": ("plan", "sync", "launch", "runs", "replay"),
    "Look, and clean up": ("status", "usage", "reports", "export", "mcp", "metrics", "health", "rejects", "raw"),
}
"""The commands, in the panels and the order of `lac --help`; the module of the same name is imported on use."""


class Commands(PlainGroup):
    """`lac` itself, which imports the module of a command when the command is used or listed."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # typer's
        super().__init__(**options)
        self.commands = CommandModules("lac_pipeline.cli", PANELS)


app = CommandGroup(
    cls=Commands,
    name="lac",
    help="LinkedIn Ads data, loaded into PostgreSQL by a Dagster pipeline.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _print_version(requested: bool) -> None:
    if requested:
        terminal.echo(__version__)
        raise typer.Exit


@dataclass
class Look:
    """How failures look; what a command prints follows its context instead.

    Attributes:
        color: False without colours, None where the terminal decides.
    """

    color: bool | None = None


VERSION = typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)


NO_COLOR = typer.Option(envvar="NO_COLOR", hidden=True)
TERM = typer.Option(envvar="TERM", hidden=True)


@app.callback()
def root(
    context: typer.Context,
    *,
    version: Annotated[bool, VERSION] = False,  # its callback reads it
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,  # main reads it
    demo_home: Annotated[bool, typer.Option("--demo", help="Use the demo that was started in this folder.")] = False,
    no_color: Annotated[str, NO_COLOR] = "",
    term: Annotated[str, TERM] = "",
) -> None:
    """LinkedIn Ads data, loaded into PostgreSQL by a Dagster pipeline."""
    terminal.guard_logs()
    if no_color or term == "dumb":
        context.color = context.ensure_object(Look).color = False
    if not context.meta.get(HELP) and (demo_home or context.invoked_subcommand not in terminal.ABOUT_NO_DEMO):
        _join_demo(requested=demo_home)


def _join_demo(*, requested: bool) -> None:
    """Point the command at the demo of this folder, if that was requested, or if there is nothing else here."""
    if not requested and not DEMO_SETTINGS.exists():
        return  # before anything heavy is imported
    from lac_pipeline.commands.stack.demo_home import demo_is_all_there_is, join_demo

    if requested:
        join_demo()
    elif demo_is_all_there_is():
        join_demo()
        terminal.echo(f"nothing is set here, so this is about the demo that runs in {DEMO_HOME}", err=True)


def main() -> NoReturn:
    """Run the command line: a failure of ours is printed in four parts, and its class names the exit code.

    Ctrl-C and SIGTERM exit 130.
    """
    os.umask(private.UMASK)
    leave_libraries_alone()
    # A script starts background jobs with SIGINT ignored, and Dagster lets SIGTERM do what SIGINT does.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _as_interrupt)
    look = Look()
    with watched_interrupts() as interrupts:
        try:
            app(obj=look)
        except SystemExit as end:  # what typer makes of a KeyboardInterrupt
            if end.code == INTERRUPTED:
                _print_interrupted()
            raise
        except Exception as error:
            if interrupts.came:  # a library may make an error of its own of the KeyboardInterrupt
                _print_interrupted()
                sys.exit(INTERRUPTED)
            failure = error if isinstance(error, LacError) else _failure_of_postgresql(error)
            if failure is None or "--debug" in sys.argv:
                raise
            terminal.secho(f"error: {failure}", fg=typer.colors.RED, err=True, color=look.color)
            sys.exit(failure.exit_code)
    sys.exit(0)


def _print_interrupted() -> None:
    newline = "\n" if sys.stderr.isatty() else ""  # after the ^C that the terminal shows
    terminal.echo(f"{newline}interrupted; what was not finished left nothing behind", err=True)


def _failure_of_postgresql(error: Exception) -> LacError | None:
    """Whether what ended the command is that PostgreSQL is gone or full: then Dagster's own storage failed, too."""
    from lac_pipeline.postgres.engine import failure_behind

    return failure_behind(error)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)  # which an event loop handles by cancelling its task
