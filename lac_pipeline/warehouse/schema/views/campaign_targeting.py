"""Whom campaigns are for: their targeting criteria as rows, with names."""

from lac_pipeline.warehouse.schema.tables import Campaign
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME, CAMPAIGN_STATUS_COMMENT

_RANGE = r"substring(target.urn FROM '\((\d+),\d+\)$')::numeric"
_RANGE_END = r"NULLIF(substring(target.urn FROM '\(\d+,(\d+)\)$')::numeric, 2147483647)"

VIEW = View(
    name="campaign_targeting",
    grain="One row per campaign, include or exclude, group, facet and value. A member is in the audience who matches "
    "at least one value of every include group, and no value of exclude. Campaigns without criteria have no row.",
    columns=(
        *columns_of(Campaign, "c", "account_id"),
        ACCOUNT_NAME,
        ViewColumn("campaign_id", "c.id", "Campaign (campaigns.id)."),
        ViewColumn("campaign_name", "c.name", "Name of the campaign."),
        ViewColumn("campaign_status", "c.status", CAMPAIGN_STATUS_COMMENT),
        ViewColumn("rule", "clause.rule", "include or exclude: whether members with the value are in or out."),
        ViewColumn(
            "group_number",
            "clause.number",
            "Place of the group among the campaign's include groups, from 1, which all have to match; 1 for exclude.",
        ),
        ViewColumn(
            "facet",
            "substring(target.facet FROM '[^:]*$')",
            "What is targeted, as LinkedIn calls it, such as seniorities or profileLocations.",
        ),
        ViewColumn("facet_urn", "target.facet", "URN of the facet."),
        ViewColumn("urn", "target.urn", "The value targeted as LinkedIn has it, mostly a URN."),
        ViewColumn(
            "target_name",
            "COALESCE(n.name, target.urn)",
            "Name of the value in English; the value as LinkedIn has it where the name is not known.",
        ),
        ViewColumn(
            "range_from",
            _RANGE,
            "First number of a value that is a range, such as a company size of 201 to 500; NULL for others.",
        ),
        ViewColumn("range_to", _RANGE_END, "Last number of a value that is a range; NULL for others and without end."),
    ),
    rows="""
FROM linkedin_ads.campaigns c
LEFT JOIN linkedin_ads.accounts a ON a.id = c.account_id
CROSS JOIN LATERAL (
    SELECT 'include' AS rule, number, criteria
    FROM jsonb_path_query(c.targeting_criteria, '$.include.and[*]', '{}', true) WITH ORDINALITY AS it (criteria, number)
    UNION ALL
    SELECT 'exclude', number, criteria
    FROM jsonb_path_query(c.targeting_criteria, '$.exclude', '{}', true) WITH ORDINALITY AS it (criteria, number)
) clause
CROSS JOIN LATERAL (
    SELECT facet ->> 'key' AS facet, value #>> '{}' AS urn
    FROM jsonb_path_query(clause.criteria, '$.or.keyvalue()', '{}', true) AS facet
    CROSS JOIN jsonb_path_query(facet, '$.value[*]', '{}', true) AS value
    WHERE value <> 'null'
) target
LEFT JOIN linkedin_ads.urn_names n ON n.urn = target.urn
""",
)
