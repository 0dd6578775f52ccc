"""The views of `linkedin_ads_fivetran` find when all days of a report were last synced at once.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

from pathlib import Path

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision


def upgrade() -> None:
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
