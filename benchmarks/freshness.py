"""How long the freshness gate takes to judge a thousand accounts over a hundred thousand logged attempts."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Engine, delete, insert, text

from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.storage.freshness import FreshnessGate
from lac_pipeline.storage.tables import SCHEMA, SyncLog

ACCOUNTS = range(510_000_001, 510_001_001)
ROWS = 100_000
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_PACE = timedelta(hours=4)


def _attempts() -> list[dict[str, object]]:
    """The same number for each account and asset, the latest first; every tenth failed, every third was skipped."""
    assets = [(scope, asset) for scope in Scope for asset in ASSETS_OF[scope]]
    times = ROWS // (len(ACCOUNTS) * len(assets))
    return [
        {
            "account_id": account,
            "asset": asset,
            "started_at": (start := NOW - _PACE * time_ - timedelta(seconds=account % 600)),
            "finished_at": start,
            "status": "failed" if time_ % 10 == 4 else "skipped" if time_ % 3 == 2 else "success",
            "trigger": "scheduled",
            "run_id": f"{account}-{time_}",
            "partition_start": None if scope is Scope.ENTITIES else start.date() - timedelta(days=3),
            "partition_end": None if scope is Scope.ENTITIES else start.date() + timedelta(days=1),
        }
        for time_ in range(times)
        for account in ACCOUNTS
        for scope, asset in assets
    ]


def fill(engine: Engine) -> None:
    """Replace the log by that of a thousand accounts."""
    with engine.begin() as connection:
        connection.execute(delete(SyncLog))
        connection.execute(insert(SyncLog), _attempts())
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
