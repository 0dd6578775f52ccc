"""The warehouse and its freshness gate, as the settings have them, without Dagster.

Importing Dagster takes most of a second; commands that only read do not need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from lac_pipeline.archive.store import RawArchive

OUTCOMES = "outcome"
"""What stands for a run in the names of outcomes, which contain their run."""


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open the warehouse that the settings name, and close its connections afterwards.

    What was fetched and not stored by then has failed.

    Raises:
        ConfigError: no database is named, and this process was not started by `lac`, which would have started one.
    """
    if settings.warehouse_url is None:
        raise ConfigError(
            "no database is configured in this process",
            meaning="without POSTGRES_HOST or DATABASE_URL an embedded server is used, and only `lac` starts it",
            fix="set DATABASE_URL, or start this command through lac: `lac exec -- dagster dev`",
        )

    @cache
    def archive() -> RawArchive:
        from lac_pipeline.archive.store import RawArchive  # noqa: PLC0415 - only who loads needs it

        return RawArchive(settings.raw_url, run_id=OUTCOMES, clock=utc_now)

    engine = make_engine(settings.warehouse_url)
    warehouse = Warehouse(engine, archive=archive)
    try:
        yield warehouse
    finally:
        warehouse.abandon_pending()
        engine.dispose()


def freshness_gate(settings: Settings, warehouse: Warehouse) -> FreshnessGate:
    """The freshness gate over this warehouse, with the TTLs of the settings."""
    return FreshnessGate(
        warehouse.engine,
        streams=settings.streams,
        ttl_minutes=settings.freshness_ttl_minutes,
        demographics_ttl_minutes=settings.demographics_ttl_minutes,
        parts=settings.parts,
    )
