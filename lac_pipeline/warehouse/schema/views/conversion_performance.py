"""Conversions by creative, rule and day, with names, beside what their campaign cost."""

from lac_pipeline.streams.conversions import CONVERSION_METRICS
from lac_pipeline.warehouse.schema.tables import Account, Campaign, Conversion, ConversionDailyMetric
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_NAME_COMMENT,
    WEEK_AND_MONTH,
    fetched_at,
    quotient,
)

_METRICS = tuple(metric.column for metric in CONVERSION_METRICS)
_COUNT = "external_website_conversions"
_COST = "s.cost_in_local_currency"

_ROWS = """
FROM (
    SELECT
        d.account_id,
        d.creative_id,
        d.conversion_id,
        d.date,
        {metrics},
        d.updated_at,
        d.stale_since,
        r.campaign_id,
        r.name AS creative_name,
        v.name AS conversion_name,
        v.type AS conversion_type,
        v.attribution_type,
        CASE WHEN r.campaign_id IS NOT NULL THEN {rule} END AS by_rule,
        CASE WHEN r.campaign_id IS NOT NULL AND v.type IS NOT NULL THEN {type} END AS by_type
    FROM linkedin_ads.conversion_daily_metrics d
    LEFT JOIN linkedin_ads.creatives r ON r.id = d.creative_id
    LEFT JOIN linkedin_ads.conversions v ON v.id = d.conversion_id
    WINDOW
        by_rule AS (PARTITION BY d.account_id, d.date, r.campaign_id, d.conversion_id),
        by_type AS (PARTITION BY d.account_id, d.date, r.campaign_id, v.type)
) m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_daily_metrics s ON s.campaign_id = m.campaign_id AND s.date = m.date
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
"""


def _together(window: str) -> str:
    """Sum the conversions of a window; NULL as soon as one of the values is."""
    return f"CASE WHEN count(*) OVER {window} = count(d.{_COUNT}) OVER {window} THEN sum(d.{_COUNT}) OVER {window} END"


VIEW = View(
    name="conversion_performance",
    grain="One row per creative, conversion rule and UTC day with conversions, with names as they are now; money in "
    "the account's currency. Cost does not belong to a rule, so all rows of a campaign and day repeat the same cost: "
    "never sum it over rules or creatives. Days with cost and without conversions have no row: for the cost per "
    "conversion of a period divide the cost of campaign_performance by the sum of the conversions here.",
    columns=(
        *columns_of(ConversionDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        ViewColumn("campaign_id", "m.campaign_id", "Campaign of the creative; NULL where the creative is unknown."),
        ViewColumn("campaign_name", "COALESCE(c.name, m.campaign_id::text)", CAMPAIGN_NAME_COMMENT),
        *columns_of(Campaign, "c", "objective_type"),
        *columns_of(ConversionDailyMetric, "m", "creative_id"),
        ViewColumn(
            "creative_name",
            "COALESCE(m.creative_name, m.creative_id::text)",
            "Best name known of the creative; its id where it is unknown.",
        ),
        *columns_of(ConversionDailyMetric, "m", "conversion_id"),
        ViewColumn(
            "conversion_name",
            "COALESCE(m.conversion_name, m.conversion_id::text)",
            "Name of the rule; its id where it is unknown.",
        ),
        ViewColumn("conversion_type", "m.conversion_type", "What the rule counts, such as LEAD, SIGN_UP or PURCHASE."),
        *columns_of(Conversion, "m", "attribution_type"),
        *columns_of(ConversionDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(ConversionDailyMetric, "m", *_METRICS),
        ViewColumn(
            "campaign_cost_in_local_currency",
            _COST,
            "What the whole campaign cost on the day, in the account's currency. It is the same in every row of the "
            "campaign and day: do not sum it over rules or creatives. NULL where it is unknown.",
        ),
        ViewColumn(
            "campaign_conversions",
            "m.by_rule::bigint",
            "Conversions by the rule on the day, of all creatives of the campaign; the same in each of their rows.",
        ),
        ViewColumn(
            "campaign_conversions_of_type",
            "m.by_type::bigint",
            "Conversions on the day by all rules of the row's conversion_type, of all creatives of the campaign; the "
            "same in each of their rows. NULL where the type is unknown.",
        ),
        ViewColumn(
            "cost_per_conversion",
            quotient(_COST, "m.by_rule"),
            "What the campaign cost on the day, divided by its conversions by the rule. Each rule is set against the "
            "whole cost, so the quotients of several rules cannot be added or averaged.",
        ),
        ViewColumn(
            "cost_per_conversion_of_type",
            quotient(_COST, "m.by_type"),
            "What the campaign cost on the day, divided by its conversions by all rules of the row's conversion_type: "
            "where that is LEAD, the cost of a lead on the website. It is not CPL, which divides by lead forms.",
        ),
        *columns_of(ConversionDailyMetric, "m", "updated_at"),
        fetched_at("conversion_daily_metrics"),
    ),
    rows=_ROWS.format(
        metrics=",\n        ".join(f"d.{name}" for name in _METRICS),
        rule=_together("by_rule"),
        type=_together("by_type"),
    ),
)
