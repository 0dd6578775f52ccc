"""Views of budgets beside spend, of campaigns by week and month, and of campaign groups by day.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

from pathlib import Path

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision


def upgrade() -> None:
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
