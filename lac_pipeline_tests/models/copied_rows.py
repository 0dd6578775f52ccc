"""Reads COPY text of reports back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.linkedin.metrics import BY_COLUMN, Kind

Row = tuple[object, ...]

TEXTS = frozenset({"segment", "pivot_type", "value", "breakdown"})
"""Columns of text."""


def rows_of(columns: Sequence[str], text: bytes) -> list[Row]:
    """The rows of some columns, each cell as its column's type."""
    return [tuple(map(_cell, columns, line.split("\t"))) for line in text.decode().splitlines()]


def rows_of_batch(batch: Batch) -> list[Row]:
    """A batch's rows, of which none is refused."""
    if batch.decoded is not None:
        return rows_of(batch.validator.columns, batch.decoded.text)
    page = batch.validator.validate(batch.records)
    assert page.rejected == []
    return page.rows


def _cell(column: str, text: str) -> object:
    if text == r"\N":
        return None
    if column in BY_COLUMN and BY_COLUMN[column].kind is not Kind.COUNT:
        return Decimal(text)
    if column in ("date", "month"):
        return date.fromisoformat(text)
    return text if column in TEXTS else int(text)
