"""Metrics by month, of the segments of each campaign's audience."""

from __future__ import annotations

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind, Metric
from lac_pipeline.linkedin.pivots import PIVOTS, Pivot
from lac_pipeline.warehouse.schema.facts import SEGMENT_COST, CampaignDemographic
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    metric_column,
    report_id,
    report_rows,
    report_synced,
)
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of

_TABLE = CampaignDemographic.__tablename__
_MONTH = "to_char(m.month, 'YYYY-MM')"
_NUMBER = r"substring(m.segment FROM ':(\d{1,18})$')::bigint"


def _of_members(metric: Metric) -> ViewColumn:
    if metric.members:
        return metric_column(metric)
    kind = "bigint" if metric.kind is Kind.COUNT else "numeric"
    return ViewColumn(metric.column, f"NULL::{kind}", "NULL: LinkedIn does not give it by members.")


def _by(pivot: Pivot) -> View:
    name = pivot.name.removesuffix("_V2").lower()
    return View(
        name=f"monthly_ad_analytics_by_{name}",
        schema=FIVETRAN_SCHEMA,
        grain=f"One row per campaign, month and {pivot.title.lower()} of members; empty unless "
        f"LAC_CAMPAIGN_DEMOGRAPHICS names {pivot.name}. LinkedIn adds noise, and leaves out segments under 3 events "
        f"and campaigns under 300 impressions: never sum it to a campaign. {SEGMENT_COST}",
        columns=(
            *columns_of(CampaignDemographic, "m", "campaign_id"),
            ViewColumn("month", _MONTH, "UTC month, such as 2026-09."),
            ViewColumn(
                name,
                "m.segment" if pivot.codes else _NUMBER,
                "The segment in LinkedIn's words." if pivot.codes else "LinkedIn's id of the segment.",
            ),
            report_synced(_TABLE, "month"),
            report_id("m.campaign_id", _MONTH, "m.segment"),
            *(_of_members(metric) for metric in CATALOGUE),
        ),
        rows=f"{report_rows(_TABLE, 'month')}\nWHERE m.pivot_type = '{pivot.name}'",
    )


VIEWS = tuple(_by(pivot) for pivot in PIVOTS if pivot.members)
