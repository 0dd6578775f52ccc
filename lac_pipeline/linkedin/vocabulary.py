"""LinkedIn's statuses and types, as its pages on the four resources list them; a record may bring one that is newer."""

from __future__ import annotations

from collections.abc import Sequence

ACTIVE = "ACTIVE"
"""The status of what may be delivered."""
ACCOUNT_STATUSES = ("ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")
CAMPAIGN_GROUP_STATUSES = ("ACTIVE", "ARCHIVED", "CANCELED", "DRAFT", "PAUSED", "PENDING_DELETION", "REMOVED")
CAMPAIGN_STATUSES = ("ACTIVE", "ARCHIVED", "CANCELED", "COMPLETED", "DRAFT", "PAUSED", "PENDING_DELETION", "REMOVED")
CREATIVE_STATUSES = ("ACTIVE", "ARCHIVED", "CANCELED", "DRAFT", "PAUSED", "PENDING_DELETION", "REMOVED")

ACCOUNT_TYPES = ("BUSINESS", "ENTERPRISE")
CAMPAIGN_TYPES = ("TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC")


def listed(values: Sequence[str]) -> str:
    """Write them as a list for people: `A, B or C`."""
    *first, last = values
    return f"{', '.join(first)} or {last}"
