"""The warehouse and its freshness gate, as the settings have them, without Dagster.

Importing Dagster takes most of a second; commands that only read do not need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings
from lac_pipeline.shared import Shared
from lac_pipeline.warehouse.connected import ConnectedWarehouse
from lac_pipeline.warehouse.query.freshness import FreshnessGate

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lac_pipeline.archive.store import RawArchive
    from lac_pipeline.warehouse.warehouse import Warehouse

OUTCOMES = "outcome"
"""What stands for a run in the names of outcomes, which contain their run."""


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


_engines = Shared["Engine"]()
"""What opens the same database at the same time shares an engine: it compiles each kind of statement once."""


@contextmanager
def connect_warehouse(settings: Settings) -> Iterator[ConnectedWarehouse]:
    """Open the warehouse that the settings name to read it; the last of the process that uses it closes it.

    Raises:
        ConfigError: no database is named, and this process was not started by `lac`, which would have started one.
    """
    if settings.warehouse_url is None:
        raise ConfigError(
            "no database is configured in this process",
            meaning="without POSTGRES_HOST or DATABASE_URL an embedded server is used, and only `lac` starts it",
            fix="set DATABASE_URL, or start this command through lac: `lac exec -- dagster dev`",
        )
    with _engines.hold(settings.warehouse_url, partial(_engine, settings.warehouse_url)) as engine:
        yield ConnectedWarehouse(engine)


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open the warehouse that the settings name; the last of the process that has it open closes its connections.

    What was fetched and not stored by then has failed.

    Raises:
        ConfigError: no database is named, and this process was not started by `lac`, which would have started one.
    """
    from lac_pipeline.warehouse.warehouse import Warehouse  # noqa: PLC0415 - only who loads needs it

    @cache
    def archive() -> RawArchive:
        from lac_pipeline.archive.store import RawArchive  # noqa: PLC0415 - only who loads needs it

        return RawArchive(settings.raw_url, run_id=OUTCOMES, clock=utc_now)

    with connect_warehouse(settings) as connected:
        warehouse = Warehouse(connected.engine, archive=archive)
        try:
            yield warehouse
        finally:
            warehouse.abandon_pending()


def freshness_gate(settings: Settings, warehouse: ConnectedWarehouse) -> FreshnessGate:
    """The freshness gate over this warehouse, with the TTLs of the settings."""
    return FreshnessGate(
        warehouse.engine,
        streams=settings.streams,
        ttl_minutes=settings.freshness_ttl_minutes,
        demographics_ttl_minutes=settings.demographics_ttl_minutes,
        parts=settings.parts,
    )
