"""Changes of the account, taken apart by campaign."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.linkedin.objectives import CPL
from lac_pipeline.ratios import change
from lac_pipeline.reporting.drivers import amount_points, apportion, price_points
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.reporting.summary_document import Driver
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.reporting.account_rows import Rows, campaign, snapshot_of, spent, sums

LEADS = {"objective_type": "LEAD_GENERATION"}
MONTH, MONTH_BEFORE = slice(2, 3), slice(3, 4)

AMOUNT = st.decimals(min_value=0, max_value=10**7, places=6)
CAMPAIGN = st.builds(lambda cost, leads: {"cost_in_local_currency": cost, "one_click_leads": leads}, AMOUNT,
                     st.integers(0, 500))  # fmt: skip
PERIOD = st.dictionaries(st.integers(1, 9), CAMPAIGN, min_size=1)


def driver(snapshot: AccountSnapshot, metric: str) -> Driver:
    """What moved a metric in the last 30 days."""
    [found] = [each for each in snapshot.drivers if (each.period, each.metric) == ("last_30_days", metric)]
    return found


def test_spend_moved_by_each_campaigns_own_difference() -> None:
    """A campaign that began counts with all it cost, one that ended with all that is missing."""
    rows = Rows(
        campaigns=[campaign(1), campaign(2), campaign(3)],
        campaign_sums=[
            *spent(1, "150", periods=MONTH), *spent(1, "100", periods=MONTH_BEFORE),
            *spent(2, "80", periods=MONTH),
            *spent(3, "100", periods=MONTH_BEFORE),
        ],
    )  # fmt: skip
    moved = driver(snapshot_of(rows), "cost_in_local_currency")
    assert moved.change == Decimal("0.15")
    assert {part.campaign_id: part.points for part in moved.campaigns} == {
        1: Decimal("0.25"),
        2: Decimal("0.4"),
        3: Decimal("-0.5"),
    }
    assert moved.others == 0


def test_a_cost_per_lead_moved_by_what_was_spent_above_the_price_before() -> None:
    """A campaign at the price before moves nothing; one that got dearer moves all of it."""
    campaigns = [campaign(1, **LEADS), campaign(2, **LEADS), campaign(3, objective_type="BRAND_AWARENESS")]
    rows = Rows(
        campaigns=campaigns,
        campaign_sums=[
            *spent(1, "500", periods=slice(2, 4), one_click_leads=10),
            *spent(2, "800", periods=MONTH, one_click_leads=10),
            *spent(2, "500", periods=MONTH_BEFORE, one_click_leads=10),
            *spent(3, "999", periods=MONTH, one_click_leads=1),
        ],
    )  # fmt: skip
    moved = driver(snapshot_of(rows), "cpl")
    assert moved.change == Decimal("0.3")
    assert [(part.campaign_id, part.points) for part in moved.campaigns] == [(2, Decimal("0.3"))]


@given(PERIOD, PERIOD)
def test_the_parts_add_up_to_the_exact_change(now: Mapping[int, Any], before: Mapping[int, Any]) -> None:
    """Parts of spend and of the cost per lead add up, also where campaigns begin, end or have no lead."""
    spend, leads = (
        [sum((Fraction(row[name]) for row in of.values()), Fraction(0)) for of in (now, before)]
        for name in ("cost_in_local_currency", "one_click_leads")
    )
    if spend[1]:
        parts = amount_points("cost_in_local_currency", now, before)
        assert sum(parts.values()) == (spend[0] - spend[1]) / spend[1]
    if spend[1] and all(leads):
        parts = price_points(CPL, now, before)
        assert sum(parts.values()) == (spend[0] / leads[0]) / (spend[1] / leads[1]) - 1


@given(st.dictionaries(st.integers(1, 9), st.fractions(min_value=-9, max_value=9), min_size=1))
def test_rounded_parts_add_up_to_the_rounded_whole(parts: Mapping[int, Fraction]) -> None:
    """No part is further than a unit from its exact value, and nothing is missing from the whole."""
    exact = sum(parts.values(), Fraction(0))
    whole = round(Decimal(exact.numerator) / Decimal(exact.denominator), 4)
    rounded = apportion(parts, whole, places=4)
    assert sum(rounded.values()) == whole
    assert all(abs(Fraction(rounded[key]) - part) <= Fraction(2, 10_000) for key, part in parts.items())


@examples(40)
@given(PERIOD, PERIOD)
def test_published_parts_add_up_to_the_published_change(now: Mapping[int, Any], before: Mapping[int, Any]) -> None:
    """The five campaigns named and the others are the change of the account, as `performance` has it, to the digit."""
    campaign_sums = [
        {**row, "campaign_id": key, "start": window["start"], "end": window["end"]}
        for of, period in ((now, MONTH), (before, MONTH_BEFORE))
        for key, metrics in of.items()
        for window in spent(key, "0", periods=period)
        for row in [{**sums(str(metrics["cost_in_local_currency"])), "one_click_leads": metrics["one_click_leads"]}]
    ]
    rows = Rows(campaigns=[campaign(key, **LEADS) for key in {**now, **before}], campaign_sums=campaign_sums)
    snapshot = snapshot_of(rows)
    month = snapshot.performance.last_30_days
    for metric in ("cost_in_local_currency", "one_click_leads", "cpl"):
        whole = getattr(month.change, metric)
        found = [each for each in snapshot.drivers if (each.period, each.metric) == ("last_30_days", metric)]
        assert len(found) == (whole is not None)
        for each in found:
            assert each.change == whole
            assert sum((part.points for part in each.campaigns), each.others) == whole


def test_what_cannot_be_compared_has_no_driver() -> None:
    """From nothing there is no relative change, so nothing to take apart."""
    snapshot = snapshot_of(Rows(campaigns=[campaign(1)], campaign_sums=spent(1, "5", periods=MONTH)))
    assert [each for each in snapshot.drivers if each.period == "last_30_days"] == []
    assert change(Decimal(5), Decimal(0)) is None
