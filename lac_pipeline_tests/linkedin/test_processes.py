"""What processes share through PostgreSQL: tokens that one of them renews, and quotas that one of them saw spent."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import QuotaSpentError
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.token_store import EncryptedTokens
from lac_pipeline_tests.linkedin.doubles import NOW, Bench, Clock, Script, refusal
from lac_pipeline_tests.linkedin.failure_table import DAY
from lac_pipeline_tests.linkedin.renewal import Reader

ACCOUNT = 520000001
PROCESSES = 10


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    """One account, at the real clock, which other processes share."""
    with SimulatorServer(World.synthetic(campaigns=1, creatives=1, days=1)) as running:
        yield running


@pytest.mark.parametrize("known_to_end", [True, False], ids=["before it ends", "after LinkedIn refused it"])
def test_ten_processes_renew_the_token_once(
    sim: SimulatorServer, engine: Engine, warehouse_url: str, known_to_end: bool
) -> None:
    """Ten processes start with the same ended token: one renews it, nine find the new one in the database."""
    world, key = sim.world, Fernet.generate_key().decode()
    left = timedelta(minutes=1 if known_to_end else 90_000)
    store = EncryptedTokens(engine, SecretStr(key), client_id=world.client_id)
    store.save(Tokens(SecretStr(world.token), SecretStr(world.refresh_token), utc_now() + left))
    world.edit.expire(world.token)
    reader = Reader(warehouse_url, key, sim.url, world.client_id, world.client_secret, ACCOUNT)
    assert _in_processes(reader) == [ACCOUNT] * PROCESSES
    assert world.calls["accessToken"] == 1
    # A process that reads the store a moment later than the others finds the new token there, and is never refused.
    assert PROCESSES <= world.calls["adAccounts"] <= PROCESSES * (1 if known_to_end else 2)
    kept = store.load()
    assert kept is not None
    assert kept.access.get_secret_value() in set(world.identities.access) - {world.token}


def _in_processes(reader: Reader) -> list[int]:
    """Run it in ten processes at once; each is forked from one that has imported what it takes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([Reader.__module__])
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        start = manager.Barrier(PROCESSES)
        running = [pool.submit(reader.run, start) for _ in range(PROCESSES)]
        return [task.result(timeout=90) for task in running]


def test_a_quota_spent_in_one_process_is_respected_in_another(engine: Engine, warehouse_url: str) -> None:
    """A client of another engine reads the ledger in the database, and sends nothing until 00:00 UTC."""
    first = Bench(Script(refusal(429, DAY)), ledger=ApiUsage(engine))  # type: ignore[arg-type]  # by its shape
    asyncio.run(_refused(first))
    other, clock, script = make_engine(warehouse_url), Clock(NOW + timedelta(hours=11, minutes=59)), Script()
    asyncio.run(_refused(Bench(script, clock=clock, ledger=ApiUsage(other))))  # type: ignore[arg-type]  # by its shape
    assert script.requests == []
    clock.now = datetime(2026, 11, 21, tzinfo=UTC)
    assert ApiUsage(other).record_call("adAccounts", None, at=clock.now) is None
    other.dispose()


async def _refused(at: Bench) -> None:
    async with at.client() as client:
        with pytest.raises(QuotaSpentError) as failure:
            await client.account(ACCOUNT)
    assert failure.value.until == datetime(2026, 11, 21, tzinfo=UTC)
