"""Quotas that are spent: LinkedIn's of a day, and budgets of our own. The caller owns the transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from lac_pipeline.postgres.upserting import insert
from lac_pipeline.warehouse.schema.operational_tables import ApiUsageDay

NO_ACCOUNT = 0
"""What stands for the account of a call about none or several."""


def spend_quota(connection: Connection, endpoint: str, *, until: datetime) -> None:
    """Let nothing be requested of an endpoint, or within a budget, before this moment."""
    day = (until - timedelta(microseconds=1)).date()
    row = {"day": day, "endpoint": endpoint, "account_id": NO_ACCOUNT, "quota_spent_until": until}
    statement = insert(ApiUsageDay).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["day", "endpoint", "account_id"],
        set_={"quota_spent_until": statement.excluded.quota_spent_until},
    )
    connection.execute(statement)
