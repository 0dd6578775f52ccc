"""The declared reports of which rows are stored, whether or not they are still declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, func, select

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.tables import CustomReport


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What is stored of a report in one form.

    Attributes:
        report: its name in the file.
        granularity: `DAILY` or `MONTHLY`.
        pivots: LinkedIn's pivots, with commas between.
        rows: how many there are, of all ad accounts.
        days: of how many UTC days, or months.
        first: the first of these.
        last: the last of these.
    """

    report: str
    granularity: str
    pivots: str
    rows: int
    days: int
    first: date | None
    last: date | None


def stored_reports(engine: Engine) -> list[StoredReport]:
    """Return what is stored, by name and form.

    Raises:
        StorageError: the query failed.
    """
    table = CustomReport
    form = (table.report, table.granularity, table.pivots)
    counts = (func.count(), func.count(table.date.distinct()), func.min(table.date), func.max(table.date))
    query = select(*form, *counts).group_by(*form).order_by(*form)
    with translating_errors(), engine.connect() as connection:
        return [StoredReport(*row) for row in connection.execute(query)]
