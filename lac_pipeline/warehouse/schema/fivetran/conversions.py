"""Conversion rules and their versions, and conversions by creative, rule and day."""

from lac_pipeline.streams.conversions import CONVERSION_METRICS
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.conversion_facts import ConversionDailyMetric
from lac_pipeline.warehouse.schema.fivetran.analytics import DAY
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    ISO_DAY,
    MODIFIED,
    MODIFIED_COMMENT,
    entity_joins,
    entity_synced,
    in_utc,
    metric_column,
    report_id,
    report_rows,
    report_synced,
    taken,
)
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of

_HISTORY = HISTORIES["conversions"]
_TABLE = ConversionDailyMetric.__tablename__

_RULES = View(
    name="conversion_history",
    schema=FIVETRAN_SCHEMA,
    grain="One row per conversion rule and version of it.",
    columns=(
        *taken(_HISTORY, "id"),
        ViewColumn("last_modified", MODIFIED, MODIFIED_COMMENT),
        ViewColumn("last_modified_at", MODIFIED, "The same, under the name that other histories have."),
        *in_utc(_HISTORY, created="linkedin_created_at"),
        *taken(_HISTORY, "account_id", "name", "type", "enabled", "attribution_type", "conversion_method"),
        *taken(_HISTORY, "post_click_attribution_window_size", "view_through_attribution_window_size"),
        *taken(_HISTORY, "value_amount", value_currency_code="value_currency"),
        entity_synced(),
    ),
    rows=f"""
FROM {SCHEMA}.{_HISTORY.name} h
{entity_joins("conversions")}
""",
)
_CONVERSIONS = View(
    name="ad_analytics_by_creative_with_conversion_breakdown",
    schema=FIVETRAN_SCHEMA,
    grain="One row per creative, conversion rule and UTC day with conversions. They are those of "
    "ad_analytics_by_creative again, by rule: do not add the two.",
    columns=(
        *columns_of(ConversionDailyMetric, "m", "creative_id", "conversion_id"),
        DAY,
        report_synced(_TABLE),
        report_id("m.creative_id", "m.conversion_id", ISO_DAY),
        *map(metric_column, CONVERSION_METRICS),
    ),
    rows=report_rows(_TABLE),
)

VIEWS = (_RULES, _CONVERSIONS)
