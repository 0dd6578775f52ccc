"""Segments of an account's audience by month, with their names."""

from lac_pipeline.warehouse.schema.facts import SEGMENT_COST, WHOLE_MONTHS
from lac_pipeline.warehouse.schema.tables import Account, AudienceDemographic
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CORE_METRICS_OF_MEMBERS,
    SPEND_PER_LEAD,
    fetched_at,
    ratios,
)

VIEW = View(
    name="audience_breakdown",
    grain="One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same "
    f"activity. {WHOLE_MONTHS} {SEGMENT_COST}",
    columns=(
        *columns_of(AudienceDemographic, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        ViewColumn("month", "m.month", "First day of the month (UTC)."),
        *columns_of(AudienceDemographic, "m", "pivot_type", "segment"),
        ViewColumn(
            "segment_name",
            "COALESCE(n.name, m.segment)",
            "Name of the segment; the segment as LinkedIn sends it where it has no name.",
        ),
        *columns_of(AudienceDemographic, "m", *CORE_METRICS_OF_MEMBERS),
        *ratios("NULL::numeric"),
        *columns_of(AudienceDemographic, "m", "updated_at"),
        fetched_at("audience_demographics", "month"),
        SPEND_PER_LEAD,
    ),
    rows="""
FROM linkedin_ads.audience_demographics m
LEFT JOIN linkedin_ads.urn_names n ON n.urn = m.segment
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
""",
)
