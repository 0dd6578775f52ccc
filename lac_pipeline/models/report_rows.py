"""Rows of adAnalytics: one entity and UTC day, or one audience segment and month, and the metrics that were requested.

There may be hundreds of thousands of them. So the models are dictionaries that pydantic fills without a Python object
for each row; they are made once for each selection of metrics. Source: LinkedIn's "Ads Reporting" and "Reporting
schema" pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache, partial
from itertools import repeat
from operator import itemgetter
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, FailFast, Field, PlainValidator, TypeAdapter
from typing_extensions import TypedDict

from lac_pipeline.linkedin.metrics import Kind, Metric
from lac_pipeline.models.field_types import (
    UNKNOWN_VALUE,
    Count,
    Exact,
    PlainCount,
    entity_id,
    one_day,
    one_month,
    only_pivot_value,
    refusal,
    refuse_unstorable,
)
from lac_pipeline.models.keys import KeyReader
from lac_pipeline.models.row_decoder import RowStructs
from lac_pipeline.streams import PivotColumn, Subject

LONGEST_VALUES = 2_000
"""In bytes, of all pivot values of a row; its report, account and day take a part of the key, too."""
METRICS = "metrics"
"""The column of a table that holds reports of any metrics."""
LONGEST_SEGMENT = 500
"""A key of PostgreSQL's holds 2,700 bytes; LinkedIn's segments are URNs and codes of some twenty characters."""

# Entities and segments come again day after day, so what was read of one is remembered.
_entity_id = lru_cache(maxsize=65_536)(entity_id)
_refuse_unstorable = lru_cache(maxsize=65_536)(refuse_unstorable)


def _pivot_id(value: object, *, kind: str) -> int:
    return _entity_id(only_pivot_value(value), kind=kind)


def _segment(value: object) -> str:
    segment = _refuse_unstorable(only_pivot_value(value))
    if len(segment) > LONGEST_SEGMENT:
        raise refusal(f"a segment of more than {LONGEST_SEGMENT} characters, which no index can hold")
    return segment


def _value_of(value: object, *, place: int, columns: tuple[PivotColumn, ...]) -> int | str:
    """Read one of a row's several values: the number of a URN, or the text, of which an empty one is unknown."""
    column, most = columns[place], sum(each.values for each in columns)
    texts = value if type(value) is list and all(type(text) is str for text in value) else []
    if not len(columns) <= len(texts) <= most:
        raise refusal(f"{most} pivot values are expected")
    if column.urn_kind is None:
        own = texts[place:] if column is columns[-1] else [texts[place]]
        return _segment([",".join(text or UNKNOWN_VALUE for text in own)])
    return _entity_id(texts[place], kind=column.urn_kind)  # conversions may come as their number alone


def _values_of(value: object, *, columns: tuple[PivotColumn, ...]) -> tuple[int | str, ...]:
    return tuple(_value_of(value, place=place, columns=columns) for place in range(len(columns)))


_LATE = ConfigDict(defer_build=True)
"""A validator is built when a response is first read record by record, which few runs do."""
Day = Annotated[date, PlainValidator(one_day), Field(validation_alias="dateRange")]
Month = Annotated[date, PlainValidator(one_month), Field(validation_alias="dateRange")]
Segment = Annotated[str, PlainValidator(_segment), Field(validation_alias="pivotValues")]


@dataclass(frozen=True, slots=True)
class RowModel:
    """A selection of metrics, ready to read rows.

    Attributes:
        pages: validate a list of LinkedIn's elements at once; the first one is fastest, and takes only the usual form.
        one: validates a single element.
        key: reads the columns of the key that an element names.
        known_fields: LinkedIn's fields that are read.
        structs: decode whole responses in the usual form; None where one column holds all pivot values.
        nested: how many columns the key has, where the metrics are in one column `metrics` behind it; None where each
            metric has a column.
    """

    pages: tuple[TypeAdapter[list[Any]], ...]
    single: TypeAdapter[Any]
    key: KeyReader
    known_fields: frozenset[str]
    structs: RowStructs | None
    _whole: tuple[str, ...]
    _exact: tuple[str, ...]
    _absent: Mapping[str, int | None]
    nested: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns, in the order of `rows_of`, without those of the constants."""
        flat = (*self._whole, *self._exact)
        return flat if self.nested is None else (*flat[: self.nested], METRICS)

    def rows_of(self, elements: Sequence[Mapping[str, Any]], *constants: object) -> list[tuple[object, ...]]:
        """Turn validated elements into tuples of `columns` and the constants.

        A metric that LinkedIn left out is 0 where it is a sum, for then nothing happened, and None where it is not: a
        reach or an average of nothing is unknown. One that LinkedIn gave as null is None.
        """
        width = len(self._whole) + len(self._exact)
        whole = [element if len(element) == width else {**self._absent, **element} for element in elements]
        given = constants if self.nested is None else ()
        try:
            rows = self._tuples(whole, given, Decimal)
        except TypeError:  # a null, which most pages are without
            rows = self._tuples(whole, given, lambda value: None if value is None else Decimal(value))
        return rows if self.nested is None else self._nest(rows, self.nested, constants)

    def _nest(
        self, rows: Iterable[tuple[object, ...]], key: int, constants: tuple[object, ...]
    ) -> list[tuple[object, ...]]:
        """Put the metrics of each row into one object, by their columns' names."""
        names = (*self._whole, *self._exact)[key:]
        return [(*row[:key], dict(zip(names, row[key:], strict=True)), *constants) for row in rows]

    def _tuples(
        self,
        elements: Sequence[Mapping[str, Any]],
        constants: Sequence[object],
        exact_number: Callable[[Any], Decimal | None],
    ) -> list[tuple[object, ...]]:
        whole = [map(itemgetter(column), elements) for column in self._whole]
        exact = [map(exact_number, map(itemgetter(column), elements)) for column in self._exact]
        return list(zip(*whole, *exact, *map(repeat, constants), strict=False))


@cache
def nested_model(pivots: int, *, monthly: bool, metrics: tuple[Metric, ...]) -> RowModel:
    """Make the model of the rows of a table that holds reports of any pivots and metrics.

    Args:
        pivots: how many values each row has.
        monthly: whether a row is about a month, known by its first day, or else about one UTC day.
        metrics: those that were requested.
    """
    values = Annotated[str, PlainValidator(partial(_all_values, pivots=pivots)), Field(validation_alias="pivotValues")]
    key = {"pivot_values": values, "date": Month if monthly else Day}
    return replace(_row_model(key, metrics, None), nested=len(key))


def _all_values(value: object, *, pivots: int) -> str:
    """Read a row's values as the text of an array of PostgreSQL's; an empty one is unknown."""
    if type(value) is not list or len(value) != pivots or any(type(each) is not str for each in value):
        raise refusal(f"{pivots} pivot values are expected")
    texts = [_segment([each or UNKNOWN_VALUE]) for each in value]
    if sum(len(text.encode()) for text in texts) > LONGEST_VALUES:
        raise refusal(f"pivot values of more than {LONGEST_VALUES} bytes, which no index can hold")
    texts = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"


@cache
def row_model(
    subject: Subject | None,
    *,
    monthly: bool,
    metrics: tuple[Metric, ...],
    value_columns: tuple[PivotColumn, ...] = (),
    unread: frozenset[Metric] = frozenset(),
) -> RowModel:
    """Make the model of a report's rows.

    Args:
        subject: the entity that each row is about; None for audience segments.
        monthly: whether a row is about a month, known by its first day, or else about one UTC day.
        metrics: those that were requested.
        value_columns: the columns that hold a row's pivot values, in their order, where they are declared.
        unread: of the metrics, those that were left out of the request, so that their absence says nothing.
    """
    period: dict[str, Any] = {"month": Month} if monthly else {"date": Day}
    structs = partial(RowStructs, day=one_month if monthly else one_day, unread=unread)
    if value_columns:
        values = {column.column: _several(place, value_columns) for place, column in enumerate(value_columns)}
        read = partial(_values_of, columns=value_columns)
        return _row_model({**values, **period}, metrics, partial(structs, entity=read, entity_first=True), unread)
    if subject is None:
        segments = partial(structs, entity=_segment, entity_first=False)
        return _row_model({**period, "segment": Segment}, metrics, segments, unread)
    entity = partial(_pivot_id, kind=subject.urn_kind)
    key = {subject.column: Annotated[int, PlainValidator(entity), Field(validation_alias="pivotValues")], **period}
    return _row_model(key, metrics, partial(structs, entity=entity, entity_first=True), unread)


def _several(place: int, columns: tuple[PivotColumn, ...]) -> Any:  # noqa: ANN401 - an annotation
    reader = PlainValidator(partial(_value_of, place=place, columns=columns))
    return Annotated[str if columns[place].urn_kind is None else int, reader, Field(validation_alias="pivotValues")]


def _row_type(key: Mapping[str, Any], metrics: Iterable[Metric], kind: Any) -> dict[str, Any]:  # noqa: ANN401
    """The fields of a dictionary: a key, and metrics of one kind of number under LinkedIn's names."""
    fields = {single.column: NotRequired[Annotated[kind, Field(validation_alias=single.name)]] for single in metrics}
    return {**key, **fields}


def _row_model(
    key: Mapping[str, Any],
    metrics: tuple[Metric, ...],
    structs: Callable[[Sequence[Metric]], RowStructs] | None,
    unread: frozenset[Metric] = frozenset(),
) -> RowModel:
    whole = [metric for metric in metrics if metric.kind is Kind.COUNT]
    exact = [metric for metric in metrics if metric.kind is not Kind.COUNT]
    usual = _row_type(key, whole, PlainCount) | _row_type({}, exact, Exact)
    any_form = _row_type(key, whole, Count | None) | _row_type({}, exact, Exact | None)
    # The fields are known only now, so the type checker cannot know the dictionaries.
    plain: Any = TypedDict("row", usual)  # type: ignore[misc]
    row: Any = TypedDict("row", any_form)  # type: ignore[misc]
    row.__pydantic_config__ = _LATE  # type: ignore[attr-defined]
    return RowModel(
        pages=(
            TypeAdapter(Annotated[list[plain], FailFast()], config=_LATE),
            TypeAdapter(Annotated[list[row], FailFast()], config=_LATE),
        ),
        single=TypeAdapter(row),
        key=KeyReader.of(key),
        known_fields=frozenset({"dateRange", "pivotValues", *(metric.name for metric in metrics)}),
        structs=structs([*whole, *exact]) if structs is not None else None,
        _whole=(*key, *(metric.column for metric in whole)),
        _exact=tuple(metric.column for metric in exact),
        _absent={metric.column: 0 if metric.additive and metric not in unread else None for metric in metrics},
    )
