"""Audiences: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly, because LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
sums of days are wrong.
"""

from __future__ import annotations

from lac_pipeline.linkedin.pivots import PIVOTS
from lac_pipeline.streams.stream import AssetGroup, Partitioning, PivotSetting, Report, Stream

MEMBER_PIVOTS: dict[str, str | None] = {pivot.name: pivot.since for pivot in PIVOTS if pivot.members}
"""LinkedIn's member pivots, each with the API version that brought it, where that is not all of them."""

AUDIENCE_DEMOGRAPHICS = Stream(
    "audience_demographics",
    AssetGroup.DEMOGRAPHICS,
    Partitioning.ACCOUNT_MONTH,
    Report(
        MEMBER_PIVOTS,
        "MONTHLY",
        pivot_column="pivot_type",
        chosen_by=PivotSetting("LAC_MEMBER_PIVOTS", "member pivot"),
    ),
    parent="campaigns",
)
