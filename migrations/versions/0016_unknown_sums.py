"""The views' sums are unknown where a value is, and `fetched_at` stays behind where a record was refused.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXTS, TEXTS_BEFORE = "0016", "0012"
"""The folders with the views' texts, now and until now."""
VIEWS = ("account_performance", "audience_breakdown", "campaign_performance", "creative_performance")
FETCHED = (
    "Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record "
    "of the row is refused."
)
FETCHED_BEFORE = "Start of the last fetch that covered the row, whether or not it changed."


def upgrade() -> None:
    _replace(TEXTS, fetched_at=FETCHED)


def downgrade() -> None:
    _replace(TEXTS_BEFORE, fetched_at=FETCHED_BEFORE)


def _replace(folder: str, *, fetched_at: str) -> None:
    for view in VIEWS:
        op.execute((Path(__file__).parents[1] / "views" / folder / f"{view}.sql").read_text("utf-8"))
        op.execute(f"COMMENT ON COLUMN linkedin_ads.{view}.fetched_at IS '{fetched_at}'")
