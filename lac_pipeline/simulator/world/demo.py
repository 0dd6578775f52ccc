"""The demo's advertiser: three accounts in three currencies, evergreen and seasonal campaigns, years of activity.

Dates are fixed, not counted from today, so that the same day has the same numbers whenever the simulator is started.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.world import entity_records as records
from lac_pipeline.simulator.world.ad_copy import copy_of
from lac_pipeline.simulator.world.advertiser import (
    DEMO_ACCOUNTS,
    DEMO_GROUPS,
    FORMATS,
    OPENING,
    PLANS,
    DemoAccount,
    Format,
    Plan,
)
from lac_pipeline.simulator.world.conversion_rules import DEMO_RULES, add_rules
from lac_pipeline.simulator.world.entities import (
    ACCOUNTS,
    CAMPAIGNS,
    CREATIVES,
    EVERY_MONTH,
    GROUPS,
    AdCopy,
    Delivery,
    Entity,
    Record,
)
from lac_pipeline.simulator.world.lead_forms import Locale, add_lead_forms
from lac_pipeline.simulator.world.people import add_people
from lac_pipeline.simulator.world.state import WorldState
from lac_pipeline.simulator.world.tracking import add_tracking

_TYPES = {"TEXT": "TEXT_AD", "SPONSORED_INMAIL": "SPONSORED_INMAILS", "JOBS": "DYNAMIC"}
_TARGETS = {"LEAD_GENERATION": "MAX_LEAD", "WEBSITE_CONVERSION": "MAX_CONVERSION", "VIDEO_VIEW": "MAX_VIDEO_VIEW"}
RULED = "conversions"
"""The tag of ads whose conversions are counted."""
_COST_TYPES = {"WEBSITE_VISIT": "CPC", "VIDEO_VIEW": "CPV"}


_MARKETS: dict[str, Any] = {
    "EMEA": {"places": (101165590, 101282230, 105015875)},
    "AMER": {"places": (103644278, 101174742)},
    "JP": {"places": (101355337,), "language": "ja_JP"},
}
"""Whom the campaigns of a market are for."""
_LOCALES: dict[str, tuple[Locale, ...]] = {
    "EMEA": (("en", "GB"), ("de", "DE")),
    "AMER": (("en", "US"),),
    "JP": (("ja", "JP"),),
}
"""The languages of a market's lead forms."""
_FIRST_FORM = 7_992_000
_REJECTED = 3
"""The place of the creative that LinkedIn's review rejected, in each campaign that runs."""
_LEAST_CPM, _CPM_RANGE = 24, 22
"""What a thousand impressions of an image in the feed cost, in euros: the least, and how far they reach above it."""
_MEAN_CPM = _LEAST_CPM + _CPM_RANGE / 2


def populate(world: WorldState) -> None:
    """Fill a world with the demo's advertiser."""
    for n, account in enumerate(DEMO_ACCOUNTS):
        record = records.account(account.id, name=account.name, currency=account.currency, created=OPENING)
        world.entities.add(Entity(ACCOUNTS, account.id, account.id, account.id, record))
        add_people(world.entities, account.id)
        forms = add_lead_forms(
            world.entities, account.id, first_id=_FIRST_FORM + n * 100, locales=_LOCALES[account.market]
        )
        groups = [_group(world, account, n, g) for g in range(len(DEMO_GROUPS))]
        for p, plan in enumerate(PLANS):
            _campaign(world, account, groups[plan.group], plan, place=n * 1000 + p, forms=forms)
        placed = [_campaign_id(n * 1000 + p) for p in range(len(PLANS))]
        add_tracking(world.entities, account.id, placed, seed=world.seed)
        counting = {_campaign_id(n * 1000 + p): tags for p, plan in enumerate(PLANS) if RULED in (tags := _tags(plan))}
        add_rules(world.entities, account.id, DEMO_RULES, counting, unit=account.unit, since=OPENING)


def _campaign_id(place: int) -> int:
    return 337_643_194 + place * 211


def _tags(plan: Plan) -> frozenset[str]:
    return frozenset(plan.tags.split())


def _group(world: WorldState, account: DemoAccount, n: int, g: int) -> int:
    name, status = DEMO_GROUPS[g]
    group_id = 600_100_200 + n * 5000 + g * 17
    record = records.group(group_id, account_id=account.id, name=name, status=status, start=OPENING, created=OPENING)
    if status == "ACTIVE":
        record["totalBudget"] = _amount(2_400_000, account)
        record["dailyBudget"] = _amount(850.5, account)
        record["budgetOptimization"] = {"budgetOptimizationStrategy": "DYNAMIC", "bidStrategy": "MAXIMUM_DELIVERY"}
    if g == 1:
        record["objectiveType"] = "LEAD_GENERATION"
        record["runSchedule"]["end"] = records.milliseconds(date(2031, 1, 1))
    world.entities.add(Entity(GROUPS, group_id, account.id, account.id, record))
    return group_id


def _campaign(
    world: WorldState, account: DemoAccount, group_id: int, plan: Plan, *, place: int, forms: Sequence[str]
) -> None:
    campaign_id = _campaign_id(place)
    record = records.campaign(
        campaign_id,
        account_id=account.id,
        group_id=group_id,
        name=plan.name.format(m=account.market),
        status=plan.status,
        objective=plan.objective,
        ad_type=_TYPES.get(plan.format, "SPONSORED_UPDATES"),
        ad_format=plan.format,
        start=plan.start,
    )
    record["targetingCriteria"] = records.targeting(**_MARKETS[account.market])
    language, country = _LOCALES[account.market][0]
    record["locale"] = {"country": country, "language": language}
    record["optimizationTargetType"] = _TARGETS.get(plan.objective, "NONE")
    record["costType"] = _COST_TYPES.get(plan.objective, "CPM")
    if plan.level:
        record["dailyBudget"] = _amount(_daily_budget(plan), account)
    if plan.objective == "LEAD_GENERATION":
        record["unitCost"] = _amount(22.19, account)
        if plan.months != EVERY_MONTH:
            record["totalBudget"] = _amount(80_000, account)
    if plan.end is not None:
        record["runSchedule"]["end"] = records.milliseconds(plan.end)
    world.entities.add(Entity(CAMPAIGNS, campaign_id, account.id, group_id, record, gone=plan.deleted))
    for c in range(plan.creatives):
        form = forms[(place + c) % len(forms)]
        _creative(world, account, plan, campaign_id, number=119_962_155 + place * 97 + c * 7, n=c, form=form)


def _daily_budget(plan: Plan) -> int:
    """Somewhat more than the creatives of a campaign that are not rejected cost on an ordinary day, in euros."""
    of_thousand = _MEAN_CPM * FORMATS.get(plan.format, Format()).cost
    serving = plan.creatives - (plan.creatives > _REJECTED)
    return max(5, 5 * math.ceil(plan.level * serving * of_thousand * 1.4 / 1000 / 5))


def _amount(euros: float, account: DemoAccount) -> dict[str, str]:
    value = euros * account.unit
    text = str(round(value)) if account.currency == "JPY" or value == int(value) else f"{value:.2f}"
    return records.money(text, account.currency)


def _creative(
    world: WorldState, account: DemoAccount, plan: Plan, campaign_id: int, *, number: int, n: int, form: str
) -> None:
    status = _status(plan, n)
    copy = copy_of(plan.theme, account.market, n, name=plan.ads[n % len(plan.ads)])
    record = records.creative(
        number,
        account_id=account.id,
        campaign_id=campaign_id,
        content=_content(plan, campaign_id, number, copy),
        status=status,
        at=plan.start,
    )
    if n % 3 != 1:
        record["name"] = copy.name
    if "leads" in plan.tags:
        record["leadgenCallToAction"] = {"destination": form, "label": "DOWNLOAD"}
    if status == "PAUSED" and plan.status == "ACTIVE":
        record["review"] = {"status": "REJECTED", "rejectionReasons": ["LANDING_PAGE_BROKEN"]}
        record["servingHoldReasons"] = ["REJECTED", "STOPPED"]
    rejected = record.get("review", {}).get("status") == "REJECTED"
    delivery = _delivery(world, account, plan, number) if plan.level and not rejected else None
    gone = plan.deleted or (plan.status == "ARCHIVED" and n == 1)
    world.entities.add(Entity(CREATIVES, number, account.id, campaign_id, record, delivery, gone=gone, copy=copy))


def _status(plan: Plan, n: int) -> str:
    if plan.status in ("DRAFT", "CANCELED", "REMOVED", "ARCHIVED", "PENDING_DELETION"):
        return plan.status
    return "PAUSED" if n == _REJECTED or plan.status != "ACTIVE" else "ACTIVE"


def _content(plan: Plan, campaign_id: int, number: int, copy: AdCopy) -> Record:
    if plan.format == "TEXT":
        return {
            "textAd": {
                "headline": copy.headline,
                "description": copy.audience,
                "landingPage": records.landing_page(campaign_id, number),
                "image": "urn:li:image:C4D0",
            }
        }
    if plan.format == "SPONSORED_INMAIL":
        return {"reference": f"urn:li:adInMailContent:{number}"}
    kind = "ugcPost" if number % 4 == 0 else "share"
    return {"reference": f"urn:li:{kind}:67780455{number}"}


def _delivery(world: WorldState, account: DemoAccount, plan: Plan, number: int) -> Delivery:
    known = FORMATS.get(plan.format, Format())
    return Delivery(
        level=plan.level * (0.4 + 1.2 * chance(world.seed, "level", number)),
        cpm=(_LEAST_CPM + _CPM_RANGE * chance(world.seed, "cpm", number)) * account.unit * known.cost,
        first=plan.start.toordinal(),
        last=None if plan.end is None else plan.end.toordinal(),
        months=plan.months,
        chance=0.97,
        tags=_tags(plan),
        market=account.market,
        appeal=known.appeal,
    )
