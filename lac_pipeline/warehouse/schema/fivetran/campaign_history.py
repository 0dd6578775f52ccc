"""Campaigns and their versions."""

from lac_pipeline.linkedin.vocabulary import CAMPAIGN_STATUSES, listed
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    MODIFIED_COMMENT,
    entity_joins,
    entity_synced,
    in_utc,
    status,
    taken,
    version_tag,
)
from lac_pipeline.warehouse.schema.fivetran.unknown import (
    ACCOUNTS_WITH_UNKNOWN,
    UNKNOWN,
    UNKNOWN_CAMPAIGNS,
    placeholder,
    versions,
)
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import View, ViewColumn

_HISTORY = HISTORIES["campaigns"]

VIEW = View(
    name="campaign_history",
    schema=FIVETRAN_SCHEMA,
    grain="One row per campaign and version of it, and one for each campaign that LinkedIn does not return though it "
    f"has numbers. The campaign {UNKNOWN} has the account's negative id, and holds creatives of no known campaign.",
    columns=(
        ViewColumn("id", "k.id", "LinkedIn's id of the campaign; negative where it stands for unknown ones."),
        ViewColumn("last_modified_time", "k.valid_from AT TIME ZONE 'UTC'", MODIFIED_COMMENT),
        ViewColumn("account_id", "k.account_id", "Ad account that owns it."),
        ViewColumn(
            "campaign_group_id",
            "COALESCE(h.campaign_group_id, -k.account_id)",
            "Campaign group it is in; the account's negative id where it is unknown.",
        ),
        *in_utc(_HISTORY, created_time="linkedin_created_at"),
        ViewColumn("name", "COALESCE(h.name, k.name)", "Name of the campaign; its id where it is unknown."),
        version_tag("k.id", "k.valid_from"),
        *taken(_HISTORY, "audience_expansion_enabled", "cost_type", "creative_selection"),
        *taken(_HISTORY, "daily_budget_amount", daily_budget_currency_code="daily_budget_currency"),
        *taken(_HISTORY, "total_budget_amount", total_budget_currency_code="total_budget_currency"),
        *taken(_HISTORY, "unit_cost_amount", unit_cost_currency_code="unit_cost_currency"),
        *taken(_HISTORY, "format", "locale_country", "locale_language", "objective_type"),
        *taken(_HISTORY, "offsite_delivery_enabled", "optimization_target_type"),
        *in_utc(_HISTORY, run_schedule_start="run_schedule_start", run_schedule_end="run_schedule_end"),
        status(removed="h.removed IS NOT FALSE", words=f"{listed(CAMPAIGN_STATUSES)}."),
        *taken(_HISTORY, "type", "associated_entity", "test"),
        entity_synced("k.valid_from"),
    ),
    rows=f"""
FROM (
    {versions(_HISTORY.name, placeholder(UNKNOWN_CAMPAIGNS), placeholder(ACCOUNTS_WITH_UNKNOWN, f"'{UNKNOWN}'"))}
) k
LEFT JOIN {SCHEMA}.{_HISTORY.name} h ON h.id = k.id AND h.valid_from = k.valid_from
{entity_joins("campaigns", "k")}
""",
)
