"""The log of numbers that LinkedIn changed after the fact.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "metric_restatements"
VIEW = "restatements_by_day"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the change."),
        _column("account_id", sa.BigInteger(), "Ad account (accounts.id), which names the currency."),
        _column("date", sa.Date(), "UTC day of the activity."),
        _column("asset", sa.Text(), "Table that changed: campaign_daily_metrics or creative_daily_metrics."),
        _column("entity_id", sa.BigInteger(), "Campaign or creative whose number changed."),
        _column("metric", sa.Text(), "Column that changed, such as clicks."),
        _column("old_value", sa.Numeric(), "Value before; NULL when the day had no row.", nullable=True),
        _column("new_value", sa.Numeric(), "Value after; NULL when the row is gone.", nullable=True),
        _column("seen_at", sa.DateTime(timezone=True), "Start of the fetch that saw the change (sync_log.started_at)."),
        _column("run_id", sa.Text(), "Dagster run that saw the change."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_restatements")),
        comment="One row per metric of a loaded day, older than 2 days, that LinkedIn changed, and load that "
        "saw the change. Do not add the two tables, by campaign and by creative: both log the same activity.",
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_metric_restatements_account_id_date"), TABLE, ["account_id", "date"], schema=SCHEMA)
    op.create_index(op.f("ix_metric_restatements_seen_at"), TABLE, ["seen_at"], schema=SCHEMA, postgresql_using="brin")
    op.execute((Path(__file__).parents[1] / "views" / revision / f"{VIEW}.sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(f"DROP VIEW {SCHEMA}.{VIEW}")
    op.drop_table(TABLE, schema=SCHEMA)


def _column(name: str, kind: sa.types.TypeEngine[object], comment: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable, comment=comment)
