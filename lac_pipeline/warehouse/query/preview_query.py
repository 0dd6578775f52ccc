"""The rows of an asset as a person is shown them: the newest days first, with names beside ids."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.query.named_columns import with_names
from lac_pipeline.warehouse.schema.report_views import report_view
from lac_pipeline.warehouse.schema.tables import day_of, stream_table
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.windows import DateWindow


def preview_query(asset: str, rows: Select[Any], account_id: int, window: DateWindow | None) -> Select[Any]:
    """The rows of a view, where people are shown one in place of the table; else the table's, with names.

    Args:
        asset: an asset that is loaded from LinkedIn.
        rows: the account's rows in the asset's table.
        account_id: ad account.
        window: the UTC days; None for all.
    """
    view = _view_of(asset)
    if view is not None:
        return _shown(asset, view, account_id, window)
    day = day_of(asset)
    newest = [] if day is None else [day.desc()]
    return _named(asset, rows).order_by(*newest, *stream_table(asset).primary_key.columns)


def _named(asset: str, query: Select[Any]) -> Select[Any]:
    """The rows, with the names of what they are about behind its ids."""
    stream, table, columns = stream_of(asset), stream_table(asset), list[ColumnElement[Any]]()
    streams = dict(stream.overview.names) if stream.overview is not None else {}
    if stream.report is not None and stream.report.subject is not None:
        streams[stream.report.subject.column] = stream.report.subject.stream
    joined, names = with_names(table, streams)
    for own in table.c:
        columns.append(own)
        if own.name in names:
            columns.append(names[own.name].label(f"{own.name.removesuffix('_id')}_name"))
    return query.select_from(joined).with_only_columns(*columns)


def _view_of(asset: str) -> FromClause | None:
    """The view whose rows a person is shown in place of the table's."""
    stream = stream_of(asset)
    if stream.shares is not None:
        return report_view(stream).selectable
    shown = stream.overview.preview if stream.overview is not None else None
    return next((view.selectable for view in VIEWS if view.name == shown), None)


def _shown(asset: str, view: FromClause, account_id: int, window: DateWindow | None) -> Select[Any]:
    """The rows of an asset as a view has them, the newest first."""
    day = view.c[str(stream_of(asset).partitioning.value)]
    query = select(view).where(view.c.account_id == account_id).order_by(day.desc(), *view.c)
    return query if window is None else query.where(day >= window.start, day < window.end)
