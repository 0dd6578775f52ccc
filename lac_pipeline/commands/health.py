"""`lac health`: whether PostgreSQL and the daemon run, within a second and without a request to LinkedIn."""

from __future__ import annotations

from collections.abc import Iterator

from lac_pipeline.commands.doctor.finding import Finding, examined
from lac_pipeline.commands.doctor.services import instance
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.query.doctor_queries import server
from lac_pipeline.warehouse.warehouse import Warehouse


def findings(warehouse: Warehouse, *, daemon: bool) -> Iterator[Finding]:
    """Examine PostgreSQL, the schema and, with `daemon`, Dagster's daemon; the schema was compared on opening.

    Args:
        warehouse: open, which it only is where its schema is this version's.
        daemon: whether a daemon is to run.
    """
    yield from examined("database", lambda: _database(warehouse))
    if daemon:
        yield from examined("Dagster", lambda: (each for each in instance() if each.subject == "daemon"))


def _database(warehouse: Warehouse) -> Iterator[Finding]:
    found = server(warehouse.engine)
    yield Finding("database", "ok", f"PostgreSQL {found.version // 10000} responds, schema at {migrate.head()}")
