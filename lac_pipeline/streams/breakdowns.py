"""Breakdowns: a campaign's day split by where and how its ads were shown, such as by device.

Each breakdown is a request of its own, by the finder `statistics`, which takes several pivots. Source: LinkedIn's "Ads
Reporting" page. It promises neither which values come nor that they add up to the campaign's day, and for placements it
says that some numbers come from models.
"""

from __future__ import annotations

from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.metrics import BY_NAME, CORE
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import (
    AddsUpTo,
    AssetGroup,
    Partitioning,
    PivotColumn,
    PivotSetting,
    Report,
    Stream,
    Subject,
)

DEVICE = "IMPRESSION_DEVICE_TYPE"
BREAKDOWNS = (
    DEVICE,
    "PLACEMENT_NAME",
    "SERVING_LOCATION",
    "CARD_INDEX",
    "CONVERSATION_NODE",
    "CONVERSATION_NODE_OPTION_INDEX",
    "EVENT_STAGE",
    "SHARE",
)
_OF_SOME = {
    "cardImpressions": ("CARD_INDEX",),
    "cardClicks": ("CARD_INDEX",),
    "actionClicks": ("CONVERSATION_NODE", "CONVERSATION_NODE_OPTION_INDEX"),
}
"""The metrics that count what these breakdowns tell apart; elsewhere `campaign_daily_metrics` has them."""

CAMPAIGN_BREAKDOWNS = Stream(
    "campaign_daily_breakdowns",
    AssetGroup.METRICS,
    Partitioning.ACCOUNT_DAY,
    Report(
        {pivot: pivot_of(pivot).since for pivot in BREAKDOWNS},
        "DAILY",
        subject=Subject("campaigns", "campaign_id", urn.CAMPAIGN),
        pivot_column="breakdown",
        within=("CAMPAIGN",),
        value_columns=(PivotColumn("campaign_id", urn.CAMPAIGN), PivotColumn("value")),
        metrics=tuple(BY_NAME[name] for name in (*CORE, *_OF_SOME)),
        chosen_by=PivotSetting("LAC_BREAKDOWNS", "breakdown"),
        only_by=_OF_SOME,
        adds_up_to=AddsUpTo(CAMPAIGN_DAILY.name, ("impressions", "costInLocalCurrency"), pivot=DEVICE, exact=False),
    ),
    parent="campaigns",
    overview=Overview(
        "activity",
        by={"breakdown": "Split by"},
        sums=("impressions", "cost_in_local_currency"),
        part=("value", "Part"),
    ),
)
