"""What LinkedIn changed after the fact, by day."""

from sqlalchemy import BigInteger

from lac_pipeline.warehouse.schema.tables import Account, CampaignDailyMetric, MetricRestatement, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME


def _added(metric: str, comment: str) -> ViewColumn:
    """By how much a metric's sum moved."""
    change = "COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)"
    total = f"COALESCE(sum({change}) FILTER (WHERE r.metric = '{metric}'), 0)"
    counted = isinstance(table_of(CampaignDailyMetric).c[metric].type, BigInteger)
    return ViewColumn(f"{metric}_added", f"{total}::bigint" if counted else total, comment)


VIEW = View(
    name="restatements_by_day",
    grain="One row per account, table and UTC day whose numbers LinkedIn changed later: by how much the sums changed.",
    columns=(
        *columns_of(MetricRestatement, "r", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(MetricRestatement, "r", "asset", "date"),
        ViewColumn("rows_changed", "count(DISTINCT r.entity_id)", "Campaigns or creatives of which a number changed."),
        ViewColumn("values_changed", "count(*)", "Changes logged, one for each number and load that saw it changed."),
        _added("impressions", "Impressions after the changes less those before."),
        _added("clicks", "Clicks after the changes less those before."),
        _added("cost_in_local_currency", "Cost after the changes less that before, in the account's currency."),
        _added("external_website_conversions", "Website conversions after the changes less those before."),
        _added("one_click_leads", "Leads from lead forms after the changes less those before."),
        ViewColumn("first_seen_at", "min(r.seen_at)", "When the first of the changes was seen."),
        ViewColumn("last_seen_at", "max(r.seen_at)", "When the last of the changes was seen."),
        _added(
            "conversion_value_in_local_currency",
            "Value of website conversions after the changes less that before, in the account's currency.",
        ),
    ),
    rows="""
FROM linkedin_ads.metric_restatements r
LEFT JOIN linkedin_ads.accounts a ON a.id = r.account_id
GROUP BY r.account_id, a.id, r.asset, r.date
""",
)
