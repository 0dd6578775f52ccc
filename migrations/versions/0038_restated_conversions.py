"""Restatements of conversions, by rule.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "metric_restatements"
VIEWS = Path(__file__).parents[1] / "views" / revision
GRAIN = "One row per metric of a loaded day, older than 2 days, that LinkedIn changed, and load that saw the change. "
BEFORE = GRAIN + "Do not add the two tables, by campaign and by creative: both log the same activity."
AFTER = (
    GRAIN + "Do not add the tables to each other: all of them log the same activity, by campaign, by creative, and by "
    "creative and conversion rule."
)
ASSET_BEFORE = "Table that changed: campaign_daily_metrics or creative_daily_metrics."
ASSET_AFTER = "Table that changed: campaign_daily_metrics, creative_daily_metrics or conversion_daily_metrics."


def upgrade() -> None:
    op.add_column(
        TABLE,
        sa.Column(
            "conversion_id",
            sa.BigInteger(),
            comment="Conversion rule (conversions.id) whose number changed, in conversion_daily_metrics; NULL "
            "elsewhere.",
        ),
        schema=SCHEMA,
    )
    _describe(AFTER, before=BEFORE, asset=ASSET_AFTER, asset_before=ASSET_BEFORE)
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    _describe(BEFORE, before=AFTER, asset=ASSET_BEFORE, asset_before=ASSET_AFTER)
    log = sa.table(TABLE, sa.column("conversion_id"), schema=SCHEMA)
    op.execute(sa.delete(log).where(log.c.conversion_id.is_not(None)))
    op.drop_column(TABLE, "conversion_id", schema=SCHEMA)


def _describe(comment: str, *, before: str, asset: str, asset_before: str) -> None:
    op.create_table_comment(TABLE, comment, existing_comment=before, schema=SCHEMA)
    op.alter_column(
        TABLE,
        "asset",
        comment=asset,
        existing_comment=asset_before,
        existing_type=sa.Text(),
        existing_nullable=False,
        schema=SCHEMA,
    )
