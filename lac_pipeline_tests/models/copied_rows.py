"""Reads COPY text of reports back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lac_pipeline.linkedin.metrics import BY_COLUMN, Kind

Row = tuple[object, ...]


def rows_of(columns: Sequence[str], text: bytes) -> list[Row]:
    """The rows of some columns, each cell as its column's type."""
    return [tuple(map(_cell, columns, line.split("\t"))) for line in text.decode().splitlines()]


def _cell(column: str, text: str) -> object:
    if text == r"\N":
        return None
    if column in BY_COLUMN and BY_COLUMN[column].kind is not Kind.COUNT:
        return Decimal(text)
    if column in ("date", "month"):
        return date.fromisoformat(text)
    return text if column in ("segment", "pivot_type") else int(text)
