"""Tables of how the warehouse came to be: syncs, rejected records, API calls, names of URNs, OAuth tokens."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Column, Identity, Index, Text, column

from lac_pipeline.linkedin.records import NoName
from lac_pipeline.warehouse.schema.base import Base
from lac_pipeline.warehouse.schema.declaring import table_column

UNAVAILABLE = "unavailable"
"""The status of an attempt at a stream that LinkedIn does not let the token read, and that fails nothing."""
STATUSES = ("running", "success", "partial", "failed", "skipped", UNAVAILABLE)
SUCCESS = "success"
CONFIRMED = (SUCCESS, "partial")
"""Statuses of attempts that loaded LinkedIn's response into the tables."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the start of an attempt that was stamped by a clock that ran ahead: long past, so that a sync is due."""
TRIGGERS = ("scheduled", "on_demand", "backfill")


class SyncLog(Base):
    """One attempt to bring an asset of an account up to date."""

    __tablename__ = "sync_log"
    __table_args__ = (
        CheckConstraint(column("status").in_(STATUSES), name="status"),
        CheckConstraint(column("trigger").in_(TRIGGERS), name="trigger"),
        Index(
            "ix_sync_log_confirmed",
            "account_id",
            "asset",
            "started_at",
            postgresql_include=["partition_start", "partition_end", "status"],
            postgresql_where=column("status").in_(CONFIRMED),
        ),
        Index("ix_sync_log_running", "run_id", postgresql_where=column("status") == "running"),
        Index(None, "run_id"),
        {"comment": "One row per attempt to sync an asset of an account, skipped and failed ones too."},
    )

    account_id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="Ad account.")
    asset: Column[str] = table_column(primary_key=True, comment="Table that was synced, such as campaigns.")
    started_at: Column[datetime] = table_column(primary_key=True, comment="When the fetch began.")
    finished_at: Column[datetime | None] = table_column(comment="When the attempt ended; NULL while it runs.")
    status: Column[str] = table_column(
        comment="running; success; partial (loaded, but records were rejected, a pivot was not read, or nothing was "
        "pruned); failed; unavailable (LinkedIn does not let the token read it); skipped."
    )
    trigger: Column[str] = table_column(comment="What requested it: scheduled, on_demand or backfill.")
    reason: Column[str | None] = table_column(comment="Why it was done or skipped, such as data_fresh_37min.")
    run_id: Column[str] = table_column(comment="Dagster run.")
    partition_start: Column[date | None] = table_column(comment="First UTC day fetched; NULL for entities.")
    partition_end: Column[date | None] = table_column(comment="UTC day after the last one fetched; NULL for entities.")
    rows_fetched: Column[int] = table_column(server_default="0", comment="Records that LinkedIn returned.")
    rows_inserted: Column[int] = table_column(server_default="0", comment="Rows that were new.")
    rows_updated: Column[int] = table_column(server_default="0", comment="Rows of which a value changed.")
    rows_unchanged: Column[int] = table_column(server_default="0", comment="Rows that were equal already.")
    rows_pruned: Column[int] = table_column(
        server_default="0",
        comment="Rows deleted (metrics) or marked removed (entities), because LinkedIn no longer returned them.",
    )
    rows_rejected: Column[int] = table_column(server_default="0", comment="Records that went to rejected_records.")
    rows_superseded: Column[int] = table_column(
        server_default="0", comment="Rows left out because a fetch that began later had already loaded their day."
    )
    api_calls_made: Column[int] = table_column(server_default="0", comment="Requests sent to LinkedIn, retries too.")
    parts: Column[list[str] | None] = table_column(
        ARRAY(Text),
        comment="What was requested: columns of metrics, and pivots; NULL for entities, for attempts that did "
        "not load, and where it is not known.",
    )
    errors: Column[list[Any] | None] = table_column(
        comment="What failed: list of {type, summary, detail, meaning, fix}."
    )


class StreamState(Base):
    """How an asset of an account stands: what the attempts of `sync_log` come to."""

    __tablename__ = "stream_state"
    __table_args__ = (
        CheckConstraint(column("status").in_([status for status in STATUSES if status != "skipped"]), name="status"),
        {"comment": "One row per account and asset with an attempt: its last sync, and how the last attempt ended."},
    )

    account_id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="Ad account.")
    asset: Column[str] = table_column(primary_key=True, comment="Table that is synced, such as campaigns.")
    synced_at: Column[datetime | None] = table_column(
        comment="Start of the newest fetch that was loaded and reached its own UTC day; NULL if there is none, "
        "2000-01-01 if a wrong clock put the only ones into the future."
    )
    window_start: Column[date | None] = table_column(comment="First UTC day of that fetch; NULL for entities.")
    window_end: Column[date | None] = table_column(
        comment="UTC day after the last one of that fetch; NULL for entities."
    )
    parts: Column[list[str] | None] = table_column(
        ARRAY(Text), comment="What that fetch requested, as in sync_log.parts; NULL for entities, and if not known."
    )
    attempted_at: Column[datetime] = table_column(
        comment="When the last attempt began, skipped ones not counted; 2000-01-01 as above."
    )
    status: Column[str] = table_column(
        comment="How the last attempt ended: success, partial, failed or unavailable, as in sync_log; or running."
    )
    failures: Column[int] = table_column(
        server_default="0", comment="How many attempts failed since the stream was last brought up to date."
    )


class EntityRead(Base):
    """When a report was last read for one entity and pivot, where it is requested entity by entity."""

    __tablename__ = "entity_reads"
    __table_args__ = (
        {
            "comment": "One row per account, entity and pivot of a table that is requested for each entity: when it "
            "was last read, so that a sync continues where the one before it stopped."
        },
    )

    asset: Column[str] = table_column(primary_key=True, comment="Table, such as campaign_demographics.")
    account_id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="Ad account.")
    entity_id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="Campaign.")
    pivot_type: Column[str] = table_column(primary_key=True, comment="What it is split by, such as MEMBER_INDUSTRY.")
    read_at: Column[datetime] = table_column(comment="Start of the sync that read it last.")
    window_start: Column[date] = table_column(comment="First UTC day that was read.")


class RejectedRecord_(Base):  # noqa: N801  the leaf RejectedRecord is the record on its way here
    """A record of LinkedIn's that failed validation, until it validates."""

    __tablename__ = "rejected_records"
    __table_args__ = (
        Index(
            "uq_rejected_records_open",
            "asset",
            "account_id",
            "digest",
            "field",
            unique=True,
            postgresql_where=column("closed_at").is_(None),
        ),
        {"comment": "One row per record and field that failed validation, from first seen until it validates again."},
    )

    id: Column[int] = table_column(Identity(always=True), primary_key=True, comment="Number of the rejection.")
    asset: Column[str] = table_column(comment="Table that the record was meant for.")
    account_id: Column[int] = table_column(comment="Ad account.")
    partition_start: Column[date | None] = table_column(comment="First UTC day it belongs to; NULL for entities.")
    partition_end: Column[date | None] = table_column(comment="UTC day after the last one; NULL for entities.")
    digest: Column[str] = table_column(
        comment="Which record it is: a digest of its row's key, or of all of it where the key cannot be read."
    )
    record_id: Column[str] = table_column(comment="The record's own id or key, as far as it could be read.")
    field: Column[str] = table_column(comment="Dotted path of the field that failed, in LinkedIn's spelling.")
    value: Column[str] = table_column(comment="The value received, as JSON text.")
    reason: Column[str] = table_column(comment="What is wrong with it.")
    raw: Column[dict[str, Any]] = table_column(comment="The record as LinkedIn sent it.")
    run_id: Column[str] = table_column(comment="Dagster run that saw it last.")
    first_seen: Column[datetime] = table_column(comment="Start of the fetch that saw it first.")
    last_seen: Column[datetime] = table_column(comment="Start of the fetch that saw it last.")
    closed_at: Column[datetime | None] = table_column(
        comment="Start of the fetch that found it valid, or gone; NULL while it is open."
    )


class ApiUsageDay(Base):
    """How many requests went to an endpoint on a day."""

    __tablename__ = "api_usage"
    __table_args__ = ({"comment": "One row per UTC day, endpoint and ad account: requests sent, retries included."},)

    day: Column[date] = table_column(primary_key=True, comment="UTC day, as LinkedIn counts quotas.")
    endpoint: Column[str] = table_column(primary_key=True, comment="LinkedIn's resource, such as adAnalytics.")
    account_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Ad account; 0 for calls about none or several."
    )
    calls: Column[int] = table_column(server_default="0", comment="Requests sent.")
    quota_spent_until: Column[datetime | None] = table_column(
        comment="LinkedIn's daily quota is spent: no request is sent before this time. Only on rows of account 0."
    )


class UrnName(Base):
    """The name behind a URN."""

    __tablename__ = "urn_names"
    __table_args__ = (
        CheckConstraint(column("reason").in_([reason.value for reason in NoName]), name="reason"),
        {
            "comment": "One row per URN that was looked up: companies, titles, industries, places, company "
            "sizes, and the posts and messages behind creatives."
        },
    )

    urn: Column[str] = table_column(primary_key=True, comment="The URN as analytics send it.")
    name: Column[str | None] = table_column(comment="Its name in English; NULL while LinkedIn gives none.")
    reason: Column[str | None] = table_column(
        comment="Why the last look-up gave no name: not_found, forbidden, refused, or unnamed (it is there, and has "
        "none); NULL where it gave one."
    )
    first_seen: Column[datetime] = table_column(comment="When it was first looked up.")
    checked_at: Column[datetime] = table_column(comment="When it was last looked up.")
    misses: Column[int] = table_column(server_default="0", comment="Look-ups in a row without a name.")
    due_at: Column[datetime] = table_column(comment="When it is to be looked up again.")


class OAuthToken(Base):
    """The OAuth tokens of an application, encrypted."""

    __tablename__ = "oauth_tokens"
    __table_args__ = ({"comment": "One row per LinkedIn application; the tokens are encrypted with LAC_SECRET_KEY."},)

    client_id: Column[str] = table_column(primary_key=True, comment="LinkedIn's client id of the application.")
    access_token: Column[str] = table_column(comment="Encrypted access token.")
    refresh_token: Column[str | None] = table_column(comment="Encrypted refresh token; NULL when there is none.")
    access_expires_at: Column[datetime | None] = table_column(comment="When the access token ends, if known.")
    refresh_expires_at: Column[datetime | None] = table_column(comment="When the refresh token ends, if known.")
    scopes: Column[list[Any]] = table_column(comment="What the member agreed to.")
    updated_at: Column[datetime] = table_column(comment="When the tokens were last written.")
