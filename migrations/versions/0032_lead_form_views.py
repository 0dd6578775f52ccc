"""What lead forms ask, how many of the opened ones are sent, and where they lead from the creatives that open them.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

from pathlib import Path

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision


def upgrade() -> None:
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
