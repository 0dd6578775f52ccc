"""Audiences: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly, because LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
sums of days are wrong.
"""

from __future__ import annotations

from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.pivots import PIVOTS
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, OneByOne, Partitioning, PivotSetting, Report, Stream, Subject

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
    overview=Overview("segments", by={"pivot_type": "Split by"}, sums=("impressions",), part=("segment", "Segment")),
)

CAMPAIGN_DEMOGRAPHICS = Stream(
    "campaign_demographics",
    AssetGroup.CAMPAIGN_DEMOGRAPHICS,
    Partitioning.ACCOUNT_MONTH,
    Report(
        MEMBER_PIVOTS,
        "MONTHLY",
        pivot_column="pivot_type",
        chosen_by=PivotSetting("LAC_CAMPAIGN_DEMOGRAPHICS", "member pivot", opens=True),
        one_by_one=OneByOne(
            Subject("campaigns", "campaign_id", urn.CAMPAIGN),
            counted_in=CAMPAIGN_DAILY.name,
            least_impressions=300,
            budget="LAC_CAMPAIGN_DEMOGRAPHICS_CALLS",
        ),
    ),
    parent="campaigns",
    optional=True,
    overview=Overview(
        "segments",
        by={"campaign_id": "Campaign", "pivot_type": "Split by"},
        names={"campaign_id": "campaigns"},
        sums=("impressions",),
        part=("segment", "Segment"),
    ),
)
"""By campaign: a call for each and each pivot, as LinkedIn takes a MEMBER_* pivot alone, and rows name no campaign.

Source: "returns empty below LinkedIn's 300-impression privacy threshold", as seen by a client in production.
"""
