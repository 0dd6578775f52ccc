"""The views look up `fetched_at` only for questions that select it, instead of for every row of every question.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

VIEWS = ("account_performance", "audience_breakdown", "campaign_performance", "creative_performance")


def upgrade() -> None:
    for view in VIEWS:
        op.execute(_text(revision, view))


def downgrade() -> None:
    for view in VIEWS:
        op.execute(_text("0001", view).replace("CREATE VIEW", "CREATE OR REPLACE VIEW"))


def _text(folder: str, view: str) -> str:
    return (Path(__file__).parents[1] / "views" / folder / f"{view}.sql").read_text("utf-8")
