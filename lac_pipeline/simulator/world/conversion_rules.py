"""The conversion rules of an account: what counts as a conversion, what it is worth, for which campaigns.

LinkedIn counts each conversion under the rule that it met, so a creative's conversions are those of its rules together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lac_pipeline.linkedin.urn import ACCOUNT, CAMPAIGN, CONVERSION, urn
from lac_pipeline.simulator.world.entities import CONVERSIONS, Entities, Entity, Record
from lac_pipeline.simulator.world.entity_records import milliseconds, money

MICROS = 1_000_000
USUAL_WINDOWS = (30, 7)

WEIGHTS = {"KEY_PAGE_VIEW": 9.0, "SIGN_UP": 4.0, "DOWNLOAD": 5.0, "LEAD": 2.5, "REQUEST_QUOTE": 1.0, "PURCHASE": 0.4}
"""How often a conversion is of each type, beside the others."""


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, as every account has it.

    Attributes:
        name: as the advertiser calls it.
        type: LinkedIn's type.
        worth: of a conversion in euros; None where the advertiser gives no value.
        method: how LinkedIn learns of a conversion.
        attribution: whether one action counts once for each campaign, or once for the rule.
        windows: days after a click and after a view that are credited.
        enabled: whether it counts.
        tags: of the campaigns that it is for; empty for all.
    """

    name: str
    type: str
    worth: float | None
    method: str = "INSIGHT_TAG_URL_MATCH_RULES"
    attribution: str = "LAST_TOUCH_BY_CAMPAIGN"
    windows: tuple[int, int] = USUAL_WINDOWS
    enabled: bool = True
    tags: frozenset[str] = frozenset()


DEMO_RULES = (
    RulePlan("Pricing page", "KEY_PAGE_VIEW", None),
    RulePlan("Newsletter, confirmed", "SIGN_UP", 8),
    RulePlan("Demo request", "LEAD", 120),
    RulePlan(
        "Quote request (form)",
        "REQUEST_QUOTE",
        260,
        "INSIGHT_TAG_JAVASCRIPT_EVENT",
        windows=(90, 30),
        tags=frozenset({"carousel", "image"}),
    ),
    RulePlan(
        "CRM: deal won",
        "PURCHASE",
        4200,
        "CONVERSIONS_API",
        "LAST_TOUCH_BY_CONVERSION",
        (90, 1),
        tags=frozenset({"image"}),
    ),
    RulePlan("Trade fair 2023", "SIGN_UP", 15, enabled=False),
)
SYNTHETIC_RULES = (
    RulePlan("Rule 1", "ADD_TO_CART", 50),
    RulePlan("Rule 2", "INSTALL", 10),
    RulePlan("Rule 3", "OTHER", None),
)


def rule_urn(rule_id: int) -> str:
    """The URN of a rule, which is not of LinkedIn's usual namespace."""
    return f"urn:lla:{CONVERSION}:{rule_id}"


def add_rules(
    entities: Entities,
    account_id: int,
    plans: Sequence[RulePlan],
    campaigns: Mapping[int, frozenset[str]],
    *,
    unit: float = 1.0,
    since: date,
) -> None:
    """Give an account its rules.

    Args:
        entities: of the world.
        account_id: the ad account.
        plans: the rules.
        campaigns: the campaigns that count conversions, with the tags of their ads.
        unit: what a euro is worth in the account's currency.
        since: the first day of the oldest rule.
    """
    currency = str(entities.get("adAccounts", account_id).record["currency"])
    for n, plan in enumerate(plans):
        rule_id = 13_000_000 + account_id % 1_000_000 * 10 + n
        mine = [campaign for campaign, tags in campaigns.items() if not plan.tags or tags & plan.tags]
        record = _record(plan, rule_id, account_id, mine, since=since + timedelta(days=40 * n))
        if plan.worth is not None:
            record["value"] = money(str(round(plan.worth * unit)), currency)
        entities.add(Entity(CONVERSIONS, rule_id, account_id, account_id, record))


def _record(plan: RulePlan, rule_id: int, account_id: int, campaigns: Sequence[int], *, since: date) -> Record:
    created = milliseconds(since)
    click, view = plan.windows
    record: Record = {
        "id": rule_id,
        "name": plan.name,
        "account": urn(ACCOUNT, account_id),
        "type": plan.type,
        "enabled": plan.enabled,
        "attributionType": plan.attribution,
        "conversionMethod": plan.method,
        "postClickAttributionWindowSize": click,
        "viewThroughAttributionWindowSize": view,
        "created": created,
        "lastModified": created + 86_400_000,
        "campaigns": [urn(CAMPAIGN, campaign) for campaign in campaigns],
        "associatedCampaigns": [
            {"campaign": urn(CAMPAIGN, campaign), "conversion": rule_urn(rule_id), "associatedAt": created + n * 60_000}
            for n, campaign in enumerate(campaigns)
        ],
    }
    if plan.method == "INSIGHT_TAG_URL_MATCH_RULES":
        match = f"https://www.northwind.example/{rule_id}/thank-you"
        record["urlRules"] = [{"type": "STARTS_WITH", "matchValue": match}]
        record["urlMatchRuleExpression"] = [[{"matchType": "STARTS_WITH", "matchValue": match}]]
    if plan.enabled:
        record["lastCallbackAt"] = created + 90 * 86_400_000
    return record


def rules_of(entities: Entities, creative: Entity) -> dict[int, float]:
    """The rules that a creative's conversions are counted under, with their weights.

    They are those of its campaign; else, as for a campaign that is newer than the rules, all of the account.
    """
    rules = list(entities.every(CONVERSIONS, creative.account_id))
    enabled = [rule for rule in rules if rule.record.get("enabled")] or rules
    campaign = urn(CAMPAIGN, creative.parent_id)
    mine = [rule for rule in enabled if campaign in rule.record.get("campaigns", ())] or enabled
    return {rule.id: WEIGHTS.get(str(rule.record.get("type")), 1.0) for rule in mine}


def worth_of(entities: Entities) -> dict[int, int]:
    """What a conversion by each rule is worth, in millionths of the account's currency; 0 where it has no value."""
    return {
        rule.id: int(Decimal(str(rule.record.get("value", {}).get("amount", 0))) * MICROS)
        for rule in entities.every(CONVERSIONS, None)
    }
