"""The state of a stream: the same as its log, however attempts end, and whichever processes end them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text

from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.sync_log import close_attempt, open_attempt
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, LONG_AGO, STATUSES, UNAVAILABLE
from lac_pipeline.warehouse.schema.tables import StreamState, SyncLog
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.warehouse.loads import ACCOUNT, log_attempt, log_skip, stored

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENTITIES, METRICS = STREAMS.names_in(AssetGroup.ENTITIES), STREAMS.names_in(AssetGroup.METRICS)
CHOSEN = ["clicks", "likes"]
TTL = timedelta(minutes=240)


@dataclass(frozen=True)
class Tried:
    """An attempt at the metrics of one account, how it ends, and what it requested."""

    attempt: Attempt
    status: str
    parts: list[str] | None

    @property
    def began(self) -> datetime:
        """When it began; long ago where a clock that ran ahead stamped it."""
        return self.attempt.started_at if self.attempt.started_at <= NOW else LONG_AGO

    @property
    def confirms(self) -> bool:
        """Whether it brought its asset up to date."""
        assert self.attempt.window
        return self.status in CONFIRMED and self.attempt.window.end > self.attempt.started_at.date()


@st.composite
def attempts(draw: st.DrawFn, statuses: Sequence[str] = STATUSES) -> list[Tried]:
    """Attempts some minutes apart, some of them in the far future, in the order in which they end."""
    ago = st.one_of(st.integers(0, 300), st.integers(0, 3000), st.integers(-10_000_020, -10_000_000))
    minutes = draw(st.lists(ago, unique=True, min_size=1, max_size=8))
    found = []
    for start in (NOW - timedelta(minutes=minute) for minute in minutes):
        last = start.date() - timedelta(days=draw(st.integers(0, 2)))
        window = DateWindow.inclusive(last - timedelta(days=draw(st.integers(0, 3))), last)
        attempt = Attempt(draw(st.sampled_from(METRICS)), ACCOUNT, "run", "scheduled", window, start)
        parts = draw(st.sampled_from((None, ["clicks"], CHOSEN)))
        found.append(Tried(attempt, draw(st.sampled_from(statuses)), parts))
    return found


@dataclass(frozen=True)
class Expected:
    """How an asset stands by the definition of each word, read from all that was tried."""

    tried: list[Tried]

    @property
    def counted(self) -> list[Tried]:
        """What was tried, without what was skipped."""
        return [attempt for attempt in self.tried if attempt.status != "skipped"]

    @property
    def synced_at(self) -> datetime | None:
        """When it was last brought up to date."""
        return max((attempt.began for attempt in self.counted if attempt.confirms), default=None)

    @property
    def tried_at(self) -> datetime | None:
        """When the last attempt began."""
        return max((attempt.began for attempt in self.counted), default=None)

    @property
    def statuses(self) -> set[str]:
        """How the last attempt ended: of several that have one start because a wrong clock stamped them, any."""
        return {attempt.status for attempt in self.counted if attempt.began == self.tried_at}

    @property
    def unavailable(self) -> bool:
        """Whether the last attempt found that the token may not read it."""
        return UNAVAILABLE in self.statuses and not self.statuses & {"running", "failed"}

    @property
    def settled_at(self) -> datetime | None:
        """Since when there is nothing to do."""
        return self.tried_at if self.unavailable else self.synced_at

    @property
    def failures(self) -> int:
        """How often it failed since it was synced."""
        return sum(
            attempt.status == "failed" and attempt.began >= (self.synced_at or LONG_AGO) for attempt in self.counted
        )

    @property
    def fresh(self) -> bool:
        """Whether it was synced within the TTL, with everything that is chosen, or found to be unavailable."""
        newest = [attempt for attempt in self.counted if attempt.confirms and attempt.began == self.synced_at]
        recent = self.settled_at is not None and NOW - self.settled_at < TTL
        whole = all(attempt.parts is None or set(CHOSEN) <= set(attempt.parts) for attempt in newest)
        return recent and (whole or self.unavailable)


@examples(50, HealthCheck.function_scoped_fixture)
@given(tried=attempts())
def test_the_state_is_what_the_log_comes_to(engine: Engine, tried: list[Tried]) -> None:
    """However attempts overlap and in whatever order they end, the gate agrees with their log."""
    write_log(engine, tried)
    gate = FreshnessGate(
        engine,
        streams=STREAMS,
        ttl_minutes=240,
        demographics_ttl_minutes=1440,
        parts=dict.fromkeys(METRICS, CHOSEN),
        clock=lambda: NOW,
    )
    expected = {asset: Expected([attempt for attempt in tried if attempt.attempt.asset == asset]) for asset in METRICS}
    found = {asset_status.asset: asset_status for asset_status in gate.assets([ACCOUNT])}
    assert set(found) == {asset for asset, expectation in expected.items() if expectation.counted}
    for asset, match in found.items():
        assert match.synced_at == expected[asset].synced_at
        assert match.last_status in expected[asset].statuses
    [state] = [state for state in gate.states([ACCOUNT]) if state.group is AssetGroup.METRICS]
    synced = [expectation.settled_at for expectation in expected.values() if expectation.settled_at is not None]
    assert state.synced_at == (min(synced) if len(synced) == len(METRICS) else None)
    assert state.last_attempt_at == max(
        (expectation.tried_at for expectation in expected.values() if expectation.tried_at), default=None
    )
    assert state.failures == max(expectation.failures for expectation in expected.values())
    assert state.fresh is all(expectation.fresh for expectation in expected.values())


def write_log(engine: Engine, tried: list[Tried]) -> None:
    """Open all of the attempts, then end them in order."""
    with engine.begin() as connection:
        connection.execute(delete(SyncLog))
        connection.execute(delete(StreamState))
        for attempt in tried:
            open_it = log_skip if attempt.status == "skipped" else open_attempt
            open_it(connection, attempt.attempt)
        for load in tried:
            if load.status not in ("running", "skipped"):
                close_attempt(connection, load.attempt, status=load.status, at=NOW, parts=load.parts)


@pytest.mark.whole
@examples(5, HealthCheck.function_scoped_fixture)
@given(tried=attempts([status for status in STATUSES if status != UNAVAILABLE]))
def test_a_migration_derives_the_same_state(engine: Engine, warehouse_url: str, tried: list[Tried]) -> None:
    """A warehouse of an older version gets the state that it would have kept."""
    write_log(engine, tried)
    kept = stored(engine, StreamState)
    migrate.downgrade(warehouse_url, "0019")
    migrate.upgrade(warehouse_url)
    assert stored(engine, StreamState) == kept


def test_an_attempt_that_fails_after_its_load_confirms_nothing(engine: Engine) -> None:
    """The state goes back to that of the attempts before it."""
    gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440, clock=lambda: NOW)
    for minutes in (300, 5):
        begun = Attempt("campaigns", ACCOUNT, "run", "scheduled", None, NOW - timedelta(minutes=minutes))
        log_attempt(engine, begun, "success")
    log_end(engine, begun)
    [found] = gate.assets([ACCOUNT])
    assert (found.synced_at, found.last_status) == (NOW - timedelta(minutes=300), "failed")


def test_an_attempt_of_a_dead_run_counts_as_failed(engine: Engine) -> None:
    """Closing what a killed run left running changes the states too."""
    warehouse = Warehouse(engine)
    for asset in ENTITIES:
        warehouse.begin(asset, ACCOUNT, run_id="run", trigger="scheduled", window=None)
    gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440)
    for status, failures in (("running", 0), ("failed", 1)):
        [state] = [state for state in gate.states([ACCOUNT]) if state.group is AssetGroup.ENTITIES]
        assert (state.last_status, state.failures) == (status, failures)
        warehouse.close_orphans(["run"])


def test_attempts_that_end_at_once_are_both_seen(engine: Engine) -> None:
    """The second transaction to end waits for the first, and derives the state from both attempts."""
    gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440, clock=lambda: NOW)
    early, late = (
        Attempt("campaigns", ACCOUNT, "run", "scheduled", None, NOW - timedelta(minutes=minutes))
        for minutes in (20, 10)
    )
    for attempt in (early, late):
        log_attempt(engine, attempt, "running")
    with engine.connect() as first, ThreadPoolExecutor(1) as pool:
        close_attempt(first, late, status="success", at=NOW)
        second = pool.submit(log_end, engine, early)
        await_lock(engine)
        first.commit()
        second.result()
    [found] = gate.assets([ACCOUNT])
    assert (found.synced_at, found.last_status) == (late.started_at, "success")


def log_end(engine: Engine, attempt: Attempt) -> None:
    """Let an attempt fail, in a transaction of its own."""
    with engine.begin() as connection:
        close_attempt(connection, attempt, status="failed", at=NOW)


def await_lock(engine: Engine) -> None:
    """Return when a transaction waits for another."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
    raise AssertionError("no transaction waits")
