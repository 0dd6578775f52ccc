"""A stream that LinkedIn does not let the token read is skipped with a status of its own.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
STATUSES = {
    "sync_log": ("running", "success", "partial", "failed", "skipped"),
    "stream_state": ("running", "success", "partial", "failed"),
}
BEFORE = {
    "sync_log": "running; success; partial (loaded, but records were rejected, a pivot was not read, or nothing was "
    "pruned); failed; skipped.",
    "stream_state": "How the last attempt ended: success, partial or failed; or running.",
}
AFTER = {
    "sync_log": "running; success; partial (loaded, but records were rejected, a pivot was not read, or nothing was "
    "pruned); failed; unavailable (LinkedIn does not let the token read it); skipped.",
    "stream_state": "How the last attempt ended: success, partial, failed or unavailable, as in sync_log; or running.",
}


def upgrade() -> None:
    for table, statuses in STATUSES.items():
        _allow(table, (*statuses, "unavailable"), comment=AFTER[table])


def downgrade() -> None:
    for table, statuses in STATUSES.items():
        op.execute(f"UPDATE {SCHEMA}.{table} SET status = 'failed' WHERE status = 'unavailable'")  # noqa: S608
        _allow(table, statuses, comment=BEFORE[table])


def _allow(table: str, statuses: tuple[str, ...], *, comment: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_status"), table, schema=SCHEMA, type_="check")
    op.create_check_constraint(
        op.f(f"ck_{table}_status"), table, sa.column("status").in_(list(statuses)), schema=SCHEMA
    )
    op.alter_column(table, "status", existing_type=sa.Text, existing_nullable=False, comment=comment, schema=SCHEMA)
