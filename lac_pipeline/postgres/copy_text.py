"""Rows as PostgreSQL's COPY text, by psycopg's own formatter, and JSON as JSONB takes it.

psycopg formats rows inside `Copy.write_row`, which needs a connection. Rows are fetched, and so formatted, before there
is one: the formatter behind `write_row` does the same without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
from psycopg._copy_base import format_row_text
from psycopg.adapt import AdaptersMap, Dumper, Transformer
from psycopg.errors import DataError, ProgrammingError
from psycopg.types.bool import BoolDumper
from psycopg.types.datetime import DateDumper
from psycopg.types.numeric import DecimalDumper, IntDumper
from psycopg.types.string import StrDumper

from lac_pipeline.postgres.unstorable import replaced

_NUMERIC_DIGITS = 1000  # in front of the point or behind it
_NUMBER_SHOWN = 500  # characters
_json = msgspec.json.Encoder(decimal_format="number")


def to_json(value: object) -> str:
    """Write JSON text for a JSONB column; Decimals stay exact numbers, and those that JSONB cannot hold become text.

    Text that PostgreSQL cannot hold is replaced (`postgres.unstorable`): what is kept of a refused record may have it.
    """
    return _json.encode(_storable(value)).decode()


def _storable(value: object) -> object:
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, Mapping):
        return {replaced(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return _number(value) if isinstance(value, Decimal) else value


def _number(value: Decimal) -> Decimal | str | None:
    if not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    fits = value.adjusted() <= _NUMERIC_DIGITS and isinstance(exponent, int) and -exponent <= _NUMERIC_DIGITS
    return value if fits else str(value)[:_NUMBER_SHOWN]


class _MomentDumper(Dumper):
    def dump(self, obj: datetime) -> bytes:
        if obj.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {obj}")
        return obj.isoformat().encode()


class _JsonDumper(Dumper):
    def dump(self, obj: object) -> bytes:
        return to_json(obj).encode()


_COLUMN_TYPES = AdaptersMap()
"""The types that columns hold, and no others: a float would be money that lost its last digits on the way."""
_DUMPERS: dict[type, type[Dumper]] = {
    bool: BoolDumper, int: IntDumper, Decimal: DecimalDumper, str: StrDumper, date: DateDumper, datetime: _MomentDumper,
    dict: _JsonDumper, list: _JsonDumper, tuple: _JsonDumper,
}  # fmt: skip
for _type, _dumper in _DUMPERS.items():
    _COLUMN_TYPES.register_dumper(_type, _dumper)


class CopyFormatter:
    """Writes rows as lines of COPY text; for one thread."""

    def __init__(self) -> None:
        self._transformer = Transformer(_COLUMN_TYPES)

    def format(self, rows: Iterable[Sequence[object]]) -> bytes:
        """Write rows.

        Raises:
            TypeError: a value is of a type that no column holds.
            ValueError: a datetime has no zone, or PostgreSQL cannot hold a text, which no validated record has.
        """
        lines = bytearray()
        try:
            for row in rows:
                format_row_text(row, self._transformer, lines)
        except ProgrammingError as error:
            raise TypeError(f"a value cannot be stored: {error}") from error
        except DataError as error:
            raise ValueError(f"a text cannot be stored: {error}") from error
        return bytes(lines)
