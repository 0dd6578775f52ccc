"""Rows of one window joined over the calls that asked them, each call for other metrics."""

from __future__ import annotations

from typing import Any, TypeAlias

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.windows import DateWindow

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]]


def key_of(row: Row, *, subject: str) -> Key:
    """Read which row it is: first day, last day (as year, month, day) and pivot values.

    Raises:
        UnexpectedPayloadError: the row lacks its `dateRange` or `pivotValues`, without which it belongs nowhere.
    """
    try:
        start, end = row["dateRange"]["start"], row["dateRange"]["end"]
        first, last = (start["year"], start["month"], start["day"]), (end["year"], end["month"], end["day"])
        return first, last, tuple(row["pivotValues"])
    except (KeyError, TypeError) as error:
        raise UnexpectedPayloadError(
            f"LinkedIn sent a row of the {subject} without a readable dateRange or pivotValues"
        ) from error


class Table:
    """Rows of one tile, joined by key over its calls: a union, as calls leave out rows that are all zero."""

    def __init__(self, *, subject: str) -> None:
        self._subject = subject
        self._rows: dict[Key, Row] = {}
        self._sources: list[str] = []

    @property
    def rows(self) -> list[Row]:
        """The rows so far."""
        return list(self._rows.values())

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the answers that they came from are kept."""
        return tuple(self._sources)

    def join(self, rows: list[Row], *, source: str, window: DateWindow | None) -> None:
        """Join one answer's rows; with a window, all must lie in it.

        Raises:
            UnexpectedPayloadError: a row without its key, twice, or of days that were not asked.
        """
        keys = [key_of(row, subject=self._subject) for row in rows]
        if len(set(keys)) < len(keys):
            raise UnexpectedPayloadError(f"LinkedIn sent a row of the {self._subject} twice in one answer")
        if window is not None:
            self._check_days(keys, window)
        for key, row in zip(keys, rows, strict=True):
            self._rows.setdefault(key, {}).update(row)
        self._sources.append(source)

    def _check_days(self, keys: list[Key], window: DateWindow) -> None:
        first, last = ((day.year, day.month, day.day) for day in (window.start, window.last))
        strangers = [start for start, end, _ in keys if start < first or end > last]
        if strangers:
            day = "-".join(f"{part:02}" for part in strangers[0])
            raise UnexpectedPayloadError(f"LinkedIn sent a row of the {self._subject} for {day}, outside {window}")
