"""How each stream stands is a row that attempts keep, instead of being derived from the log at every look.

The rows are derived once from the log. A stamp that lies more than five minutes ahead of the server's clock counts as
long past, as it does when attempts are written.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
LOG, STATE = "sync_log", "stream_state"
TIME = sa.DateTime(timezone=True)
FILL = """
INSERT INTO linkedin_ads.stream_state
    (account_id, asset, synced_at, window_start, window_end, parts, attempted_at, status, failures)
WITH log AS (
    SELECT account_id, asset, status, partition_start, partition_end, parts,
        started_at <= statement_timestamp() + INTERVAL '5 minutes' AS possible,
        CASE
            WHEN started_at <= statement_timestamp() + INTERVAL '5 minutes' THEN started_at
            ELSE TIMESTAMPTZ '2000-01-01 00:00:00+00'
        END AS began,
        status IN ('success', 'partial')
            AND (partition_end IS NULL OR partition_end > CAST(started_at AT TIME ZONE 'UTC' AS date)) AS confirms
    FROM linkedin_ads.sync_log
    WHERE status <> 'skipped'
), synced AS (
    SELECT DISTINCT ON (account_id, asset) *
    FROM log
    WHERE confirms
    ORDER BY account_id, asset, began DESC
), newest AS (
    SELECT DISTINCT ON (account_id, asset) *
    FROM log
    ORDER BY account_id, asset, began DESC, array_position(ARRAY['running', 'failed', 'partial', 'success'], status)
), failed AS (
    SELECT log.account_id, log.asset, count(*) AS failures
    FROM log
    LEFT JOIN synced USING (account_id, asset)
    WHERE log.status = 'failed'
      AND log.began >= coalesce(synced.began, TIMESTAMPTZ '2000-01-01 00:00:00+00')
    GROUP BY log.account_id, log.asset
)
SELECT account_id, asset, synced.began,
    CASE WHEN synced.possible THEN synced.partition_start END,
    CASE WHEN synced.possible THEN synced.partition_end END,
    CASE WHEN synced.possible THEN synced.parts END,
    newest.began, newest.status, coalesce(failed.failures, 0)
FROM newest
LEFT JOIN synced USING (account_id, asset)
LEFT JOIN failed USING (account_id, asset)
"""
MARK = """
UPDATE linkedin_ads.sync_log AS earlier
SET outdated = true
FROM linkedin_ads.stream_state AS state
WHERE earlier.account_id = state.account_id
  AND earlier.asset = state.asset
  AND earlier.started_at < state.synced_at
  AND earlier.status <> 'skipped'
"""


def upgrade() -> None:
    op.create_table(
        STATE,
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Ad account."),
        _text("asset", "Table that is synced, such as campaigns."),
        sa.Column(
            "synced_at",
            TIME,
            comment="Start of the newest fetch that was loaded and reached its own UTC day; NULL if there is none, "
            "2000-01-01 if the only ones were stamped by a clock that ran ahead.",
        ),
        sa.Column("window_start", sa.Date(), comment="First UTC day of that fetch; NULL for entities."),
        sa.Column("window_end", sa.Date(), comment="UTC day after the last one of that fetch; NULL for entities."),
        sa.Column(
            "parts",
            sa.ARRAY(sa.Text()),
            comment="What that fetch asked for, as in sync_log.parts; NULL for entities, and if not known.",
        ),
        sa.Column(
            "attempted_at",
            TIME,
            nullable=False,
            comment="When the last attempt began, skipped ones not counted; 2000-01-01 as above.",
        ),
        _text("status", "How the last attempt ended: success, partial or failed; or running."),
        sa.Column(
            "failures",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="How many attempts failed since the stream was last brought up to date.",
        ),
        sa.CheckConstraint(
            "status IN ('running', 'success', 'partial', 'failed')", name=op.f("ck_stream_state_status")
        ),
        sa.PrimaryKeyConstraint("account_id", "asset", name=op.f("pk_stream_state")),
        schema=SCHEMA,
        comment="One row per account and asset that was ever tried: since when it is up to date, and how it went.",
    )
    op.execute(FILL)
    op.drop_index(op.f("ix_sync_log_standing"), table_name=LOG, schema=SCHEMA)
    op.drop_column(LOG, "outdated", schema=SCHEMA)


def downgrade() -> None:
    comment = "Whether a later attempt brought the asset up to date; only a hint for speed."
    column = sa.Column("outdated", sa.Boolean(), server_default=sa.false(), nullable=False, comment=comment)
    op.add_column(LOG, column, schema=SCHEMA)
    op.execute(MARK)
    op.create_index(
        op.f("ix_sync_log_standing"),
        LOG,
        ["account_id", "asset", "started_at"],
        schema=SCHEMA,
        postgresql_include=["partition_end", "status"],
        postgresql_where="NOT outdated AND status <> 'skipped'",
    )
    op.drop_table(STATE, schema=SCHEMA)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)
