"""Accounts and their versions."""

from lac_pipeline.linkedin.vocabulary import ACCOUNT_STATUSES, listed
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    MODIFIED,
    MODIFIED_COMMENT,
    entity_joins,
    entity_synced,
    in_utc,
    status,
    taken,
    version_tag,
)
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import View, ViewColumn

_HISTORY = HISTORIES["accounts"]
_SWITCHES = {
    "notified_on_campaign_optimization": "notifiedOnCampaignOptimization",
    "notified_on_creative_approval": "notifiedOnCreativeApproval",
    "notified_on_creative_rejection": "notifiedOnCreativeRejection",
    "notified_on_end_of_campaign": "notifiedOnEndOfCampaign",
}

VIEW = View(
    name="account_history",
    schema=FIVETRAN_SCHEMA,
    grain="One row per ad account and version of it.",
    columns=(
        *taken(_HISTORY, "id"),
        ViewColumn("last_modified_time", MODIFIED, MODIFIED_COMMENT),
        *in_utc(_HISTORY, created_time="linkedin_created_at"),
        *taken(_HISTORY, "name", "currency"),
        version_tag(),
        status(words=f"{listed(ACCOUNT_STATUSES)}."),
        *taken(_HISTORY, "type", "reference", "test", "total_budget_amount"),
        *taken(_HISTORY, total_budget_currency_code="total_budget_currency"),
        *(
            ViewColumn(name, f"(h.notifications -> '{switch}') = 'true'::jsonb", f"Whether {switch} is on.")
            for name, switch in _SWITCHES.items()
        ),
        entity_synced(),
    ),
    rows=f"""
FROM {SCHEMA}.account_history h
{entity_joins("accounts")}
""",
)
