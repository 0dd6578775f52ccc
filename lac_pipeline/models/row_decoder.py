"""Rows of adAnalytics from LinkedIn's bytes to COPY text in one pass, for responses in which every row is as usual.

msgspec decodes and validates in C, into a struct made for the selection of metrics; ids and days, which come again row
after row, are read once each. A response with anything else in it is declined, and goes record by record through
`RowModel`, which alone decides what is loaded, what is refused and why. So one thing has to hold here: whatever is
taken, `RowModel` takes too, with the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, defstruct
from msgspec.structs import astuple

from lac_pipeline.gc_pause import paused_collection
from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows, Period
from lac_pipeline.linkedin.analytics.merge import key_of
from lac_pipeline.linkedin.metrics import Kind, Metric
from lac_pipeline.models.field_types import BIGINT, EXACT_TEXT, NUMERIC_DIGITS
from lac_pipeline.postgres.copy_text import CopyFormatter

T = TypeVar("T")

_SAME_IN_COPY = re.compile(r'[^\x00-\x1f\x7f",\[\]\\]+')
"""Text that JSON and COPY text write alike, without the characters that `_lines` replaces."""

_Count = Annotated[int, Meta(ge=0, le=BIGINT)]
_Exact = Annotated[str, Meta(max_length=NUMERIC_DIGITS)]
_any_json = msgspec.json.Decoder()
_arrays = msgspec.json.Encoder()


class Remembered(dict[bytes, T], Generic[T]):
    """What pieces of JSON were read as; all are forgotten when there are too many.

    Args:
        read: reads a piece that is not known yet.
        most: how many are remembered.
    """

    def __init__(self, read: Callable[[Any], T], *, most: int = 65_536) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, piece: bytes) -> T:
        if len(self) >= self._most:
            self.clear()
        value = self[piece] = self._read(_any_json.decode(piece))
        return value


class RowStructs:
    """The struct of a selection of metrics.

    Args:
        metrics: in the order of the table's columns. One that a row leaves out is 0 where it is a sum, else unknown.
        entity: reads `pivotValues`; raises `ValueError` as the model of a single row does.
        day: reads `dateRange` likewise.
        entity_first: whether the table's key begins with the entity.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        *,
        entity: Callable[[object], int | str],
        day: Callable[[object], date],
        entity_first: bool,
    ) -> None:
        key = ("pivotValues", "dateRange") if entity_first else ("dateRange", "pivotValues")
        fields: list[Any] = [*((name, Raw) for name in key), *map(_field, metrics)]
        row = defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
        page = defstruct("Page", [("elements", list[row]), ("paging", dict[str, Any], {})], forbid_unknown_fields=True)  # type: ignore[valid-type]
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page)
        self._entities: Remembered[int | str] = Remembered(lambda value: _same_in_copy(entity(value)))
        self._periods = Remembered(lambda value: _period(value, day))
        self._lines = re.compile(rb"(?:[^\t\n]+\t[^\t\n]+%b\n)*+" % b"".join(map(_cell, metrics)))

    def decode(self, content: bytes, *, end: bytes) -> DecodedRows | None:
        """Decode a response into its rows; None where it has to be looked at record by record.

        Args:
            content: the response's body.
            end: the end of each line of COPY text: the values that the request names, and the line's break.
        """
        try:
            with paused_collection():
                page = self._page.decode(content)
                rows = page.elements
                entities = [self._entities[bytes(row.pivotValues)] for row in rows]
                periods = [self._periods[bytes(row.dateRange)] for row in rows]
                text = self._text(rows, entities, periods)
        except (ValueError, RecursionError):  # msgspec's errors are ValueErrors, and so are those of a single row
            return None
        return DecodedRows(text.replace(b"\n", end), entities, periods, page.paging)

    def _text(self, rows: list[Any], entities: Sequence[int | str], periods: Sequence[Period]) -> bytes:
        """Write the lines, without their end.

        JSON's arrays are turned into lines by replacing their brackets, commas and quotation marks, which takes
        half of the time that joining cells takes. A text that has such a character in it makes another number of
        lines, or a line of another form, than the rows make.

        Raises:
            ValueError: there is no row, one comes twice, or an exact number is none.
        """
        for row, entity, period in zip(rows, entities, periods, strict=True):
            row.pivotValues, row.dateRange = entity, period.text
        arrays = _arrays.encode(list(map(astuple, rows)))[2:-2].replace(b",null", rb",\N")
        lines = arrays.replace(b"],[", b"\n").replace(b",", b"\t").replace(b'"', b"") + b"\n"
        if lines.count(b"\n") != len(rows) or self._lines.fullmatch(lines) is None:
            raise ValueError("a number in another form")
        if len({(row.pivotValues, row.dateRange) for row in rows}) < len(rows):
            raise ValueError("a row twice")
        return lines


@dataclass(frozen=True, slots=True)
class RowDecoder:
    """Decodes responses about one account and pivot into lines of COPY text.

    Attributes:
        structs: those of the metrics that were requested.
        constants: the values that the request names, in the order of the last columns.
    """

    structs: RowStructs
    constants: tuple[object, ...]

    def decode(self, content: bytes) -> DecodedRows | None:
        """Decode a response; None where anything in it has to be looked at record by record."""
        return self.structs.decode(content, end=b"\t" + CopyFormatter().format([self.constants]))


def _field(metric: Metric) -> tuple[str, Any, Any]:
    kind, zero = (_Count, 0) if metric.kind is Kind.COUNT else (_Exact, "0")
    return (metric.name, kind, zero) if metric.additive else (metric.name, kind | None, None)


def _cell(metric: Metric) -> bytes:
    number = rb"[0-9]+" if metric.kind is Kind.COUNT else EXACT_TEXT.encode()
    return rb"\t%b" % number if metric.additive else rb"\t(?:%b|\\N)" % number


def _same_in_copy(entity: int | str) -> int | str:
    if isinstance(entity, str) and not _SAME_IN_COPY.fullmatch(entity):
        raise ValueError("a text that COPY writes in another way")
    return entity


def _period(value: object, day: Callable[[object], date]) -> Period:
    key = key_of({"dateRange": value, "pivotValues": []})
    if key is None:
        raise ValueError("no days")
    return Period(day(value).isoformat(), key[0], key[1])
