"""Which campaigns a conversion rule counts for, as rows."""

from lac_pipeline.warehouse.schema.tables import Conversion
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME, CAMPAIGN_NAME_COMMENT, CAMPAIGN_STATUS_COMMENT

VIEW = View(
    name="conversion_campaigns",
    grain="One row per conversion rule and campaign that it counts for.",
    columns=(
        *columns_of(Conversion, "v", "account_id"),
        ACCOUNT_NAME,
        ViewColumn("conversion_id", "v.id", "Conversion rule (conversions.id)."),
        ViewColumn("conversion_name", "COALESCE(v.name, v.id::text)", "Name of the rule; its id where it has none."),
        ViewColumn("conversion_type", "v.type", "What the rule counts, such as LEAD, SIGN_UP or PURCHASE."),
        *columns_of(Conversion, "v", "enabled", "removed_at"),
        ViewColumn("campaign_id", "counted.campaign_id", "Campaign (campaigns.id; it may be gone there)."),
        ViewColumn("campaign_name", "COALESCE(c.name, counted.campaign_id::text)", CAMPAIGN_NAME_COMMENT),
        ViewColumn("campaign_status", "c.status", CAMPAIGN_STATUS_COMMENT),
        ViewColumn(
            "associated_at",
            "counted.associated_at",
            "Since when the rule counts for the campaign; NULL where LinkedIn names the campaign alone.",
        ),
    ),
    rows=r"""
FROM linkedin_ads.conversions v
LEFT JOIN linkedin_ads.accounts a ON a.id = v.account_id
CROSS JOIN LATERAL (
    SELECT
        substring(named.campaign FROM ':(\d{1,18})$')::bigint AS campaign_id,
        max(to_timestamp(named.milliseconds::numeric / 1000)) AS associated_at
    FROM (
        SELECT entry ->> 'campaign' AS campaign, substring(entry ->> 'associatedAt' FROM '^\d{1,14}$') AS milliseconds
        FROM jsonb_path_query(v.associated_campaigns, '$[*]', '{}', true) AS entry
        UNION ALL
        SELECT entry #>> '{}', NULL
        FROM jsonb_path_query(v.campaigns, '$[*]', '{}', true) AS entry
    ) named
    WHERE named.campaign ~ ':\d{1,18}$'
    GROUP BY 1
) counted
LEFT JOIN linkedin_ads.campaigns c ON c.id = counted.campaign_id
""",
)
