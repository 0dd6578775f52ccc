"""Rows of one window joined over its calls, each call with other metrics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.windows import DateWindow

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[date, date, tuple[str, ...]]


def key_of(element: object) -> Key | None:
    """Read which row an element is: first day, last day and pivot values; None where these are missing."""
    if not isinstance(element, dict):
        return None
    days, pivots = element.get("dateRange"), element.get("pivotValues")
    if not isinstance(days, dict) or not isinstance(pivots, list):
        return None
    first, last, values = _day(days.get("start")), _day(days.get("end")), pivots_of(element)
    return None if first is None or last is None or len(values) < len(pivots) else (first, last, values)


def pivots_of(element: object) -> tuple[str, ...]:
    """Read the pivot values that are text; none from what is no row."""
    pivots = element.get("pivotValues") if isinstance(element, dict) else None
    return tuple(value for value in pivots if isinstance(value, str)) if isinstance(pivots, list) else ()


def _day(parts: object) -> date | None:
    if not isinstance(parts, dict):
        return None
    year, month, day = parts.get("year"), parts.get("month"), parts.get("day")
    if not (type(year) is type(month) is type(day) is int):  # True is no month
        return None
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


class Table:
    """Rows of one tile, joined by key over its calls: a union, as calls leave out rows that are all zero.

    Args:
        report: what is read, for a person.
        calls: how many calls the tile takes.
    """

    def __init__(self, *, report: str, calls: int) -> None:
        self._report = report
        self._calls = calls
        self._rows: dict[Key, Row] = {}
        self._keyless: list[Any] = []
        self._sources: list[str] = []
        self.decoded: DecodedRows | None = None
        """The rows, where the only call had a decoder that could take them."""

    @property
    def elements(self) -> list[Any]:
        """The rows so far, and the elements without the key of a row."""
        return [*self._rows.values(), *self._keyless]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the responses that they came from are kept."""
        return tuple(self._sources)

    def join(self, elements: Iterable[Any], response: ParsedResponse, *, window: DateWindow | None) -> None:
        """Join one response's elements; with a window, all rows must lie in it.

        An element without a readable key is handed on for validation to refuse where a row comes whole in one call.
        In a response in parts it is unknown which row lacks the metrics of this element.

        Raises:
            UnexpectedPayloadError: a row twice, or of days that were not requested, or a part without its key.
        """
        keys: list[Key] = []
        for element in elements:
            key = key_of(element)
            if key is None:
                self._keyless.append(element)
            else:
                keys.append(key)
                row = self._rows.setdefault(key, element)
                if row is not element:
                    row.update(element)
        if self._keyless and self._calls > 1:
            raise response.unexpected(f"has a row without a readable dateRange or pivotValues ({self._report})")
        if len(set(keys)) < len(keys):
            raise response.unexpected(f"has a row twice in one response ({self._report})")
        if window is not None:
            self._check_days(keys, window, response)
        self._sources.append(response.source)

    def take(self, rows: DecodedRows, response: ParsedResponse, *, window: DateWindow | None) -> None:
        """Take the decoded rows of the only call; that none comes twice was seen when they were decoded.

        Raises:
            UnexpectedPayloadError: a row of days that were not requested.
        """
        if window is not None:
            periods = dict.fromkeys(rows.periods)
            self._check_days([(period.first, period.last, ()) for period in periods], window, response)
        self.decoded = rows
        self._sources.append(response.source)

    def _check_days(self, keys: list[Key], window: DateWindow, response: ParsedResponse) -> None:
        stranger = next((start for start, end, _ in keys if start < window.start or end > window.last), None)
        if stranger is not None:
            raise response.unexpected(f"has a row for {stranger}, outside {window} ({self._report})")
