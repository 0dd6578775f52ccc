"""Rows of adAnalytics that a test removes, loses or breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from lac_pipeline.simulator.world.numbers import Vanished
from lac_pipeline.simulator.world.report_rows import Row
from lac_pipeline.windows import DateWindow


@dataclass(frozen=True, slots=True)
class RowChange:
    """A change to the rows of one pivot value within a window; None for all values, no field to lose the row."""

    pivot: str
    value: str | None
    window: DateWindow
    field: str | None
    replacement: object

    def matches(self, pivots: Iterable[str], row: Row) -> bool:
        """Whether it alters this row of a response with these pivots."""
        if self.pivot not in pivots or (self.value is not None and self.value not in row["pivotValues"]):
            return False
        end = row["dateRange"]["end"]
        return date(end["year"], end["month"], end["day"]) in self.window


@dataclass(slots=True)
class AlteredRows:
    """What of a world's numbers is taken away, and what is lost or broken on its way to the client."""

    vanished: list[Vanished] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)

    def on_the_way(self, pivots: tuple[str, ...], rows: list[Row]) -> list[Row]:
        """The rows of a response, with their keys, as they arrive after loss and breakage."""
        for change in self.changes:
            changed = [_changed(change, pivots, row) for row in rows]
            rows = [row for row in changed if row is not None]
        return rows


def _changed(change: RowChange, pivots: tuple[str, ...], row: Row) -> Row | None:
    if not change.matches(pivots, row):
        return row
    return None if change.field is None else {**row, change.field: change.replacement}
