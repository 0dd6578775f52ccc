"""How long the freshness gate takes to judge a thousand accounts, and the sensor one tick of them.

Run it with `python -m benchmarks.freshness`. Every account has the streams that are loaded by default. The promise: the
gate takes at most 30 ms and a tick of the sensor 150, over a hundred thousand logged attempts.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from statistics import median

import dagster as dg
from sqlalchemy import Engine, delete, insert, text

from benchmarks.workload import scratch_server, scratch_warehouse
from lac_pipeline.clock import utc_now
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.sensors.freshness_sensor import freshness_sensor
from lac_pipeline.settings import Settings
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.schema.tables import SCHEMA, StreamState, SyncLog

ACCOUNTS = range(510_000_001, 510_001_001)
ROWS = 100_000
ROUNDS = 15
GATE_LIMIT, TICK_LIMIT = 0.03, 0.15  # seconds
_PACE = timedelta(hours=4)


STREAMS_BY_DEFAULT = STREAMS.chosen("default")


def gate_of(engine: Engine) -> FreshnessGate:
    """The gate over the streams that are loaded by default."""
    return FreshnessGate(engine, streams=STREAMS_BY_DEFAULT, ttl_minutes=240, demographics_ttl_minutes=1440)


def _attempts(now: datetime) -> Iterator[list[dict[str, object]]]:
    """For each account and asset as many attempts as for the others, the latest first."""
    times = ROWS // (len(ACCOUNTS) * len(STREAMS_BY_DEFAULT))
    for account in ACCOUNTS:
        for group in STREAMS_BY_DEFAULT.groups:
            for asset in STREAMS_BY_DEFAULT.names_in(group):
                rows = []
                for time_ in range(times):
                    start = now - _PACE * time_ - timedelta(seconds=account % 600)
                    key = {"account_id": account, "asset": asset, "started_at": start, "run_id": f"{account}-{time_}"}
                    rows.append(key | {"status": _status(account + time_)} | _window(group, start))
                yield rows


def _state(rows: list[dict[str, object]]) -> dict[str, object]:
    """The state that these attempts leave."""
    tried = [row for row in rows if row["status"] != "skipped"]
    newest = next(place for place, row in enumerate(tried) if row["status"] == "success")
    return {
        "account_id": tried[0]["account_id"],
        "asset": tried[0]["asset"],
        "synced_at": tried[newest]["started_at"],
        "window_start": tried[newest]["partition_start"],
        "window_end": tried[newest]["partition_end"],
        "attempted_at": tried[0]["started_at"],
        "status": tried[0]["status"],
        "failures": newest,
    }


def _status(number: int) -> str:
    """Every tenth failed, every third was skipped."""
    return "failed" if number % 10 == 4 else "skipped" if number % 3 == 2 else "success"


def _window(group: AssetGroup, start: datetime) -> dict[str, object]:
    if group is AssetGroup.ENTITIES:
        return {"trigger": "scheduled", "partition_start": None, "partition_end": None}
    first, last = start.date() - timedelta(days=3), start.date() + timedelta(days=1)
    return {"trigger": "scheduled", "partition_start": first, "partition_end": last}


def fill(engine: Engine) -> None:
    """Replace the log and the states by those of a thousand accounts."""
    streams = list(_attempts(utc_now()))
    with engine.begin() as connection:
        connection.execute(delete(SyncLog))
        connection.execute(delete(StreamState))
        connection.execute(insert(SyncLog), [row for rows in streams for row in rows])
        connection.execute(insert(StreamState), [_state(rows) for rows in streams])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {SCHEMA}.sync_log, {SCHEMA}.stream_state"))


def freshness_seconds(engine: Engine, *, rounds: int) -> float:
    """Judge all accounts again and again; return the median of the seconds it took."""
    fill(engine)
    gate = gate_of(engine)
    assert len(gate.states(ACCOUNTS)) == len(ACCOUNTS) * len(STREAMS_BY_DEFAULT.groups)
    return _median(lambda: gate.states(ACCOUNTS), rounds)


def tick_seconds(url: str, *, rounds: int) -> float:
    """Evaluate the sensor again and again over the states that are there; return the median of the seconds."""
    os.environ |= {"DATABASE_URL": url, "LINKEDIN_CLIENT_ID": "none", "LINKEDIN_CLIENT_SECRET": "none"}
    sensor = freshness_sensor(Settings.load())
    with tempfile.TemporaryDirectory() as folder, dg.DagsterInstance.local_temp(folder) as instance:
        instance.add_dynamic_partitions(str(account_partitions.name), [str(account) for account in ACCOUNTS])
        resources = {"warehouse": WarehouseResource()}
        with dg.build_sensor_context(instance=instance, resources=resources) as context:
            tick = sensor._raw_fn  # noqa: SLF001 - a call would pass the resources as arguments
            return _median(lambda: tick(context), rounds)


def _median(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def main() -> int:
    """Print both; exit 1 if a promise is broken."""
    with scratch_server() as server, scratch_warehouse(server, "bench") as engine:
        gate = freshness_seconds(engine, rounds=ROUNDS)
        tick = tick_seconds(server.url("bench"), rounds=ROUNDS)
    streams = len(ACCOUNTS) * len(STREAMS_BY_DEFAULT)
    print(f"freshness of {streams:,} streams of {len(ACCOUNTS):,} accounts over {ROWS:,} attempts")
    print(f"gate: {1000 * gate:.0f} ms (promised: {1000 * GATE_LIMIT:.0f})")
    print(f"tick of the sensor: {1000 * tick:.0f} ms (promised: {1000 * TICK_LIMIT:.0f})")
    return 0 if gate <= GATE_LIMIT and tick <= TICK_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
