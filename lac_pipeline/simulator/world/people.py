"""The people of an ad account, each with a role."""

from __future__ import annotations

from datetime import date, timedelta

from lac_pipeline.linkedin.urn import ACCOUNT, urn
from lac_pipeline.simulator.world.entities import USERS, Entities, Entity
from lac_pipeline.simulator.world.entity_records import PERSON, stamps

ROLES = ("ACCOUNT_BILLING_ADMIN", "ACCOUNT_MANAGER", "CAMPAIGN_MANAGER", "CREATIVE_MANAGER", "VIEWER")
PEOPLE = 12
_JOINED = date(2017, 11, 1)


def add_people(entities: Entities, account_id: int) -> None:
    """Give an account its people; the first is the member who signed in."""
    for n in range(PEOPLE):
        joined = _JOINED + timedelta(days=n)
        record = {
            "account": urn(ACCOUNT, account_id),
            "user": PERSON if n == 0 else f"urn:li:person:sim{account_id % 1000:03d}{n:02d}",
            "role": ROLES[(n + 2) % len(ROLES)],
            "version": {"versionTag": str(n + 1)},
            "changeAuditStamps": stamps(joined, joined),
        }
        entities.add(Entity(USERS, account_id * 100 + n, account_id, account_id, record))
