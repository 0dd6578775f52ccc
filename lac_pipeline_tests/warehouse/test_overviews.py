"""The few lines that are read of an account for the page of an asset."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, insert

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.streams import STREAMS, declare, stream_of
from lac_pipeline.streams.custom_reports import report_stream
from lac_pipeline.warehouse.load.making_views import make_view
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.query.overviews import LINES, PARTS, Line, Lines, Named, Part, read_lines
from lac_pipeline.warehouse.query.performance_parts import breakdown_sums
from lac_pipeline.warehouse.schema.base import Base
from lac_pipeline.warehouse.schema.entities import Campaign, CampaignTrackingParameters, Creative
from lac_pipeline.warehouse.schema.tables import (
    AudienceDemographic,
    CampaignDailyBreakdown,
    CampaignDailyMetric,
    CustomReport,
    LeadForm,
    ReachByMonth,
)
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import ACCOUNT

OTHER = 510000002
NOW = datetime(2026, 11, 27, tzinfo=UTC)
LAST = DateWindow(date(2026, 11, 25), date(2026, 11, 28))
"""The days of a load; thirty days up to its last one are summed."""
SPEND, IMPRESSIONS = "cost_in_local_currency", "impressions"


def put(engine: Engine, model: type[Base], *rows: dict[str, object]) -> None:
    """Store rows as a load leaves them."""
    values = {"account_id": ACCOUNT, **dict.fromkeys(("created_at", "updated_at", "fetched_at"), NOW)}
    common = {name: value for name, value in values.items() if name in model.__table__.columns}
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(model).values({**common, **row}))


def lines(engine: Engine, asset: str, window: DateWindow | None = None, account: int = ACCOUNT) -> Lines:
    """What is read of one account."""
    return read_lines(engine, asset, {account: window})[account]


def test_posts_that_were_read_have_their_names(engine: Engine) -> None:
    """The preview of breakdowns and the snapshot's sums name a post; one that could not be read has its URN alone."""
    named, unread = "urn:li:share:1", "urn:li:ugcPost:2"
    UrnNames(engine).keep({named: "Autumn offer", unread: NoName.FORBIDDEN}, at=NOW)
    day = {"campaign_id": 7, "date": LAST.start, "breakdown": "SHARE", "clicks": 1, SPEND: 3}
    put(engine, CampaignDailyBreakdown, *({**day, "value": urn, IMPRESSIONS: 5} for urn in (named, unread)))
    (line,) = lines(engine, "campaign_daily_breakdowns", LAST).lines
    assert [(part.value, part.name) for part in line.parts] == [(named, "Autumn offer"), (unread, unread)]
    with engine.connect() as connection:
        sums = connection.execute(breakdown_sums(ACCOUNT, LAST)).mappings().all()
    assert [(row["value"], row["name"], row["impressions"]) for row in sums] == [
        (named, "Autumn offer", 5),
        (unread, None, 5),
    ]


def test_records_are_counted_by_status_and_those_with_the_largest_budgets_named(engine: Engine) -> None:
    """The statuses of most campaigns come first, each with the three largest budgets; removed ones do not count."""
    budgets = {"Spring": 10, "Summer": 40, "Autumn": 20, "Winter": 30}
    rows = [
        {"id": place, "name": name, "status": "ACTIVE", "daily_budget_amount": budget, "daily_budget_currency": "EUR"}
        for place, (name, budget) in enumerate(budgets.items())
    ]
    put(engine, Campaign, *rows, {"id": 8, "name": "Old", "status": "PAUSED"})
    put(engine, Campaign, {"id": 9, "name": "Gone", "status": "ACTIVE", "removed_at": NOW})
    largest = tuple(Named(name, Decimal(budgets[name]), "EUR") for name in ("Summer", "Winter", "Autumn"))
    assert lines(engine, "campaigns") == Lines((Line(("ACTIVE",), 4, named=largest), Line(("PAUSED",), 1)), False, None)


def test_days_are_summed_by_campaign_with_its_name(engine: Engine) -> None:
    """Thirty days up to the last one that was loaded count; where a campaign is not known, its id stands for it."""
    put(engine, Campaign, {"id": 1, "name": "Spring", "status": "ACTIVE"})
    days = [(1, date(2026, 11, 27), 100), (1, date(2026, 10, 29), 50), (1, date(2026, 10, 28), 1), (2, LAST.start, 200)]
    rows = [{"campaign_id": each, "date": day, SPEND: spend, IMPRESSIONS: 10} for each, day, spend in days]
    put(engine, CampaignDailyMetric, *rows)
    shown = lines(engine, "campaign_daily_metrics", LAST)
    assert shown.window == DateWindow(date(2026, 10, 29), LAST.end)
    assert [(line.by, line.sums[:2]) for line in shown.lines] == [(("2",), (200, 10)), (("Spring",), (150, 20))]


def test_a_sum_is_unknown_where_a_day_is(engine: Engine) -> None:
    """A metric that was not read of one day has no sum, and the campaign stands last, not as the cheapest."""
    put(
        engine,
        CampaignDailyMetric,
        {"campaign_id": 1, "date": LAST.start, SPEND: 1, IMPRESSIONS: 10},
        {"campaign_id": 2, "date": LAST.start, SPEND: 5, IMPRESSIONS: 10},
        {"campaign_id": 2, "date": LAST.last, SPEND: None, IMPRESSIONS: 10},
    )
    shown = lines(engine, "campaign_daily_metrics", LAST)
    assert [(line.by, line.sums[:2]) for line in shown.lines] == [(("1",), (1, 10)), (("2",), (None, 20))]


def test_lines_that_are_not_shown_are_known(engine: Engine) -> None:
    """Of more campaigns than are shown those with the highest spend are, and that there are more."""
    rows = [{"campaign_id": place, "date": LAST.start, SPEND: place} for place in range(1, LINES + 2)]
    put(engine, CampaignDailyMetric, *rows)
    shown = lines(engine, "campaign_daily_metrics", LAST)
    assert shown.more
    assert [line.by[0] for line in shown.lines] == [str(place) for place in range(LINES + 1, 1, -1)]


def test_segments_have_shares_of_all_segments(engine: Engine) -> None:
    """The largest parts are read, each with its name and its share of the whole split, those not read included."""
    UrnNames(engine).keep({"s:12": "Senior"}, at=NOW)
    rows = [
        {"month": date(2026, 11, 1), "pivot_type": "MEMBER_SENIORITY", "segment": f"s:{place}", IMPRESSIONS: place}
        for place in range(1, 13)
    ]
    put(engine, AudienceDemographic, *rows, {**rows[-1], "month": date(2026, 8, 1)})
    (line,) = lines(engine, "audience_demographics", LAST).lines
    assert line.by == ("MEMBER_SENIORITY",)
    assert len(line.parts) == PARTS
    assert [(part.value, part.name, round(part.shares[0], 4)) for part in line.parts[:2]] == [
        ("s:12", "Senior", round(Decimal(12) / 78, 4)),
        ("s:11", "s:11", round(Decimal(11) / 78, 4)),
    ]


def test_a_share_is_unknown_where_a_segment_is(engine: Engine) -> None:
    """Where one segment has no impressions known, no share of the split is."""
    of_split = {"month": date(2026, 11, 1), "pivot_type": "MEMBER_SENIORITY"}
    put(engine, AudienceDemographic, {**of_split, "segment": "a", IMPRESSIONS: 5}, {**of_split, "segment": "b"})
    (line,) = lines(engine, "audience_demographics", LAST).lines
    assert line.parts == (Part("a", "a", (None,)), Part("b", "b", (None,)))


def test_months_of_reach_are_those_of_the_whole_account(engine: Engine) -> None:
    """Twelve months, the newest first, of the account and not of its campaigns, whose reach does not add up."""
    months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 11, 1)]
    rows = [
        {"month": month, "level": "account", "entity_id": ACCOUNT, "approximate_member_reach": 7} for month in months
    ]
    put(engine, ReachByMonth, *rows, {**rows[-1], "level": "campaign", "entity_id": 1})
    shown = lines(engine, "reach_by_month", LAST)
    assert [(line.by, line.sums) for line in shown.lines] == [((month,), (7, None)) for month in reversed(months[1:])]


def test_forms_have_their_leads(engine: Engine) -> None:
    """A lead form without a creative has its line, with leads unknown."""
    put(engine, LeadForm, {"id": 1, "name": "Guide", "state": "PUBLISHED"})
    assert lines(engine, "lead_forms").lines == (Line(("Guide", "PUBLISHED"), 1, (None, None)),)


def test_parameters_of_the_account_have_no_campaign(engine: Engine) -> None:
    """Each set of tracking parameters is a line, that of the account too."""
    texts = {"custom_value_parameters": {"utm_source": "linkedin"}}
    put(engine, CampaignTrackingParameters, {"ad_entity": f"urn:li:sponsoredAccount:{ACCOUNT}", **texts})
    (line,) = lines(engine, "campaign_tracking_parameters").lines
    assert line.by == (None, {"utm_source": "linkedin"}, None)


def test_a_declared_report_is_summed_by_the_names_of_its_view(engine: Engine) -> None:
    """What it is split by tells its lines apart, and metrics that may not be summed are left out."""
    metrics = tuple(BY_NAME[name] for name in ("impressions", "averageDwellTime"))
    stream = report_stream("overview", ("CAMPAIGN", "IMPRESSION_DEVICE_TYPE"), "DAILY", metrics)
    declare([stream])
    with engine.begin() as connection:
        make_view(connection, stream)
    put(engine, Campaign, {"id": 7, "name": "Spring", "status": "ACTIVE"})
    known = dict(stream.report.known_by) if stream.report is not None else {}
    row = {"pivot_values": ["urn:li:sponsoredCampaign:7", "MOBILE_APP"], "metrics": {"impressions": 5}}
    put(engine, CustomReport, *({**known, **row, "date": day} for day in (LAST.start, LAST.last)))
    (line,) = lines(engine, stream.name, LAST).lines
    assert (line.by, line.sums) == (("Spring", "MOBILE_APP"), (10,))


def test_one_query_reads_all_accounts(engine: Engine) -> None:
    """Each account has its own rows and days, however many there are; one without rows has no line."""
    for place, account in enumerate((ACCOUNT, OTHER), start=1):
        put(
            engine, CampaignDailyMetric, {"campaign_id": place, "account_id": account, "date": LAST.start, SPEND: place}
        )
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    early = DateWindow(date(2026, 8, 1), date(2026, 8, 2))
    shown = read_lines(engine, "campaign_daily_metrics", {ACCOUNT: LAST, OTHER: early, 3: LAST})
    assert {account: [line.by[0] for line in found.lines] for account, found in shown.items()} == {
        ACCOUNT: ["1"],
        OTHER: [],
        3: [],
    }
    assert len([statement for statement in statements if "_metrics" in statement]) == 1


@pytest.mark.parametrize("asset", STREAMS.names)
def test_an_account_without_rows_has_no_lines(engine: Engine, asset: str) -> None:
    """The query of every asset is valid, and finds nothing in an empty warehouse."""
    assert lines(engine, asset, None if stream_of(asset).day_column is None else LAST).lines == ()


def test_creatives_name_the_newest(engine: Engine) -> None:
    """Those of a status and a review are one line, and the creatives that were made last stand for it."""
    row = {"campaign_id": 1, "intended_status": "ACTIVE", "review_status": "APPROVED"}
    put(
        engine,
        Creative,
        {**row, "id": 1, "name": "Old", "linkedin_created_at": datetime(2025, 1, 1, tzinfo=UTC)},
        {**row, "id": 2, "name": "New", "linkedin_created_at": NOW},
    )
    (line,) = lines(engine, "creatives").lines
    assert [named.name for named in line.named] == ["New", "Old"]
