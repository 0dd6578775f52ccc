"""Snapshot and report of accounts that were synced from a simulated LinkedIn, materialized as Dagster does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import DecoratedScheduleFunction
from sqlalchemy import insert, select, text

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.schedules.daily_report import daily_report
from lac_pipeline.linkedin.metrics import CORE
from lac_pipeline.reporting.amounts import count, money
from lac_pipeline.reporting.compact import compact
from lac_pipeline.reporting.glance import KEY_METRICS
from lac_pipeline.simulator.world.entities import CAMPAIGNS
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.schema.descriptions import describe_table
from lac_pipeline.warehouse.schema.quality_tables import AccountSnapshotRow, MetricRestatement
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline

NASTY = '<img src=x onerror="alert(1)"> & 🚀'


def only_account(pipeline: Pipeline) -> int:
    """The first account of the world."""
    return int(pipeline.world.truth.accounts()[0]["id"])


def deliver(pipeline: Pipeline, account_id: int, *assets: str) -> dg.ExecuteInProcessResult:
    """Materialize the delivery of one account."""
    return pipeline.materialize([*(assets or ("account_snapshot", "performance_report"))], partition=str(account_id))


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """The metadata of an asset's materialization."""
    (materialization,) = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in materialization.metadata.items()}


def document_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """The document as it was written."""
    written = Path(metadata(result, "account_snapshot")["document"]).read_text("utf-8")
    return dict(json.loads(written, parse_float=Decimal))


def failure(result: dg.ExecuteInProcessResult) -> str:
    """The words with which the first step failed."""
    (step, *_) = [event for event in result.all_events if event.is_step_failure]
    assert step.step_failure_data.user_failure_data is not None
    return str(step.step_failure_data.user_failure_data.description)


def truth(pipeline: Pipeline, days: int) -> dict[int, tuple[int, Decimal]]:
    """Impressions and cost by campaign over the last complete days, in the simulator's own books."""
    today = pipeline.world.now().date()
    window = DateWindow(today - timedelta(days=days), today)
    sums: dict[int, tuple[int, Decimal]] = {}
    for row in pipeline.world.truth.analytics(only_account(pipeline), "CAMPAIGN", "DAILY", window, CORE):
        campaign_id = int(row["pivotValues"][0].rpartition(":")[2])
        impressions, cost = sums.get(campaign_id, (0, Decimal(0)))
        cost += Decimal(row.get("costInLocalCurrency", "0"))
        sums[campaign_id] = (impressions + row.get("impressions", 0), cost)
    return sums


def found(document: dict[str, Any], period: str) -> dict[int, tuple[int, Decimal]]:
    """The same numbers as the document has them."""
    return {
        campaign["id"]: (metrics["impressions"], Decimal(metrics["cost_in_local_currency"]))
        for campaign in document["campaigns"]
        for metrics in [campaign["performance"][period]["metrics"]]
    }


def test_the_snapshot_equals_linkedin(pipeline: Pipeline) -> None:
    """Sums by campaign, and of the account, equal LinkedIn's own to the last digit; today is left out."""
    pipeline.sync()
    document = document_of(deliver(pipeline, only_account(pipeline), "account_snapshot"))
    assert document["as_of"] == str(pipeline.world.now().date() - timedelta(days=1))
    for period, days in (("last_7_days", 7), ("last_30_days", 30)):
        assert found(document, period) == truth(pipeline, days)
        whole = document["performance"][period]["metrics"]
        assert whole["impressions"] == sum(impressions for impressions, _ in truth(pipeline, days).values())
        assert Decimal(whole["cost_in_local_currency"]) == sum(cost for _, cost in truth(pipeline, days).values())


def test_the_parts_of_the_snapshot_equal_the_tables(pipeline: Pipeline) -> None:
    """Groups, conversions, devices, reach and pace have the numbers that SQL gives; the compact file has them too."""
    pipeline.sync()
    account_id = only_account(pipeline)
    result = deliver(pipeline, account_id, "account_snapshot")
    document = document_of(result)
    days = {"account": account_id, "until": document["as_of"], "since": document["periods"]["last_30_days"]["since"]}
    with pipeline.warehouse.engine.connect() as connection:
        stored = {name: [tuple(row) for row in connection.execute(text(sql), days)] for name, sql in PARTS.items()}
    month = [(group["id"], group["performance"]["last_30_days"]["metrics"]) for group in document["campaign_groups"]]
    assert stored["groups"] == sorted(
        (key, metrics["impressions"], Decimal(metrics["cost_in_local_currency"])) for key, metrics in month
    )
    assert stored["conversions"] == sorted(
        (rule["id"], rule["conversions"], rule["after_click"])
        for rule in document["conversions"]
        if rule["conversions"]  # the others have some before the 30 days
    )
    [devices] = document["breakdowns"]
    assert stored["devices"] == sorted(
        (part["value"], part["clicks"], Decimal(part["cost_in_local_currency"])) for part in devices["values"]
    )
    assert stored["reach"] == sorted(
        (row["month"], row["entity_id"], row["approximate_member_reach"]) for row in document["reach"]
    )
    assert all(stored.values())
    small = Path(metadata(result, "account_snapshot")["document"]).with_suffix(".compact.json")
    assert json.loads(small.read_text("utf-8"), parse_float=Decimal) == compact(document)


PARTS = {
    "groups": """
SELECT campaign_group_id, sum(impressions), sum(cost_in_local_currency) FROM linkedin_ads.campaign_performance
WHERE account_id = :account AND date BETWEEN :since AND :until GROUP BY 1 ORDER BY 1""",
    "conversions": """
SELECT conversion_id, sum(external_website_conversions), sum(external_website_post_click_conversions)
FROM linkedin_ads.conversion_daily_metrics
WHERE account_id = :account AND date BETWEEN :since AND :until GROUP BY 1 ORDER BY 1""",
    "devices": """
SELECT value, sum(clicks), sum(cost_in_local_currency) FROM linkedin_ads.campaign_daily_breakdowns
WHERE account_id = :account AND date BETWEEN :since AND :until GROUP BY 1 ORDER BY 1""",
    "reach": """
SELECT month::text, entity_id, approximate_member_reach FROM linkedin_ads.reach_by_month
WHERE account_id = :account AND level <> 'campaign' AND month > :until ::date - 100 ORDER BY 1, 2""",
}
"""What SQL gives for parts of the snapshot."""


def test_restatements_are_those_since_the_previous_snapshot(pipeline: Pipeline) -> None:
    """The first snapshot has nothing to compare with; the next one sums what was seen to change since."""
    pipeline.sync()
    account_id, engine = only_account(pipeline), pipeline.warehouse.engine
    first = document_of(deliver(pipeline, account_id, "account_snapshot"))
    assert (first["restatements"]["previous_as_of"], first["restatements"]["days_changed"]) == (None, 0)
    yesterday = {**first, "as_of": str(date.fromisoformat(first["as_of"]) - timedelta(days=1))}
    AccountSnapshots(engine).keep(account_id, yesterday)
    seen = utc_now() + timedelta(minutes=1)
    moved = {"account_id": account_id, "asset": "campaign_daily_metrics", "date": date(2026, 1, 2), "run_id": "run"}
    rows = [
        moved | {"entity_id": 1, "metric": "clicks", "old_value": 5, "new_value": 3, "seen_at": seen},
        moved | {"entity_id": 2, "metric": "clicks", "old_value": None, "new_value": 9, "seen_at": seen},
        moved | {"entity_id": 2, "metric": "clicks", "old_value": 1, "new_value": 99, "seen_at": SEEN_BEFORE},
    ]
    with engine.begin() as connection:
        connection.execute(insert(MetricRestatement), rows)
    again = [document_of(deliver(pipeline, account_id, "account_snapshot"))["restatements"] for _ in range(2)]
    assert again[0] == again[1]
    assert (again[0]["previous_as_of"], again[0]["days_changed"]) == (yesterday["as_of"], 1)
    assert [(day["date"], day["campaigns"], day["clicks"]) for day in again[0]["days"]] == [("2026-01-02", 2, 7)]


SEEN_BEFORE = utc_now() - timedelta(days=30)


def test_days_before_the_first_one_loaded_are_noted(pipeline: Pipeline) -> None:
    """Forty days are loaded: the week has a trend, the month and the quarter have none, and a note explains why."""
    pipeline.sync()
    document = document_of(deliver(pipeline, only_account(pipeline), "account_snapshot"))
    changes = {name: period["change"]["impressions"] for name, period in document["performance"].items()}
    assert [name for name, change in changes.items() if change is not None] == ["last_7_days"]
    assert [(note["code"], note["count"]) for note in document["quality_notes"]] == [("days_not_loaded", 50)]


def test_materializing_again_writes_the_same_document(pipeline: Pipeline) -> None:
    """The same data make the same bytes, in the file and in the table, whose row does not even move."""
    pipeline.sync()
    account_id, engine = only_account(pipeline), pipeline.warehouse.engine
    results, moved = [], []
    for _ in range(2):
        place = Path(metadata(deliver(pipeline, account_id), "account_snapshot")["document"])
        results.append(place.read_bytes())
        with engine.connect() as connection:
            moved.append(connection.scalar(select(AccountSnapshotRow.updated_at)))
    assert results[0] == results[1]
    assert moved[0] == moved[1]
    assert AccountSnapshots(engine).latest(account_id) == json.loads(results[0])


def test_the_report_is_made_from_the_snapshot_of_the_same_run(pipeline: Pipeline) -> None:
    """Both assets in one run: the page is at the place in its metadata, and names are text in it."""
    account_id = only_account(pipeline)
    pipeline.world.edit.set_field(CAMPAIGNS, int(pipeline.world.truth.campaigns(account_id)[0]["id"]), "name", NASTY)
    pipeline.sync()
    result = deliver(pipeline, account_id)
    assert result.success
    page = Path(metadata(result, "performance_report")["document"]).read_text("utf-8")
    assert metadata(result, "performance_report")["bytes"] == len(page.encode())
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; 🚀" in page
    assert "<img" not in page


def test_the_report_shows_what_sql_gives(pipeline: Pipeline) -> None:
    """Spend, clicks, groups, devices, conversions and reach are on the page as PostgreSQL sums them."""
    pipeline.sync()
    account_id = only_account(pipeline)
    result = deliver(pipeline, account_id)
    page = Path(metadata(result, "performance_report")["document"]).read_text("utf-8")
    until = date.fromisoformat(metadata(result, "account_snapshot")["as_of"])
    days = {"account": account_id, "until": until, "since": until - timedelta(days=29)}
    with pipeline.warehouse.engine.connect() as connection:
        stored = {name: [tuple(row) for row in connection.execute(text(sql), days)] for name, sql in PARTS.items()}
        [whole] = connection.execute(text(WHOLE), days)
    currency = whole.currency
    shown = [money(whole.cost, currency), count(whole.clicks), count(whole.impressions)]
    shown += [money(cost, currency) for *_, cost in (*stored["groups"], *stored["devices"])]
    shown += [f"<td>{count(conversions)}<" for _, conversions, _ in stored["conversions"]]
    shown += [f"<td>{count(members)}<" for _, entity, members in stored["reach"] if entity == account_id]
    assert len(shown) > 10
    assert [part for part in shown if part not in page] == []


WHOLE = """
SELECT a.currency, sum(d.cost_in_local_currency) AS cost, sum(d.clicks) AS clicks, sum(d.impressions) AS impressions
FROM linkedin_ads.campaign_daily_metrics d JOIN linkedin_ads.accounts a ON a.id = d.account_id
WHERE d.account_id = :account AND d.date BETWEEN :since AND :until GROUP BY 1"""


def test_an_account_without_metrics_has_no_snapshot_yet(pipeline: Pipeline) -> None:
    """The run fails, and names the command that loads what is missing."""
    account_id = pipeline.session.accounts("all")[0]
    words = failure(deliver(pipeline, account_id))
    assert "has no complete day of metrics yet" in words
    assert f"lac sync --account {account_id}" in words


def test_a_report_without_a_snapshot_names_the_fix(pipeline: Pipeline) -> None:
    """The report alone is made from the last snapshot; where there is none, the run fails with that message."""
    account_id = pipeline.session.accounts("all")[0]
    assert "materialize `account_snapshot`" in failure(deliver(pipeline, account_id, "performance_report"))


def test_the_snapshot_names_the_columns_that_it_is_made_from(pipeline: Pipeline) -> None:
    """Its materialization carries table, columns and column lineage, as emitters of lineage read them; all exist."""
    pipeline.sync()
    assert deliver(pipeline, only_account(pipeline)).success
    event = pipeline.instance.get_latest_materialization_event(dg.AssetKey("account_snapshot"))
    assert event is not None
    assert event.asset_materialization is not None
    shown = event.asset_materialization.metadata
    assert shown["dagster/relation_identifier"].value == "linkedin_ads.account_snapshots"
    schema, lineage = shown["dagster/column_schema"].value, shown["dagster/column_lineage"].value
    assert isinstance(schema, dg.TableSchema)
    assert isinstance(lineage, dg.TableColumnLineage)
    assert set(lineage.deps_by_column) <= {column.name for column in schema.columns}
    sources = [source for sources in lineage.deps_by_column.values() for source in sources]
    assert len(sources) > 10
    for source in sources:
        columns = describe_table(source.asset_key.path[-1]).columns
        assert source.column_name in {column.name for column in columns}


def test_the_report_is_seen_in_dagster(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headline, eight numbers and a picture are on its materialization, with a link where documents are served."""
    pipeline.sync()
    account_id = only_account(pipeline)
    monkeypatch.setenv("LAC_DOCUMENTS_URL", "https://reports.example.com/ads/")
    assert deliver(pipeline, account_id).success
    event = pipeline.instance.get_latest_materialization_event(dg.AssetKey("performance_report"))
    assert event is not None
    assert event.asset_materialization is not None
    shown = {name: str(entry.value) for name, entry in event.asset_materialization.metadata.items()}
    day = shown["as_of"]
    assert shown["open"] == f"https://reports.example.com/ads/reports/{account_id}/{day}.html"
    assert (pipeline.settings.home / "reports" / str(account_id) / f"{day}.html").exists()
    assert "impressions" in shown["headline"]
    assert set(KEY_METRICS) <= set(shown)
    assert shown["picture"].startswith(f"![{shown['headline']}](data:image/svg+xml;base64,")
    assert shown["spend_by_day"].startswith("![spend by day](data:image/svg+xml;base64,")
    assert [*shown][:3] == ["account", "headline", "as_of"]
    snapshot = pipeline.instance.get_latest_materialization_event(dg.AssetKey("account_snapshot"))
    assert snapshot is not None
    assert snapshot.asset_materialization is not None
    table = snapshot.asset_materialization.metadata["overview"].value
    assert isinstance(table, dg.TableMetadataValue)
    assert len(table.records) == len(KEY_METRICS)


def tick(*accounts: str) -> list[Any]:
    """What the schedule requests where these accounts are known; its instance has to be one on disk."""
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("linkedin_account", [*accounts])
        with dg.build_schedule_context(
            instance=instance, resources={"warehouse": WarehouseResource()}, scheduled_execution_time=utc_now()
        ) as context:
            fn = daily_report()._execution_fn
            assert isinstance(fn, DecoratedScheduleFunction)
            report = fn.decorated_fn(context)
            assert isinstance(report, Iterator)
            return [*report]


def test_the_schedule_requests_every_account_that_has_numbers(pipeline: Pipeline) -> None:
    """One run per account, over both assets; an account that was only discovered is left alone."""
    pipeline.sync()
    account_id = str(only_account(pipeline))
    (request,) = tick(account_id, "999")
    assert request.partition_key == account_id
    assert {key.to_user_string() for key in request.asset_selection} == {"account_snapshot", "performance_report"}
    tags = {"lac/account": account_id, "lac/scope": "delivery", "lac/trigger": "scheduled"}
    assert tags.items() <= request.tags.items()


@pytest.mark.usefixtures("pipeline")
def test_before_the_first_sync_the_schedule_shows_why_it_waits() -> None:
    """A tick without a run has a reason that the UI shows."""
    (skip,) = tick("999")
    assert "no ad account has metrics yet" in skip.skip_message


class TestAnAccountWithoutActivity:
    """An account that never delivered anything."""

    @pytest.fixture
    def world(self) -> World:
        """One account whose ads were never shown."""
        world = World.synthetic(accounts=1, campaigns=2, creatives=2, days=5)
        campaigns = [int(campaign["id"]) for campaign in world.truth.campaigns(int(world.truth.accounts()[0]["id"]))]
        for campaign_id in campaigns:
            world.edit.vanish(CAMPAIGNS, campaign_id, DateWindow(date(2000, 1, 1), date(2100, 1, 1)))
        return world

    def test_has_a_snapshot_and_a_report(self, pipeline: Pipeline) -> None:
        """Both show that nothing was delivered, with zeros and without failing."""
        pipeline.sync()
        result = deliver(pipeline, only_account(pipeline))
        assert result.success
        assert document_of(result)["performance"]["last_30_days"]["metrics"]["impressions"] == 0
        assert Path(metadata(result, "performance_report")["document"]).is_file()
