"""What grows with the number of ad accounts: the freshness sensor's tick, one account's sync, its memory and its rows.

    .venv/bin/python -m benchmarks.scaling --accounts 1000

Prints one figure a line, against an embedded PostgreSQL and the simulator on this machine. docs/scaling.md uses them.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import dagster as dg
from sqlalchemy import func, select

from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.run_tags import SCOPE
from lac_pipeline.defs.sensors.freshness_sensor import freshness_sensor
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.facts import CampaignDailyMetric, CreativeDailyMetric

TICKS = 5


def megabytes() -> float:
    """The most memory that this process, simulator included, has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sync_one(session: AccountSync, world: World) -> None:
    """Sync one account twice: its whole history, then what a refresh reads."""
    (account_id,) = session.accounts("all")
    for name, request in (("first sync", SyncRequest()), ("refresh", SyncRequest(force=True))):
        calls, started = sum(world.calls.values()), time.perf_counter()
        results = list(session.sync([account_id], request))
        seconds = time.perf_counter() - started
        rows = sum(attempt.fetched for result in results for attempt in result.attempts)
        made = sum(world.calls.values()) - calls
        print(f"{name}: {seconds:.1f} s, {made} calls, {rows:,} rows fetched, peak {megabytes():.0f} MB")


def grown(settings: Settings) -> None:
    """Print how many events Dagster wrote for each run, and how much room facts and events take."""
    with dg.DagsterInstance.get() as instance:
        for record in reversed(instance.get_run_records()):
            run = record.dagster_run
            print(f"events of a run: {run.tags.get(SCOPE)}, {len(instance.all_logs(run.run_id)):,}")
    engine = make_engine(str(settings.warehouse_url))
    with engine.connect() as connection:
        for model in (CampaignDailyMetric, CreativeDailyMetric):
            name = model.__tablename__
            rows = connection.scalar(select(func.count()).select_from(model)) or 1
            size = connection.scalar(select(func.pg_total_relation_size(f"{SCHEMA}.{name}"))) or 0
            print(f"{name}: {rows:,} rows, {size / rows:.0f} bytes a row with its indexes")
    engine.dispose()


def tick(settings: Settings, accounts: int) -> None:
    """Evaluate the freshness sensor for accounts that were never synced, the most work that a tick can have."""
    sensor = freshness_sensor(settings)
    names = [str(600_000_000 + number) for number in range(accounts)]
    seconds = []
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(str(account_partitions.name), names)
        for _ in range(TICKS):
            with dg.build_sensor_context(instance=instance, resources={"warehouse": WarehouseResource()}) as context:
                started = time.perf_counter()
                result = sensor._raw_fn(context)  # noqa: SLF001 - a call would pass the resources as arguments
                seconds.append(time.perf_counter() - started)
        assert isinstance(result, dg.SensorResult)
    requested = len(result.run_requests or [])
    print(
        f"sensor tick, {accounts:,} accounts, {requested} requests: median {statistics.median(seconds) * 1000:.0f} ms"
    )


def main() -> None:
    """Measure, in a home of this benchmark's own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--campaigns", type=int, default=40)
    parser.add_argument("--creatives", type=int, default=160)
    parser.add_argument("--days", type=int, default=90)
    arguments = parser.parse_args()
    world = World.synthetic(
        accounts=1, campaigns=arguments.campaigns, creatives=arguments.creatives, days=arguments.days
    )
    home = Path(tempfile.mkdtemp(prefix="lac-scaling-"))
    home.chmod(0o711)  # as root the embedded server runs as another user, who has to get in
    try:
        with SimulatorServer(world) as simulator:
            isolate(connection_settings(world, simulator.url) | {"LAC_HOME": str(home)})
            with environment(Settings.load(), migrated=True) as settings:
                with open_session(settings) as session:
                    sync_one(session, world)
                grown(settings)
                tick(settings, arguments.accounts)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
