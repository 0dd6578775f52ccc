"""A view of campaigns' targeting criteria as rows, with names.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from pathlib import Path

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision


def upgrade() -> None:
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
