"""Tables of how far the numbers can be trusted: results of checks, restatements, reconciliations, and the snapshots."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Identity, Index, func

from lac_pipeline.warehouse.schema.base import Base, RowTimes
from lac_pipeline.warehouse.schema.declaring import table_column


class CheckStateRow(Base):
    """A current result of a check: the newest, or one that failed and was not resolved since."""

    __tablename__ = "check_states"
    __table_args__ = (
        Index(None, "account_id", "asset", "check_name"),
        {
            "comment": "One row per current result of a check about an ad account: the newest one, and each failure "
            "whose days were not evaluated again since."
        },
    )

    id: Column[int] = table_column(Identity(always=True), primary_key=True, comment="Number of the result.")
    account_id: Column[int | None] = table_column(
        comment="Ad account; NULL for what is about the table or the list of accounts as a whole."
    )
    asset: Column[str] = table_column(comment="Table that was checked, such as campaign_daily_metrics.")
    check_name: Column[str] = table_column(comment="Name of the check, such as reconciliation.")
    severity: Column[str] = table_column(comment="error (the numbers are wrong, or may be) or warning.")
    passed: Column[bool | None] = table_column(comment="Whether it passed; NULL where it could not be evaluated.")
    window_start: Column[date | None] = table_column(
        comment="First UTC day that the result is about; NULL for all that is stored."
    )
    window_end: Column[date | None] = table_column(comment="UTC day after the last one; NULL for all that is stored.")
    facts: Column[dict[str, Any]] = table_column(comment="The numbers behind the result, different for each check.")
    run_id: Column[str] = table_column(comment="Dagster run that evaluated it.")
    evaluated_at: Column[datetime] = table_column(server_default=func.now(), comment="When it was evaluated.")


class MetricRestatement(Base):
    """A number that LinkedIn changed after the fact."""

    __tablename__ = "metric_restatements"
    __table_args__ = (
        Index(None, "account_id", "date"),
        Index(None, "seen_at", postgresql_using="brin"),
        {
            "comment": "One row per metric of a loaded day, older than 2 days, that LinkedIn changed, and load that "
            "saw the change. Do not add the tables to each other: all of them log the same activity, by campaign, by "
            "creative, and by creative and conversion rule.",
        },
    )

    id: Column[int] = table_column(Identity(always=True), primary_key=True, comment="Number of the change.")
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")
    date: Column[date] = table_column(comment="UTC day of the activity.")
    asset: Column[str] = table_column(
        comment="Table that changed: campaign_daily_metrics, creative_daily_metrics or conversion_daily_metrics."
    )
    entity_id: Column[int] = table_column(comment="Campaign or creative whose number changed.")
    metric: Column[str] = table_column(comment="Column that changed, such as clicks.")
    old_value: Column[Decimal | None] = table_column(comment="Value before; NULL when the day had no row.")
    new_value: Column[Decimal | None] = table_column(comment="Value after; NULL when the row is gone.")
    seen_at: Column[datetime] = table_column(comment="Start of the fetch that saw the change (sync_log.started_at).")
    run_id: Column[str] = table_column(comment="Dagster run that saw the change.")
    conversion_id: Column[int | None] = table_column(
        comment="Conversion rule (conversions.id) whose number changed, in conversion_daily_metrics; NULL elsewhere."
    )


class ReconciliationRow(Base):
    """A total of LinkedIn's beside ours."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        Index(None, "account_id", "checked_at"),
        {
            "comment": "One row per reconciliation of an account and table, and metric: the window's totals, and the "
            "single days that differ beyond the tolerance."
        },
    )

    id: Column[int] = table_column(Identity(always=True), primary_key=True, comment="Number of the comparison.")
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")
    asset: Column[str] = table_column(comment="Table whose sum is ours, such as creative_daily_metrics.")
    run_id: Column[str] = table_column(comment="Dagster run that compared.")
    checked_at: Column[datetime] = table_column(comment="When LinkedIn's totals were requested.")
    window_start: Column[date] = table_column(comment="First UTC day of the window.")
    window_end: Column[date] = table_column(comment="UTC day after the last one of the window.")
    date: Column[date | None] = table_column(comment="The UTC day that differs; NULL for the whole window.")
    metric: Column[str] = table_column(comment="Column compared, such as clicks.")
    linkedin_total: Column[Decimal] = table_column(comment="LinkedIn's total of the account.")
    our_total: Column[Decimal] = table_column(comment="Sum over the table.")
    difference: Column[Decimal] = table_column(comment="Ours less LinkedIn's.")
    tolerance: Column[Decimal] = table_column(comment="The largest difference that is accepted.")
    passed: Column[bool] = table_column(comment="Whether the difference is within the tolerance.")


class AccountSnapshotRow(RowTimes, Base):
    """The latest snapshot of an ad account."""

    __tablename__ = "account_snapshots"
    __table_args__ = ({"comment": "One row per ad account: its latest snapshot, a document for agents and reports."},)

    account_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Ad account (accounts.id), which names the currency."
    )
    as_of: Column[date] = table_column(comment="Last UTC day of its periods: the newest one loaded in full.")
    schema_version: Column[str] = table_column(comment="Version of the document's JSON schema.")
    document: Column[dict[str, Any]] = table_column(comment="The document; docs/snapshot.md describes it.")
