"""What `sync_log` records of attempts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import Engine

from lac_pipeline.errors import PermissionMissingError
from lac_pipeline.warehouse.load.attempts import SkippedAsset
from lac_pipeline.warehouse.schema.tables import SyncLog
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    begin_campaigns,
    begin_metrics,
    campaign_rows,
    load,
    load_metrics,
    metric_rows,
    stored,
)


def test_an_attempt_is_logged_before_the_first_request(warehouse: Warehouse) -> None:
    """A running attempt can be seen, with its window and trigger."""
    attempt = warehouse.begin("campaign_daily_metrics", ACCOUNT, run_id="r", trigger="scheduled", window=WINDOW)
    [record] = warehouse.read.attempts_of("r")
    assert (record.attempt, record.status, record.seconds) == (attempt, "running", None)


def test_a_load_closes_its_attempt_with_its_counts(engine: Engine) -> None:
    """The row shows what was fetched and loaded, and how long that took."""
    ticks = count()
    warehouse = Warehouse(engine, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=next(ticks)))
    load_metrics(warehouse, metric_rows([1, 2], WINDOW))
    load_metrics(warehouse, metric_rows([1], WINDOW, impressions=1) + metric_rows([3], WINDOW))
    record = warehouse.read.attempts_of("run")[1]
    assert record.status == "success"
    assert (record.fetched, record.inserted, record.updated, record.unchanged, record.pruned) == (20, 10, 10, 0, 10)
    assert (record.rejected, record.superseded, record.api_calls, record.seconds) == (0, 0, 1, 1.0)
    assert record.errors == []


def test_a_failed_attempt_shows_why(warehouse: Warehouse) -> None:
    """An error of ours is kept in its four parts, the requests that it cost too."""
    error = PermissionMissingError("403 on account 1", detail="ACCESS_DENIED", meaning="no role", fix="request one")
    warehouse.fail(begin_campaigns(warehouse), error, api_calls=3)
    [record] = warehouse.read.attempts_of("run")
    assert (record.status, record.api_calls) == ("failed", 3)
    assert record.errors == [
        {
            "type": "PermissionMissingError",
            "summary": "403 on account 1",
            "detail": "ACCESS_DENIED",
            "meaning": "no role",
            "fix": "request one",
        }
    ]


def test_any_other_error_is_kept_by_its_words(warehouse: Warehouse) -> None:
    """An error without words is kept by its type."""
    for error in (KeyError("pivot"), KeyboardInterrupt()):
        warehouse.fail(begin_campaigns(warehouse), error)
    assert [record.errors[0]["summary"] for record in warehouse.read.attempts_of("run")] == [
        "'pivot'",
        "KeyboardInterrupt",
    ]


def test_skipped_assets_are_logged_with_the_reason(warehouse: Warehouse) -> None:
    """A fresh account leaves one skipped row per asset, which begins and ends at once."""
    skipped = [SkippedAsset(ACCOUNT, asset, "data_fresh_37min") for asset in ("campaigns", "creatives")]
    warehouse.skip(skipped, run_id="r", trigger="on_demand")
    records = warehouse.read.attempts_of("r")
    assert {(record.status, record.reason, record.seconds) for record in records} == {
        ("skipped", "data_fresh_37min", 0)
    }
    assert {record.attempt.asset for record in records} == {"campaigns", "creatives"}


def test_what_a_killed_run_left_running_is_closed(warehouse: Warehouse) -> None:
    """Attempts of runs that are over become failed; those of other runs, and finished ones, stay as they are."""
    load_metrics(warehouse, [])
    begin_campaigns(warehouse)
    alive = warehouse.begin("campaigns", ACCOUNT, run_id="alive", trigger="scheduled", window=None)
    assert warehouse.read.running_run_ids() == ["alive", "run"]
    assert warehouse.close_orphans(["run"]) == 1
    assert warehouse.close_orphans([]) == 0
    assert [record.status for record in warehouse.read.attempts_of("run")] == ["success", "failed"]
    assert [record.attempt for record in warehouse.read.attempts_of("alive")] == [alive]
    assert warehouse.read.running_run_ids() == ["alive"]


def test_a_load_that_outlives_its_orphaning_counts(warehouse: Warehouse, engine: Engine) -> None:
    """An attempt taken for dead too early is a success once it has loaded."""
    attempt = begin_campaigns(warehouse)
    warehouse.close_orphans(["run"])
    load(warehouse, attempt, campaign_rows([1]))
    assert stored(engine, SyncLog, "status", "errors") == [("success", None)]


@pytest.mark.parametrize(
    ("asset", "window", "complaint"),
    [
        ("campaigns", WINDOW, "loaded as a whole"),
        ("campaign_daily_metrics", None, "loaded by windows of days"),
        ("audience_demographics", WINDOW, "loaded by whole months"),
        ("sync_log", None, "not loaded from LinkedIn"),
    ],
)
def test_windows_must_fit_the_asset(
    warehouse: Warehouse, asset: str, window: DateWindow | None, complaint: str
) -> None:
    """Entities have no days, metrics do, and demographics have whole months."""
    with pytest.raises(ValueError, match=complaint):
        warehouse.begin(asset, ACCOUNT, run_id="r", trigger="on_demand", window=window)


def test_months_are_pruned_by_pivot(warehouse: Warehouse) -> None:
    """A demographics load that brings one pivot leaves the rows of others, and prunes its own."""
    month = DateWindow(date(2026, 11, 1), date(2026, 12, 1))
    columns = ("account_id", "month", "pivot_type", "segment", "impressions")

    def load_segments(pivots: tuple[str, ...], segments: list[str]) -> int:
        attempt = warehouse.begin("audience_demographics", ACCOUNT, run_id="r", trigger="on_demand", window=month)
        rows = [(ACCOUNT, month.start, pivot, segment, 5) for pivot in pivots for segment in segments]
        return load(warehouse, attempt, rows, columns=columns, pivot_types=pivots).pruned

    load_segments(("MEMBER_INDUSTRY", "MEMBER_JOB_TITLE"), ["a", "b"])
    assert load_segments(("MEMBER_INDUSTRY",), ["a"]) == 1
    assert warehouse.read.count("audience_demographics", ACCOUNT, month) == 3


def test_what_a_plot_shows_is_summed_in_the_database(warehouse: Warehouse) -> None:
    """Sums by day and the dearest entities come as they are drawn, so a long window takes no more memory."""
    load_metrics(warehouse, metric_rows([1, 2], WINDOW) + metric_rows([3], [WINDOW.start]))
    load(warehouse, begin_campaigns(warehouse), campaign_rows([1]))
    asset, read = "campaign_daily_metrics", warehouse.read
    frame = read.frame_of(asset, [(ACCOUNT, WINDOW)])
    sums = frame.groupby("date")[["cost_in_local_currency", "impressions"]].sum()
    assert read.daily_sums(asset, ACCOUNT, WINDOW) == [tuple(row) for row in sums.itertuples()]
    top = read.top_spend(asset, "campaigns", "campaign_id", ACCOUNT, WINDOW, limit=2)
    assert top == [(1, "Campaign 1", Decimal("12.5")), (2, None, Decimal("12.5"))]


def test_what_was_not_read_is_unknown_in_sums(warehouse: Warehouse) -> None:
    """A day or campaign of which one row has no cost has no sum of costs; it is not shown as cheaper than it was."""
    load_metrics(warehouse, [*metric_rows([1], WINDOW), (2, WINDOW.start, ACCOUNT, 100, None, None)])
    read, asset = warehouse.read, "campaign_daily_metrics"
    assert read.daily_sums(asset, ACCOUNT, WINDOW)[:2] == [
        (WINDOW.start, None, 200),
        (WINDOW.start + timedelta(days=1), Decimal("1.25"), 100),
    ]
    top = read.top_spend(asset, "campaigns", "campaign_id", ACCOUNT, WINDOW, limit=2)
    assert [(campaign_id, spend) for campaign_id, _, spend in top] == [(1, Decimal("12.5")), (2, None)]
    spends = read.spend_by_campaign(account_id=ACCOUNT)
    assert [(row.campaign_id, row.clicks, row.spend) for row in spends] == [(1, 30, Decimal("12.5")), (2, None, None)]


def test_readings_return_what_is_stored(warehouse: Warehouse, engine: Engine) -> None:
    """Frames, previews, counts and spend come from the same rows."""
    load_metrics(warehouse, metric_rows([1], WINDOW) + metric_rows([2], [WINDOW.start]))
    load(warehouse, begin_campaigns(warehouse), campaign_rows([1]))
    frame = warehouse.read.frame_of("campaign_daily_metrics", [(ACCOUNT, DateWindow(date(2026, 11, 2), WINDOW.end))])
    assert list(frame["date"]) == [day for day in WINDOW if day > WINDOW.start]
    assert frame["cost_in_local_currency"].sum() * 8 == 9 * 10
    assert warehouse.read.frame_of("campaign_daily_metrics", [(ACCOUNT, None)]).shape[0] == 11
    preview = warehouse.read.preview("campaign_daily_metrics", ACCOUNT, limit=1)
    assert [(row["date"], row["campaign_id"], "video_views" in row) for row in preview] == [(WINDOW.last, 1, False)]
    spends = warehouse.read.spend_by_campaign(account_id=ACCOUNT)
    assert [(spend.campaign_name, spend.days, spend.impressions, str(spend.spend)) for spend in spends] == [
        ("Campaign 1", 10, 1000, "12.50"),
        ("2", 1, 100, "1.25"),
    ]
    assert warehouse.read.spend_by_campaign(account_id=7) == []


def test_accounts_and_currencies_are_known_after_their_sync(warehouse: Warehouse) -> None:
    """Before it they are not, and a query is no error."""
    assert (warehouse.read.known_account_ids(), warehouse.read.account(ACCOUNT).currency) == ([], None)
    attempt = warehouse.begin("accounts", ACCOUNT, run_id="r", trigger="on_demand", window=None)
    load(warehouse, attempt, [(ACCOUNT, "Northwind", "EUR")], columns=("id", "name", "currency"))
    assert (warehouse.read.known_account_ids(), warehouse.read.account(ACCOUNT).currency) == ([ACCOUNT], "EUR")


def test_an_account_that_is_not_returned_stays(warehouse: Warehouse) -> None:
    """Accounts are never marked removed: lost access does not mean that the account is gone."""
    for rows in ([(ACCOUNT, "Northwind")], []):
        attempt = warehouse.begin("accounts", ACCOUNT, run_id="r", trigger="on_demand", window=None)
        result = load(warehouse, attempt, rows, columns=("id", "name"))
    assert (result.status, result.pruned) == ("success", 0)
    assert warehouse.read.known_account_ids() == [ACCOUNT]


def test_campaigns_keep_beginning_in_order(warehouse: Warehouse) -> None:
    """A run's attempts are listed in the order in which they began."""
    begun = [begin_metrics(warehouse), begin_campaigns(warehouse), begin_metrics(warehouse)]
    assert [record.attempt for record in warehouse.read.attempts_of("run")] == begun
