"""What the page of an asset tells of each materialization."""

from __future__ import annotations

import base64
import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START, range_tags
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import month_window
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import ASSETS, Pipeline

ASSET = "campaign_daily_metrics"
METRICS = ["impressions", "clicks", "cost_in_local_currency"]
SVG = b"<svg "


@pytest.fixture
def world() -> World:
    """Two accounts."""
    return World.synthetic(accounts=2, campaigns=3, creatives=4, days=60)


@pytest.fixture
def start_date() -> date:
    """Twenty days ago."""
    return utc_now().date() - timedelta(days=20)


@pytest.fixture
def accounts(pipeline: Pipeline) -> list[str]:
    """The accounts' partitions, as discovery leaves them."""
    return [str(account) for account in pipeline.session.accounts("all")]


def days_back(days: int) -> DateWindow:
    """The last days, today included."""
    today = utc_now().date()
    return DateWindow.inclusive(today - timedelta(days=days - 1), today)


def yesterday() -> date:
    """The last day that is over, and so has rows at any hour."""
    return utc_now().date() - timedelta(days=1)


def metadata_of(pipeline: Pipeline, asset: str) -> dict[str, dict[str, Any]]:
    """The metadata of every materialized partition of an asset."""
    records = pipeline.instance.fetch_materializations(dg.AssetKey(asset), limit=1000, ascending=True).records
    events = [record.asset_materialization for record in records]
    return {
        str(event.partition): {name: value.value for name, value in event.metadata.items()} for event in events if event
    }


def latest(pipeline: Pipeline, asset: str) -> dict[str, Any]:
    """The metadata that the asset's page shows."""
    event = pipeline.instance.get_latest_materialization_event(dg.AssetKey(asset))
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def svg_of(markdown: str) -> bytes:
    """The SVG inside the markdown."""
    return base64.b64decode(markdown.partition("base64,")[2].removesuffix(")"))


def chart(metadata: dict[str, Any]) -> bytes:
    """The plot of a materialization."""
    return svg_of(metadata["plot"])


def numbers(rows: pd.DataFrame) -> dict[str, Any]:
    """What a partition of daily metrics shows of its rows."""
    return {
        "rows": len(rows),
        "dagster/partition_row_count": len(rows),
        "impressions": rows["impressions"].sum(),
        "clicks": rows["clicks"].sum(),
        "spend_amount": float(sum(rows["cost_in_local_currency"], Decimal())),
    }


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """The same entries of a materialization."""
    return {name: values[name] for name in numbers(pd.DataFrame(columns=METRICS))}


@pytest.mark.parametrize("asset", [ASSET, "creative_daily_metrics"])
def test_each_day_shows_its_own_rows(pipeline: Pipeline, accounts: list[str], asset: str) -> None:
    """In a run over accounts and days every partition has the numbers of its account and day, and no other's."""
    days = days_back(5)
    tags = {RANGE_START: f"{accounts[0]}|{days.start}", RANGE_END: f"{accounts[1]}|{days.last}"}
    pipeline.materialize([asset], tags=tags)
    rows = pipeline.table(asset)
    events = metadata_of(pipeline, asset)
    assert set(events) == {f"{account}|{day}" for account in accounts for day in days}
    for key, values in events.items():
        account, _, day = key.partition("|")
        own = rows[(rows["account_id"] == int(account)) & (rows["date"] == date.fromisoformat(day))]
        assert shown(values) == numbers(own)
        assert (values["inserted"], values["updated"], values["unchanged"]) == (len(own), 0, 0)
    assert len({values["impressions"] for values in events.values()}) > 5


def test_what_is_known_of_the_load_alone_is_named_after_it(pipeline: Pipeline, accounts: list[str]) -> None:
    """The last day of a load, and the one that Dagster emits last, say what it came to; the others do not."""
    pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, days_back(5)))
    rows, events = pipeline.table(ASSET), metadata_of(pipeline, ASSET)
    values = events.pop(f"{accounts[0]}|{days_back(5).last}")
    assert (values["load_window"], values["load_days"]) == (str(days_back(5)), 5)
    assert (values["load_rows"], values["load_impressions"]) == (len(rows), rows["impressions"].sum())
    assert (values["load_fetched"], values["load_api_calls"]) == (len(rows), 1)
    assert {"fetched", "api_calls", "pruned", "window", "days"} & set(values) == set()
    assert sum("load_window" in day for day in events.values()) <= 1


def test_the_assets_page_shows_a_load(pipeline: Pipeline, accounts: list[str]) -> None:
    """Whichever partition of a run comes last says what the load of its account came to."""
    days = days_back(3)
    tags = {RANGE_START: f"{accounts[0]}|{days.start}", RANGE_END: f"{accounts[1]}|{days.last}"}
    pipeline.materialize([ASSET], tags=tags)
    assert latest(pipeline, ASSET)["load_window"] == str(days)


def test_spend_is_exact_text_in_the_currency(pipeline: Pipeline, accounts: list[str]) -> None:
    """The number beside it is only what Dagster plots."""
    pipeline.materialize(["accounts"], partition=accounts[0])
    pipeline.materialize([ASSET], partition=f"{accounts[0]}|{yesterday()}")
    values = latest(pipeline, ASSET)
    spend = sum(pipeline.table(ASSET)["cost_in_local_currency"], Decimal())
    account = pipeline.warehouse.read.account(int(accounts[0]))
    assert values["spend"] == f"{spend.normalize():,f} {account.currency}"
    assert values["account"] == f"{account.name} ({accounts[0]})"


def test_what_people_look_for_comes_first(pipeline: Pipeline, accounts: list[str]) -> None:
    """Account, money and activity stand above what the load did; the picture is titled with the account."""
    pipeline.materialize(["accounts"], partition=accounts[0])
    pipeline.materialize([ASSET], partition=f"{accounts[0]}|{yesterday()}")
    values = latest(pipeline, ASSET)
    assert [*values][:9] == [
        *("account", "spend", "impressions", "clicks", "rows"),
        *("spend_by_day", "plot", "overview", "preview"),
    ]
    account = pipeline.warehouse.read.account(int(accounts[0])).title
    assert account in values["plot"]
    assert account in svg_of(values["spend_by_day"]).decode()


def test_numbers_of_each_account_are_in_its_own_currency(pipeline: Pipeline, accounts: list[str]) -> None:
    """In a run over accounts whose currencies differ, each one's overview has its own campaigns and currency."""
    for account, currency in zip(accounts, ("JPY", "EUR"), strict=True):
        pipeline.world.edit.set_field("adAccounts", int(account), "currency", currency)
    pipeline.materialize(["accounts"], tags={RANGE_START: accounts[0], RANGE_END: accounts[1]})
    day = yesterday()
    pipeline.materialize([ASSET], tags={RANGE_START: f"{accounts[0]}|{day}", RANGE_END: f"{accounts[1]}|{day}"})
    events, rows = metadata_of(pipeline, ASSET), pipeline.table(ASSET)
    for account, currency in zip(accounts, ("JPY", "EUR"), strict=True):
        table = [record.data for record in events[f"{account}|{day}"]["overview"].records]
        own = rows[rows["account_id"] == int(account)].sort_values("cost_in_local_currency", ascending=False)
        assert [line["Impressions"] for line in table] == [f"{count:,}" for count in own["impressions"]]
        assert {line["Spend"].rpartition(" ")[2] for line in table} == {currency}


def test_events_are_in_the_order_of_the_days(pipeline: Pipeline, accounts: list[str]) -> None:
    """The materialization that came last, which the asset's page shows, is of the newest day."""
    days = days_back(10)
    tags = {RANGE_START: f"{accounts[0]}|{days.start}", RANGE_END: f"{accounts[1]}|{days.last}"}
    pipeline.materialize([ASSET], tags=tags)
    assert [*metadata_of(pipeline, ASSET)] == [f"{account}|{day}" for day in days for account in sorted(accounts)]


@pytest.mark.parametrize(("asset", "entity"), [(ASSET, "campaign"), ("creative_daily_metrics", "creative")])
def test_a_preview_has_names_beside_ids(pipeline: Pipeline, accounts: list[str], asset: str, entity: str) -> None:
    """Rows of facts show what their campaign or creative is called."""
    for each in ("accounts", "campaign_groups", "campaigns", "creatives"):
        pipeline.materialize([each], partition=accounts[0])
    pipeline.materialize([asset], partition=f"{accounts[0]}|{yesterday()}")
    (row, *_) = [record.data for record in latest(pipeline, asset)["preview"].records]
    entities = pipeline.table(f"{entity}s").set_index("id")
    assert row[f"{entity}_name"] == entities["name"][row[f"{entity}_id"]]
    assert [*row].index(f"{entity}_name") == [*row].index(f"{entity}_id") + 1


def test_a_load_of_one_partition_needs_no_other_names(pipeline: Pipeline, accounts: list[str]) -> None:
    """Where the load is the partition, its counts are the partition's."""
    pipeline.materialize([ASSET], partition=f"{accounts[0]}|{yesterday()}")
    rows, values = pipeline.table(ASSET), latest(pipeline, ASSET)
    assert (values["window"], values["days"]) == (str(DateWindow.inclusive(yesterday(), yesterday())), 1)
    assert (values["fetched"], values["rows"], values["api_calls"]) == (len(rows), len(rows), 1)
    assert (values["status"], values["trigger"]) == ("success", "on_demand")
    assert values["fetch_seconds"] > 0
    assert values["load_seconds"] > 0


def test_a_day_shows_which_of_its_rows_the_load_changed(pipeline: Pipeline, accounts: list[str]) -> None:
    """When LinkedIn restates one day, that day's partition counts updated rows, and the others unchanged ones."""
    window = days_back(4)
    pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, window))
    first = DateWindow.inclusive(window.start, window.start)
    pipeline.world.edit.break_rows("CAMPAIGN", first, name="likes", replacement=10**6)
    pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, window))
    events = metadata_of(pipeline, ASSET)
    updated = {day: events[f"{accounts[0]}|{day}"]["updated"] for day in window}
    assert updated[window.start] == events[f"{accounts[0]}|{window.start}"]["rows"] > 0
    assert {count for day, count in updated.items() if day != window.start} == {0}
    assert sum(values["inserted"] for values in events.values()) == 0


def test_a_month_shows_its_own_rows(pipeline: Pipeline, accounts: list[str]) -> None:
    """Of the audience only rows are counted: the pivots split the same activity, so their sums mean nothing."""
    months = month_window(days_back(20), start=days_back(21).start, today=utc_now().date())
    pipeline.materialize(["audience_demographics"], tags=range_tags(accounts[0], AssetGroup.DEMOGRAPHICS, months))
    rows, events = pipeline.table("audience_demographics"), metadata_of(pipeline, "audience_demographics")
    assert {key: values["rows"] for key, values in events.items()} == {
        f"{accounts[0]}|{month}": len(rows[rows["month"] == month]) for month in sorted(set(rows["month"]))
    }
    for values in events.values():
        assert {"impressions", "clicks", "spend", "spend_amount", "load_spend"} & set(values) == set()


def test_the_accounts_that_were_stored_show_their_own_rows_when_another_fails(
    pipeline: Pipeline, accounts: list[str]
) -> None:
    """A run that fails for one account materializes the other's partitions, with the numbers of each."""
    days = days_back(3)
    pipeline.world.edit.forbid(int(accounts[0]))
    tags = {RANGE_START: f"{accounts[0]}|{days.start}", RANGE_END: f"{accounts[1]}|{days.last}"}
    assert not pipeline.materialize([ASSET], tags=tags).success
    rows, events = pipeline.table(ASSET), metadata_of(pipeline, ASSET)
    assert {key: shown(values) for key, values in events.items()} == {
        f"{accounts[1]}|{day}": numbers(rows[rows["date"] == day]) for day in days
    }


def test_the_latest_materialization_shows_a_plot_and_a_preview(pipeline: Pipeline, accounts: list[str]) -> None:
    """The asset's page, which shows the event that came last, and the newest day carry a picture and rows."""
    pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, days_back(10)))
    newest = metadata_of(pipeline, ASSET)[f"{accounts[0]}|{utc_now().date()}"]
    for values in (newest, latest(pipeline, ASSET)):
        assert chart(values).startswith(SVG)
        assert values["preview"].records[0].data["account_id"] == int(accounts[0])


def test_the_other_partitions_stay_small(pipeline: Pipeline, accounts: list[str]) -> None:
    """Dagster copies metadata onto each partition of a range, so pictures are on two of them at most."""
    pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, days_back(10)))
    events = metadata_of(pipeline, ASSET)
    assert len(events) == 10
    assert 1 <= sum("plot" in values for values in events.values()) <= 2
    assert all("spend" in values for values in events.values())


def test_each_account_of_a_rectangle_has_its_plot(pipeline: Pipeline, accounts: list[str]) -> None:
    """In a run over several accounts the newest day of each shows its own rows."""
    day = yesterday()
    tags = {RANGE_START: f"{accounts[0]}|{day}", RANGE_END: f"{accounts[1]}|{day}"}
    pipeline.materialize([ASSET], tags=tags)
    events = metadata_of(pipeline, ASSET)
    for account in accounts:
        values = events[f"{account}|{day}"]
        assert chart(values).startswith(SVG)
        assert {record.data["account_id"] for record in values["preview"].records} == {int(account)}


def test_each_account_knows_its_row_count(pipeline: Pipeline, accounts: list[str]) -> None:
    """A run over several accounts gives each partition the rows of its account."""
    pipeline.world.edit.remove("adCampaigns", int(pipeline.world.truth.campaigns(int(accounts[1]))[0]["id"]))
    pipeline.materialize(["campaigns"], tags={RANGE_START: accounts[0], RANGE_END: accounts[1]})
    counts = {key: values["dagster/partition_row_count"] for key, values in metadata_of(pipeline, "campaigns").items()}
    assert counts == {accounts[0]: 3, accounts[1]: 2}


def test_entities_have_no_money_and_no_plot(pipeline: Pipeline, accounts: list[str]) -> None:
    """Campaigns show a preview of their rows without nested documents, and nothing that they do not have."""
    pipeline.materialize(["campaigns"], partition=accounts[0])
    values = latest(pipeline, "campaigns")
    assert {"spend", "impressions", "window", "plot"} & set(values) == set()
    assert "targeting_criteria" not in values["preview"].records[0].data


def test_the_raw_responses_are_where_the_metadata_has_them(pipeline: Pipeline, accounts: list[str]) -> None:
    """The metadata lead to the files that LinkedIn's responses are kept in."""
    pipeline.materialize(["campaigns"], partition=accounts[0])
    values = latest(pipeline, "campaigns")
    (source,) = values["raw_responses"]
    assert source.startswith(values["raw_responses_in"])
    (kept,) = list(pipeline.settings.home.rglob(source.rpartition("/")[2]))
    assert kept.stat().st_size > 0


def test_a_scheduled_run_of_one_day_is_not_plotted(pipeline: Pipeline, accounts: list[str]) -> None:
    """The event log stays small: scheduled runs of one day store no plot but the small one."""
    key = f"{accounts[0]}|{yesterday()}"
    pipeline.materialize([ASSET], partition=key, tags={"lac/trigger": "scheduled"})
    assert "plot" not in latest(pipeline, ASSET)
    assert svg_of(latest(pipeline, ASSET)["spend_by_day"]).startswith(SVG)
    pipeline.materialize([ASSET], partition=key)
    assert "plot" in latest(pipeline, ASSET)


def test_a_plot_that_fails_costs_nothing_but_the_plot(
    pipeline: Pipeline, accounts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When drawing raises, the rows are loaded, the partitions are green, and the log says what happened."""

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("no template")

    monkeypatch.setattr("lac_pipeline.defs.metadata.metrics_plot", broken)
    result = pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, days_back(3)))
    assert result.success
    assert len(metadata_of(pipeline, ASSET)) == 3
    logged = pipeline.instance.all_logs(result.run_id)
    assert [entry.user_message for entry in logged if "no template" in entry.user_message] == [
        "no preview and plot: no template"
    ]


def test_days_without_activity_have_no_plot(pipeline: Pipeline, accounts: list[str]) -> None:
    """Where nothing happened there is nothing to draw, and 0 rows are a success."""
    quiet = days_back(21)
    pipeline.world.edit.vanish("adAccounts", int(accounts[0]), quiet)
    result = pipeline.materialize([ASSET], tags=range_tags(accounts[0], AssetGroup.METRICS, quiet))
    assert result.success
    values = latest(pipeline, ASSET)
    assert values["rows"] == 0
    assert {"plot", "preview", "spend_by_day"} & set(values) == set()
    assert values["overview"] == f"No activity in the 30 days to {utc_now().day} {utc_now():%b %Y}."


def test_a_sync_shows_every_asset_and_warns_of_nothing(pipeline: Pipeline) -> None:
    """In a whole sync each asset has its preview, each asset of daily metrics its plot, and no log a warning."""
    ran = {result.run_id for result in pipeline.sync()}
    logged = [entry for run in ran if run for entry in pipeline.instance.all_logs(run)]
    assert [entry.user_message for entry in logged if int(entry.level) >= logging.WARNING] == []
    shown = {asset: latest(pipeline, asset) for asset in ASSETS}
    assert [asset for asset, values in shown.items() if not values["preview"].records] == []
    assert [asset for asset, values in shown.items() if not values["overview"].records] == []
    assert {asset for asset, values in shown.items() if "plot" in values} == {
        "campaign_daily_metrics",
        "creative_daily_metrics",
    }
