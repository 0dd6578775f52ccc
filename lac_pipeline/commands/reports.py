"""`lac reports`: the reports that LAC_REPORTS declares, and those that have rows but are no longer declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lac_pipeline.streams import Stream
from lac_pipeline.streams.custom_reports import PREFIX
from lac_pipeline.warehouse.query.stored_reports import StoredReport, stored_reports
from lac_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """A report in one form, and what is stored of it.

    Attributes:
        stored: the form, and the rows.
        declared: whether it is declared in this form, so that it is loaded and its view shows it.
        metrics: LinkedIn's names of the metrics that are declared; none where it is not.
    """

    stored: StoredReport
    declared: bool
    metrics: tuple[str, ...] = ()

    @property
    def view(self) -> str:
        """The view that shows it, of those that are declared."""
        return f"{PREFIX}{self.stored.report}"


def reports_of(warehouse: Warehouse, declared: Sequence[Stream]) -> list[ReportStatus]:
    """Return the declared reports in the order of their file, and behind them what is stored of others.

    Args:
        warehouse: where the rows are.
        declared: the reports of the settings.

    Raises:
        StorageError: the query failed.
    """
    stored = {(each.report, each.granularity, each.pivots): each for each in stored_reports(warehouse.engine)}
    found = []
    for stream in declared:
        if stream.report is not None:
            known = stream.report.known_by
            form = (known["report"], known["granularity"], known["pivots"])
            rows = stored.pop(form, StoredReport(*form, rows=0, days=0, first=None, last=None))
            found.append(ReportStatus(rows, declared=True, metrics=tuple(each.name for each in stream.report.metrics)))
    return found + [ReportStatus(each, declared=False) for each in stored.values()]
