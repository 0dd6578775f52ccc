"""PostgreSQL's types in Parquet, and a partition's file.

Numbers are exact: NUMERIC becomes `decimal128`, with the same number of places in all files of a table. Times are UTC
microseconds, JSON is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lac_pipeline.errors import ExportError
from lac_pipeline.warehouse.query.export_reader import MONTH, NUMERIC, ExportedRelation

DIGITS = 38
"""What decimal128 holds, before and after the point together."""
_PLACES_STEP = 6
"""Places are a multiple of this, so that a number with one more seldom makes every file be written again."""
_TYPES: Mapping[str, pa.DataType] = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
    "character varying": pa.string(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "timestamp without time zone": pa.timestamp("us"),
    "bytea": pa.binary(),
    "text[]": pa.list_(pa.string()),
    "bigint[]": pa.list_(pa.int64()),
}
AS_THEY_ARE = frozenset({NUMERIC, *_TYPES})
"""PostgreSQL types that have an equal; every other one is written as PostgreSQL's text of it."""


def schema_of(relation: ExportedRelation, places: Mapping[str, int], *, before: Mapping[str, str]) -> pa.Schema:
    """Choose the columns of a relation's files: those of the relation, without those that name its folders.

    Args:
        relation: table or view.
        places: the most decimal places that a column of type numeric has.
        before: the columns of the files that were written before; places never become fewer.
    """
    fields = []
    for each in relation.columns:
        if each.name in relation.partitioned_by:
            continue
        if each.type == NUMERIC:
            fields.append(pa.field(each.name, _decimal(places.get(each.name, 0), before=before.get(each.name))))
        else:
            fields.append(pa.field(each.name, _TYPES.get(each.type, pa.string())))
    return pa.schema(fields)


def _decimal(places: int, *, before: str | None) -> pa.DataType:
    steps = max(1, -(-places // _PLACES_STEP))
    known = [pa.decimal128(DIGITS, step) for step in range(_PLACES_STEP, DIGITS + 1, _PLACES_STEP)]
    needed = known[min(steps, len(known)) - 1]
    widest = [kind for kind in known if str(kind) == before and kind.scale > needed.scale]
    return widest[0] if widest else needed


def columns_of(schema: pa.Schema) -> dict[str, str]:
    """The columns of a schema by name, with their types as text."""
    return {field.name: str(field.type) for field in schema}


def write_file(
    path: Path, relation: ExportedRelation, schema: pa.Schema, batches: Iterable[Sequence[Sequence[Any]]]
) -> int:
    """Write a partition, a row group for each batch, and return how many rows there were.

    Raises:
        ExportError: a number has more digits than fit.
        OSError: the file cannot be written.
    """
    places = {each.name: place for place, each in enumerate(relation.columns)}
    rows = 0
    with path.open("wb") as sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            columns = list(zip(*batch, strict=True))
            arrays = [_array(relation.name, field, columns[places[field.name]]) for field in schema]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += len(batch)
    return rows


def _array(relation: str, field: pa.Field, values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, field.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise ExportError(
            f"{relation}.{field.name} cannot be exported exactly",
            detail=str(error),
            meaning=f"Parquet's decimals hold {DIGITS} digits; nothing was rounded, and the file before it stays",
            fix="leave it out with --tables, and report it with this message",
        ) from error


def hive_value(name: str, value: Any, *, relation: ExportedRelation) -> str:  # noqa: ANN401 - a cell
    """How a partition's value is written in a folder's name; `__HIVE_DEFAULT_PARTITION__` stands for NULL.

    A month that is a column of the relation keeps its type: its first day. One that is derived is written YYYY-MM.
    """
    if value is None:
        return "__HIVE_DEFAULT_PARTITION__"
    if name == MONTH and relation.day != MONTH:
        return f"{value:%Y-%m}"
    return str(value)
