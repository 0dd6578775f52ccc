"""What `lac sync` promises: LinkedIn's truth in the tables, exactly, once, and with as few calls as can be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import dagster as dg
import pandas as pd
import pytest
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX, SYSTEM_TAG_PREFIX
from sqlalchemy import select

from lac_pipeline.clock import MovableClock, utc_now
from lac_pipeline.errors import DateRangeError, UnknownNameError
from lac_pipeline.linkedin.metrics import CORE
from lac_pipeline.simulator.world.faults import FaultKind
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.schema.tables import MetricRestatement
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import ASSETS, Pipeline

CAMPAIGNS = pytest.mark.parametrize("streams", ["accounts,campaigns,campaign_daily_metrics"], ids=["campaigns"])


def only_account(pipeline: Pipeline) -> int:
    """The one account of the synthetic world."""
    (account,) = pipeline.world.truth.accounts()
    return int(account["id"])


def truth_of(pipeline: Pipeline, pivot: str, window: DateWindow) -> pd.DataFrame:
    """The simulator's own numbers of core metrics, by entity and day, in the shape of a facts table."""
    rows = pipeline.world.truth.analytics(only_account(pipeline), pivot, "DAILY", window, CORE)
    return pd.DataFrame(
        {
            "id": [int(row["pivotValues"][0].rpartition(":")[2]) for row in rows],
            "date": [pd.Timestamp(**row["dateRange"]["start"]).date() for row in rows],
            "impressions": [row.get("impressions", 0) for row in rows],
            "clicks": [row.get("clicks", 0) for row in rows],
            "cost_in_local_currency": [Decimal(row.get("costInLocalCurrency", "0")) for row in rows],
        }
    ).sort_values(["id", "date"], ignore_index=True)


def loaded(pipeline: Pipeline, asset: str, key: str) -> pd.DataFrame:
    """The same columns as they stand in PostgreSQL."""
    frame = pipeline.table(asset).rename(columns={key: "id"})
    columns = ["id", "date", "impressions", "clicks", "cost_in_local_currency"]
    return frame[columns].sort_values(["id", "date"], ignore_index=True)


def history(pipeline: Pipeline) -> DateWindow:
    """Every day that is loaded."""
    return DateWindow.inclusive(pipeline.settings.start_date, pipeline.world.now().date())


@pytest.mark.core
@CAMPAIGNS
def test_runs_of_a_sync_are_in_the_code_location(pipeline: Pipeline) -> None:
    """Dagster's first page, the timeline, shows runs by their code location, those of `lac sync` too."""
    runs = [pipeline.instance.get_run_by_id(str(result.run_id)) for result in pipeline.sync()]
    origins = [run.remote_job_origin for run in runs if run is not None]
    assert origins
    assert {origin and origin.location_name for origin in origins} == {"lac"}


def test_runs_of_a_sync_show_their_account_and_assets(pipeline: Pipeline) -> None:
    """Dagster's list of runs names the account as soon as its name is loaded; of our tags it shows no technical one."""
    name = pipeline.world.truth.accounts()[0]["name"]
    runs = [pipeline.instance.get_run_by_id(str(result.run_id)) for result in pipeline.sync()]
    for run in runs:
        assert run is not None
        shown = {
            key: value for key, value in run.tags.items() if not key.startswith((HIDDEN_TAG_PREFIX, SYSTEM_TAG_PREFIX))
        }
        group = AssetGroup(shown["lac/scope"])
        assert shown == {
            "account": f"{name} ({only_account(pipeline)})",
            "lac/account": str(only_account(pipeline)),
            "lac/scope": group,
            "lac/trigger": "on_demand",
        }
        assert run.asset_selection == {dg.AssetKey(asset) for asset in pipeline.settings.streams.names_in(group)}


def test_the_tables_equal_linkedin(pipeline: Pipeline) -> None:
    """After a first sync each row, number and cent of LinkedIn's is in PostgreSQL, and nothing else."""
    results = pipeline.sync()
    assert [result.failure for result in results] == [None, None, None]
    window = history(pipeline)
    for pivot, asset, key in (
        ("CAMPAIGN", "campaign_daily_metrics", "campaign_id"),
        ("CREATIVE", "creative_daily_metrics", "creative_id"),
    ):
        pd.testing.assert_frame_equal(
            loaded(pipeline, asset, key), truth_of(pipeline, pivot, window), check_dtype=False, check_exact=True
        )
    account = only_account(pipeline)
    for asset, entities in (
        ("campaign_groups", pipeline.world.truth.campaign_groups(account)),
        ("campaigns", pipeline.world.truth.campaigns(account)),
        ("creatives", pipeline.world.truth.creatives(account)),
    ):
        ids = {int(str(entity["id"]).rpartition(":")[2]) for entity in entities}
        assert set(pipeline.table(asset)["id"]) == ids


def test_the_tables_equal_linkedin_in_any_form(pipeline: Pipeline) -> None:
    """Counts that come as integers, decimals and text from row to row are the same numbers, and cost no row."""
    pipeline.world.switches.loose_counts = True
    pipeline.sync()
    truth = truth_of(pipeline, "CAMPAIGN", history(pipeline))
    found = loaded(pipeline, "campaign_daily_metrics", "campaign_id")
    pd.testing.assert_frame_equal(found, truth, check_dtype=False, check_exact=True)
    assert pipeline.rejections() == []


@pytest.mark.core
def test_the_whole_pipeline_twice_gives_equal_tables(pipeline: Pipeline) -> None:
    """A forced second sync changes no row: everything is counted as unchanged."""
    pipeline.sync()
    before = pipeline.tables()
    again = [attempt for result in pipeline.sync(force=True) for attempt in result.attempts]
    assert [(result.inserted, result.updated, result.pruned) for result in again] == [(0, 0, 0)] * len(ASSETS)
    for asset, frame in pipeline.tables().items():
        pd.testing.assert_frame_equal(frame, before[asset])


@pytest.mark.core
@CAMPAIGNS
def test_freshness_gate_skip(pipeline: Pipeline) -> None:
    """A second sync within the TTL is skipped in every scope, costs no call at all, and is logged as skipped."""
    pipeline.sync()
    calls = pipeline.world.calls.total()
    results = pipeline.sync()
    assert [(result.skipped, result.reason) for result in results] == [(True, Reason(Cause.FRESH, 0))] * 2
    assert pipeline.world.calls.total() == calls
    log = pipeline.warehouse.read.attempts_of("none")
    assert {record.attempt.asset for record in log if record.status == "skipped"} == {*pipeline.settings.streams.names}


def test_freshness_gate_force(pipeline: Pipeline) -> None:
    """`--force` asks LinkedIn again although everything is fresh."""
    pipeline.sync()
    calls = pipeline.world.calls.total()
    results = pipeline.sync(force=True)
    assert {result.reason for result in results} == {Reason(Cause.FORCED)}
    assert pipeline.world.calls.total() > calls


def test_a_fresh_window_does_not_stand_for_another(pipeline: Pipeline) -> None:
    """Days that were never read are read even while the account is fresh; days just read are not."""
    today = pipeline.world.now().date()
    account = str(only_account(pipeline))
    pipeline.sync(account, since=today, until=today)
    calls = pipeline.world.calls["adAnalytics"]
    pipeline.sync(account, since=today, until=today)
    assert pipeline.world.calls["adAnalytics"] == calls
    pipeline.sync(account, since=pipeline.settings.start_date)
    assert pipeline.world.calls["adAnalytics"] > calls


def test_a_first_sync_is_a_handful_of_calls(pipeline: Pipeline) -> None:
    """An account's metrics over all days are a call per grain and devices, two for totals; months one a pivot.

    One more where a response holds exactly ten rows, as seniority does: some clients report responses cut at ten.
    """
    pipeline.sync()
    assert pipeline.world.calls["adAnalytics"] <= 1 + 1 + 1 + 2 + 9 + 1 + 3  # the last: reach, a call a level


def test_restated_numbers_end_right(pipeline: Pipeline) -> None:
    """LinkedIn changes past days; reading them again updates exactly the rows that changed."""
    window = history(pipeline)
    pipeline.world.advance(-timedelta(hours=30))
    pipeline.sync()
    first = loaded(pipeline, "campaign_daily_metrics", "campaign_id")
    pipeline.world.advance(timedelta(hours=30))
    results = pipeline.sync(force=True, since=window.start)
    now = loaded(pipeline, "campaign_daily_metrics", "campaign_id")
    pd.testing.assert_frame_equal(now, truth_of(pipeline, "CAMPAIGN", window), check_dtype=False, check_exact=True)
    changed = now.merge(first, on=["id", "date"], suffixes=("", "_before"))
    moved = (changed["impressions"] != changed["impressions_before"]).sum()
    assert moved > 0
    assert sum(attempt.updated for result in results for attempt in result.attempts) >= moved


@pytest.mark.core
@CAMPAIGNS
def test_a_vanished_row_is_pruned(pipeline: Pipeline) -> None:
    """A day that LinkedIn takes back disappears from the table at the next sync, and is counted."""
    pipeline.sync()
    account = only_account(pipeline)
    campaign = int(pipeline.world.truth.campaigns(account)[0]["id"])
    day = pipeline.world.now().date()
    pipeline.world.edit.vanish("adCampaigns", campaign, DateWindow.inclusive(day, day))
    results = pipeline.sync(force=True)
    (metrics,) = [
        attempt
        for result in results
        for attempt in result.attempts
        if attempt.attempt.asset == "campaign_daily_metrics"
    ]
    assert metrics.pruned == 1
    table = pipeline.table("campaign_daily_metrics")
    assert table[(table["campaign_id"] == campaign) & (table["date"] == day)].empty


def test_what_is_refused_is_not_gone(pipeline: Pipeline) -> None:
    """A campaign and its days that LinkedIn returns unreadable stay as they were; no removal, no restatement."""
    pipeline.sync()
    campaigns, days = pipeline.table("campaigns"), pipeline.table("campaign_daily_metrics")
    campaign = int(pipeline.world.truth.campaigns(only_account(pipeline))[0]["id"])
    pipeline.world.edit.set_field("adCampaigns", campaign, "name", "bad\0name")
    pipeline.world.edit.break_rows(
        "CAMPAIGN", history(pipeline), name="clicks", replacement=-5, value=f"urn:li:sponsoredCampaign:{campaign}"
    )
    pipeline.sync(force=True, since=pipeline.settings.start_date)
    pd.testing.assert_frame_equal(pipeline.table("campaigns"), campaigns)
    pd.testing.assert_frame_equal(pipeline.table("campaign_daily_metrics"), days)
    assert {rejection.field for rejection in pipeline.rejections()} == {"name", "clicks"}
    with pipeline.warehouse.engine.connect() as connection:
        assert connection.execute(select(MetricRestatement)).all() == []


def test_a_metric_that_linkedin_does_not_give_is_null(pipeline: Pipeline) -> None:
    """A null costs no row: the metric is unknown, and nothing is refused."""
    window, campaigns = history(pipeline), "campaign_daily_metrics"
    pipeline.world.edit.break_rows("CAMPAIGN", window, name="clicks", replacement=None)
    results = pipeline.sync()
    assert [result.failure for result in results] == [None, None, None]
    days = pipeline.table(campaigns)
    assert len(days) == len(truth_of(pipeline, "CAMPAIGN", window))
    assert days["clicks"].isna().all()
    assert pipeline.rejections() == []


def test_campaigns_without_an_id_remove_none(pipeline: Pipeline) -> None:
    """Records that name no campaign are quarantined one by one, and no campaign is marked removed."""
    pipeline.sync()
    first, second, *_ = pipeline.world.truth.campaigns(only_account(pipeline))
    for campaign in (first, second):
        pipeline.world.edit.set_field("adCampaigns", int(campaign["id"]), "id", None)
    pipeline.sync(force=True)
    assert [rejection.field for rejection in pipeline.rejections()] == ["id", "id"]
    assert pipeline.table("campaigns")["removed_at"].isna().all()


def test_metrics_of_a_removed_campaign_stay(pipeline: Pipeline) -> None:
    """A campaign that LinkedIn lists no more is marked removed, and its metrics go on being loaded."""
    pipeline.sync()
    campaign = int(pipeline.world.truth.campaigns(only_account(pipeline))[0]["id"])
    pipeline.world.edit.remove("adCampaigns", campaign)
    pipeline.sync(force=True)
    row = pipeline.table("campaigns").set_index("id").loc[campaign]
    assert row["removed_at"] is not pd.NaT
    assert campaign in set(pipeline.table("campaign_daily_metrics")["campaign_id"])


@pytest.mark.parametrize("kind", ["cut_json", "empty", "html", "drop"])
def test_a_broken_response_is_requested_again(pipeline: Pipeline, kind: FaultKind) -> None:
    """Half a response, none, or a proxy's page in its place costs a call more and no row."""
    pipeline.world.faults.add("adCampaigns", call=1, kind=kind)
    results = pipeline.sync()
    assert [result.failure for result in results] == [None, None, None]
    assert len(pipeline.table("campaigns")) == len(pipeline.world.truth.campaigns(only_account(pipeline)))


@pytest.mark.core
def test_an_unknown_account_is_refused(pipeline: Pipeline) -> None:
    """An id that the token cannot see is refused, with the ids that it can."""
    with pytest.raises(UnknownNameError) as caught:
        pipeline.sync("999")
    assert str(only_account(pipeline)) in str(caught.value)


@pytest.mark.core
def test_days_before_the_partitions_are_refused(pipeline: Pipeline) -> None:
    """Days that have no partition cannot be loaded; the error says which setting moves the first one."""
    with pytest.raises(DateRangeError, match="LAC_START_DATE"):
        pipeline.sync(since=pipeline.settings.start_date - timedelta(days=1))


class TestTenCampaigns:
    """A world of ten campaigns, two of which LinkedIn sends broken."""

    @pytest.fixture
    def world(self) -> World:
        """Ten campaigns."""
        world = World.synthetic(accounts=1, campaigns=10, creatives=10, days=3)
        first, second, *_ = world.truth.campaigns(int(world.truth.accounts()[0]["id"]))
        world.edit.drop_field("adCampaigns", int(first["id"]), "name")
        world.edit.set_field(
            "adCampaigns", int(second["id"]), "dailyBudget", {"amount": "a lot", "currencyCode": "EUR"}
        )
        return world

    @pytest.mark.core
    @CAMPAIGNS
    def test_partial_batch_failure(self, pipeline: Pipeline) -> None:
        """Of ten campaigns, two invalid, eight are loaded, two quarantined with the field, and nothing raises."""
        results = pipeline.sync()
        assert [result.failure for result in results] == [None, None]
        (campaigns,) = [attempt for attempt in results[0].attempts if attempt.attempt.asset == "campaigns"]
        assert (campaigns.fetched, campaigns.inserted, campaigns.rejected, campaigns.status) == (10, 8, 2, "partial")
        assert len(pipeline.table("campaigns")) == 8
        assert {rejection.field for rejection in pipeline.rejections()} == {"name", "dailyBudget.amount"}

    def test_a_rejected_record_is_resolved(self, pipeline: Pipeline) -> None:
        """Once LinkedIn sends the record whole, the next sync loads it and closes its rejection."""
        pipeline.sync()
        for campaign in pipeline.world.truth.campaigns(only_account(pipeline)):
            pipeline.world.edit.set_field("adCampaigns", int(campaign["id"]), "name", "Whole again")
        pipeline.sync(force=True)
        assert [rejection.field for rejection in pipeline.rejections()] == ["dailyBudget.amount"]
        assert len(pipeline.table("campaigns")) == 9


class TestTwoAccounts:
    """A world of two accounts, one of which the token may not read."""

    @pytest.fixture
    def world(self) -> World:
        """Two accounts."""
        return World.synthetic(accounts=2, campaigns=2, creatives=2, days=3)

    def test_one_account_fails_alone(self, pipeline: Pipeline) -> None:
        """An account that LinkedIn refuses fails with the reason, keeps its old rows, and holds up no other account."""
        pipeline.sync()
        before = pipeline.tables()
        first, second = pipeline.warehouse.read.known_account_ids()
        pipeline.world.edit.forbid(first)
        results = {account: pipeline.sync(str(account), force=True) for account in (first, second)}
        assert [result.failure for result in results[second]] == [None, None, None]
        assert [error["type"] for error in results[first][0].attempts[0].errors] == ["NotFoundError"]
        for asset, frame in pipeline.tables().items():
            assert len(frame) == len(before[asset])


class TestABusyAccount:
    """A world with more rows than LinkedIn puts into a response."""

    @pytest.fixture
    def world(self) -> World:
        """1,200 creatives, active on every day: over 15,000 rows in a fortnight."""
        return World.synthetic(accounts=1, campaigns=12, creatives=1200, days=14)

    @pytest.fixture
    def start_date(self) -> date:
        """A fortnight ago."""
        return utc_now().date() - timedelta(days=13)

    def test_a_page_that_was_cut_is_noticed(self, pipeline: Pipeline) -> None:
        """LinkedIn cuts a response at 15,000 rows without a word; the window is split until every row is there."""
        pipeline.sync()
        truth = truth_of(pipeline, "CREATIVE", history(pipeline))
        assert len(truth) > pipeline.world.switches.analytics_cap
        assert len(pipeline.table("creative_daily_metrics")) == len(truth)
        assert sum(loaded(pipeline, "creative_daily_metrics", "creative_id")["clicks"]) == sum(truth["clicks"])


class TestCalendar:
    """A sync by a clock that stands where a month or a year begins or ends."""

    @pytest.fixture(params=["2026-01-01T00:00:30+00:00", "2026-02-28T23:58+00:00", "2026-03-31T12:00+00:00"])
    def world(self, request: pytest.FixtureRequest, clock: MovableClock) -> World:
        """The same world at that moment, which the pipeline's clock shows too."""
        clock.set(datetime.fromisoformat(request.param))
        return World.synthetic(accounts=1, campaigns=3, creatives=6, days=40)

    def test_the_tables_equal_linkedin_on_any_day(self, pipeline: Pipeline) -> None:
        """Each day up to the clock's is loaded, and none after it."""
        assert [result.failure for result in pipeline.sync()] == [None, None, None]
        truth = truth_of(pipeline, "CAMPAIGN", history(pipeline))
        found = loaded(pipeline, "campaign_daily_metrics", "campaign_id")
        pd.testing.assert_frame_equal(found, truth, check_dtype=False, check_exact=True)
        assert set(found["date"]) == set(history(pipeline))
