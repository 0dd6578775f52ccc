"""Reach: how many members saw ads in a month, of each campaign, of each campaign group and of the account.

LinkedIn estimates distinct members, so no sum of months or campaigns is a reach, and each level is requested by itself.
It gives the estimate for requests of at most 92 days, which hold three whole months. Source: LinkedIn's "Ads Reporting"
and "Reporting schema" pages; they do not state that each month of such a request is counted by itself.
"""

from __future__ import annotations

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, Partitioning, PivotColumn, Report, Stream

_REACH = BY_NAME["approximateMemberReach"]
LEVELS = {"ACCOUNT": "account", "CAMPAIGN_GROUP": "campaign_group", "CAMPAIGN": "campaign"}
"""What the column `level` says, by pivot."""
COARSE_LEVELS = (LEVELS["ACCOUNT"], LEVELS["CAMPAIGN_GROUP"])
"""The levels that have few rows; of campaigns there may be hundreds."""

REACH_BY_MONTH = Stream(
    "reach_by_month",
    AssetGroup.DEMOGRAPHICS,
    Partitioning.ACCOUNT_MONTH,
    Report(
        dict.fromkeys(LEVELS),
        "MONTHLY",
        pivot_column="level",
        value_columns=(PivotColumn("entity_id", of_pivot=True),),
        metrics=(BY_NAME["impressions"], _REACH, BY_NAME["audiencePenetration"]),
        labels=LEVELS,
        most_days=_REACH.max_days,
        distinct=_REACH.name,
    ),
    parent="campaigns",
    overview=Overview(
        "reach",
        by={"month": "Month"},
        sums=(_REACH.column, "impressions"),
        only={"level": LEVELS["ACCOUNT"]},
        preview="reach_and_frequency",
        months=12,
    ),
)
