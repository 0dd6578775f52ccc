"""The warehouse and its freshness gate, as the settings have them, without Dagster.

Importing Dagster takes most of a second; commands that only read do not need it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lac_pipeline.archive.store import RawArchive

OUTCOMES = "outcome"
"""What stands for a run in the names of outcomes, which contain their run."""


class _RunEngines:
    """The engines of the runs of this process: what opens the warehouse for the same run shares one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[tuple[str, str], Engine] = {}
        self._users = Counter[tuple[str, str]]()

    @contextmanager
    def of(self, run_id: str, url: str) -> Iterator[Engine]:
        """The engine of a run; its connections are closed by the last that uses it."""
        key = run_id, url
        with self._lock:
            engine = self._open[key] = self._open.get(key) or make_engine(url)
            self._users[key] += 1
        try:
            yield engine
        finally:
            with self._lock:
                self._users[key] -= 1
                last = not self._users[key]
                if last:
                    del self._users[key], self._open[key]
            if last:
                engine.dispose()


_engines = _RunEngines()


@contextmanager
def _own_engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_warehouse(settings: Settings, *, run_id: str | None = None) -> Iterator[Warehouse]:
    """Open the warehouse that the settings name, and close its connections afterwards.

    What was fetched and not stored by then has failed.

    Args:
        settings: which database.
        run_id: of the run that opens it, whose resources share their connections.

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

    url = settings.warehouse_url
    with _own_engine(url) if run_id is None else _engines.of(run_id, url) as engine:
        warehouse = Warehouse(engine, archive=archive)
        try:
            yield warehouse
        finally:
            warehouse.abandon_pending()


def freshness_gate(settings: Settings, warehouse: Warehouse) -> FreshnessGate:
    """The freshness gate over this warehouse, with the TTLs of the settings."""
    return FreshnessGate(
        warehouse.engine,
        streams=settings.streams,
        ttl_minutes=settings.freshness_ttl_minutes,
        demographics_ttl_minutes=settings.demographics_ttl_minutes,
        parts=settings.parts,
    )
