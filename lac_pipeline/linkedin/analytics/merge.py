"""Rows of one window joined over its calls, each call with other metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias

from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows, RowLines, RowsDecoder
from lac_pipeline.linkedin.paging import ParsedResponse, elements_of
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

    They are decoded rows as long as each response could be decoded, and elements from the first one on that could not.

    Args:
        report: what is read, for a person.
        calls: how many calls the tile takes.
        decoder: what decodes the responses.
    """

    def __init__(self, *, report: str, calls: int, decoder: RowsDecoder | None = None) -> None:
        self._report = report
        self._calls = calls
        self._decoder = decoder
        self._decoded: DecodedRows | None = None
        self._metrics: list[str] = []
        self._rows: dict[Key, Row] = {}
        self._keyless: list[Any] = []
        self._sources: list[str] = []

    @property
    def elements(self) -> list[Any]:
        """The rows so far, and the elements without the key of a row; none where the rows are decoded."""
        return [*self._rows.values(), *self._keyless]

    @property
    def lines(self) -> RowLines | None:
        """The rows as they are stored, where each response was decoded; to be taken once, at the end."""
        if self._decoded is None or self._decoder is None:
            return None
        return self._decoder.lines(self._decoded)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the responses that they came from are kept."""
        return tuple(self._sources)

    def add(self, response: ParsedResponse, *, window: DateWindow | None, metrics: Sequence[str]) -> None:
        """Join a call's rows with these metrics; with a window, all must lie in it.

        Raises:
            UnexpectedPayloadError: as `join` says.
        """
        if response.rows is None or self._decoder is None:
            self._leave_decoded()
            self.join(elements_of(response), response, window=window)
        elif self._rows or self._keyless:
            self.join(self._decoder.elements(response.rows, metrics), response, window=window)
        else:
            self._take(response.rows, response, window=window, metrics=metrics)

    def _leave_decoded(self) -> None:
        """Go on with elements: a response holds something that has to be looked at record by record."""
        if self._decoded is not None and self._decoder is not None:
            for element in self._decoder.elements(self._decoded, self._metrics):
                key = key_of(element)
                if key is not None:
                    self._rows[key] = element
            self._decoded = None

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

    def _take(
        self, rows: DecodedRows, response: ParsedResponse, *, window: DateWindow | None, metrics: Sequence[str]
    ) -> None:
        """Join decoded rows; that none comes twice was seen when they were decoded."""
        if window is not None:
            periods = dict.fromkeys(rows.periods)
            self._check_days([(period.first, period.last, ()) for period in periods], window, response)
        if self._decoded is None:
            self._decoded = rows
        else:
            self._decoded.join(rows, metrics)
        self._metrics += metrics
        self._sources.append(response.source)

    def _check_days(self, keys: list[Key], window: DateWindow, response: ParsedResponse) -> None:
        stranger = next((start for start, end, _ in keys if start < window.start or end > window.last), None)
        if stranger is not None:
            raise response.unexpected(f"has a row for {stranger}, outside {window} ({self._report})")
