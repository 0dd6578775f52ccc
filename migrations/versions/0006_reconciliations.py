"""LinkedIn's totals beside ours.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "reconciliations"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the comparison."),
        _column("account_id", sa.BigInteger(), "Ad account (accounts.id), which names the currency."),
        _column("asset", sa.Text(), "Table whose sum is ours, such as creative_daily_metrics."),
        _column("run_id", sa.Text(), "Dagster run that compared."),
        _column("checked_at", sa.DateTime(timezone=True), "When LinkedIn's totals were asked."),
        _column("window_start", sa.Date(), "First UTC day of the window."),
        _column("window_end", sa.Date(), "UTC day after the last one of the window."),
        _column("date", sa.Date(), "The UTC day that differs; NULL for the whole window.", nullable=True),
        _column("metric", sa.Text(), "Column compared, such as clicks."),
        _column("linkedin_total", sa.Numeric(), "LinkedIn's total of the account."),
        _column("our_total", sa.Numeric(), "Sum over the table."),
        _column("difference", sa.Numeric(), "Ours less LinkedIn's."),
        _column("tolerance", sa.Numeric(), "How far they may lie apart."),
        _column("passed", sa.Boolean(), "Whether they lie as near."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
        comment="One row per reconciliation of an account and table, and metric: the window's totals, and the "
        "single days that differ beyond the tolerance.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_reconciliations_account_id_checked_at"), TABLE, ["account_id", "checked_at"], schema=SCHEMA
    )


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)


def _column(name: str, kind: sa.types.TypeEngine[object], comment: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable, comment=comment)
