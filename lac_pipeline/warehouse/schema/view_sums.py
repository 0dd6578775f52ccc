"""Sums of campaigns' daily metrics, as views over accounts, campaign groups and longer periods have them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger

from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import ViewColumn
from lac_pipeline.warehouse.schema.view_columns import CORE_METRICS

_DAYS = CampaignDailyMetric.__tablename__
_OF_LEAD_CAMPAIGNS = f" FILTER (WHERE c.objective_type = '{LEAD_GENERATION}')"

_SUMS = """
FROM (
    SELECT
        {columns}
    FROM linkedin_ads.{days} d
    LEFT JOIN linkedin_ads.campaigns c ON c.id = d.campaign_id
    GROUP BY {keys}
) m"""


def whole_sum(column: str, of: str = "") -> str:
    """Sum a metric; NULL as soon as one of the values is: it was not read, or LinkedIn did not give it."""
    total = f"sum(d.{column}){of}"
    if isinstance(table_of(CampaignDailyMetric).c[column].type, BigInteger):
        total = f"({total})::bigint"
    return f"CASE WHEN count(*){of} = count(d.{column}){of} THEN {total} END"


def campaign_sums(keys: Mapping[str, str], count: str) -> str:
    """Sum campaigns' days, as `m`: a FROM clause whose columns are the keys, a count of rows, and the metrics.

    Args:
        keys: what is grouped by: the name of each column and its SQL over `d`, the days, and `c`, their campaigns.
        count: what the number of rows summed is called.
    """
    selected = (
        *(sql if sql.endswith(f".{name}") else f"{sql} AS {name}" for name, sql in keys.items()),
        f"count(*) AS {count}",
        *(f"{whole_sum(column)} AS {column}" for column in CORE_METRICS),
        f"{whole_sum('cost_in_local_currency', _OF_LEAD_CAMPAIGNS)} AS lead_generation_cost",
        f"{whole_sum('one_click_leads', _OF_LEAD_CAMPAIGNS)} AS lead_generation_leads",
        "max(d.updated_at) AS updated_at",
        "min(d.stale_since) AS stale_since",
    )
    listed = ",\n        ".join(selected)
    return _SUMS.format(columns=listed, days=_DAYS, keys=", ".join(keys.values()))


LEAD_GENERATION_SUMS = (
    ViewColumn(
        "lead_generation_cost_in_local_currency",
        "m.lead_generation_cost",
        f"Cost of the campaigns with the objective {LEAD_GENERATION}, in the account's currency. CPL of several "
        "days is the sum of it divided by the sum of lead_generation_leads.",
    ),
    ViewColumn(
        "lead_generation_leads",
        "m.lead_generation_leads",
        f"Leads of the campaigns with the objective {LEAD_GENERATION}.",
    ),
)

LOADED_DAYS = """LEFT JOIN (
    SELECT s.account_id, range_agg(daterange(s.partition_start, LEAST(s.partition_end, s.began))) AS days
    FROM (
        SELECT account_id, partition_start, partition_end, (started_at AT TIME ZONE 'UTC')::date AS began
        FROM linkedin_ads.sync_log
        WHERE asset = 'campaign_daily_metrics'
          AND status IN ('success', 'partial')
          AND (parts IS NULL OR 'cost_in_local_currency' = ANY (parts))
    ) s
    WHERE s.partition_start < s.began
    GROUP BY s.account_id
) loaded ON loaded.account_id = {account}"""
"""Join the days of an account that were read after they had ended, as ranges; NULL where there are none.

`{account}` is the SQL of the account. Fetches that did not read the cost do not count.
"""
