"""The result lines of syncs, each printed as soon as it is known: for a terminal of any width, and for files."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from lac_pipeline.cli.terminal.table import INDENT
from lac_pipeline.streams import STREAMS, AssetGroup

if TYPE_CHECKING:
    from lac_pipeline.warehouse.query.readings import AttemptRecord

COLUMNS = ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "superseded", "calls", "seconds")
NARROW = ("fetched", "inserted", "updated", "rejected", "pruned", "calls", "seconds", "unchanged", "superseded")
"""The same, what matters most first: what a narrow terminal has room for is shown."""
ACCOUNT_WIDTH, ASSET_WIDTH = 11, max(map(len, STREAMS.names))
GROUP_WIDTH = max(map(len, AssetGroup)) + 1
COLUMN_WIDTH, NARROW_COLUMN_WIDTH = 11, 10
MOST_IN_NARROW = 9_999_999


class SyncTable(Struct, frozen=True):
    """Writes the lines.

    Attributes:
        within: how many cells a line may have. None for a file: there each line stands for itself, with the account;
            on a terminal the account's title stands above.
    """

    within: int | None

    @property
    def columns(self) -> list[str]:
        """The columns that there is room for."""
        if self.within is None:
            return list(COLUMNS)
        room = self.within - len(INDENT) - ASSET_WIDTH
        fit = max(1, sum(taken <= room for taken in accumulate(map(self._width, NARROW))))
        return [name for name in COLUMNS if name in NARROW[:fit]]

    def header(self) -> str:
        """The table's first line."""
        return self._row("account", "asset", self.columns)

    def line(self, record: AttemptRecord) -> str:
        """What came of an asset; how it ended follows unless that is `success`, in a line of its own if need be."""
        attempt = record.attempt
        line = self._row(f"{attempt.account_id}", attempt.asset, [self._cell(record, name) for name in self.columns])
        if record.status == "success":
            return line
        fits = self.within is None or len(line) + len(INDENT) + len(record.status) <= self.within
        return f"{line}{INDENT}{record.status}" if fits else f"{line}\n{INDENT * 2}{record.status}"

    def not_tried(self, account_id: int, asset: str) -> str:
        """An asset that the run did not come to."""
        return f"{self._row(f'{account_id}', asset, ())} not tried"

    def subject(self, account_id: int, group: AssetGroup) -> str:
        """The beginning of a line about an asset group of an account."""
        return f"{self._beginning(f'{account_id}')}{group:<{GROUP_WIDTH}}"

    def _row(self, account: str, asset: str, cells: Iterable[str]) -> str:
        shown = zip(self.columns, cells, strict=False)
        return f"{self._beginning(account)}{asset:<{ASSET_WIDTH}}" + "".join(
            f"{cell:>{self._width(name)}}" for name, cell in shown
        )

    def _width(self, column: str) -> int:
        return COLUMN_WIDTH if self.within is None else max(NARROW_COLUMN_WIDTH, len(column) + 1)

    def _beginning(self, account: str) -> str:
        return f"{account:<{ACCOUNT_WIDTH}} " if self.within is None else INDENT

    def _cell(self, record: AttemptRecord, name: str) -> str:
        if name == "seconds":
            return f"{record.seconds or 0:.1f}"
        number: int = getattr(record, "api_calls" if name == "calls" else name)
        too_wide = self.within is not None and number > MOST_IN_NARROW
        return f"{number / 1_000_000:,.0f}M" if too_wide else f"{number:,}"
