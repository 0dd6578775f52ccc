"""The demo's advertiser is believable: audiences of their market, and no spend for what was rejected."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lac_pipeline.simulator.world.segment_names import COUNTRIES, FUNCTIONS, SENIORITIES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.simulator.simulated_api import NOW

EMEA, AMER, JAPAN = 510_000_001, 510_000_002, 510_000_003
MONTH = DateWindow(date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture(scope="module")
def world() -> World:
    """The demo's world at a clock that stands still; nothing here changes it."""
    return World.demo(clock=lambda: NOW)


def by_value(world: World, account_id: int, pivot: str) -> dict[str, dict[str, Any]]:
    """A month's numbers of an account's audience, by the tail of the pivot value."""
    rows = world.truth.analytics(account_id, pivot, "MONTHLY", MONTH, ("impressions", "clicks"))
    return {row["pivotValues"][0].rpartition(":")[2]: row for row in rows}


@pytest.mark.parametrize(
    ("account_id", "home"),
    [
        (EMEA, {"United Kingdom", "Germany", "France"}),
        (AMER, {"United States", "Canada", "Brazil"}),
        (JAPAN, {"Japan"}),
    ],
)
def test_an_account_reaches_members_of_its_market(world: World, account_id: int, home: set[str]) -> None:
    """The countries of the market lead, and have most of the impressions."""
    rows = by_value(world, account_id, "MEMBER_COUNTRY_V2")
    seen = {COUNTRIES[int(number)]: int(row["impressions"]) for number, row in rows.items()}
    assert set(sorted(seen, key=seen.__getitem__, reverse=True)[: len(home)]) == home
    assert sum(seen[country] for country in home) > 0.5 * sum(seen.values())


@pytest.mark.parametrize("account_id", [EMEA, AMER, JAPAN])
def test_those_who_decide_engage_more(world: World, account_id: int) -> None:
    """Rates differ between segments: a CXO clicks more readily than an entry-level member, and there are fewer."""
    rows = by_value(world, account_id, "MEMBER_SENIORITY")
    entry, senior, cxo = (rows[str(SENIORITIES.index(name) + 1)] for name in ("Entry", "Senior", "CXO"))
    assert cxo["impressions"] < senior["impressions"]
    assert cxo["clicks"] / cxo["impressions"] > 1.5 * entry["clicks"] / entry["impressions"]


def test_companies_of_all_sizes_are_reached(world: World) -> None:
    """No size of company has most of the impressions, and one-person companies have few."""
    rows = by_value(world, EMEA, "MEMBER_COMPANY_SIZE")
    seen = {size: int(row["impressions"]) for size, row in rows.items()}
    assert len(seen) == 9
    assert max(seen.values()) < 0.35 * sum(seen.values())
    assert seen["SIZE_1"] < 0.08 * sum(seen.values())


@pytest.mark.parametrize("account_id", [EMEA, AMER, JAPAN])
def test_rejected_creatives_spend_nothing(world: World, account_id: int) -> None:
    """LinkedIn delivers no ad that its review rejected."""
    rejected = {
        creative["id"]
        for creative in world.truth.creatives(account_id)
        if creative.get("review", {}).get("status") == "REJECTED"
    }
    year = DateWindow(date(2025, 10, 1), date(2026, 10, 1))
    rows = world.truth.analytics(account_id, "CREATIVE", "MONTHLY", year, ("impressions", "costInLocalCurrency"))
    assert rejected
    assert {row["pivotValues"][0] for row in rows} & rejected == set()


def test_market_areas_are_of_the_united_states(world: World) -> None:
    """Members in Nielsen's areas see the ads of the American account, and hardly any those of the others."""
    shares = {}
    for account_id in (EMEA, AMER, JAPAN):
        seen = sum(row["impressions"] for row in by_value(world, account_id, "MEMBER_DESIGNATED_MARKET_AREA").values())
        (whole,) = world.truth.analytics(account_id, "ACCOUNT", "MONTHLY", MONTH, ("impressions",))
        shares[account_id] = seen / whole["impressions"]
    assert shares[AMER] > 0.4
    assert max(shares[EMEA], shares[JAPAN]) < 0.01


@pytest.mark.parametrize("account_id", [EMEA, AMER, JAPAN])
def test_those_who_close_the_books_see_the_ads(world: World, account_id: int) -> None:
    """Finance and accounting lead the job functions of an advertiser who sells to them, and engage more than others."""
    rows = by_value(world, account_id, "MEMBER_JOB_FUNCTION")
    order = sorted(rows, key=lambda number: int(rows[number]["impressions"]), reverse=True)
    leading = [FUNCTIONS[int(number) - 1] for number in order[:2]]
    assert set(leading) == {"Finance", "Accounting"}
    clicks, seen = (sum(int(row[name]) for row in rows.values()) for name in ("clicks", "impressions"))
    assert all(rows[number]["clicks"] / rows[number]["impressions"] > clicks / seen for number in order[:2])
