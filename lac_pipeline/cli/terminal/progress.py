"""The progress of a sync: bars of accounts and days on a terminal, a line per page and window elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import TYPE_CHECKING

from lac_pipeline.cli import terminal
from lac_pipeline.defs.event_wording import Notice, is_warning, line_of
from lac_pipeline.linkedin.events import WindowRead
from lac_pipeline.printable import counted, printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from lac_pipeline.linkedin.analytics.report import Report
    from lac_pipeline.streams import AssetGroup

Days = Mapping["AssetGroup", tuple[int, int]]
"""For each asset group of the accounts, how many days it covers and by how many reports of all accounts."""


class Lines:
    """A line per page and window on standard error, and results on standard output."""

    def print_line(self, line: str) -> None:
        """Print a result."""
        terminal.echo(line)

    def warn(self, line: str) -> None:
        """Print what a person should see even if they look at nothing else."""
        terminal.echo(f"  {line}", err=True)

    def notice(self, notice: Notice) -> None:
        """Take an event of the client's, or what ends soon."""
        terminal.echo(f"  {line_of(notice)}", err=True)

    def begin(self, accounts: Sequence[int], days: Days) -> None:
        """Note that accounts are begun, together."""

    def end_group(self, group: AssetGroup) -> None:
        """Note that an asset group of the accounts is done, read or skipped."""

    def end(self, accounts: int) -> None:
        """Note that so many accounts are done."""


class Bars(Lines):
    """A bar of accounts, and below it a bar of the days of the asset group that is being loaded.

    Results and warnings stay above them.
    """

    def __init__(self, progress: Progress, *, accounts: int) -> None:
        self._progress = progress
        self._accounts = progress.add_task(
            "accounts", total=accounts, count=f"0/{counted(accounts, 'account')}", doing=""
        )
        self._group = progress.add_task("", total=0, count="", doing="reading LinkedIn")
        self._total = accounts
        self._account = ""
        self._left: dict[AssetGroup, tuple[int, int]] = {}
        self._read: set[tuple[Report, date]] = set()

    def print_line(self, line: str) -> None:
        """Print a result above the bars, or where standard output leads to."""
        if sys.stdout.isatty():
            self._print(line)
        else:
            terminal.echo(line)

    def warn(self, line: str) -> None:
        """Print a warning above the bars."""
        self._print(line, style="yellow")

    def notice(self, notice: Notice) -> None:
        """Move the bar of days to what was read; print warnings above the bars."""
        if is_warning(notice):
            self.warn(line_of(notice))
        if isinstance(notice, WindowRead):
            self._read |= {(notice.report, day) for day in notice.window}
        self._show(line_of(notice))

    def begin(self, accounts: Sequence[int], days: Days) -> None:
        """Restart the lower bar, with the first asset group of the accounts."""
        more = f" and {len(accounts) - 1} more" if len(accounts) > 1 else ""
        self._account, self._left = f"{accounts[0]}{more}", dict(days)
        self._restart()

    def end_group(self, group: AssetGroup) -> None:
        """Restart the lower bar with the next asset group, even if nothing had to be requested for this."""
        self._left.pop(group, None)
        self._restart()

    def end(self, accounts: int) -> None:
        """Move the bar of accounts."""
        self._progress.advance(self._accounts, accounts)
        task = self._progress.tasks[self._accounts]
        self._progress.update(self._accounts, count=f"{task.completed:.0f}/{counted(self._total, 'account')}")

    def _print(self, line: str, *, style: str = "") -> None:
        from rich.text import Text  # `print(style=...)` would colour the bars, and lose the cursor

        self._progress.console.print(Text(printable(line), style=style), soft_wrap=True)

    def _restart(self) -> None:
        self._read.clear()
        group = next(iter(self._left), "")
        self._progress.reset(self._group, description=f"{self._account} {group}")
        self._show("")

    def _show(self, doing: str) -> None:
        """Show the days that the reports of the asset group have read on average; records of entities have no days."""
        covered, reports = next(iter(self._left.values()), (0, 1))
        done = min(len(self._read) // reports, covered)
        count = f"{done}/{counted(covered, 'day')}" if covered else ""
        self._progress.update(self._group, total=covered or None, completed=done, count=count, doing=doing)


@contextmanager
def progress(accounts: int) -> Iterator[Lines]:
    """Show on standard error what is under way; yields the listener for accounts and asset groups.

    While the bars are shown, results are printed by what is yielded, or the cursor would be lost.
    """
    from lac_pipeline.defs.resources import progress_to

    with ExitStack() as stack:
        bars = stack.enter_context(_bars()) if sys.stderr.isatty() else None
        shown = Lines() if bars is None else Bars(bars, accounts=accounts)
        stack.enter_context(progress_to(shown.notice))
        yield shown


@contextmanager
def _bars() -> Iterator[Progress | None]:
    """The bars, or None on a terminal that cannot move its cursor."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    columns = (
        TextColumn("{task.description}", table_column=Column(min_width=9, no_wrap=True)),
        BarColumn(16),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
    )
    # Dagster leads standard error into a file while a step runs; the bars belong on the terminal all the time.
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8") as terminal:
        console = Console(file=terminal)
        if not console.is_interactive:
            yield None
            return
        with Progress(*columns, console=console, transient=True, redirect_stdout=False, expand=True) as bars:
            yield bars
