"""Attempts that a later one made irrelevant are marked, so that judging freshness reads a few rows per account.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "sync_log"
COMMENT = "Whether a later attempt brought the asset up to date; only a hint for speed."
MARK = """
UPDATE linkedin_ads.sync_log AS earlier
SET outdated = true
FROM (
    SELECT account_id, asset, max(started_at) AS started_at
    FROM linkedin_ads.sync_log
    WHERE status IN ('success', 'partial')
      AND (partition_end IS NULL OR partition_end > CAST(started_at AT TIME ZONE 'UTC' AS date))
    GROUP BY account_id, asset
) AS synced
WHERE earlier.account_id = synced.account_id
  AND earlier.asset = synced.asset
  AND earlier.started_at < synced.started_at
  AND earlier.status <> 'skipped'
"""


def upgrade() -> None:
    column = sa.Column("outdated", sa.Boolean(), server_default=sa.false(), nullable=False, comment=COMMENT)
    op.add_column(TABLE, column, schema=SCHEMA)
    op.execute(MARK)
    op.create_index(
        op.f("ix_sync_log_standing"),
        TABLE,
        ["account_id", "asset", "started_at"],
        schema=SCHEMA,
        postgresql_include=["partition_end", "status"],
        postgresql_where="NOT outdated AND status <> 'skipped'",
    )
    op.drop_index(op.f("ix_sync_log_unconfirmed"), table_name=TABLE, schema=SCHEMA)


def downgrade() -> None:
    op.create_index(
        op.f("ix_sync_log_unconfirmed"),
        TABLE,
        ["account_id", "asset", "started_at"],
        schema=SCHEMA,
        postgresql_include=["status"],
        postgresql_where="status IN ('failed', 'running')",
    )
    op.drop_index(op.f("ix_sync_log_standing"), table_name=TABLE, schema=SCHEMA)
    op.drop_column(TABLE, "outdated", schema=SCHEMA)
