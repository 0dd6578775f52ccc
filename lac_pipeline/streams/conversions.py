"""Conversions: the rules by which LinkedIn counts what members do after an ad, and what it counts by them.

Sources: LinkedIn's page on conversion tracking, where a list of rules states no total, and a rule is disabled, never
deleted; and its Ads Reporting page, which gives one row for each combination of the pivots CREATIVE and CONVERSION.
"""

from __future__ import annotations

from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AddsUpTo, AssetGroup, Partitioning, PivotColumn, Report, Stream, Subject

CONVERSIONS = Stream(
    "conversions",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "conversions",
        "/rest/conversions",
        "conversion",
        {"q": "account", "account": "{account}"},
        page_size=500,
        paging=Paging.INDEX,
    ),
    parent="accounts",
    history=True,
    spared=True,
    overview=Overview(
        "conversion rules",
        by={"type": "Counts", "enabled": "Enabled"},
        counted=True,
        first=("linkedin_created_at", "Newest"),
    ),
)

CONVERSION_METRICS = tuple(
    BY_NAME[name]
    for name in (
        "externalWebsiteConversions",
        "externalWebsitePostClickConversions",
        "externalWebsitePostViewConversions",
        "conversionValueInLocalCurrency",
    )
)
"""What LinkedIn counts by rule. Cost and impressions are of no rule: they would come again with each."""

CONVERSION_DAILY = Stream(
    "conversion_daily_metrics",
    AssetGroup.METRICS,
    Partitioning.ACCOUNT_DAY,
    Report(
        {"CONVERSION": None},
        "DAILY",
        subject=Subject("creatives", "creative_id", urn.CREATIVE),
        within=("CREATIVE",),
        value_columns=(PivotColumn("creative_id", urn.CREATIVE), PivotColumn("conversion_id", urn.CONVERSION)),
        metrics=CONVERSION_METRICS,
        restatements=True,
        adds_up_to=AddsUpTo("creative_daily_metrics", ("externalWebsiteConversions",)),
    ),
    parent="conversions",
    spared=True,
    overview=Overview(
        "conversions",
        by={"conversion_id": "Conversion rule"},
        names={"conversion_id": CONVERSIONS.name},
        sums=tuple(metric.column for metric in CONVERSION_METRICS),
    ),
)
