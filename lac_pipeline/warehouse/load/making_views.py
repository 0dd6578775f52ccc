"""The views of declared reports, made when a report is declared and replaced when its declaration changes.

No migration makes them, because the user's own file declares what they show. New columns are added at the end, and
views and rights that depend on such a view stay. If a column is removed or gets another meaning, the view is dropped
first; PostgreSQL refuses that while other views depend on it.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import InternalError

from lac_pipeline.errors import StorageError
from lac_pipeline.streams import Stream
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.report_views import DECLARED, report_view
from lac_pipeline.warehouse.schema.view import View

_FOUND = text(
    """
    SELECT a.attname, col_description(a.attrelid, a.attnum), obj_description(a.attrelid, 'pg_class')
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass(:relation) AND a.attnum > 0
    ORDER BY a.attnum
    """
)
_LOCK = 0x6C61637665777331
"""The advisory lock of PostgreSQL that a process holds while it makes a view of a report."""


def make_view(connection: Connection, stream: Stream) -> bool:
    """Make the view of a declared report, or replace it where it shows something else; return whether it was made.

    Raises:
        StorageError: other views stand on columns that the report has no more, or a view or table of the same name is
            a person's.
        KeyError: the stream is no declared report.
    """
    view = report_view(stream)
    if _is_as_declared(view, _found(connection, view)):
        return False
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    found = _found(connection, view)
    if _is_as_declared(view, found):  # another process made it meanwhile
        return False
    if found and DECLARED not in (_grain_of(found) or ""):
        raise StorageError(
            f"{SCHEMA}.{view.name} is there already, and lac did not make it",
            meaning="the view of the declared report would take its place; nothing was changed, and nothing is loaded",
            fix="rename it, or give the report another name in the file of LAC_REPORTS",
        )
    stays = _grain_of(found) == view.grain and found.keys() <= {column.name for column in view.columns}
    if found and not stays:
        _drop(connection, view)
        found = {}
    for statement in _appending(view, [*found]).statements():
        connection.exec_driver_sql(statement.replace("%", "%%"))
    return True


def _found(connection: Connection, view: View) -> dict[str, tuple[str | None, str | None]]:
    """The columns of the view that is there, in order: the comment of each, and the view's."""
    rows = connection.execute(_FOUND, {"relation": f"{SCHEMA}.{view.name}"})
    return {name: (comment, grain) for name, comment, grain in rows}


def _grain_of(found: dict[str, tuple[str | None, str | None]]) -> str | None:
    return next((grain for _, grain in found.values()), None)


def _is_as_declared(view: View, found: dict[str, tuple[str | None, str | None]]) -> bool:
    return found == {column.name: (column.comment, view.grain) for column in view.columns}


def _appending(view: View, first: list[str]) -> View:
    """The view with the columns that are there in their order, and new ones behind them: PostgreSQL only appends."""
    place = {name: number for number, name in enumerate(first)}
    return replace(view, columns=tuple(sorted(view.columns, key=lambda column: place.get(column.name, len(first)))))


def _drop(connection: Connection, view: View) -> None:
    try:
        connection.exec_driver_sql(f"DROP VIEW {SCHEMA}.{view.name}")
    except InternalError as error:
        if not isinstance(error.orig, psycopg.errors.DependentObjectsStillExist):
            raise
        raise StorageError(
            f"the view {SCHEMA}.{view.name} cannot be replaced",
            detail=error.orig.diag.message_detail,
            meaning="the report is declared with other columns now, and other views read those that it had; nothing of "
            "it was loaded",
            fix="drop these views, run `lac migrate`, and make them again; or give the changed report another name",
        ) from error
