"""A record that is refused takes nothing away: its row stays as it was, marked, until a valid record of it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY, CREATIVE_DAILY
from lac_pipeline.streams.entities import ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES
from lac_pipeline.warehouse.load.attempts import Load, LoadResult, Undecided
from lac_pipeline.warehouse.load.rejects import open_rejections
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.schema.tables import (
    HISTORIES,
    Campaign,
    CampaignDailyMetric,
    MetricRestatement,
    stream_table,
)
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.models import linkedin_records as records
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    begin_metrics,
    campaign_rows,
    counts,
    load,
    load_campaigns,
    load_metrics,
    metric_rows,
    rejection,
    stored,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
REQUESTED = tuple(BY_NAME[name] for name in ("impressions", "clicks", "costInLocalCurrency"))
OCTOBER = DateWindow(date(2026, 10, 1), date(2026, 11, 1))
DAY = WINDOW.start

Element = dict[str, Any]


@pytest.fixture
def warehouse(engine: Engine) -> Warehouse:
    """A warehouse of a later day, on which all days of the windows are settled."""
    return Warehouse(engine, clock=lambda: NOW)


def bring(
    warehouse: Warehouse, asset: str, validator: RecordValidator, *elements: Element, accept_shrink: bool = False
) -> LoadResult:
    """Validate and load what LinkedIn returned for an asset: October for what has days."""
    window = OCTOBER if "impressions" in validator.columns else None
    attempt = warehouse.begin(asset, ACCOUNT, run_id="run", trigger="on_demand", window=window)
    page = validator.validate(elements)
    with CopySpool(validator.columns) as spool:
        spool.extend(page.rows)
        finished = Load(attempt, spool, page.rejected, fetched=len(elements), api_calls=1, accept_shrink=accept_shrink)
        return warehouse.load(finished)


def segment(**changes: object) -> Element:
    """A monthly element of a MEMBER_* pivot."""
    return records.daily(**{"pivotValues": ["urn:li:x:4"], "dateRange": records.day_range(last_day=31)} | changes)


def creative_day(**changes: object) -> Element:
    """A daily element of the pivot CREATIVE."""
    return records.daily(**{"pivotValues": ["urn:li:sponsoredCreative:9"]} | changes)


CASES: dict[str, tuple[RecordValidator, Callable[..., Element], dict[str, object]]] = {
    "accounts": (validator_of(ACCOUNTS, ACCOUNT), records.account, {"status": 5}),
    "campaign_groups": (validator_of(CAMPAIGN_GROUPS, ACCOUNT), records.campaign_group, {"name": "bad\0name"}),
    "campaigns": (validator_of(CAMPAIGNS, ACCOUNT), records.campaign, {"servingStatuses": "RUNNABLE"}),
    "creatives": (validator_of(CREATIVES, ACCOUNT), records.creative, {"intendedStatus": True}),
    "campaign_daily_metrics": (validator_of(CAMPAIGN_DAILY, ACCOUNT, metrics=REQUESTED), records.daily, {"clicks": -5}),
    "creative_daily_metrics": (
        validator_of(CREATIVE_DAILY, ACCOUNT, metrics=REQUESTED),
        creative_day,
        {"clicks": "NaN"},
    ),
    "audience_demographics": (
        validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT, pivot="MEMBER_INDUSTRY", metrics=REQUESTED),
        segment,
        {"costInLocalCurrency": True},
    ),
}
"""For each asset: what validates it, a valid element, and a change that is refused."""


@pytest.mark.parametrize("asset", CASES)
def test_the_row_of_a_refused_record_stays_as_it_was(warehouse: Warehouse, engine: Engine, asset: str) -> None:
    """In every table the row keeps its values and times, and shows since when it is out of date."""
    validator, valid, broken = CASES[asset]
    table = stream_table(asset)
    bring(warehouse, asset, validator, valid())
    names = [column.name for column in table.columns if column.name != "stale_since"]
    before = stored(engine, table, *names)
    refused = bring(warehouse, asset, validator, valid(**broken))
    assert (refused.pruned, refused.status, refused.rejected) == (0, "partial", 1)
    assert stored(engine, table, *names) == before
    bring(warehouse, asset, validator, valid(**broken))
    assert stored(engine, table, "stale_since") == [(refused.started_at,)]
    assert stored(engine, MetricRestatement) == []


@pytest.mark.parametrize("asset", CASES)
def test_a_valid_record_ends_the_mark(warehouse: Warehouse, engine: Engine, asset: str) -> None:
    """The next valid record updates the row, closes its rejection, and takes the mark away, changed or not."""
    validator, valid, broken = CASES[asset]
    bring(warehouse, asset, validator, valid())
    bring(warehouse, asset, validator, valid(**broken))
    assert counts(bring(warehouse, asset, validator, valid())) == (0, 0, 1, 0)
    assert stored(engine, stream_table(asset), "stale_since") == [(None,)]
    assert open_rejections(engine) == []


@pytest.mark.parametrize("asset", [asset for asset in CASES if asset in HISTORIES])
def test_a_refused_entity_makes_no_version(warehouse: Warehouse, engine: Engine, asset: str) -> None:
    """An entity that LinkedIn returned unreadable is not removed, and its history has one version."""
    validator, valid, broken = CASES[asset]
    bring(warehouse, asset, validator, valid())
    bring(warehouse, asset, validator, valid(**broken))
    with engine.connect() as connection:
        assert [row.removed for row in connection.execute(HISTORIES[asset].select())] == [False]


@pytest.mark.parametrize(
    ("asset", "unreadable"),
    [
        ("campaigns", {"id": None, "name": None}),
        ("campaigns", {"id": True}),
        ("creatives", {"id": "urn:li:sponsoredCreative:"}),
        ("campaign_daily_metrics", {"dateRange": records.day_range(month=2, day=30)}),
        ("campaign_daily_metrics", {"pivotValues": None}),
        ("creative_daily_metrics", {"pivotValues": ["urn:li:sponsoredCampaign:9"]}),
        ("audience_demographics", {"pivotValues": [""]}),
        ("audience_demographics", {"dateRange": {}}),
    ],
)
def test_a_record_that_names_no_row_spares_all_rows(
    warehouse: Warehouse, engine: Engine, asset: str, unreadable: dict[str, object]
) -> None:
    """It may be about any row, so the load removes none, and reports how many and why."""
    validator, valid, _ = CASES[asset]
    bring(warehouse, asset, validator, valid())
    before = stored(engine, stream_table(asset))
    refused = bring(warehouse, asset, validator, valid(**unreadable), accept_shrink=True)
    assert (refused.pruned, refused.status, refused.undecided) == (0, "partial", Undecided(1, 1))
    assert stored(engine, stream_table(asset)) == before
    [*_, attempt] = warehouse.read.attempts_of("run")
    assert [error["type"] for error in attempt.errors] == ["UnidentifiedRecords"]


def test_rows_are_pruned_again_when_every_record_names_its_row(warehouse: Warehouse, engine: Engine) -> None:
    """The load after one with an unreadable key takes away what is gone."""
    load_metrics(warehouse, metric_rows([1, 2], [DAY]))
    load_metrics(warehouse, metric_rows([1], [DAY]), rejected=[rejection("?|?")])
    assert load_metrics(warehouse, metric_rows([1], [DAY])).pruned == 1
    assert stored(engine, CampaignDailyMetric, "campaign_id") == [(1,)]


def test_the_rows_beside_a_refused_one_are_pruned(warehouse: Warehouse, engine: Engine) -> None:
    """Only the row that the refused record is about stays; another that is gone goes, and only it is a restatement."""
    load_metrics(warehouse, metric_rows([1, 2, 3], [DAY]))
    result = load_metrics(warehouse, metric_rows([1], [DAY]), rejected=[rejection(f"2|{DAY}")])
    assert (result.pruned, result.undecided) == (1, None)
    assert stored(engine, CampaignDailyMetric, "campaign_id") == [(1,), (2,)]
    assert set(stored(engine, MetricRestatement, "entity_id")) == {(3,)}


def test_a_refused_record_of_another_day_spares_no_row(warehouse: Warehouse, engine: Engine) -> None:
    """A record about a day outside the window changes nothing in the window's days."""
    load_metrics(warehouse, metric_rows([1], [DAY]))
    assert load_metrics(warehouse, [], rejected=[rejection("1|2026-10-01")]).pruned == 1
    assert stored(engine, CampaignDailyMetric) == []


def test_a_refused_record_without_a_row_makes_none(warehouse: Warehouse, engine: Engine) -> None:
    """A record that was never loaded goes to the quarantine alone."""
    result = load_metrics(warehouse, metric_rows([1], [DAY]), rejected=[rejection(f"2|{DAY}")])
    assert (counts(result), result.rejected) == ((1, 0, 0, 0), 1)
    assert stored(engine, CampaignDailyMetric, "campaign_id", "stale_since") == [(1, None)]


def test_a_valid_record_beside_a_refused_one_of_the_same_row_is_loaded(warehouse: Warehouse, engine: Engine) -> None:
    """Of a campaign that was returned twice, once unreadable, the readable form counts."""
    load_campaigns(warehouse, campaign_rows([1]))
    result = load_campaigns(warehouse, campaign_rows([1], status="PAUSED"), rejected=[rejection("1")])
    assert (counts(result), result.status) == ((0, 1, 0, 0), "partial")
    assert stored(engine, Campaign, "status", "stale_since", "removed_at") == [("PAUSED", None, None)]


def test_many_refused_records_are_no_shrinking(warehouse: Warehouse, engine: Engine) -> None:
    """Refused rows are neither lost nor left, so the guard judges by the others."""
    load_metrics(warehouse, metric_rows(range(10), WINDOW))
    refused = [rejection(f"{campaign}|{day}") for campaign in range(4) for day in WINDOW]
    result = load_metrics(warehouse, metric_rows(range(4, 9), WINDOW), rejected=refused)
    assert (result.pruned, result.shrink) == (10, None)
    guarded = load_metrics(warehouse, metric_rows(range(4, 6), WINDOW), rejected=refused[:20])
    assert guarded.shrink is not None
    assert (guarded.shrink.stored, guarded.shrink.missing) == (70, 50)
    assert len(stored(engine, CampaignDailyMetric)) == 90


def test_a_flood_marks_nothing(warehouse: Warehouse, engine: Engine) -> None:
    """A load that is refused as a whole changes no row at all."""
    load_campaigns(warehouse, campaign_rows(range(1, 9)))
    before = stored(engine, Campaign)
    with pytest.raises(UnexpectedPayloadError):
        load_campaigns(warehouse, [], rejected=[rejection(str(number)) for number in range(1, 7)])
    assert stored(engine, Campaign) == before


def test_an_earlier_fetch_marks_no_row_that_a_later_one_loaded(warehouse: Warehouse, engine: Engine) -> None:
    """What a fetch refused is of no account for days that a fetch begun later has loaded."""
    load_metrics(warehouse, metric_rows([1], [DAY]))
    earlier = begin_metrics(warehouse)
    load_metrics(warehouse, metric_rows([1], [DAY]))
    load(warehouse, earlier, [], rejected=[rejection(f"1|{DAY}")])
    assert stored(engine, CampaignDailyMetric, "stale_since") == [(None,)]


def test_a_marked_entity_that_is_gone_is_removed_and_no_longer_stale(warehouse: Warehouse, engine: Engine) -> None:
    """Once LinkedIn no longer returns a refused campaign it is removed like any other."""
    load_campaigns(warehouse, campaign_rows([1, 2]))
    load_campaigns(warehouse, campaign_rows([1]), rejected=[rejection("2")])
    gone = load_campaigns(warehouse, campaign_rows([1]))
    assert stored(engine, Campaign, "removed_at", "stale_since") == [(None, None), (gone.started_at, None)]


def test_a_row_refused_and_then_restated_logs_the_change(warehouse: Warehouse, engine: Engine) -> None:
    """The change is seen by the first valid record after the refusal, from the stored value."""
    load_metrics(warehouse, metric_rows([1], [DAY], impressions=2159))
    load_metrics(warehouse, [], rejected=[rejection(f"1|{DAY}")])
    load_metrics(warehouse, metric_rows([1], [DAY], impressions=2160))
    logged = stored(engine, MetricRestatement, "metric", "old_value", "new_value")
    assert logged == [("impressions", Decimal(2159), Decimal(2160))]


def test_a_name_of_ten_thousand_characters_is_loaded(warehouse: Warehouse, engine: Engine) -> None:
    """Text has no limit of ours."""
    validator, valid, _ = CASES["campaigns"]
    bring(warehouse, "campaigns", validator, valid())
    assert counts(bring(warehouse, "campaigns", validator, valid(name="x" * 10_000))) == (0, 1, 0, 0)
    assert stored(engine, Campaign, "name") == [("x" * 10_000,)]
