"""Validators: a page of LinkedIn's records in, rows of a table and refused records out.

A page is validated as a whole, which is fast. If something in it is invalid, its records are validated one by one, so
that one invalid record does not reject the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Annotated, Any, Protocol

from pydantic import FailFast, TypeAdapter, ValidationError

from lac_pipeline.gc_pause import paused_collection
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.linkedin.urn import kind_of
from lac_pipeline.models import conversions as _conversions  # noqa: F401 - its model is found by its stream
from lac_pipeline.models import lead_forms as _lead_forms  # noqa: F401 - its model is found by its stream
from lac_pipeline.models import lead_responses as _lead_responses  # noqa: F401 - the same
from lac_pipeline.models.entities import Entity, model_of
from lac_pipeline.models.keys import KeyReader
from lac_pipeline.models.rejection import rejection_of
from lac_pipeline.models.report_rows import nested_model, row_model
from lac_pipeline.models.row_decoder import RowDecoder
from lac_pipeline.streams import Report, Stream, Subject

Row = tuple[object, ...]


@dataclass(frozen=True)
class ValidatedPage:
    """What became of a page.

    Attributes:
        rows: the good records in LinkedIn's order, as tuples of the validator's columns.
        rejected: the others, with the reason of each.
        unknown_fields: LinkedIn's fields that no column takes, and in how many of the records looked at they were.
    """

    rows: list[Row]
    rejected: list[RejectedRecord]
    unknown_fields: Counter[str]


class RecordValidator(Protocol):
    """Turns LinkedIn's elements, parsed with `parse_float=Decimal`, into rows of one table."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns, in the order of the rows' values."""
        ...

    @property
    def key(self) -> KeyReader:
        """Reads the key of the row that an element is about, whether or not the rest of it is valid."""
        ...

    @property
    def decoder(self) -> RowsDecoder | None:
        """Decodes whole responses in the usual form to the same rows; None where records are few."""
        ...

    def validate(self, elements: Sequence[Mapping[str, object]]) -> ValidatedPage:
        """Check every element; none of them makes it raise."""
        ...


@dataclass(frozen=True)
class PageValidator:
    """The validator of any table.

    Attributes:
        columns: the table's columns, in the order of the rows' values.
        pages: validate a page at once, tried in turn.
        one: validates one record.
        rows_of: turns validated records into rows.
        key: reads the key of the row that a record is about.
        identify: writes the id of a refused record for people.
        known_fields: LinkedIn's fields that are read.
        sample: how many records of a page are searched for unknown fields; None for all.
        context: what the models' fields are compared with.
        decoder: decodes whole responses in the usual form.
    """

    columns: tuple[str, ...]
    pages: tuple[TypeAdapter[list[Any]], ...]
    single: TypeAdapter[Any]
    rows_of: Callable[[list[Any]], list[Row]]
    key: KeyReader
    identify: Callable[[Mapping[str, Any]], str]
    known_fields: frozenset[str]
    sample: int | None = None
    context: Mapping[str, object] = field(default_factory=dict)
    decoder: RowsDecoder | None = None

    def validate(self, elements: Sequence[Mapping[str, object]]) -> ValidatedPage:
        """Check every element; none of them makes it raise."""
        with paused_collection():
            good, rejected = self._at_once(elements) or self._each_alone(elements)
            return ValidatedPage(self.rows_of(good), rejected, self._unknown(elements))

    def _at_once(self, elements: Sequence[Mapping[str, object]]) -> tuple[list[Any], list[RejectedRecord]] | None:
        for page in self.pages:
            try:
                return page.validate_python(list(elements), context=dict(self.context)), []
            except ValidationError:
                continue
        return None

    def _each_alone(self, elements: Sequence[Mapping[str, object]]) -> tuple[list[Any], list[RejectedRecord]]:
        good: list[Any] = []
        rejected: list[RejectedRecord] = []
        for element in elements:
            try:
                good.append(self.single.validate_python(element, context=dict(self.context)))
            except ValidationError as error:
                key = self.key.read(element, context=self.context)
                rejected.append(rejection_of(element, error, record_id=self._identify(element), key=key))
        return good, rejected

    def _identify(self, element: object) -> str:
        return self.identify(element) if isinstance(element, Mapping) else ""

    def _unknown(self, elements: Sequence[object]) -> Counter[str]:
        looked_at = [element for element in elements[: self.sample] if isinstance(element, Mapping)]
        return Counter(name for element in looked_at for name in element.keys() - self.known_fields)


def validator_of(
    stream: Stream,
    account_id: int,
    *,
    metrics: tuple[Metric, ...] = (),
    pivot: str | None = None,
    entity_id: int | None = None,
    content_names: Mapping[str, str] | None = None,
) -> RecordValidator:
    """Make what validates LinkedIn's elements into rows of the stream's table.

    Args:
        stream: what is read.
        account_id: the ad account that was requested.
        metrics: of a report: those that its rows have columns for; what the pivot does not read of them is NULL.
        pivot: of a report: the requested one; it may be left out where the report has no other.
        entity_id: of a report that is requested for one entity at a time: that one.
        content_names: what the posts and messages that records show are called, by URN, for records without a name.
    """
    if stream.report is not None:
        report = stream.report
        constants: dict[str, object] = {"account_id": account_id}
        pivot = pivot or next(iter(report.pivots))
        if report.pivot_column is not None:
            constants[report.pivot_column] = report.label_of(pivot)
        constants |= report.known_by
        if report.one_by_one is not None:
            constants[report.one_by_one.subject.column] = entity_id
        return _report_validator(stream, report, constants, metrics, pivot)
    return _entity_validator(model_of(stream), {"account_id": account_id, "content_names": content_names or {}})


@cache
def _adapters(model: type[Entity]) -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """What validates a page of a model's records, and one of them; made once, for making it takes milliseconds."""
    return TypeAdapter(Annotated[list[model], FailFast()]), TypeAdapter(model)  # type: ignore[valid-type, arg-type]


def _entity_validator(model: type[Entity], context: Mapping[str, object]) -> PageValidator:
    page, single = _adapters(model)
    return PageValidator(
        columns=model.columns(),
        pages=(page,),
        single=single,
        rows_of=lambda records: [record.row() for record in records],
        key=model.key_reader(),
        identify=model.identify,
        known_fields=model.known_fields(),
        context=context,
    )


def _report_validator(
    stream: Stream, report: Report, constants: Mapping[str, object], metrics: tuple[Metric, ...], pivot: str
) -> PageValidator:
    model = (
        nested_model(len(report.requested(pivot)), monthly=stream.monthly, metrics=metrics)
        if report.known_by
        else row_model(
            report.subject,
            monthly=stream.monthly,
            metrics=metrics,
            value_columns=report.value_columns_of(pivot),
            unread=frozenset(metric for metric in metrics if not report.reads(metric, pivot)),
        )
    )
    return PageValidator(
        columns=(*model.columns, *constants),
        pages=model.pages,
        single=model.single,
        rows_of=lambda elements: model.rows_of(elements, *constants.values()),
        key=replace(model.key, known=constants),
        identify=partial(_pivot_and_day, label=tuple(map(str, list(constants.values())[1:])), subject=report.subject),
        known_fields=model.known_fields,
        sample=1,  # the fields were named in the request, and all rows have the same
        decoder=RowDecoder(model.structs, tuple(constants.values())) if model.structs is not None else None,
    )


def _pivot_and_day(element: Mapping[str, Any], *, label: tuple[str, ...], subject: Subject | None) -> str:
    pivots, days = element.get("pivotValues"), element.get("dateRange")
    pivot, *others = map(str, pivots) if isinstance(pivots, list) and pivots else [""]
    start = days.get("start") if isinstance(days, Mapping) else None
    parts = [start.get(part) for part in ("year", "month", "day")] if isinstance(start, Mapping) else []
    day = "-".join(f"{part:02}" if isinstance(part, int) else "?" for part in parts)
    known = subject is not None and kind_of(pivot) == subject.urn_kind
    return "|".join((*label, pivot.rpartition(":")[2] if known else pivot, *others, day))
