"""Whose audience audience_penetration is a part of: creatives have none of their own, so their column stays NULL.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision
TABLES = ("campaign_daily_metrics", "creative_daily_metrics", "reach_by_month")
BEFORE = (
    "Part of the target audience that saw the ad, as LinkedIn estimates for ranges of at most 92 days (a share from 0 "
    "to 1, must not be summed, since API version 202411, not in the set core)."
)
AFTER = (
    "Part of the target audience of an account, campaign group or campaign that saw the ad, as LinkedIn estimates for "
    "ranges of at most 92 days (a share from 0 to 1, must not be summed, since API version 202411, not in the set "
    "core)."
)


def upgrade() -> None:
    _comment(AFTER, before=BEFORE)
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    _comment(BEFORE, before=AFTER)


def _comment(text: str, *, before: str) -> None:
    for table in TABLES:
        op.alter_column(
            table,
            "audience_penetration",
            existing_type=sa.NUMERIC(),
            existing_nullable=True,
            comment=text,
            existing_comment=before,
            schema="linkedin_ads",
        )
