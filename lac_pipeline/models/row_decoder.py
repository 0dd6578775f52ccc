"""Decodes LinkedIn's rows of adAnalytics into COPY text in one pass, if every row of a response has the usual form.

msgspec decodes and validates in C, into a struct made for the selection of metrics. Each id and each day is read only
once, although many rows have it. A response with anything unusual is not decoded here: `RowModel` reads it record by
record, and decides what is loaded, what is rejected and why. So every row that is decoded here must be valid for
`RowModel`, too, with the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, defstruct
from msgspec.structs import astuple

from lac_pipeline.gc_pause import paused_collection
from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows, Entity, Period, RowLines
from lac_pipeline.linkedin.analytics.merge import key_of
from lac_pipeline.linkedin.metrics import Kind, Metric
from lac_pipeline.models.field_types import BIGINT, EXACT_TEXT, NUMERIC_DIGITS, UNKNOWN_VALUE
from lac_pipeline.postgres.copy_text import CopyFormatter

T = TypeVar("T")

_SAME_IN_COPY = re.compile(r'[^\x00-\x1f\x7f",\[\]\\]+')
"""Text that JSON and COPY text write alike, without the characters that `lines` replaces."""
_TABS = bytes.maketrans(b",", b"\t")
_NUMBERS = re.compile(rf"(?:{EXACT_TEXT}\n)*+")

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
        entity: reads `pivotValues` into a cell, or into one for each of several columns; raises `ValueError` as the
            model of a single row does.
        day: reads `dateRange` likewise.
        entity_first: whether the table's key begins with the entity.
        unread: of the metrics, those that were left out of the request: unknown where a row leaves them out.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        *,
        entity: Callable[[object], Entity],
        day: Callable[[object], date],
        entity_first: bool,
        unread: frozenset[Metric] = frozenset(),
    ) -> None:
        key = ("pivotValues", "dateRange") if entity_first else ("dateRange", "pivotValues")
        fields: list[Any] = [*((name, Raw) for name in key), *(_field(each, each in unread) for each in metrics)]
        row = defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
        page = defstruct("Page", [("elements", list[row]), ("paging", dict[str, Any], {})], forbid_unknown_fields=True)  # type: ignore[valid-type]
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page)
        self._entities: Remembered[Entity] = Remembered(lambda value: _same_in_copy(value, entity(value)))
        self._periods = Remembered(lambda value: _period(value, day))
        self._exact = [attrgetter(metric.name) for metric in metrics if metric.kind is not Kind.COUNT]

    def decode(self, content: bytes) -> DecodedRows | None:
        """Decode a response into its rows; None where it has to be looked at record by record."""
        try:
            with paused_collection():
                page = self._page.decode(content)
                rows = page.elements
                entities = [self._entities[bytes(row.pivotValues)] for row in rows]
                periods = [self._periods[bytes(row.dateRange)] for row in rows]
                self._check(rows, entities, periods)
        except (ValueError, RecursionError):  # msgspec's errors are ValueErrors, and so are those of a single row
            return None
        return DecodedRows(rows, entities, periods, page.paging)

    def _check(self, rows: list[Any], entities: Sequence[Entity], periods: Sequence[Period]) -> None:
        """See what msgspec cannot.

        Raises:
            ValueError: there is no row, one comes twice, or an exact number is none.
        """
        keys = {(entity, period.text) for entity, period in zip(entities, periods, strict=True)}
        if not rows or len(keys) < len(rows):
            raise ValueError("no row, or one twice")
        for exact in self._exact:
            numbers = [number for number in map(exact, rows) if number is not None]
            text = "\n".join([*numbers, ""])
            if text.count("\n") != len(numbers) or not _NUMBERS.fullmatch(text):
                raise ValueError("a number in another form")

    def elements(self, rows: DecodedRows, metrics: Sequence[str]) -> list[dict[str, Any]]:
        """Write rows as LinkedIn's elements: to leave a metric out means what its default means."""
        return [
            {
                "pivotValues": _any_json.decode(row.pivotValues),
                "dateRange": _any_json.decode(row.dateRange),
                **{name: getattr(row, name) for name in metrics},
            }
            for row in rows.rows
        ]

    def lines(self, decoded: DecodedRows, *, end: bytes) -> RowLines:
        r"""Write rows as lines of COPY text.

        JSON's arrays are turned into lines by replacing their brackets, commas and quotation marks, which takes half of
        the time that joining cells takes. It needs texts without these characters: `_same_in_copy` and `_check` see to
        it. Only a metric can be `null`, which COPY writes as `\N`. Several cells of an entity are an array in the
        first place of each row's, so their brackets come where no others do.

        Args:
            decoded: the rows, of which none is used afterwards.
            end: the end of each line: the values that the request names, and the line's break.
        """
        for row, entity, period in zip(decoded.rows, decoded.entities, decoded.periods, strict=True):
            row.pivotValues, row.dateRange = entity, period.text
        with paused_collection():
            arrays = _arrays.encode(list(map(astuple, decoded.rows)))[2:-2]
        if arrays.startswith(b"["):
            arrays = arrays[1:].replace(b"],[[", b"],[").replace(b'],"', b',"')
        lines = arrays.replace(b",null", rb",\N").translate(_TABS, delete=b'"').replace(b"]\t[", end)
        return RowLines(lines + end, decoded.entities)


@dataclass(frozen=True, slots=True)
class RowDecoder:
    """Decodes responses about one account and pivot.

    Attributes:
        structs: those of the metrics that were requested.
        constants: the values that the request names, in the order of the last columns.
    """

    structs: RowStructs
    constants: tuple[object, ...]

    def decode(self, content: bytes) -> DecodedRows | None:
        """Decode a response; None where anything in it has to be looked at record by record."""
        return self.structs.decode(content)

    def elements(self, rows: DecodedRows, metrics: Sequence[str]) -> list[dict[str, Any]]:
        """Write rows with these metrics as LinkedIn's elements again."""
        return self.structs.elements(rows, metrics)

    def lines(self, rows: DecodedRows) -> RowLines:
        """Write rows as lines of COPY text; they are not to be used afterwards."""
        return self.structs.lines(rows, end=b"\t" + CopyFormatter().format([self.constants]))


def _field(metric: Metric, unread: bool) -> tuple[str, Any, Any]:
    kind, zero = (_Count, 0) if metric.kind is Kind.COUNT else (_Exact, "0")
    return (metric.name, kind, zero) if metric.additive and not unread else (metric.name, kind | None, None)


def _same_in_copy(values: Any, entity: Entity) -> Entity:  # noqa: ANN401 - any JSON
    """Let pass what JSON and COPY text write alike, and an id that its URN writes as a number is written.

    Two URNs of one id, such as `..:7` and `..:07`, are two keys to the calls of a tile, and one to the table; so are
    an empty text and the one that stands for it.
    """
    cells = entity if isinstance(entity, tuple) else (entity,)
    if len(values) != len(cells) or not all(map(_is_same, values, cells)):
        raise ValueError("a text that is written in another way")
    return entity


def _is_same(value: str, cell: int | str) -> bool:
    if isinstance(cell, int):
        return value.endswith(f":{cell}")
    return value != UNKNOWN_VALUE and _SAME_IN_COPY.fullmatch(cell) is not None


def _period(value: object, day: Callable[[object], date]) -> Period:
    key = key_of({"dateRange": value, "pivotValues": []})
    if key is None:
        raise ValueError("no days")
    return Period(day(value).isoformat(), key[0], key[1])
