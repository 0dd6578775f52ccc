"""An index of the attempts that failed or still run, so that judging a thousand accounts reads indexes alone.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
INDEX = "ix_sync_log_unconfirmed"


def upgrade() -> None:
    op.create_index(
        op.f(INDEX),
        "sync_log",
        ["account_id", "asset", "started_at"],
        schema=SCHEMA,
        postgresql_include=["status"],
        postgresql_where="status IN ('failed', 'running')",
    )


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="sync_log", schema=SCHEMA)
