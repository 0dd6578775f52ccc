"""Rows of adAnalytics: what becomes of an element, whatever metrics were requested."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.linkedin.metrics import BY_NAME, CATALOGUE, CORE, Kind, Metric
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY, CREATIVE_DAILY
from lac_pipeline_tests.models import linkedin_records as records

ACCOUNT_ID = records.ACCOUNT_ID
REQUESTED = tuple(BY_NAME[name] for name in ("impressions", "costInLocalCurrency", "clicks"))


def read(validator: RecordValidator, element: Mapping[str, Any]) -> dict[str, object]:
    """The only row of a page with one good element, by column."""
    page = validator.validate([element])
    assert page.rejected == []
    (row,) = page.rows
    return dict(zip(validator.columns, row, strict=True))


def refuse(validator: RecordValidator, element: Mapping[str, Any]) -> RejectedRecord:
    """The only rejection of a page with one bad element."""
    page = validator.validate([element])
    assert page.rows == []
    (rejected,) = page.rejected
    return rejected


def segment(**changes: object) -> dict[str, Any]:
    """A monthly element of adAnalytics, pivot MEMBER_INDUSTRY."""
    return records.daily(
        **{"pivotValues": ["urn:li:industry:4"], "dateRange": records.day_range(last_day=31)} | changes
    )


def test_campaign_day() -> None:
    """A daily element becomes a row of its campaign, its UTC day, the requested account and the requested metrics."""
    assert read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED), records.daily()) == {
        "campaign_id": 337643194,
        "date": date(2026, 10, 1),
        "account_id": ACCOUNT_ID,
        "impressions": 3120,
        "clicks": 41,
        "cost_in_local_currency": Decimal("198.42000000000002"),
    }


def test_creative_day() -> None:
    """The pivot CREATIVE keys its rows by creative."""
    element = records.daily(pivotValues=["urn:li:sponsoredCreative:9"])
    assert read(validator_of(CREATIVE_DAILY, ACCOUNT_ID, metrics=REQUESTED), element)["creative_id"] == 9


def test_demographic_month() -> None:
    """A monthly element becomes a row of the month's first day, the pivot and the segment as LinkedIn sends it."""
    row = read(validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED), segment())
    key = (row["account_id"], row["month"], row["pivot_type"], row["segment"])
    assert key == (ACCOUNT_ID, date(2026, 10, 1), "MEMBER_INDUSTRY", "urn:li:industry:4")


def test_part_of_a_month() -> None:
    """A range that begins within the month, as the first and the current month do, is still that month."""
    element = segment(dateRange=records.day_range(day=20, last_day=25))
    assert read(validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED), element)[
        "month"
    ] == date(2026, 10, 1)


@pytest.mark.parametrize("value", ["SIZE_2_TO_10", "urn:li:staffCountRange:(2,10)", "Größe"])
def test_any_segment_is_kept(value: str) -> None:
    """A segment of any form is kept verbatim, because LinkedIn's forms differ from pivot to pivot."""
    validator = validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_COMPANY_SIZE", metrics=REQUESTED)
    assert read(validator, segment(pivotValues=[value]))["segment"] == value


def test_left_out_sums_are_zero() -> None:
    """A count or amount that was requested and is not in the response is 0: nothing of it happened."""
    element = records.daily()
    del element["clicks"], element["costInLocalCurrency"]
    row = read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED), element)
    assert (row["impressions"], row["clicks"], row["cost_in_local_currency"]) == (3120, 0, Decimal(0))


def test_left_out_metrics_that_do_not_add_up_are_unknown() -> None:
    """A reach, average or cost per something that LinkedIn leaves out beside a thousand impressions is not 0."""
    ranged = tuple(metric for metric in CATALOGUE if not metric.additive)
    row = read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=ranged), records.daily())
    assert {row[metric.column] for metric in ranged} == {None}


@pytest.mark.parametrize("metric", [*REQUESTED, BY_NAME["approximateMemberReach"], BY_NAME["audiencePenetration"]])
def test_a_null_is_not_given(metric: Metric) -> None:
    """A metric that LinkedIn sends as null is unknown, in a row that loads beside rows that have it."""
    validator = validator_of(
        CAMPAIGN_DAILY, ACCOUNT_ID, metrics=(metric, *(column for column in REQUESTED if column is not metric))
    )
    page = validator.validate([records.daily(**{metric.name: None}), records.daily(**{metric.name: 7})])
    place = validator.columns.index(metric.column)
    assert page.rejected == []
    assert [row[place] for row in page.rows] == [None, 7]


@pytest.mark.parametrize("sent", [3, "3", "3.0", "3.000", Decimal(3), Decimal("3.0"), Decimal("3E+0"), "30e-1"])
@pytest.mark.parametrize("name", ["impressions", "registrations", "jobApplyClicks"])
def test_counts_of_any_form(name: str, sent: object) -> None:
    """A count is read from a JSON integer, an integral decimal, and a text of either."""
    validator = validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=(BY_NAME[name],))
    page = validator.validate([records.daily(**{name: sent}), records.daily(**{name: 4})])
    assert page.rejected == []
    values = [row[validator.columns.index(BY_NAME[name].column)] for row in page.rows]
    assert values == [3, 4]
    assert {type(value) for value in values} == {int}


def test_every_metric_of_the_catalogue() -> None:
    """Any selection of metrics can be validated, up to the whole catalogue, and none at all."""
    everything = {metric.name: 7 if metric.kind is Kind.COUNT else "7.5" for metric in CATALOGUE}
    row = read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=CATALOGUE), records.daily(**everything))
    assert {column: row[column] for column in ("approximate_member_reach", "average_dwell_time")} == {
        "approximate_member_reach": 7,
        "average_dwell_time": Decimal("7.5"),
    }
    keys = read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=()), records.daily())
    assert set(keys) == {"campaign_id", "date", "account_id"}


@pytest.mark.parametrize("metrics", [tuple(BY_NAME[name] for name in CORE), CATALOGUE, (BY_NAME["impressions"],), ()])
def test_columns_name_every_metric_once(metrics: tuple[Metric, ...]) -> None:
    """The columns are the key, the account and one column a metric."""
    columns = validator_of(CREATIVE_DAILY, ACCOUNT_ID, metrics=metrics).columns
    assert sorted(columns) == sorted(["creative_id", "date", "account_id", *(metric.column for metric in metrics)])


@pytest.mark.parametrize("number", ["0.0", Decimal("198.420"), 12, "-3.5", "1E-7", "-2e-18"])
def test_exact_numbers_of_any_form(number: object) -> None:
    """Money is read exactly from decimal text of any scale and from JSON numbers."""
    row = read(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED), records.daily(costInLocalCurrency=number))
    assert str(row["cost_in_local_currency"]) == str(Decimal(str(number)))


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"impressions": "many"}, "impressions", "whole number"),
        ({"impressions": ""}, "impressions", "whole number"),
        ({"impressions": " 3"}, "impressions", "whole number"),
        ({"impressions": "1_000"}, "impressions", "whole number"),
        ({"impressions": "٣"}, "impressions", "whole number"),
        ({"impressions": "NaN"}, "impressions", "whole number"),
        ({"impressions": "Infinity"}, "impressions", "whole number"),
        ({"impressions": Decimal("NaN")}, "impressions", "whole number"),
        ({"impressions": True}, "impressions", "whole number"),
        ({"impressions": 3.0}, "impressions", "whole number"),
        ({"impressions": {"amount": 1}}, "impressions", "whole number"),
        ({"impressions": Decimal("1.5")}, "impressions", "without a fraction"),
        ({"impressions": "1.5"}, "impressions", "without a fraction"),
        ({"impressions": "1e-3"}, "impressions", "without a fraction"),
        ({"impressions": -1}, "impressions", "negative"),
        ({"impressions": "-1"}, "impressions", "negative"),
        ({"impressions": 2**63}, "impressions", "64 bits"),
        ({"impressions": "1e999"}, "impressions", "64 bits"),
        ({"impressions": "9" * 2000}, "impressions", "whole number"),
        ({"costInLocalCurrency": 1.5}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": "1,5"}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": "٣"}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": "1\n"}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": True}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": "NaN"}, "costInLocalCurrency", "exact decimal"),
        ({"costInLocalCurrency": {"amount": "1"}}, "costInLocalCurrency", "exact decimal"),
        ({"pivotValues": ["urn:li:sponsoredCreative:1"]}, "pivotValues", "URN of a sponsoredCampaign"),
        ({"pivotValues": ["urn:li:sponsoredCampaign:x"]}, "pivotValues", "URN of a sponsoredCampaign"),
        ({"pivotValues": []}, "pivotValues", "exactly one"),
        ({"pivotValues": ["urn:li:sponsoredCampaign:1", "2"]}, "pivotValues", "exactly one"),
        ({"pivotValues": "urn:li:sponsoredCampaign:1"}, "pivotValues", "exactly one"),
        ({"pivotValues": [1]}, "pivotValues", "exactly one"),
        ({"dateRange": records.day_range(last_day=2)}, "dateRange", "one day"),
        ({"dateRange": records.day_range(month=2, day=30)}, "dateRange", "no calendar"),
        ({"dateRange": records.day_range(day=True)}, "dateRange", "whole numbers"),
        ({"dateRange": {"start": {"year": 2026}, "end": {"year": 2026}}}, "dateRange", "year, month and day"),
        ({"dateRange": {"start": {}}}, "dateRange", "start and end"),
        ({"dateRange": "2026-10-01"}, "dateRange", "start and end"),
    ],
)
def test_wrong_values_are_refused(changes: dict[str, Any], field: str, reason: str) -> None:
    """A value that is not what LinkedIn promises is refused, with LinkedIn's field and a plain reason."""
    rejected = refuse(validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED), records.daily(**changes))
    assert rejected.field == field
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"dateRange": {"start": records.day_range()["start"], "end": records.day_range(month=11)["start"]}},
         "dateRange", "one month"),
        ({"dateRange": records.day_range(day=9, last_day=8)}, "dateRange", "one month"),
        ({"dateRange": None}, "dateRange", "start and end"),
        ({"pivotValues": ["a\0b"]}, "pivotValues", "NUL"),
        ({"pivotValues": [""]}, "pivotValues", "exactly one"),
        ({"pivotValues": ["ü" * 501]}, "pivotValues", "no index can hold"),
    ],
)  # fmt: skip
def test_wrong_months_are_refused(changes: dict[str, Any], field: str, reason: str) -> None:
    """A monthly element has to lie in one month and name one segment that a table can hold."""
    rejected = refuse(
        validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED), segment(**changes)
    )
    assert rejected.field == field
    assert reason in rejected.reason


def test_rejected_day_is_known_by_its_key() -> None:
    """A refused element is known by its campaign and day, as far as they can be read."""
    validator = validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED)
    assert refuse(validator, records.daily(clicks="1.5")).record_id == "337643194|2026-10-01"
    assert refuse(validator, {"pivotValues": 5}).record_id == "|"


def test_refused_segment_is_known_by_its_whole_urn() -> None:
    """A refused segment is identified by its pivot and the value as sent, because its tail alone is ambiguous."""
    validator = validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED)
    assert refuse(validator, segment(clicks=-1)).record_id == "MEMBER_INDUSTRY|urn:li:industry:4|2026-10-01"


@pytest.mark.parametrize(
    ("validator", "element", "key"),
    [
        (
            validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED),
            records.daily(clicks=-1),
            {"account_id": ACCOUNT_ID, "campaign_id": 337643194, "date": date(2026, 10, 1)},
        ),
        (
            validator_of(CREATIVE_DAILY, ACCOUNT_ID, metrics=REQUESTED),
            records.daily(pivotValues=["urn:li:sponsoredCreative:9"], dateRange=None),
            {"account_id": ACCOUNT_ID, "creative_id": 9},
        ),
        (
            validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED),
            segment(clicks=-1),
            {
                "account_id": ACCOUNT_ID,
                "month": date(2026, 10, 1),
                "pivot_type": "MEMBER_INDUSTRY",
                "segment": "urn:li:industry:4",
            },
        ),
        (
            validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT_ID, pivot="MEMBER_INDUSTRY", metrics=REQUESTED),
            {},
            {"account_id": ACCOUNT_ID, "pivot_type": "MEMBER_INDUSTRY"},
        ),
    ],
)
def test_a_refused_element_carries_the_key_of_its_row(
    validator: RecordValidator, element: dict[str, Any], key: dict[str, object]
) -> None:
    """The key's columns are read one by one, so what can be read of it is known; the rest is left out."""
    assert refuse(validator, element).key == key


def test_unasked_field_is_counted() -> None:
    """A field that was not requested is ignored and seen."""
    page = validator_of(CAMPAIGN_DAILY, ACCOUNT_ID, metrics=REQUESTED).validate([records.daily(sparkle=1)])
    assert page.unknown_fields == {"sparkle": 1}
    assert len(page.rows) == 1
