"""Metrics and pivots that were chosen after days were loaded: which days lack them, and what is due for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from lac_pipeline.reporting.check_wording import words_of
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.check_results import MissingParts
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.parts import Parts
from lac_pipeline.warehouse.schema.tables import SyncLog
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import ACCOUNT, METRIC_COLUMNS, load_metrics, log_attempt, metric_rows

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
START = date(2026, 9, 1)
HISTORY = DateWindow.inclusive(START, NOW.date())
RECENT = DateWindow.inclusive(date(2026, 11, 18), NOW.date())
ASSETS = STREAMS.names_in(AssetGroup.METRICS)
DAILY = "campaign_daily_metrics"
FEW, MANY = ["impressions", "clicks"], ["impressions", "clicks", "likes", "shares"]
MISSING = Reason(Cause.PARTS_MISSING)


def log(
    engine: Engine,
    parts: list[str] | None,
    window: DateWindow,
    *,
    minutes_ago: int,
    assets: tuple[str, ...] = ASSETS,
    status: str = "success",
) -> None:
    """Log an attempt at each asset that requested these parts."""
    started_at = NOW - timedelta(minutes=minutes_ago)
    for asset in assets:
        log_attempt(engine, Attempt(asset, ACCOUNT, "run", "scheduled", window, started_at), status, parts=parts)


def gate(engine: Engine, parts: list[str]) -> FreshnessGate:
    """A gate at noon, where these parts are chosen."""
    chosen = dict.fromkeys(ASSETS, parts)
    return FreshnessGate(
        engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440, parts=chosen, clock=lambda: NOW
    )


def missing(
    engine: Engine, chosen: Mapping[str, list[str]] | None = None
) -> list[tuple[str, DateWindow | None, tuple[str, ...]]]:
    """The assets and days that lack something, and what."""
    found = Parts(engine, chosen or {DAILY: MANY}).missing([ACCOUNT], since=START)
    return [
        (match.asset, match.window, match.facts.missing_parts)
        for match in found
        if isinstance(match.facts, MissingParts)
    ]


@pytest.mark.parametrize(
    ("read", "due"), [(FEW, True), (MANY, False), ([*MANY, "sends"], False), (None, False), ([], True)]
)
def test_a_chosen_metric_that_was_not_read_makes_an_account_due(
    engine: Engine, read: list[str] | None, due: bool
) -> None:
    """However fresh the last load is: what it did not read is read by the next; what is not known counts as read."""
    log(engine, read, RECENT, minutes_ago=10)
    expected = (True, MISSING) if due else (False, Reason(Cause.FRESH, 10))
    assert gate(engine, MANY).should_sync(ACCOUNT, AssetGroup.METRICS) == expected


def test_the_account_is_no_new_one(engine: Engine) -> None:
    """A chosen metric has the last days read again, not all history: the account was synced before."""
    log(engine, FEW, RECENT, minutes_ago=10)
    states = gate(engine, MANY).states([ACCOUNT])
    [state] = [stream_state for stream_state in states if stream_state.group is AssetGroup.METRICS]
    assert (state.due, state.synced_at) == (True, NOW - timedelta(minutes=10))


def test_the_newest_load_decides(engine: Engine) -> None:
    """An earlier load with everything does not help: a later one read the same days again without it."""
    log(engine, MANY, HISTORY, minutes_ago=30)
    log(engine, FEW, RECENT, minutes_ago=10)
    assert gate(engine, MANY).should_sync(ACCOUNT, AssetGroup.METRICS)[0]
    assert not gate(engine, FEW).should_sync(ACCOUNT, AssetGroup.METRICS)[0]


def test_one_asset_of_the_scope_suffices(engine: Engine) -> None:
    """Both daily tables hold the chosen metrics, or the scope is due."""
    log(engine, MANY, RECENT, minutes_ago=10, assets=ASSETS[:1])
    log(engine, FEW, RECENT, minutes_ago=10, assets=ASSETS[1:])
    assert gate(engine, MANY).should_sync(ACCOUNT, AssetGroup.METRICS) == (True, MISSING)


def test_requested_days_are_loaded_when_they_lack_a_metric(engine: Engine) -> None:
    """The command that is named for older days loads them, though they were loaded before."""
    log(engine, FEW, HISTORY, minutes_ago=60)
    log(engine, MANY, RECENT, minutes_ago=10)
    older = DateWindow(START, RECENT.start)
    assert gate(engine, MANY).should_sync(ACCOUNT, AssetGroup.METRICS, window=older) == (
        True,
        MISSING,
    )
    assert not gate(engine, MANY).should_sync(ACCOUNT, AssetGroup.METRICS)[0]


def test_older_days_are_named_with_what_they_lack(engine: Engine) -> None:
    """After the refresh the days before it lack the metric until they are loaded, and the message shows how."""
    log(engine, FEW, HISTORY, minutes_ago=60)
    assert missing(engine) == [(DAILY, HISTORY, ("likes", "shares"))]
    log(engine, MANY, RECENT, minutes_ago=10)
    older = DateWindow(START, RECENT.start)
    assert missing(engine) == [(DAILY, older, ("likes", "shares"))]
    [state] = Parts(engine, {DAILY: MANY}).missing([ACCOUNT], since=START)
    problem, fix = words_of(state)
    assert "likes, shares" in problem
    assert fix == f"load the days again: `lac sync --account {ACCOUNT} --since 2026-09-01 --until 2026-11-17`"
    log(engine, MANY, older, minutes_ago=5, status="partial")
    assert missing(engine) == []


def test_gaps_are_named_apart(engine: Engine) -> None:
    """Days that were loaded in between with everything are left out, and so are days before the first one."""
    log(engine, FEW, DateWindow(date(2026, 8, 1), HISTORY.end), minutes_ago=60)
    middle = DateWindow(date(2026, 10, 1), date(2026, 11, 1))
    log(engine, MANY, middle, minutes_ago=10)
    assert [window for _, window, _ in missing(engine)] == [
        DateWindow(START, middle.start),
        DateWindow(middle.end, HISTORY.end),
    ]


def test_a_failed_load_read_nothing(engine: Engine) -> None:
    """What was requested and did not arrive is still missing; other accounts and tables have their own days."""
    log(engine, FEW, HISTORY, minutes_ago=60)
    log(engine, MANY, HISTORY, minutes_ago=10, status="failed")
    assert len(missing(engine)) == 1
    assert missing(engine, {"audience_demographics": ["impressions", "MEMBER_COMPANY"]}) == []
    assert Parts(engine, {DAILY: MANY}).missing([ACCOUNT + 1], since=START) == []


def test_a_pivot_chosen_later_is_missing_too(engine: Engine) -> None:
    """A member pivot that is added to LAC_MEMBER_PIVOTS lacks in the months that were loaded without it."""
    october = DateWindow(date(2026, 10, 1), date(2026, 11, 1))
    demographics = ("audience_demographics",)
    log(engine, ["impressions", "MEMBER_COMPANY"], october, minutes_ago=10, assets=demographics)
    chosen = {demographics[0]: ["impressions", "MEMBER_COMPANY", "MEMBER_INDUSTRY"]}
    assert missing(engine, chosen) == [(demographics[0], october, ("MEMBER_INDUSTRY",))]


def test_a_load_keeps_what_it_requested(warehouse: Warehouse, engine: Engine) -> None:
    """The log of a load holds its parts."""
    load_metrics(warehouse, metric_rows([1], [date(2026, 11, 1)]), parts=("impressions", "clicks"))
    with engine.connect() as connection:
        assert list(connection.scalars(select(SyncLog.parts))) == [["impressions", "clicks"]]


def test_what_older_versions_read_is_derived_from_the_rows(engine: Engine, warehouse_url: str) -> None:
    """A metric counts as read where every day with rows has it; an attempt without rows is not known."""
    first, second = DateWindow(date(2026, 11, 1), date(2026, 11, 3)), DateWindow(date(2026, 11, 3), date(2026, 11, 5))
    warehouse = Warehouse(engine)
    load_metrics(warehouse, metric_rows([1, 2], first), first)
    liked = [(*row, 7) for row in metric_rows([1, 2], second)]
    load_metrics(warehouse, liked, second, columns=(*METRIC_COLUMNS, "likes"))
    both = DateWindow(first.start, second.end)
    load_metrics(warehouse, [*(row for row in metric_rows([1, 2], both, impressions=5))], both)
    load_metrics(warehouse, [], DateWindow(date(2026, 10, 1), date(2026, 10, 2)))
    migrate.downgrade(warehouse_url, "0016")
    migrate.upgrade(warehouse_url)
    with engine.connect() as connection:
        parts = list(connection.scalars(select(SyncLog.parts).order_by(SyncLog.started_at)))
    few = {"impressions", "clicks", "cost_in_local_currency"}
    assert [part if part is None else set(part) for part in parts] == [few, few | {"likes"}, few, None]
