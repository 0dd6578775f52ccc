"""A campaign without a start has no days elapsed and no expected spend in campaign_pacing, where both were 0.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

from pathlib import Path

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision


def upgrade() -> None:
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
