"""Parts beside what they are parts of, conversions by rule and devices: what is compared, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from lac_pipeline.streams.breakdowns import DEVICE
from lac_pipeline.warehouse.query.sums_of_parts import SumsOfParts
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.tables import (
    Base,
    CampaignDailyBreakdown,
    CampaignDailyMetric,
    ConversionDailyMetric,
    CreativeDailyMetric,
)
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse import advertising

ACCOUNT, CREATIVE, RULE, OTHER_RULE = 5, 70, 900, 901
PARTS, WHOLE = "conversion_daily_metrics", "creative_daily_metrics"
WINDOW = DateWindow(date(2026, 11, 1), date(2026, 11, 11))
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
OLD, YOUNG, RUNNING = date(2026, 11, 3), date(2026, 11, 9), date(2026, 11, 10)


@dataclass
class Books:
    """Both tables, and the log of when they were read."""

    engine: Engine

    def creative(self, day: date, conversions: int | None, **fields: object) -> None:
        """What LinkedIn counts for the creative."""
        self._put(CreativeDailyMetric, day, conversions, fields)

    def rule(self, day: date, conversions: int | None, rule: int = RULE, **fields: object) -> None:
        """What LinkedIn counts for the creative by one rule."""
        self._put(ConversionDailyMetric, day, conversions, {"conversion_id": rule, **fields})

    def _put(self, model: type[Base], day: date, conversions: int | None, fields: dict[str, object]) -> None:
        key = {"creative_id": CREATIVE, "account_id": ACCOUNT, "date": day}
        row: dict[str, Any] = {**key, "external_website_conversions": conversions, **fields}
        with self.engine.begin() as connection:
            advertising.put(connection, model, row)

    def read(self, asset: str, at: datetime, window: DateWindow = WINDOW, **fields: object) -> None:
        """Log that the days were read."""
        log = {"started_at": at, "finished_at": at, "status": "success", "trigger": "scheduled", "run_id": str(at)}
        span = {"partition_start": window.start, "partition_end": window.end}
        with self.engine.begin() as connection:
            connection.execute(insert(SyncLog).values(account_id=ACCOUNT, asset=asset, **log | span | fields))

    def refuse(self, asset: str, day: date, *values: str) -> None:
        """Put a record in quarantine."""
        shown = {"field": "x", "value": "?", "reason": "?", "run_id": "r", "first_seen": NOW, "last_seen": NOW}
        span = {"partition_start": day, "partition_end": day + timedelta(1), "digest": str(values), "record_id": "?"}
        with self.engine.begin() as connection:
            record = {"asset": asset, "account_id": ACCOUNT, "raw": {"pivotValues": [*values]}, **shown, **span}
            connection.execute(insert(RejectedRecord_).values(**record))

    def differing(self) -> list[tuple[Any, ...]] | None:
        """Day, the creative's number and the sum over the rules, where they differ."""
        found = SumsOfParts(self.engine).differing(PARTS, ACCOUNT, WINDOW)
        if found is None:
            return None
        assert found.total == len(found.rows)
        assert {row["creative_id"] for row in found.rows} <= {CREATIVE}
        number = "external_website_conversions"
        return [(row["date"], row[number], row[f"{number}_of_parts"]) for row in found.rows]


@pytest.fixture
def books(engine: Engine) -> Books:
    """Both tables were read this morning, one minute apart."""
    books = Books(engine)
    books.read(WHOLE, NOW)
    books.read(PARTS, NOW + timedelta(minutes=1))
    return books


def test_rules_that_add_up_pass(books: Books) -> None:
    """A creative without conversions has no rule, and that is equal too."""
    books.creative(OLD, 5)
    books.rule(OLD, 2)
    books.rule(OLD, 3, OTHER_RULE)
    books.creative(date(2026, 11, 4), 0)
    assert books.differing() == []


def test_each_difference_is_found(books: Books) -> None:
    """A rule that is missing, one too many, and a creative without a row; LinkedIn leaves out rows of nothing."""
    books.creative(OLD, 5)
    books.rule(OLD, 4)
    books.creative(date(2026, 11, 4), 2)
    books.rule(date(2026, 11, 5), 1)
    assert books.differing() == [(OLD, 5, 4), (date(2026, 11, 4), 2, 0), (date(2026, 11, 5), 0, 1)]


@pytest.mark.parametrize(
    ("total", "parts", "passes"), [(10, 9, True), (10, 8, False), (500, 495, True), (500, 494, False)]
)
def test_young_days_may_differ_by_one_or_one_percent(books: Books, total: int, parts: int, passes: bool) -> None:
    """Their numbers may move between two reads."""
    books.creative(YOUNG, total)
    books.rule(YOUNG, parts)
    assert books.differing() == ([] if passes else [(YOUNG, total, parts)])


def test_the_running_day_is_not_compared(books: Books) -> None:
    """It was not over when it was read."""
    books.creative(RUNNING, 5)
    assert books.differing() == []


def test_what_is_unknown_is_not_zero(books: Books) -> None:
    """A number that LinkedIn did not give, or that was not requested, can be compared with nothing."""
    books.creative(OLD, None)
    books.rule(OLD, 4)
    books.creative(date(2026, 11, 4), 3)
    books.rule(date(2026, 11, 4), None)
    assert books.differing() == []


@pytest.mark.parametrize("asset", [PARTS, WHOLE])
@pytest.mark.parametrize("value", [f"urn:li:sponsoredCreative:{CREATIVE}", "unreadable"])
def test_a_refused_creative_day_takes_no_part(books: Books, asset: str, value: str) -> None:
    """Neither where its record is in quarantine, nor where that may be any creative's."""
    books.creative(OLD, 5)
    books.refuse(asset, OLD, value, "urn:lla:llaPartnerConversion:900")
    assert books.differing() == []


def test_a_refused_record_of_another_creative_or_day_excuses_nothing(books: Books) -> None:
    """Only the creative and day that it is about are left out."""
    books.creative(OLD, 5)
    books.refuse(PARTS, OLD, "urn:li:sponsoredCreative:71", "urn:lla:llaPartnerConversion:900")
    books.refuse(PARTS, date(2026, 11, 4), f"urn:li:sponsoredCreative:{CREATIVE}")
    assert books.differing() == [(OLD, 5, 0)]


def test_a_stale_row_takes_no_part(books: Books) -> None:
    """It is as it was before LinkedIn's record of it was refused."""
    books.creative(OLD, 5)
    books.rule(OLD, 2, stale_since=NOW)
    books.creative(date(2026, 11, 4), 5, stale_since=NOW)
    assert books.differing() == []


def test_reads_that_lie_apart_are_not_compared(books: Books) -> None:
    """LinkedIn credits conversions to past days for months, so only what was read together has to agree."""
    books.creative(OLD, 5)
    books.creative(date(2026, 11, 7), 5)
    books.read(WHOLE, NOW + timedelta(hours=3), DateWindow(OLD, date(2026, 11, 5)))
    assert books.differing() == [(date(2026, 11, 7), 5, 0)]


def test_nothing_is_compared_before_both_were_read(engine: Engine) -> None:
    """An attempt that failed read nothing."""
    books = Books(engine)
    books.creative(OLD, 5)
    books.read(WHOLE, NOW)
    books.read(PARTS, NOW, status="failed")
    assert books.differing() is None


@dataclass
class Devices:
    """A campaign of which each day has 1,000 impressions and 5 of cost, split by two devices."""

    engine: Engine

    def device(self, day: date, value: str, impressions: int | None, cost: str, **fields: object) -> None:
        """Put what LinkedIn counts by a device."""
        part = {"breakdown": DEVICE, "value": value, "impressions": impressions, "cost_in_local_currency": cost}
        self._put(CampaignDailyBreakdown, day, {**part, **fields})

    def campaign(self, day: date) -> None:
        """Put what LinkedIn counts for the campaign."""
        self._put(CampaignDailyMetric, day, {"impressions": 1000, "cost_in_local_currency": 5})

    def _put(self, model: type[Base], day: date, fields: dict[str, Any]) -> None:
        with self.engine.begin() as connection:
            advertising.put(connection, model, {"campaign_id": 7, "account_id": ACCOUNT, "date": day, **fields})

    def differing(self) -> list[dict[str, Any]] | None:
        """The campaign's days on which the devices do not add up to it."""
        found = SumsOfParts(self.engine).differing("campaign_daily_breakdowns", ACCOUNT, WINDOW)
        return None if found is None else found.rows


@pytest.fixture
def devices(books: Books) -> Devices:
    """Campaign and devices were read together this morning; the campaign has one day."""
    books.read("campaign_daily_metrics", NOW)
    books.read("campaign_daily_breakdowns", NOW, parts=["impressions", DEVICE])
    devices = Devices(books.engine)
    devices.campaign(OLD)
    return devices


@pytest.mark.parametrize(
    ("impressions", "cost", "passes"),
    [(300, "2", True), (309, "2", True), (311, "2", False), (300, "2.05", True), (300, "2.06", False)],
)
def test_devices_add_up_to_the_campaign_within_a_percent(
    devices: Devices, impressions: int, cost: str, passes: bool
) -> None:
    """LinkedIn does not say that they agree, so a percent is no finding on any day, and more than that is one."""
    devices.device(OLD, "MOBILE_APP", 700, "3")
    devices.device(OLD, "DESKTOP_WEB", impressions, cost)
    devices.device(OLD, "LEFT", 9000, "9", breakdown="PLACEMENT_NAME")
    found = {"campaign_id": 7, "date": OLD, "impressions": 1000, "impressions_of_parts": 700 + impressions}
    money = {"cost_in_local_currency": 5, "cost_in_local_currency_of_parts": 3 + Decimal(cost)}
    assert devices.differing() == ([] if passes else [{**found, **money}])


@pytest.mark.parametrize("fields", [{"stale_since": NOW}, {"impressions": None}])
def test_a_device_that_is_stale_or_unknown_makes_no_difference(devices: Devices, fields: dict[str, Any]) -> None:
    """Neither what is as it was before a refusal, nor a number that LinkedIn did not give, can be compared."""
    devices.device(OLD, "MOBILE_APP", **{"impressions": 100, "cost": "5", **fields})
    assert devices.differing() == []


@pytest.mark.parametrize("asset", ["campaign_daily_breakdowns", "campaign_daily_metrics"])
def test_a_campaign_day_with_a_refused_row_is_not_compared(books: Books, devices: Devices, asset: str) -> None:
    """Neither of a device nor of the campaign itself."""
    books.refuse(asset, OLD, "urn:li:sponsoredCampaign:7", "MOBILE_APP")
    assert devices.differing() == []


def test_a_campaign_day_without_any_device_is_noticed(devices: Devices) -> None:
    """A day that was read by device and has no row of it was lost."""
    assert [(row["date"], row["impressions_of_parts"]) for row in devices.differing() or []] == [(OLD, 0)]


def test_days_that_were_not_read_by_device_are_not_compared(books: Books, devices: Devices) -> None:
    """Another breakdown's load says nothing of devices."""
    with books.engine.begin() as connection:
        connection.execute(update(SyncLog).values(parts=["impressions", "PLACEMENT_NAME"]))
    assert devices.differing() is None
