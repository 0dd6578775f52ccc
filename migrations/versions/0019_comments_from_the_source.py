"""Columns of views have the comments of the table that they come from; frozen views hold their comments.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from lac_pipeline.warehouse.frozen_views import apply

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COMMENTS_BEFORE = {
    "account_syncs.account_id": "Ad account (accounts.id), which names the currency.",
    "creative_days.campaign_id": "Campaign (campaigns.id; it may be gone there).",
    "creative_performance.campaign_id": "Campaign (campaigns.id; it may be gone there).",
    "restatements_by_day.asset": "Table that was synced, such as campaigns.",
}
"""Comments of other tables' columns of the same names. All else is as it was."""


def upgrade() -> None:
    apply(Path(__file__).parents[1] / "views" / revision)


def downgrade() -> None:
    for column, comment in COMMENTS_BEFORE.items():
        op.execute(f"COMMENT ON COLUMN linkedin_ads.{column} IS '{comment}'")
