"""Records that failed validation: kept, brought up to date, closed when they validate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.entities import CAMPAIGNS
from lac_pipeline.warehouse.load.rejects import open_rejections
from lac_pipeline.warehouse.schema.tables import Campaign, RejectedRecord_
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.models import linkedin_records as records
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    begin_campaigns,
    begin_metrics,
    campaign_rows,
    load,
    load_campaigns,
    load_metrics,
    metric_rows,
    rejection,
    stored,
)

ONE_DAY = DateWindow.inclusive(date(2026, 11, 3), date(2026, 11, 3))


def test_a_rejected_record_is_kept_with_its_reason(warehouse: Warehouse, engine: Engine) -> None:
    """The rest loads, the sync is partial, and the quarantine has the exact error of the record."""
    result = load_campaigns(warehouse, campaign_rows([1]), rejected=[rejection("2")])
    assert (result.status, result.rejected, result.inserted) == ("partial", 1, 1)
    [kept] = open_rejections(engine, account_ids=[ACCOUNT])
    assert (kept.asset, kept.record_id, kept.field, kept.reason) == ("campaigns", "2", "status", "unknown status")
    assert kept.raw == {"id": "2", "cost": Decimal("1.10")}
    assert kept.first_seen == kept.last_seen == result.started_at


def test_a_record_rejected_again_stays_one_row(warehouse: Warehouse, engine: Engine) -> None:
    """First seen stays, last seen and the reason move on."""
    first = load_campaigns(warehouse, [], rejected=[rejection("2")])
    second = load_campaigns(warehouse, [], rejected=[rejection("2", reason="still unknown"), rejection("2")])
    [kept] = open_rejections(engine)
    assert (kept.first_seen, kept.last_seen) == (first.started_at, second.started_at)


def test_a_record_that_validates_is_closed(warehouse: Warehouse, engine: Engine) -> None:
    """The rejection ends with the fetch that found the record valid; a record that fails later is a new one."""
    load_campaigns(warehouse, [], rejected=[rejection("2"), rejection("3")])
    resolved = load_campaigns(warehouse, campaign_rows([2]), rejected=[rejection("3")])
    assert [kept.record_id for kept in open_rejections(engine)] == ["3"]
    load_campaigns(warehouse, [], rejected=[rejection("2"), rejection("3")])
    closed = stored(engine, RejectedRecord_, "record_id", "closed_at")
    assert closed == [("2", resolved.started_at), ("3", None), ("2", None)]


def test_another_field_that_fails_is_another_rejection(warehouse: Warehouse, engine: Engine) -> None:
    """A record fixed in one field and broken in the next moves from one rejection to another."""
    load_campaigns(warehouse, [], rejected=[rejection("2", field="status")])
    load_campaigns(warehouse, [], rejected=[rejection("2", field="name")])
    assert [kept.field for kept in open_rejections(engine)] == ["name"]


def test_a_record_without_a_readable_day_is_closed_by_a_load_of_all_its_days(
    warehouse: Warehouse, engine: Engine
) -> None:
    """It may be about any day of the window, and says of which; a load of some of them does not close it."""
    load_metrics(warehouse, [], rejected=[rejection("2|soon"), rejection("2|2026-11-03")])
    assert {kept.record_id: kept.undated_within for kept in open_rejections(engine)} == {
        "2|soon": WINDOW,
        "2|2026-11-03": None,
    }
    load_metrics(warehouse, [], ONE_DAY)
    assert [kept.record_id for kept in open_rejections(engine)] == ["2|soon"]
    load_metrics(warehouse, [])
    assert open_rejections(engine) == []


def test_a_day_rejected_in_a_long_window_is_resolved_in_a_short_one(warehouse: Warehouse, engine: Engine) -> None:
    """A metrics record belongs to its day, so the next fetch of that day closes it, and of no other day."""
    load_metrics(warehouse, [], rejected=[rejection("7|2026-11-03"), rejection("7|2026-11-09")])
    load_metrics(warehouse, metric_rows([7], ONE_DAY), ONE_DAY)
    assert [kept.record_id for kept in open_rejections(engine)] == ["7|2026-11-09"]


def test_a_record_without_a_day_is_resolved_with_its_whole_window(warehouse: Warehouse, engine: Engine) -> None:
    """A record whose day cannot be read is closed by a fetch of all the days that it may belong to."""
    load_metrics(warehouse, [], rejected=[rejection("7|?")])
    load_metrics(warehouse, [], ONE_DAY)
    assert len(open_rejections(engine)) == 1
    load_metrics(warehouse, [])
    assert open_rejections(engine) == []


def test_a_record_without_a_day_narrows_to_the_days_of_all_fetches(warehouse: Warehouse, engine: Engine) -> None:
    """Seen again by a shorter fetch, the record is of that fetch's days, and the next one of them closes it."""
    load_metrics(warehouse, [], rejected=[rejection("7|?")])
    load_metrics(warehouse, [], ONE_DAY, rejected=[rejection("7|?")])
    [kept] = open_rejections(engine)
    assert kept.first_seen < kept.last_seen
    load_metrics(warehouse, [], ONE_DAY)
    assert open_rejections(engine) == []


REFUSED_SEGMENTS = [
    ("MEMBER_INDUSTRY", ["urn:li:x:4"], 10, -1),
    ("MEMBER_SENIORITY", ["urn:li:x:4"], 10, -1),
    ("MEMBER_INDUSTRY", ["urn:li:x:4"], 11, -1),
    ("MEMBER_INDUSTRY", [""], 10, 1),
    ("MEMBER_INDUSTRY", [], 10, 1),
    ("MEMBER_INDUSTRY", None, 10, 1),
    ("MEMBER_INDUSTRY", None, 10, 2),
    ("MEMBER_SENIORITY", None, 10, 1),
    ("MEMBER_SENIORITY", ["a", "b"], 10, 1),
]
"""Pivot, pivot values, month and clicks of records that are refused, no two of them the same record."""


def refused_segments(**changes: object) -> list[RejectedRecord]:
    """The validators' rejections."""
    rejected: list[RejectedRecord] = []
    for pivot, values, month, clicks in REFUSED_SEGMENTS:
        validator = validator_of(
            AUDIENCE_DEMOGRAPHICS, ACCOUNT, pivot=pivot, metrics=(BY_NAME["clicks"], BY_NAME["likes"])
        )
        days = records.day_range(month=month, last_day=30)
        element = {"pivotValues": values, "dateRange": days, "clicks": clicks} | changes
        rejected += validator.validate([element]).rejected
    return rejected


def load_segments(warehouse: Warehouse, rejected: list[RejectedRecord]) -> None:
    """Load two months of nothing but these, few enough beside the others to be no flood."""
    window = DateWindow(date(2026, 10, 1), date(2026, 12, 1))
    attempt = warehouse.begin("audience_demographics", ACCOUNT, run_id="run", trigger="on_demand", window=window)
    columns = ("account_id", "month", "pivot_type", "segment", "clicks")
    rows = [(ACCOUNT, window.start, "MEMBER_JOB_TITLE", f"urn:li:title:{number}", 1) for number in range(10)]
    load(warehouse, attempt, rows, columns=columns, rejected=rejected)


def test_every_refused_record_is_kept(warehouse: Warehouse, engine: Engine) -> None:
    """Pivots, months and unreadable keys distinguish records, whatever is missing in them."""
    load_segments(warehouse, refused_segments())
    kept = open_rejections(engine)
    assert len(kept) == len(REFUSED_SEGMENTS)
    assert sorted(str(record.raw["pivotValues"]) for record in kept) == sorted(
        str(values) for _, values, *_ in REFUSED_SEGMENTS
    )
    assert "MEMBER_SENIORITY|urn:li:x:4|2026-10-01" in {record.record_id for record in kept}


def test_records_refused_again_do_not_pile_up(warehouse: Warehouse, engine: Engine) -> None:
    """The same records stay one row each; those of a readable key also while their other numbers move."""
    load_segments(warehouse, refused_segments())
    load_segments(warehouse, refused_segments())
    assert len(stored(engine, RejectedRecord_)) == len(REFUSED_SEGMENTS)
    named = [rejection for rejection in refused_segments(likes=5) if "segment" in rejection.key]
    load_segments(warehouse, named)
    assert len(stored(engine, RejectedRecord_)) == len(REFUSED_SEGMENTS)
    assert {str(rejection.raw.get("likes")) for rejection in open_rejections(engine)} == {"5"}
    load_segments(warehouse, [])
    assert open_rejections(engine) == []


def test_elements_that_are_no_objects_are_kept_apart(warehouse: Warehouse, engine: Engine) -> None:
    """Texts, numbers and nulls in place of records are one rejection each."""
    validator = validator_of(CAMPAIGNS, ACCOUNT)
    elements: list[Any] = [None, "campaign", 5, [], {}]
    load_campaigns(warehouse, campaign_rows([1]), rejected=validator.validate(elements).rejected)
    assert len(open_rejections(engine)) == len(elements)


def test_a_fetch_that_was_overtaken_rejects_nothing(warehouse: Warehouse, engine: Engine) -> None:
    """Records of days or entities that a later fetch has loaded do not come back as rejected."""
    days, campaigns = begin_metrics(warehouse), begin_campaigns(warehouse)
    load_metrics(warehouse, [], ONE_DAY)
    load_campaigns(warehouse, [])
    load(warehouse, days, [], rejected=[rejection("7|2026-11-03"), rejection("7|2026-11-09")])
    load(warehouse, campaigns, [], rejected=[rejection("2")])
    assert [kept.record_id for kept in open_rejections(engine)] == ["7|2026-11-09"]


def test_accounts_do_not_resolve_one_another(warehouse: Warehouse, engine: Engine) -> None:
    """A fetch of one account does not change another account's records."""
    load_campaigns(warehouse, [], rejected=[rejection("2")])
    load(warehouse, begin_campaigns(warehouse, account_id=7), [])
    assert [kept.account_id for kept in open_rejections(engine)] == [ACCOUNT]


def test_rejections_can_be_selected_by_asset(warehouse: Warehouse, engine: Engine) -> None:
    """The list can be narrowed to an asset."""
    load_campaigns(warehouse, [], rejected=[rejection("2")])
    load_metrics(warehouse, [], WINDOW, rejected=[rejection("7|2026-11-03")])
    assert [kept.record_id for kept in open_rejections(engine, asset="campaigns")] == ["2"]


def test_odd_text_is_no_obstacle(warehouse: Warehouse, engine: Engine) -> None:
    """A record that was rejected for its NUL characters can be quarantined."""
    load_campaigns(warehouse, [], rejected=[RejectedRecord("\x00", "name", "\x00", "\ud83d", {"a\x00": "\x00"})])
    [kept] = open_rejections(engine)
    assert (kept.record_id, kept.raw) == ("\ufffd", {"a\ufffd": "\ufffd"})


def test_a_flood_of_rejections_leaves_the_old_rows(warehouse: Warehouse, engine: Engine) -> None:
    """When most records fail, the sync fails: nothing is loaded or removed, and the quarantine shows why."""
    load_campaigns(warehouse, campaign_rows(range(1, 9)))
    before = stored(engine, Campaign)
    attempt = begin_campaigns(warehouse)
    flood = [rejection(str(number)) for number in range(1, 7)]
    with pytest.raises(UnexpectedPayloadError, match="6 of 8 records for campaigns of account 510000001") as caught:
        load(warehouse, attempt, campaign_rows([7, 8], status="PAUSED"), rejected=flood)
    assert "unknown status" in str(caught.value.detail)
    assert stored(engine, Campaign) == before
    assert len(open_rejections(engine)) == 6


@pytest.mark.parametrize(("good", "bad"), [(0, 5), (6, 6)], ids=["a handful", "half"])
def test_a_handful_or_half_is_no_flood(warehouse: Warehouse, good: int, bad: int) -> None:
    """Up to five records, and up to half of them, cost no other row."""
    flood = [rejection(str(100 + number)) for number in range(bad)]
    result = load_campaigns(warehouse, campaign_rows(range(good)), rejected=flood)
    assert (result.status, result.inserted) == ("partial", good)


def test_one_flooded_page_ends_the_sync(warehouse: Warehouse, engine: Engine) -> None:
    """A page that failed for the most part counts even if the whole would pass."""
    flood = [rejection(str(100 + number)) for number in range(6)]
    with pytest.raises(UnexpectedPayloadError, match="6 of 106 records"):
        load_campaigns(warehouse, campaign_rows(range(100)), rejected=flood, flooded=True)
    assert stored(engine, Campaign) == []
