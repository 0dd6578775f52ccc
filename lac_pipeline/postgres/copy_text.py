"""PostgreSQL's COPY text format, and JSON as JSONB takes it.

Text that PostgreSQL cannot hold is replaced (`postgres.unstorable`). The models let none through in a record that
is loaded, so this concerns what is kept of refused records.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from lac_pipeline.gc_pause import paused_collection
from lac_pipeline.postgres.unstorable import replaced

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"
_NUMERIC_DIGITS = 1000  # in front of the point or behind it; Python reads no int of more than 4,300
_NUMBER_SHOWN = 500  # characters


def to_json(value: object) -> str:
    """Write JSON text for a JSONB column; Decimals stay exact numbers, and those that JSONB cannot hold become text."""
    if isinstance(value, str):
        return json.dumps(replaced(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{to_json(str(key))}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(to_json, value)) + "]"
    if isinstance(value, Decimal) or (isinstance(value, float) and not math.isfinite(value)):
        return _number(Decimal(value))
    return json.dumps(value, allow_nan=False)


def _number(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):  # infinite, or not a number
        return "null"
    fits = value.adjusted() <= _NUMERIC_DIGITS and -exponent <= _NUMERIC_DIGITS
    return str(value) if fits else json.dumps(str(value)[:_NUMBER_SHOWN])


def _text(value: str) -> str:
    return replaced(value).translate(_ESCAPES)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value}")
    return value.isoformat()


def _nested(value: object) -> str:
    return to_json(value).translate(_ESCAPES)


_WRITERS: dict[type, Callable[..., str]] = {
    type(None): lambda _: _NULL,
    int: str,
    str: _text,
    bool: lambda value: "t" if value else "f",
    Decimal: str,
    datetime: _moment,
    date: date.isoformat,
    dict: _nested,
    list: _nested,
    tuple: _nested,
}


class _ByType(dict[type, Callable[..., str]]):
    """The writer of each type met so far; a subclass is written like its nearest known base."""

    def __missing__(self, kind: type) -> Callable[..., str]:
        for base in kind.__mro__:
            if base in _WRITERS:
                return self.setdefault(kind, _WRITERS[base])
        raise TypeError(f"{kind.__name__} cannot be stored")


_by_type = _ByType(_WRITERS)


def encode(rows: Sequence[Sequence[object]]) -> str:
    """Write rows, all of one length, as lines of COPY text; a column at a time, as most columns hold a single type.

    Raises:
        TypeError: a value is of a type that no column holds.
        ValueError: a datetime has no zone, or a row is of another length.
    """
    with paused_collection():
        columns = [_encode_column(values) for values in zip(*rows, strict=True)]
        return "".join(f"{line}\n" for line in map("\t".join, zip(*columns, strict=True)))


def _encode_column(values: tuple[object, ...]) -> Iterable[str]:
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return map(_by_type[kinds.pop()], values)
    return [_by_type[type(value)](value) for value in values]
