"""What the load benchmark loads: `creative_daily_metrics` with 18 metrics, as rows, as a spool, as LinkedIn's bytes."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from lac_pipeline.linkedin.metrics import BY_NAME, CORE, MAX_ELEMENTS, Kind, Metric
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.load.attempts import Load, LoadResult
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.migrate import upgrade
from lac_pipeline.warehouse.schema.tables import CreativeDailyMetric
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

ACCOUNT = 510_000_001
DAYS = 100
WINDOW = DateWindow(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=DAYS))
PAGE = MAX_ELEMENTS
ASSET = CreativeDailyMetric.__tablename__
RESTATED = 3  # metrics: impressions, clicks, cost
METRICS: tuple[Metric, ...] = tuple(BY_NAME[name] for name in CORE)
COLUMNS = ("creative_id", "date", "account_id", *(metric.column for metric in METRICS))

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Rows:
    """So many rows, the same at every reading.

    Attributes:
        count: a multiple of 100: so many days has each creative.
        changed: the share of rows that LinkedIn restated: impressions, clicks and cost differ from those of others.
    """

    count: int
    changed: float = 0.0

    def __iter__(self) -> Iterator[Row]:
        chance = random.Random(self.count)  # noqa: S311  # a benchmark, not a secret
        for creative in range(self.count // DAYS):
            for day in WINDOW:
                bump = 1 if chance.random() < self.changed else 0
                yield (10_000_000 + creative, day, ACCOUNT, *_values(creative * 31 + day.toordinal(), bump=bump))

    def spool(self) -> CopySpool:
        """The rows, encoded."""
        spool = CopySpool(COLUMNS)
        spool.extend(self)
        return spool

    def pages(self) -> Iterator[bytes]:
        """The rows as LinkedIn sends them, 15,000 elements a page."""
        page: list[dict[str, Any]] = []
        for row in self:
            page.append(_element(row))
            if len(page) == PAGE:
                yield json.dumps({"elements": page}).encode()
                page = []
        if page:
            yield json.dumps({"elements": page}).encode()


def _values(base: int, *, bump: int) -> Iterator[object]:
    for place, metric in enumerate(METRICS):
        more = bump if place < RESTATED else 0
        if metric.kind is Kind.COUNT:
            yield base * (place + 3) % 5000 + more
        else:
            yield Decimal(base % 977 + more) / 100


def _element(row: Row) -> dict[str, Any]:
    creative, day, _, *values = row
    linkedin_date = {"year": day.year, "month": day.month, "day": day.day}
    numbers = {
        metric.name: value if isinstance(value, int) else str(value)
        for metric, value in zip(METRICS, values, strict=True)
    }
    return {
        "dateRange": {"start": linkedin_date, "end": linkedin_date},
        "pivotValues": [f"urn:li:sponsoredCreative:{creative}"],
        **numbers,
    }


def load(warehouse: Warehouse, spool: CopySpool) -> LoadResult:
    """Begin an attempt and load the spool."""
    attempt = warehouse.begin(ASSET, ACCOUNT, run_id="benchmark", trigger="on_demand", window=WINDOW)
    return warehouse.load(Load(attempt, spool, [], fetched=spool.rows, api_calls=0))


@contextmanager
def scratch_server() -> Iterator[EmbeddedServer]:
    """A server of this run's own in a temporary folder, with PostgreSQL's usual settings."""
    with tempfile.TemporaryDirectory(prefix="lac-bench-") as folder:
        Path(folder).chmod(0o711)  # as root the server runs as another user, who has to get in
        with EmbeddedServer(Path(folder)) as server:
            yield server


@contextmanager
def scratch_warehouse(server: EmbeddedServer, name: str) -> Iterator[Engine]:
    """A migrated database of that name."""
    server.ensure_database(name)
    upgrade(server.url(name))
    engine = make_engine(server.url(name))
    try:
        yield engine
    finally:
        engine.dispose()
