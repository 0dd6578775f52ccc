"""The demo's advertiser is believable: what its ads cost and bring is what a business advertiser finds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.simulator.world.advertiser import DEMO_ACCOUNTS, PLANS, DemoAccount
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.simulator.simulated_api import NOW

YEAR = DateWindow(date(2025, 10, 1), date(2026, 10, 1))
OVER_DELIVERY = Decimal("1.5")
"""LinkedIn may spend half as much again as the budget of a day. Source: its page on budgets."""

BY_ACCOUNT = pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.market)


@pytest.fixture(scope="module")
def world() -> World:
    """The demo's world at a clock that stands still; nothing here changes it."""
    return World.demo(clock=lambda: NOW)


def year_of(world: World, account: DemoAccount, pivot: str, *metrics: str) -> list[dict[str, Any]]:
    """A year's numbers of an account by a pivot."""
    return world.truth.analytics(account.id, pivot, "ALL", YEAR, metrics)


def by_format(world: World, account: DemoAccount, *metrics: str) -> dict[tuple[str, str], dict[str, float]]:
    """A year's numbers of the campaigns that finders return, by objective and format; money in euros."""
    campaigns = {f"urn:li:sponsoredCampaign:{each['id']}": each for each in world.truth.campaigns(account.id)}
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in year_of(world, account, "CAMPAIGN", *metrics, "costInLocalCurrency"):
        campaign = campaigns.get(row["pivotValues"][0])
        if campaign is not None:
            kind = (campaign["objectiveType"], campaign["format"])
            for name in metrics:
                sums[kind][name] += int(row[name])
            sums[kind]["euros"] += float(row["costInLocalCurrency"]) / account.unit
    return sums


@BY_ACCOUNT
def test_clicks_are_as_frequent_as_the_format_makes_them(world: World, account: DemoAccount) -> None:
    """Of a hundred thousand views, ads in the feed are clicked some hundred times, and text ads a few dozen times."""
    found = by_format(world, account, "impressions", "clicks")
    rates = {kind: sums["clicks"] / sums["impressions"] for kind, sums in found.items()}
    messages = {kind for kind in rates if kind[1] == "SPONSORED_INMAIL"}
    texts = {kind for kind in rates if kind[1] == "TEXT"}
    assert all(0.015 < rates[kind] < 0.06 for kind in messages)
    assert all(0.0001 < rates[kind] < 0.0006 for kind in texts)
    assert all(0.002 < rates[kind] < 0.015 for kind in rates.keys() - messages - texts)


@BY_ACCOUNT
def test_clicks_and_leads_cost_what_business_advertisers_pay(world: World, account: DemoAccount) -> None:
    """A click costs some euros, and a lead some dozen, or somewhat more than a hundred by message."""
    found = by_format(world, account, "clicks", "oneClickLeads")
    assert all(1.5 < sums["euros"] / sums["clicks"] < 16 for sums in found.values())
    leads = {kind: sums["euros"] / sums["oneClickLeads"] for kind, sums in found.items() if sums["oneClickLeads"]}
    assert {kind[0] for kind in leads} == {"LEAD_GENERATION"}
    assert all(15 < cost < 220 for cost in leads.values())


@BY_ACCOUNT
def test_text_ads_are_seen_on_desktops_alone(world: World, account: DemoAccount) -> None:
    """They stand beside the feed, which mobile devices do not show; ads in the feed are seen in the app most."""
    texts = {f"urn:li:sponsoredCampaign:{c['id']}" for c in world.truth.campaigns(account.id) if c["format"] == "TEXT"}
    rows = world.truth.analytics(
        account.id, "IMPRESSION_DEVICE_TYPE", "ALL", YEAR, ("impressions",), within=("CAMPAIGN",)
    )
    seen: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for row in rows:
        campaign, device = row["pivotValues"]
        seen[campaign in texts][device] += int(row["impressions"])
    assert seen[True].keys() == {"DESKTOP_WEB", "UNDETECTED"}
    assert seen[True]["DESKTOP_WEB"] > 0.9 * sum(seen[True].values())
    assert seen[False]["MOBILE_APP"] == max(seen[False].values())


@BY_ACCOUNT
def test_every_step_of_a_funnel_is_smaller_than_the_one_before(world: World, account: DemoAccount) -> None:
    """Each form that was filled in had been opened, and each message that was opened had been sent."""
    funnels = (
        ("impressions", "clicks", "oneClickLeadFormOpens", "oneClickLeads", "qualifiedLeads"),
        ("impressions", "clicks", "landingPageClicks", "externalWebsiteConversions"),
        ("sends", "opens"),
        ("videoStarts", "videoViews"),
        ("videoStarts", "videoFirstQuartileCompletions", "videoMidpointCompletions", "videoCompletions"),
    )
    for funnel in funnels:
        for row in year_of(world, account, "CREATIVE", *funnel):
            steps = [int(row[name]) for name in funnel]
            assert steps == sorted(steps, reverse=True), row["pivotValues"]


@BY_ACCOUNT
def test_no_day_costs_more_than_linkedin_lets_it(world: World, account: DemoAccount) -> None:
    """A campaign's day stays within one and a half times its daily budget."""
    budgets = {
        f"urn:li:sponsoredCampaign:{campaign['id']}": Decimal(campaign["dailyBudget"]["amount"])
        for campaign in world.truth.campaigns(account.id)
        if "dailyBudget" in campaign
    }
    days = world.truth.analytics(account.id, "CAMPAIGN", "DAILY", YEAR, ("costInLocalCurrency",))
    spent = [(row["pivotValues"][0], Decimal(row["costInLocalCurrency"])) for row in days]
    assert any(campaign in budgets for campaign, _ in spent)
    over = {campaign for campaign, cost in spent if campaign in budgets and cost > OVER_DELIVERY * budgets[campaign]}
    assert over == set()


@BY_ACCOUNT
def test_a_total_budget_is_not_spent_more_than_once(world: World, account: DemoAccount) -> None:
    """What campaigns and groups with a total budget cost since their start is below it."""
    ever = DateWindow(date(2019, 1, 1), date(2026, 11, 1))
    entities = {
        "CAMPAIGN": world.truth.campaigns(account.id),
        "CAMPAIGN_GROUP": world.truth.campaign_groups(account.id),
    }
    for pivot, records in entities.items():
        total = {str(each["id"]): Decimal(each["totalBudget"]["amount"]) for each in records if "totalBudget" in each}
        spent = world.truth.analytics(account.id, pivot, "ALL", ever, ("costInLocalCurrency",))
        of_budget = {
            number: Decimal(row["costInLocalCurrency"]) / total[number]
            for row in spent
            if (number := row["pivotValues"][0].rpartition(":")[2]) in total
        }
        assert of_budget
        assert max(of_budget.values()) < 1


def test_an_ad_is_called_after_its_campaign_alone() -> None:
    """No name of an ad stands in campaigns of two names: a text of one campaign would be about another."""
    campaigns: dict[str, set[str]] = defaultdict(set)
    for plan in PLANS:
        for name in plan.ads:
            campaigns[name].add(plan.name)
    assert {name for name, used in campaigns.items() if len(used) > 1} == set()
