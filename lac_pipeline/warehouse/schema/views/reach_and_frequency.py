"""Reach and frequency by month, with names."""

from lac_pipeline.warehouse.schema.reach_table import NEVER_SUMMED
from lac_pipeline.warehouse.schema.tables import ReachByMonth
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME, fetched_at, quotient

_FETCHED = fetched_at("reach_by_month", "month")

VIEW = View(
    name="reach_and_frequency",
    grain=f"One row per account, month, level and entity with activity, with its name as it is now. {NEVER_SUMMED} "
    "Compare months only where complete is true.",
    columns=(
        *columns_of(ReachByMonth, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(ReachByMonth, "m", "month", "level", "entity_id"),
        ViewColumn(
            "entity_name",
            "COALESCE(CASE m.level WHEN 'account' THEN a.name WHEN 'campaign_group' THEN g.name ELSE c.name END, "
            "m.entity_id::text)",
            "Name of the account, campaign group or campaign; its id where it is unknown.",
        ),
        *columns_of(ReachByMonth, "m", "impressions", "approximate_member_reach"),
        ViewColumn(
            "frequency",
            quotient("NULLIF(m.impressions, 0)::numeric", "m.approximate_member_reach"),
            "Impressions per member reached, in the month; must not be summed or averaged. NULL where LinkedIn gives "
            "no reach or a reach of 0, or no impressions, as of message ads, whose sends it counts.",
        ),
        *columns_of(ReachByMonth, "m", "audience_penetration"),
        ViewColumn(
            "complete",
            "COALESCE(fetched.at >= (m.month + INTERVAL '1 month 2 days') AT TIME ZONE 'UTC', false)",
            "Whether the month was over for two days when it was last fetched; LinkedIn's estimate is up to 36 hours "
            "late. Until then the row counts the month's first days, through read_through.",
        ),
        ViewColumn(
            "read_through",
            "LEAST((m.month + INTERVAL '1 month -1 day')::date, (fetched.at AT TIME ZONE 'UTC')::date)",
            "Last UTC day that the row can know of: the last of the month, or the day of the last fetch.",
        ),
        *columns_of(ReachByMonth, "m", "updated_at"),
        ViewColumn("fetched_at", "fetched.at", _FETCHED.comment),
        *columns_of(ReachByMonth, "m", "stale_since"),
    ),
    rows=f"""
FROM linkedin_ads.reach_by_month m
CROSS JOIN LATERAL (SELECT {_FETCHED.expression} AS at) fetched
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
LEFT JOIN linkedin_ads.campaign_groups g ON m.level = 'campaign_group' AND g.id = m.entity_id
LEFT JOIN linkedin_ads.campaigns c ON m.level = 'campaign' AND c.id = m.entity_id
""",
)
