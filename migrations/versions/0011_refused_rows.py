"""Rows whose record LinkedIn sent unreadable are marked as stale, and refused records are told apart by a digest.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
ENTITIES = ("accounts", "campaign_groups", "campaigns", "creatives")
FACTS = {"campaign_daily_metrics": "date", "creative_daily_metrics": "date", "audience_demographics": "month"}
STALE = (
    "Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), so "
    "that the row stayed as it was; NULL while it is as LinkedIn last returned it."
)
FETCHED = "Start of the last fetch that loaded LinkedIn's record of the row."
FETCHED_BEFORE = "Start of the last fetch in which LinkedIn returned the row."
DIGEST = "Which record it is: a digest of its row's key, or of all of it where the key cannot be read."
REJECTS = "rejected_records"
OPEN = "uq_rejected_records_open"
LEAVE_ONE_OPEN = """
DELETE FROM linkedin_ads.rejected_records AS one
USING linkedin_ads.rejected_records AS other
WHERE one.closed_at IS NULL
  AND other.closed_at IS NULL
  AND one.id < other.id
  AND (one.asset, one.account_id, one.record_id, one.field)
    = (other.asset, other.account_id, other.record_id, other.field)
"""


def upgrade() -> None:
    for table in (*ENTITIES, *FACTS):
        column = sa.Column("stale_since", sa.DateTime(timezone=True), comment=STALE)
        op.add_column(table, column, schema=SCHEMA)
    for table, day in FACTS.items():
        op.create_index(
            op.f(f"ix_{table}_stale"),
            table,
            ["account_id", day],
            schema=SCHEMA,
            postgresql_where="stale_since IS NOT NULL",
        )
    _comment_fetched_at(FETCHED, FETCHED_BEFORE)
    op.add_column(REJECTS, sa.Column("digest", sa.Text(), comment=DIGEST), schema=SCHEMA)
    op.execute("UPDATE linkedin_ads.rejected_records SET digest = md5(record_id)")
    op.alter_column(REJECTS, "digest", nullable=False, schema=SCHEMA)
    _index_open("digest")


def downgrade() -> None:
    op.execute(LEAVE_ONE_OPEN)
    _index_open("record_id")
    op.drop_column(REJECTS, "digest", schema=SCHEMA)
    _comment_fetched_at(FETCHED_BEFORE, FETCHED)
    for table in (*ENTITIES, *FACTS):
        op.drop_column(table, "stale_since", schema=SCHEMA)


def _index_open(identity: str) -> None:
    op.drop_index(OPEN, table_name=REJECTS, schema=SCHEMA)
    op.create_index(
        OPEN,
        REJECTS,
        ["asset", "account_id", identity, "field"],
        unique=True,
        schema=SCHEMA,
        postgresql_where="closed_at IS NULL",
    )


def _comment_fetched_at(comment: str, before: str) -> None:
    for table in ENTITIES:
        op.alter_column(table, "fetched_at", schema=SCHEMA, comment=comment, existing_comment=before)
