"""Reports by one more pivot than the catalogue has, and by several pivots at once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.assets.fetching import AssetRun, Fetcher
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.partition_fetches import fetch_and_store
from lac_pipeline.defs.assets.reports import ReportSource
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.metadata import StoredWindow
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.defs.resources import open_client
from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.models.validation import validator_of
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup, Catalogue, Partitioning, PivotColumn, Report, Stream, Subject
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS, MEMBER_PIVOTS
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import DateWindow, month_of
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.models.copied_rows import rows_of_batch

pytestmark = pytest.mark.anyio

ACCOUNT = 520000001
LOG = logging.getLogger("test")
CONVERSION = "llaPartnerConversion"
DEVICES = Stream(
    "device_days",
    AssetGroup.METRICS,
    Partitioning.ACCOUNT_DAY,
    Report(
        {"IMPRESSION_DEVICE_TYPE": None},
        "DAILY",
        subject=Subject("campaigns", "campaign_id", urn.CAMPAIGN),
        pivot_column="breakdown",
        within=("CAMPAIGN",),
        value_columns=(PivotColumn("campaign_id", urn.CAMPAIGN), PivotColumn("value")),
    ),
)
RULES = Stream(
    "rule_days",
    AssetGroup.METRICS,
    Partitioning.ACCOUNT_DAY,
    Report(
        {"CONVERSION": None},
        "DAILY",
        subject=Subject("creatives", "creative_id", urn.CREATIVE),
        within=("CREATIVE",),
        value_columns=(PivotColumn("creative_id", urn.CREATIVE), PivotColumn("conversion_id", CONVERSION)),
    ),
)


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=2, creatives=4, days=8)


@pytest.fixture
def start_date() -> date:
    """A week ago."""
    return utc_now().date() - timedelta(days=7)


@pytest.fixture
async def client(pipeline: Pipeline) -> AsyncIterator[LinkedInClient]:
    """A client that is signed in."""
    async with open_client(pipeline.settings, pipeline.warehouse, run_id="test", log=LOG) as client:
        yield client


async def read(pipeline: Pipeline, client: LinkedInClient, stream: Stream, window: DateWindow) -> list[dict[str, Any]]:
    """The valid rows of a stream, each as its columns."""
    source = ReportSource.chosen(stream, pipeline.settings)
    naming = Naming(client, UrnNames(pipeline.warehouse.engine), AdContents(pipeline.warehouse.engine), LOG)
    rows: list[dict[str, Any]] = []
    async for batch in source.batches(client, AccountWindow(ACCOUNT, window, ()), naming):
        assert isinstance(batch, Batch)
        rows += [dict(zip(source.columns(ACCOUNT), row, strict=True)) for row in rows_of_batch(batch)]
    return rows


def last_days(pipeline: Pipeline) -> DateWindow:
    """Every day that is loaded."""
    return DateWindow.inclusive(pipeline.settings.start_date, pipeline.world.now().date())


async def test_one_more_pivot_of_a_report_is_one_more_entry(pipeline: Pipeline, client: LinkedInClient) -> None:
    """With it in the catalogue, its rows are read, validated and loaded beside those of the others."""
    audience = AUDIENCE_DEMOGRAPHICS.report
    assert audience is not None
    wider = replace(AUDIENCE_DEMOGRAPHICS, source=replace(audience, pivots={**MEMBER_PIVOTS, "MEMBER_COUNTY": None}))
    metrics = pipeline.settings.metrics_of(AUDIENCE_DEMOGRAPHICS)
    source = ReportSource(wider, ("MEMBER_INDUSTRY", "MEMBER_COUNTY"), metrics)
    run = AssetRun(wider.name, "run", "on_demand", accept_shrink=False, log=LOG)
    fetcher = Fetcher(run, client, pipeline.warehouse, pipeline.settings, source)
    month = month_of(last_days(pipeline).last)
    loaded = await fetch_and_store(fetcher, AccountWindow(ACCOUNT, month, (f"{ACCOUNT}|{month.start}",)))
    assert isinstance(loaded, StoredWindow)
    names = [metric.name for metric in metrics]
    expected = {
        pivot: len(pipeline.world.truth.analytics(ACCOUNT, pivot, "MONTHLY", month, names))
        for pivot in ("MEMBER_INDUSTRY", "MEMBER_COUNTY")
    }
    assert pipeline.table(wider.name)["pivot_type"].value_counts().to_dict() == expected
    assert expected["MEMBER_COUNTY"] > 0


@pytest.mark.parametrize(
    ("stream", "columns"), [(DEVICES, ("campaign_id", "value")), (RULES, ("creative_id", "conversion_id"))]
)
async def test_a_row_of_several_pivots_fills_a_column_for_each(
    pipeline: Pipeline, client: LinkedInClient, stream: Stream, columns: tuple[str, str]
) -> None:
    """The key names both values and the day, and the metrics are those that LinkedIn gives for both pivots."""
    pipeline.world.switches.refuse_unsupported_metrics = True
    window, report = last_days(pipeline), stream.report
    assert report is not None
    rows = await read(pipeline, client, stream, window)
    (pivot,) = report.pivots
    names = [metric.name for metric in pipeline.settings.metrics_of(stream)]
    truth = pipeline.world.truth.analytics(ACCOUNT, pivot, "DAILY", window, names, within=report.within)
    keys = {tuple(str(row[name]) for name in (*columns, "date")) for row in rows}
    assert keys == set(keys_of(truth))
    assert len(rows) == len(truth) > 0
    assert sum(row["clicks"] for row in rows) == sum(row["clicks"] for row in truth)
    assert {row.get("breakdown") for row in rows} == ({pivot} if report.pivot_column else {None})


def keys_of(rows: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """The key of each of LinkedIn's rows: the tails of its values, and its day."""
    for row in rows:
        day = row["dateRange"]["start"]
        values = (value.rpartition(":")[2] for value in row["pivotValues"])
        yield (*values, f"{day['year']}-{day['month']:02}-{day['day']:02}")


def row_of(*values: object) -> dict[str, Any]:
    """A row of adAnalytics with these pivot values."""
    day = {"year": 2026, "month": 11, "day": 20}
    return {"dateRange": {"start": day, "end": day}, "pivotValues": list(values), "clicks": 3}


CREATIVE = "urn:li:sponsoredCreative:7"


def test_conversions_are_known_by_any_form_of_their_number() -> None:
    """LinkedIn's documents show urn:lla:..., which is no URN of its usual kind; a bare number is conceivable."""
    forms = (f"urn:lla:{CONVERSION}:11", f"urn:li:{CONVERSION}:12", "13")
    page = validator_of(RULES, ACCOUNT).validate([row_of(CREATIVE, form) for form in forms])
    assert [row[:2] for row in page.rows] == [(7, 11), (7, 12), (7, 13)]
    others = [row_of(CREATIVE, "urn:lla:else:11"), row_of(CREATIVE), row_of(CREATIVE, f"urn:lla:{CONVERSION}:x")]
    refused = validator_of(RULES, ACCOUNT).validate(others)
    assert (refused.rows, len(refused.rejected)) == ([], 3)
    assert {record.field for record in refused.rejected} == {"pivotValues"}


def test_a_value_without_text_is_unknown() -> None:
    """LinkedIn sent an empty device, of which the row is kept under a name of its own."""
    page = validator_of(DEVICES, ACCOUNT).validate([row_of("urn:li:sponsoredCampaign:4", "")])
    assert [row[:2] for row in page.rows] == [(4, "(unknown)")]


def test_a_report_names_a_column_for_each_of_its_pivots() -> None:
    """A value without a column would leave two rows under one key."""
    with pytest.raises(ValueError, match="2 pivots at once need as many columns"):
        Report({"CONVERSION": None}, "DAILY", within=("CREATIVE",))


async def test_a_report_reads_the_metrics_that_it_declares(pipeline: Pipeline, client: LinkedInClient) -> None:
    """Whatever LAC_METRICS names, they alone are requested, and they are the parts that a load has to have."""
    report = RULES.report
    assert report is not None
    named = ("externalWebsiteConversions", "externalWebsitePostViewConversions")
    declared = replace(RULES, source=replace(report, metrics=tuple(BY_NAME[name] for name in named)))
    rows = await read(pipeline, client, declared, last_days(pipeline))
    columns = {BY_NAME[name].column for name in named}
    assert {column for row in rows for column in row} == {
        *columns,
        "creative_id",
        "conversion_id",
        "date",
        "account_id",
    }
    (request,) = [each for each in pipeline.world.requests if each.endpoint == "adAnalytics"]
    assert f"fields=dateRange,pivotValues,{','.join(named)}" in request.query
    settings = pipeline.settings.model_copy()
    vars(settings).pop("parts", None)
    vars(settings)["streams"] = Catalogue((declared,))
    assert set(settings.parts["rule_days"]) == columns
