"""Campaign groups and their versions."""

from lac_pipeline.linkedin.vocabulary import CAMPAIGN_GROUP_STATUSES, listed
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    MODIFIED_COMMENT,
    entity_joins,
    entity_synced,
    in_utc,
    status,
    taken,
)
from lac_pipeline.warehouse.schema.fivetran.unknown import (
    ACCOUNTS_WITH_UNKNOWN,
    UNKNOWN,
    UNKNOWN_GROUPS,
    placeholder,
    versions,
)
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import View, ViewColumn

_HISTORY = HISTORIES["campaign_groups"]

VIEW = View(
    name="campaign_group_history",
    schema=FIVETRAN_SCHEMA,
    grain="One row per campaign group and version of it, and one for each group that LinkedIn does not return though a "
    f"campaign names it. The group {UNKNOWN} has the account's negative id, and holds campaigns of no known group.",
    columns=(
        ViewColumn("id", "k.id", "LinkedIn's id of the campaign group; negative where it stands for unknown ones."),
        ViewColumn("last_modified_time", "k.valid_from AT TIME ZONE 'UTC'", MODIFIED_COMMENT),
        ViewColumn("account_id", "k.account_id", "Ad account that owns it."),
        *in_utc(_HISTORY, created_time="linkedin_created_at"),
        ViewColumn("name", "COALESCE(h.name, k.name)", "Name of the campaign group; its id where it is unknown."),
        *taken(_HISTORY, "backfilled"),
        *in_utc(_HISTORY, run_schedule_start="run_schedule_start", run_schedule_end="run_schedule_end"),
        status(removed="h.removed IS NOT FALSE", words=f"{listed(CAMPAIGN_GROUP_STATUSES)}."),
        *taken(_HISTORY, "total_budget_amount", total_budget_currency_code="total_budget_currency"),
        *taken(_HISTORY, "daily_budget_amount", daily_budget_currency_code="daily_budget_currency"),
        *taken(_HISTORY, "objective_type", "test"),
        entity_synced("k.valid_from"),
    ),
    rows=f"""
FROM (
    {versions(_HISTORY.name, placeholder(UNKNOWN_GROUPS), placeholder(ACCOUNTS_WITH_UNKNOWN, f"'{UNKNOWN}'"))}
) k
LEFT JOIN {SCHEMA}.{_HISTORY.name} h ON h.id = k.id AND h.valid_from = k.valid_from
{entity_joins("campaign_groups", "k")}
""",
)
