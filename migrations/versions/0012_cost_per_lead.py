"""CPL divides what lead generation campaigns cost; the cost of all campaigns by all leads gets a name of its own.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FOLDERS = {
    "account_performance": "0008",
    "audience_breakdown": "0008",
    "campaign_performance": "0008",
    "creative_performance": "0008",
    "campaign_days": "0005",
    "creative_days": "0005",
}
"""The views, and where their text was until now."""


def upgrade() -> None:
    for view in FOLDERS:
        op.execute(_text(revision, view))
    for statement in _comments(revision):
        op.execute(statement)


def downgrade() -> None:
    for view, folder in FOLDERS.items():
        op.execute(f"DROP VIEW linkedin_ads.{view}")
        op.execute(_text(folder, view))
        if folder == "0008":
            op.execute(_text("0001", view).partition(";\n")[2])
    for statement in _comments("0007"):
        if any(f".{view}." in str(statement) for view in FOLDERS):
            op.execute(statement)


def _comments(folder: str) -> Iterator[sa.TextClause]:
    """The statements of a folder's comments, one a line."""
    return (sa.text(line.removesuffix(";").replace(":", r"\:")) for line in _text(folder, "comments").splitlines())


def _text(folder: str, name: str) -> str:
    return (Path(__file__).parents[1] / "views" / folder / f"{name}.sql").read_text("utf-8")
