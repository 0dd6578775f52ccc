"""Which accounts the freshness gate finds due, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import ACCOUNT, log_attempt

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = DateWindow.inclusive(date(2026, 11, 18), NOW.date())


@pytest.fixture
def gate(engine: Engine) -> FreshnessGate:
    """A gate with the default TTLs, at noon."""
    return FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440, clock=lambda: NOW)


def log(
    engine: Engine,
    assets: Iterable[str],
    *,
    minutes_ago: float,
    status: str = "success",
    window: DateWindow | None = None,
    account_id: int = ACCOUNT,
) -> None:
    """Log an attempt at each asset."""
    started_at = NOW - timedelta(minutes=minutes_ago)
    for asset in assets:
        log_attempt(engine, Attempt(asset, account_id, "run", "scheduled", window, started_at), status)


ENTITIES, METRICS = STREAMS.names_in(AssetGroup.ENTITIES), STREAMS.names_in(AssetGroup.METRICS)


def test_each_asset_has_its_own_last_status(engine: Engine, gate: FreshnessGate) -> None:
    """One asset that failed does not make the others of its scope failed, nor they it well."""
    log(engine, ENTITIES, minutes_ago=90)
    log(engine, ["campaigns"], minutes_ago=30, status="failed")
    log(engine, ["creatives"], minutes_ago=20, status="partial")
    log(engine, ["accounts"], minutes_ago=10, status="skipped")
    found = {asset.asset: (asset.last_status, asset.synced_at) for asset in gate.assets([ACCOUNT])}
    before = NOW - timedelta(minutes=90)
    assert found == dict.fromkeys(ENTITIES, ("success", before)) | {
        "campaigns": ("failed", before),
        "creatives": ("partial", NOW - timedelta(minutes=20)),
    }


def test_an_account_never_synced_is_due(gate: FreshnessGate) -> None:
    """Without any attempt the reason is `no_prior_sync`."""
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.NEVER))


@pytest.mark.parametrize("status", ["success", "partial"])
def test_a_recent_sync_is_fresh(engine: Engine, gate: FreshnessGate, status: str) -> None:
    """Success and partial count as synced; the reason has the age in whole minutes."""
    log(engine, ENTITIES, minutes_ago=37.9, status=status)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (False, Reason(Cause.FRESH, 37))


def test_an_old_sync_is_stale(engine: Engine, gate: FreshnessGate) -> None:
    """From the TTL on the account is due."""
    log(engine, ENTITIES, minutes_ago=312)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.STALE, 312))


@pytest.mark.parametrize(("minutes", "due"), [(239.9, False), (240, True)])
def test_the_ttl_is_exact(engine: Engine, gate: FreshnessGate, minutes: float, due: bool) -> None:
    """At exactly the TTL data is stale, a moment earlier it is not."""
    log(engine, ENTITIES, minutes_ago=minutes)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES)[0] is due


def test_force_syncs_whatever_is_in_the_log(engine: Engine, gate: FreshnessGate) -> None:
    """A person who forces a refresh gets it."""
    log(engine, ENTITIES, minutes_ago=1)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES, force=True) == (True, Reason(Cause.FORCED))


@pytest.mark.parametrize("status", ["failed", "skipped", "running"])
def test_other_endings_confirm_nothing(engine: Engine, gate: FreshnessGate, status: str) -> None:
    """A failed, skipped or running attempt leaves the account as stale as it was."""
    log(engine, ENTITIES, minutes_ago=300)
    log(engine, ENTITIES, minutes_ago=5, status=status)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.STALE, 300))


def test_a_scope_is_as_old_as_its_oldest_asset(engine: Engine, gate: FreshnessGate) -> None:
    """One stale asset makes the scope stale, one that was never synced makes it new."""
    log(engine, ENTITIES[1:], minutes_ago=10)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.NEVER))
    log(engine, ENTITIES[:1], minutes_ago=250)
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.STALE, 250))


def test_a_backfill_of_last_year_does_not_make_today_fresh(engine: Engine, gate: FreshnessGate) -> None:
    """Metrics count as synced by attempts whose window reached the day on which they began."""
    log(engine, METRICS, minutes_ago=300, window=TODAY)
    log(engine, METRICS, minutes_ago=5, window=DateWindow(date(2025, 1, 1), date(2026, 1, 1)))
    assert gate.should_sync(ACCOUNT, AssetGroup.METRICS) == (True, Reason(Cause.STALE, 300))


def test_midnight_does_not_make_metrics_stale(engine: Engine) -> None:
    """A sync just before midnight reached its own day, and is fresh after midnight."""
    gate = FreshnessGate(
        engine,
        streams=STREAMS,
        ttl_minutes=240,
        demographics_ttl_minutes=1440,
        clock=lambda: datetime(2026, 11, 22, 0, 5, tzinfo=UTC),
    )
    log(engine, METRICS, minutes_ago=-12 * 60 + 10, window=TODAY)
    assert gate.should_sync(ACCOUNT, AssetGroup.METRICS, window=TODAY) == (False, Reason(Cause.FRESH, 15))


def test_requested_days_must_have_been_covered(engine: Engine, gate: FreshnessGate) -> None:
    """Days before those that the last refresh covered are not fresh."""
    log(engine, METRICS, minutes_ago=5, window=TODAY)
    assert gate.should_sync(ACCOUNT, AssetGroup.METRICS, window=TODAY) == (False, Reason(Cause.FRESH, 5))
    longer = DateWindow(date(2026, 1, 1), TODAY.end)
    assert gate.should_sync(ACCOUNT, AssetGroup.METRICS, window=longer)[0]


def test_demographics_have_their_own_ttl(engine: Engine, gate: FreshnessGate) -> None:
    """Months are read again once a day."""
    month = DateWindow(date(2026, 11, 1), date(2026, 12, 1))
    log(engine, STREAMS.names_in(AssetGroup.DEMOGRAPHICS), minutes_ago=1000, window=month)
    assert gate.should_sync(ACCOUNT, AssetGroup.DEMOGRAPHICS) == (False, Reason(Cause.FRESH, 1000))


def test_a_spent_quota_postpones_what_is_stale(engine: Engine, gate: FreshnessGate) -> None:
    """Until LinkedIn's day ends nothing stale is requested from a spent endpoint; other scopes go on."""
    log(engine, ENTITIES, minutes_ago=300)
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    ApiUsage(engine).mark_spent("adAnalytics", until=midnight)
    assert gate.should_sync(ACCOUNT, AssetGroup.METRICS) == (False, Reason(Cause.QUOTA_SPENT, until=midnight))
    assert gate.should_sync(ACCOUNT, AssetGroup.ENTITIES) == (True, Reason(Cause.STALE, 300))


def test_all_wrong_accounts_are_reported_at_once(engine: Engine, gate: FreshnessGate) -> None:
    """Each account and scope has its age, its last attempt and its failures in a row since it was synced."""
    log(engine, ENTITIES, minutes_ago=400, status="failed")
    log(engine, ENTITIES, minutes_ago=300)
    log(engine, ENTITIES[:1], minutes_ago=200, status="failed")
    log(engine, ENTITIES[:1], minutes_ago=100, status="failed")
    log(engine, ENTITIES, minutes_ago=50, status="skipped")
    log(engine, METRICS, minutes_ago=10, window=TODAY, account_id=7)
    states = {(state.account_id, state.group): state for state in gate.states([ACCOUNT, 7])}
    assert len(states) == 2 * len(STREAMS.groups)
    entities = states[ACCOUNT, AssetGroup.ENTITIES]
    assert (entities.due, entities.reason, entities.failures) == (True, Reason(Cause.STALE, 300), 2)
    assert (entities.last_attempt_at, entities.last_status) == (NOW - timedelta(minutes=100), "failed")
    assert entities.stale_at == NOW - timedelta(minutes=60)
    metrics = states[7, AssetGroup.METRICS]
    assert (metrics.due, metrics.failures, metrics.last_status) == (False, 0, "success")
    assert states[7, AssetGroup.ENTITIES].reason == Reason(Cause.NEVER)


def test_no_accounts_is_no_error(gate: FreshnessGate) -> None:
    """Before any account is discovered nothing is due."""
    assert gate.states([]) == []


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(Cause.NEVER), "no_prior_sync"),
        (Reason(Cause.FRESH, 37), "data_fresh_37min"),
        (Reason(Cause.STALE, 312), "data_stale_312min"),
        (Reason(Cause.QUOTA_SPENT, until=datetime(2026, 11, 22, tzinfo=UTC)), "daily_quota_spent_until_00:00Z"),
    ],
)
def test_a_reason_as_the_log_holds_it(reason: Reason, text: str) -> None:
    """The text that `sync_log` and people read is written from the cause, the age and the time."""
    assert str(reason) == text
