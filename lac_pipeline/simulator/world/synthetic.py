"""A dense world for benchmarks and property tests: every creative is active every day."""

from __future__ import annotations

from datetime import date, timedelta

from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.world import entity_records as records
from lac_pipeline.simulator.world.conversion_rules import SYNTHETIC_RULES, add_rules
from lac_pipeline.simulator.world.entities import ACCOUNTS, CAMPAIGNS, CREATIVES, GROUPS, Delivery, Entity
from lac_pipeline.simulator.world.lead_forms import add_lead_forms
from lac_pipeline.simulator.world.people import add_people
from lac_pipeline.simulator.world.state import WorldState
from lac_pipeline.simulator.world.tracking import add_tracking

FIRST_ACCOUNT = 520_000_001
_CURRENCIES = ("EUR", "USD", "JPY")
_STRIDE = 100_000
TAGS = frozenset({"image", "leads", "conversions"})
_LOCALES = (("en", "US"),)


def populate(world: WorldState, *, accounts: int, campaigns: int, creatives: int, days: int) -> None:
    """Fill a world."""
    first = world.now().date() - timedelta(days=days - 1)
    for n in range(accounts):
        _account(world, n, campaigns=campaigns, creatives=creatives, first=first)


def _account(world: WorldState, n: int, *, campaigns: int, creatives: int, first: date) -> None:
    account_id, currency = FIRST_ACCOUNT + n, _CURRENCIES[n % 3]
    record = records.account(account_id, name=f"Synthetic {n + 1}", currency=currency, created=first)
    world.entities.add(Entity(ACCOUNTS, account_id, account_id, account_id, record))
    add_people(world.entities, account_id)
    forms = add_lead_forms(world.entities, account_id, first_id=7_000_000 + n * 100, locales=_LOCALES)
    base = 1_000_000 + n * _STRIDE
    group = records.group(base, account_id=account_id, name="All", status="ACTIVE", start=first, created=first)
    world.entities.add(Entity(GROUPS, base, account_id, account_id, group))
    for c in range(campaigns):
        _campaign(world, base + c, account_id=account_id, group_id=base, n=c, first=first)
    for c in range(creatives):
        _creative(
            world,
            base + c,
            account_id=account_id,
            campaign_id=base + c % campaigns,
            first=first,
            form=forms[c % len(forms)],
        )
    of_campaigns = dict.fromkeys(range(base, base + campaigns), TAGS)
    add_tracking(world.entities, account_id, of_campaigns, seed=world.seed)
    add_rules(world.entities, account_id, SYNTHETIC_RULES, of_campaigns, since=first)


def _campaign(world: WorldState, campaign_id: int, *, account_id: int, group_id: int, n: int, first: date) -> None:
    record = records.campaign(
        campaign_id,
        account_id=account_id,
        group_id=group_id,
        name=f"Campaign {n + 1}",
        status="ACTIVE",
        objective="LEAD_GENERATION",
        ad_type="SPONSORED_UPDATES",
        ad_format="STANDARD_UPDATE",
        start=first,
    )
    world.entities.add(Entity(CAMPAIGNS, campaign_id, account_id, group_id, record))


def _creative(
    world: WorldState, creative_id: int, *, account_id: int, campaign_id: int, first: date, form: str
) -> None:
    record = records.creative(
        creative_id,
        account_id=account_id,
        campaign_id=campaign_id,
        content={"reference": f"urn:li:share:{7_000_000_000 + creative_id}"},
        status="ACTIVE",
        at=first,
    )
    record["name"] = f"Creative {creative_id}"
    record["leadgenCallToAction"] = {"destination": form, "label": "DOWNLOAD"}
    level = 800 + 3200 * chance(world.seed, "level", creative_id)
    delivery = Delivery(level, 30.0, first.toordinal(), tags=TAGS)
    world.entities.add(Entity(CREATIVES, creative_id, account_id, campaign_id, record, delivery))
