"""Metrics by day, of campaigns and of creatives."""

from __future__ import annotations

from lac_pipeline.linkedin.metrics import CATALOGUE
from lac_pipeline.warehouse.schema.base import Base
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    ISO_DAY,
    metric_column,
    report_id,
    report_rows,
    report_synced,
)
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, CreativeDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of

DAY = ViewColumn("day", "m.date::timestamp", "UTC day of the activity, as midnight without a zone.")


def _by(entity: str, model: type[Base]) -> View:
    table, key = table_of(model).name, f"{entity}_id"
    return View(
        name=f"ad_analytics_by_{entity}",
        schema=FIVETRAN_SCHEMA,
        grain=f"One row per {entity} and UTC day with activity. A metric that was not requested is NULL.",
        columns=(
            *columns_of(model, "m", key),
            DAY,
            report_synced(table),
            report_id(f"m.{key}", ISO_DAY),
            *map(metric_column, CATALOGUE),
        ),
        rows=report_rows(table),
    )


VIEWS = (_by("campaign", CampaignDailyMetric), _by("creative", CreativeDailyMetric))
