"""Sums of metrics in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, cast, func


def whole_sum(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sum a column; NULL as soon as one of the values is: it was not read, or LinkedIn did not give it."""
    return case((func.count() == func.count(value), cast(func.sum(value), value.type)))
