"""How long the freshness gate takes to judge a thousand accounts over a hundred thousand logged attempts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Engine, delete, insert, text

from lac_pipeline.streams.sync_windows import ASSETS_OF, Scope
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.schema.tables import SCHEMA, SyncLog

ACCOUNTS = range(510_000_001, 510_001_001)
ROWS = 100_000
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_PACE = timedelta(hours=4)


def _attempts() -> Iterator[dict[str, object]]:
    """As many for each account and asset, the latest first, marked as closing them would have marked them."""
    times = ROWS // (len(ACCOUNTS) * sum(len(assets) for assets in ASSETS_OF.values()))
    for account in ACCOUNTS:
        statuses = [_status(account + time_) for time_ in range(times)]
        newest = statuses.index("success")
        for time_, status in enumerate(statuses):
            start = NOW - _PACE * time_ - timedelta(seconds=account % 600)
            common = {"started_at": start, "finished_at": start, "status": status, "outdated": time_ > newest}
            for scope in Scope:
                for asset in ASSETS_OF[scope]:
                    key = {"account_id": account, "asset": asset, "run_id": f"{account}-{time_}"}
                    yield {**key, **common, **_window(scope, start)}


def _status(number: int) -> str:
    """Every tenth failed, every third was skipped."""
    return "failed" if number % 10 == 4 else "skipped" if number % 3 == 2 else "success"


def _window(scope: Scope, start: datetime) -> dict[str, object]:
    if scope is Scope.ENTITIES:
        return {"trigger": "scheduled", "partition_start": None, "partition_end": None}
    first, last = start.date() - timedelta(days=3), start.date() + timedelta(days=1)
    return {"trigger": "scheduled", "partition_start": first, "partition_end": last}


def fill(engine: Engine) -> None:
    """Replace the log by that of a thousand accounts."""
    with engine.begin() as connection:
        connection.execute(delete(SyncLog))
        connection.execute(insert(SyncLog), list(_attempts()))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {SCHEMA}.sync_log"))


def freshness_seconds(engine: Engine, *, rounds: int) -> float:
    """Judge all accounts again and again; return the median of the seconds it took."""
    fill(engine)
    gate = FreshnessGate(engine, ttl_minutes=240, demographics_ttl_minutes=1440, clock=lambda: NOW)
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        states = gate.states(ACCOUNTS)
        taken.append(time.perf_counter() - begun)
        assert len(states) == len(ACCOUNTS) * len(Scope)
    return median(taken)
