"""The summary of a snapshot: its size, its findings, and that they are true."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.reporting.activity import Baseline
from lac_pipeline.reporting.amounts import MINUS
from lac_pipeline.reporting.snapshot import build_snapshot
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.reporting.summary import MOST_BYTES, driver_text, shortened, size_of, summarize
from lac_pipeline.reporting.summary_document import Contribution, Driver
from lac_pipeline.warehouse.check_results import Check, CheckState, Shrinkage
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.reporting.account_rows import (
    ACCOUNT,
    AS_OF,
    SYNCED,
    Rows,
    State,
    account,
    attempt,
    campaign,
    snapshot_of,
    spent,
    sums,
)

LEADS = {"objective_type": "LEAD_GENERATION"}
MONTH, MONTH_BEFORE = slice(2, 3), slice(3, 4)


def texts(snapshot: AccountSnapshot, code: str) -> list[str]:
    """The findings of a kind."""
    return [finding.text for finding in snapshot.summary.findings if finding.code == code]


def dearer(name: str = "Spring") -> Rows:
    """A lead campaign that got dearer beside one that did not."""
    return Rows(
        campaigns=[campaign(1, name="Calm", **LEADS), campaign(2, name=name, **LEADS)],
        campaign_sums=[
            *spent(1, "500", periods=MONTH, one_click_leads=10, impressions=9, clicks=9),
            *spent(1, "500", periods=MONTH_BEFORE, one_click_leads=10, impressions=9, clicks=9),
            *spent(2, "800", periods=MONTH, one_click_leads=10, impressions=9, clicks=9),
            *spent(2, "500", periods=MONTH_BEFORE, one_click_leads=10, impressions=9, clicks=9),
        ],
        day_sums=[{"date": AS_OF, **sums("1300", impressions=18, clicks=18, one_click_leads=20)}],
    )


def test_a_change_names_the_campaign_behind_it() -> None:
    """The cost of a lead comes first, with its value, its change and where that comes from."""
    first = snapshot_of(dearer()).summary.findings[0]
    assert (first.code, first.metric, first.change) == ("change", "cpl", Decimal("0.3"))
    assert first.text == "Cost per lead €65.00, +30 %, of which +30 from “Spring”"


def test_a_small_change_is_about_the_same() -> None:
    """A change under five percent is not taken apart by campaign."""
    moved = Driver(period="last_30_days", metric="clicks", change=Decimal("0.0312"), campaigns=[], others=Decimal(0))
    assert driver_text(moved) == "about the same (+3.1 %)"


POINTS = st.decimals(min_value=-2, max_value=2, places=4)


@given(st.lists(POINTS, max_size=5), POINTS)
def test_the_parts_in_words_add_up_to_the_change_in_words(points: list[Decimal], others: Decimal) -> None:
    """The sum of the written parts is the written change, although each is rounded."""
    points.sort(key=abs, reverse=True)
    parts = [Contribution(campaign_id=n, campaign_name=f"C{n}", points=part) for n, part in enumerate(points)]
    whole = sum(points, others)
    text = driver_text(Driver(period="last_30_days", metric="cpl", change=whole, campaigns=parts, others=others))
    numbers = re.findall(r"-?[\d,]*\d(?:\.\d)?(?= )", text.replace(MINUS, "-"))
    written = [Decimal(number.replace(",", "")) for number in numbers]
    if "of which" in text:
        assert sum(written[1:]) == written[0]
    else:
        assert abs(whole) < Decimal("0.05")


@pytest.mark.parametrize("name", ["plain", "é" * 90, "🚀" * 90, "\x1b[1m" * 40, '"\\' * 90, "a b " * 40, ""])
def test_a_name_is_shortened_to_its_bytes_in_json(name: str) -> None:
    """A name of any script and any character takes at most 48 bytes."""
    assert len(
        Contribution(campaign_id=1, campaign_name=shortened(name), points=Decimal(0)).model_dump_json().encode()
    ) <= (48 + len('{"campaign_id":1,"campaign_name":"","points":"0"}'))


def big(name: str, campaigns: int) -> Rows:
    """Many campaigns that all moved, with everything wrong that can be wrong."""
    counts: dict[str, Any] = {"impressions": 10**6, "clicks": 10**5, "one_click_leads": 10**4}
    shrunk = [CheckState(Check.SHRINK_GUARD, f"t{n}", ACCOUNT, False, Shrinkage(9, 8), None, "run") for n in range(40)]
    return Rows(
        account=account(name=name, currency="EUR"),
        campaigns=[campaign(n, name=f"{name} {n}", **LEADS) for n in range(campaigns)],
        campaign_sums=[
            row
            for n in range(campaigns)
            for row in (
                *spent(n, f"{n + 1}000000.123456", periods=MONTH, external_website_conversions=n * 7 + 1, **counts),
                *spent(n, f"{n * n + 1}0000", periods=MONTH_BEFORE, external_website_conversions=n + 1, **counts),
            )
        ],
        day_sums=[{"date": AS_OF, **sums("9", impressions=1, one_click_leads=1)}],
        rejections={f"{name} {n}": 10**6 for n in range(30)},
        checks=shrunk,
        attempts=[attempt(), attempt(f"{name} a", status="failed"), attempt(f"{name} b", status="partial")],
        pacing=[pace(n, name=f"{name} {n}") for n in range(campaigns)],
        restated_sums=[restated(AS_OF - timedelta(days=n)) for n in range(60)],
    )


def pace(campaign_id: int, name: str = "Spring", **values: object) -> dict[str, Any]:
    """A row of the view campaign_pacing, of an active campaign with a daily budget of 10."""
    budget = {"daily_budget_amount": Decimal(10), "daily_budget_currency": "EUR"}
    whole = {"total_budget_amount": Decimal(1000), "total_budget_currency": "EUR", "run_schedule_end": None}
    begun = {"run_schedule_start": SYNCED - timedelta(days=300), "campaign_status": "ACTIVE", "removed_at": None}
    known = {"spend_to_date": Decimal(500), "share_of_budget": Decimal("0.5"), "share_of_time": None}
    about = {"campaign_id": campaign_id, "campaign_name": name, "pacing": Decimal("0.5")}
    return {**budget, **whole, **begun, **known, **about, **values}


def restated(day: date, **values: object) -> dict[str, Any]:
    """By how much a day was changed."""
    moved = {"impressions": -(10**6), "clicks": 3, "cost_in_local_currency": Decimal("-1.5"), "one_click_leads": 0}
    return {"date": day, "campaigns": 2, "seen_at": SYNCED, "external_website_conversions": 4, **moved, **values}


SIZES = {
    "nothing": Rows(account=None, attempts=[]),
    "small": dearer(),
    "big": big("Always on", 30),
    "emoji": big("🚀" * 80, 9),
    "control characters": big('\x1b\u202e\\"' * 40, 9),
    "long": big("x" * 3000, 30),
}


@pytest.mark.parametrize("rows", SIZES.values(), ids=SIZES)
def test_the_summary_is_small(rows: Rows) -> None:
    """It has at most 3,000 bytes of JSON, whatever the account's size and names."""
    summary = snapshot_of(rows).summary
    assert size_of(summary) == len(summary.model_dump_json().encode()) <= MOST_BYTES == 3000


@pytest.mark.parametrize("rows", [SIZES["big"], SIZES["emoji"]], ids=["big", "emoji"])
def test_what_makes_numbers_doubtful_is_never_left_out_for_room(rows: Rows) -> None:
    """Changes give way, and how many is stated; rejected records, checks, syncs and age stay."""
    summary = snapshot_of(rows).summary
    codes = {finding.code for finding in summary.findings}
    assert codes >= {"rejected_records", "failed_check", "sync", "freshness", "restated", "not_loaded", "pacing"}
    changes = [finding for finding in summary.findings if finding.code == "change"]
    assert len(changes) + summary.findings_left_out == 5


@examples(10)
@given(st.text(max_size=400), st.integers(0, 4))
def test_no_name_makes_it_large(name: str, campaigns: int) -> None:
    """A name of any characters stays within the size."""
    assert size_of(snapshot_of(big(name, campaigns)).summary) <= MOST_BYTES


def test_the_week_is_summarized_where_the_month_cannot_be_compared() -> None:
    """Twenty days are loaded: the findings are about seven, and the others are named as not compared."""
    rows = Rows(
        campaigns=[campaign(1)],
        campaign_sums=[*spent(1, "150", periods=slice(0, 1)), *spent(1, "100", periods=slice(1, 2))],
        attempts=[attempt(partition_start=AS_OF - timedelta(days=19))],
    )
    snapshot = snapshot_of(rows)
    assert snapshot.summary.period == "last_7_days"
    assert texts(snapshot, "change")[0].startswith("Spend €150.00, +50 %")
    assert texts(snapshot, "no_comparison") == [
        "Not compared, as days are not loaded: last_30_days (20 of 60 days), last_90_days (20 of 180 days)"
    ]


def test_parts_that_were_never_loaded_are_unknown() -> None:
    """The summary names what no stream loaded, instead of calling it nothing."""
    snapshot = snapshot_of(Rows())
    assert (snapshot.reach, snapshot.conversions, snapshot.breakdowns) == (None, None, None)
    assert texts(snapshot, "not_loaded") == ["Unknown, as never loaded: reach, conversions by rule, breakdowns"]


def test_the_numbers_are_those_of_the_document() -> None:
    """What is written twice is the same value."""
    snapshot = snapshot_of(dearer())
    numbers = snapshot.summary.numbers
    month = snapshot.performance.last_30_days
    assert numbers["cpl"].value == month.ratios.cpl == 65
    assert numbers["impressions"].value == month.metrics.impressions
    assert numbers["cost_in_local_currency"].change == month.change.cost_in_local_currency


def test_campaigns_stand_beside_their_daily_budgets() -> None:
    """Spend of the week against the budget of its days, with the campaigns furthest apart."""
    rows = dearer()
    rows.pacing = [pace(1, "Calm"), pace(2, "Spring")]
    rows.campaign_sums = [
        *rows.campaign_sums,
        *spent(1, "35", periods=slice(0, 1)),
        *spent(2, "70", periods=slice(0, 1)),
    ]
    [days, whole] = texts(snapshot_of(rows), "pacing")
    assert days == (
        "2 active campaigns spent €105.00 of €140.00 of daily budgets in 7 days, 75 %: from 50 % (“Calm”) to 100 % "
        "(“Spring”)"
    )
    assert whole == "Spend since the start, against an even pace: “Spring” 50 %, “Calm” 50 %"


def test_restatements_since_the_last_snapshot_are_summed() -> None:
    """The finding has the previous snapshot's day and by how much the sums moved."""
    rows = Rows(restated_sums=[restated(AS_OF), restated(AS_OF - timedelta(days=1), clicks=-5)])
    baseline = Baseline(AS_OF - timedelta(days=1), SYNCED - timedelta(days=1))
    snapshot = build_snapshot(ACCOUNT, AS_OF, rows, states=[State("metrics")], names={}, baseline=baseline)
    [text] = texts(snapshot, "restated")
    assert text == (
        f"Since the snapshot of 2026-11-19 LinkedIn changed 2 past days: spend {MINUS}€3.00, clicks {MINUS}2, leads 0, "
        "website conversions +8"
    )


def test_the_same_document_has_the_same_summary() -> None:
    """A summary is made of the document alone, so it can be made again when the checks are read again."""
    snapshot = snapshot_of(big("Always on", 5))
    assert summarize(snapshot) == snapshot.summary
