"""What LinkedIn appends to landing pages: an account's parameters, and those that some campaigns have of their own."""

from __future__ import annotations

from collections.abc import Iterable

from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.world.entities import TRACKING, Entities, Entity

_SHARE = 0.5
_ACCOUNT = {
    "dynamicValueParameters": {"utm_campaign": "CAMPAIGN_GROUP_NAME", "utm_content": "CREATIVE_ID"},
    "customValueParameters": {"utm_source": "linkedin", "utm_medium": "paid-social"},
}


def add_tracking(entities: Entities, account_id: int, campaigns: Iterable[int], *, seed: int) -> None:
    """Give an account its parameters, and about half of its campaigns, the first one always, their own."""
    entities.add(Entity(TRACKING, account_id, account_id, account_id, {name: {**p} for name, p in _ACCOUNT.items()}))
    for place, campaign_id in enumerate(sorted(campaigns)):
        if place == 0 or chance(seed, "tracking", campaign_id) < _SHARE:
            record = {
                "dynamicValueParameters": {"utm_campaign": "CAMPAIGN_NAME", "utm_content": "CREATIVE_NAME"},
                "customValueParameters": {"utm_source": "linkedin", "utm_term": f"li-{campaign_id % 1000:03d}"},
            }
            entities.add(Entity(TRACKING, campaign_id, account_id, account_id, record))
