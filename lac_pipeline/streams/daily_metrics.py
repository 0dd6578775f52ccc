"""Daily metrics: one row per entity and UTC day with activity."""

from __future__ import annotations

from lac_pipeline.linkedin import urn
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream, Subject


def _daily(name: str, pivot: str, subject: Subject) -> Stream:
    return Stream(
        name,
        AssetGroup.METRICS,
        Partitioning.ACCOUNT_DAY,
        Report({pivot: None}, "DAILY", subject=subject, totals_match=True, restatements=True),
        parent=subject.stream,
        overview=Overview(
            "activity",
            by={subject.column: pivot.capitalize()},
            names={subject.column: subject.stream},
            sums=(
                "cost_in_local_currency",
                "impressions",
                "clicks",
                "one_click_leads",
                "external_website_conversions",
            ),
        ),
    )


CAMPAIGN_DAILY = _daily("campaign_daily_metrics", "CAMPAIGN", Subject("campaigns", "campaign_id", urn.CAMPAIGN))
CREATIVE_DAILY = _daily("creative_daily_metrics", "CREATIVE", Subject("creatives", "creative_id", urn.CREATIVE))

DAILY_METRICS = (CAMPAIGN_DAILY, CREATIVE_DAILY)
"""In the order in which people read them."""
