"""What a sync is doing right now: a bar on a terminal, a line per page and window elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

SCOPES_OF_AN_ACCOUNT = 3


@contextmanager
def progress(accounts: int) -> Iterator[Callable[[], None]]:
    """Show on standard error what is under way; yields what to call when a scope of an account is done.

    Results go to standard output: above the bar on a terminal, and apart from the lines everywhere else.
    """
    from lac_pipeline.resources import progress_to

    if not sys.stderr.isatty():
        with progress_to(lambda line: typer.secho(f"  {line}", err=True)):
            yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    # Results that are piped elsewhere must not end up in the bar's console.
    redirected = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=redirected) as bar:
        task = bar.add_task("asking LinkedIn", total=accounts * SCOPES_OF_AN_ACCOUNT)
        with progress_to(lambda line: bar.update(task, description=line)):
            yield lambda: bar.advance(task)
