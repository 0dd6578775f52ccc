"""Conversion rules: how LinkedIn lists them, and how conversions fall to them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.simulator.world.conversion_rules import rule_urn
from lac_pipeline.simulator.world.entities import CONVERSIONS
from lac_pipeline.simulator.world.numbers import OF_RULES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW, Api, account_urn

OCTOBER = DateWindow(date(2026, 10, 1), date(2026, 11, 1))
RULES = f"conversions?q=account&account={account_urn()}"


@pytest.fixture(scope="module")
def demo() -> World:
    """The demo's world at a clock that stands still; nothing here changes it."""
    return World.demo(clock=lambda: NOW)


def summed(rows: list[dict[str, Any]], *places: int) -> dict[tuple[str, ...], dict[str, Decimal]]:
    """The sums of rows by some of their pivot values."""
    sums: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(OF_RULES, Decimal(0)))
    for row in rows:
        for name in OF_RULES:
            sums[tuple(row["pivotValues"][place] for place in places)][name] += Decimal(str(row[name]))
    return sums


def by_rule(world: World, granularity: str = "DAILY") -> list[dict[str, Any]]:
    """The conversions of an account's October by creative and rule."""
    return world.truth.analytics(ACCOUNT, "CONVERSION", granularity, OCTOBER, OF_RULES, within=("CREATIVE",))


def test_rules_are_listed_without_a_total(api: Api) -> None:
    """A page is short where the list ends; no total and no link says so."""
    first = api.get(RULES + "&count=4").json()
    assert (first["paging"], len(first["elements"])) == ({"start": 0, "count": 4, "links": [], "total": -1}, 4)
    second = api.get(RULES + "&count=4&start=4").json()
    assert len(second["elements"]) == 2
    assert [rule["id"] for rule in api.get(RULES).json()["elements"]] == [
        rule["id"] for page in (first, second) for rule in page["elements"]
    ]


def test_rules_of_a_foreign_account_are_hidden(api: Api, world: World) -> None:
    """Without a role no rule is visible."""
    world.edit.forbid(ACCOUNT)
    assert api.get(RULES).json()["elements"] == []


def test_rules_add_up_to_the_creative(demo: World) -> None:
    """Each conversion of a creative is counted under one rule, on the day that it is credited to."""
    creatives = demo.truth.analytics(ACCOUNT, "CREATIVE", "ALL", OCTOBER, OF_RULES)
    expected = {key: sums for key, sums in summed(creatives, 0).items() if any(sums.values())}
    assert summed(by_rule(demo), 0) == summed(by_rule(demo, "MONTHLY"), 0) == expected
    assert len(expected) > 5


def test_a_rule_gives_its_conversions_their_value(demo: World) -> None:
    """Conversions follow a click or a view, and each is worth what its rule says."""
    for (urn,), sums in summed(by_rule(demo), 1).items():
        conversions, clicked, viewed, value = sums.values()
        assert conversions == clicked + viewed
        rule = demo.entities.get(CONVERSIONS, int(urn.rpartition(":")[2]))
        assert value == conversions * Decimal(rule.record.get("value", {}).get("amount", 0))


@pytest.mark.parametrize("account_id", [ACCOUNT, ACCOUNT + 1, ACCOUNT + 2])
def test_the_rules_of_the_demo_are_believable(demo: World, account_id: int) -> None:
    """Many look at prices, few ask for a demo, fewer buy; a disabled rule counts nothing; amounts are of the market."""
    year = DateWindow(date(2025, 10, 1), date(2026, 10, 1))
    rows = demo.truth.analytics(account_id, "CONVERSION", "ALL", year, OF_RULES, within=("ACCOUNT",))
    counted = {key[0]: int(sums["externalWebsiteConversions"]) for key, sums in summed(rows, 1).items()}
    rules = list(demo.entities.listed(CONVERSIONS, account_id))
    enabled = {rule.record["type"]: counted[rule_urn(rule.id)] for rule in rules if rule.record["enabled"]}
    assert enabled["KEY_PAGE_VIEW"] > enabled["SIGN_UP"] > enabled["LEAD"] > enabled["REQUEST_QUOTE"] > 0
    assert enabled["REQUEST_QUOTE"] > enabled["PURCHASE"] > 0
    assert set(counted) == {rule_urn(rule.id) for rule in rules if rule.record["enabled"]}
    currency = demo.entities.get("adAccounts", account_id).record["currency"]
    assert {rule.record["value"]["currencyCode"] for rule in rules if "value" in rule.record} == {currency}


def test_rules_may_come_as_numbers(api: Api, world: World) -> None:
    """By switch a pivot value is the bare number of the rule."""
    world.switches.bare_conversion_ids = True
    query = {"q": "statistics", "pivot": None, "pivots": "List(CREATIVE,CONVERSION)"}
    rows = api.rows(**query, fields="dateRange,pivotValues,externalWebsiteConversions")
    assert {row["pivotValues"][1].isdigit() for row in rows} == {True}
