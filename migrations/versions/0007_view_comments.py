"""What the columns of the views are, said in the database too.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _statements():
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    for statement in _statements():
        op.execute(re.sub(r" IS '.*'$", " IS NULL", statement))


def _statements() -> Iterator[str]:
    """The statements of views/0007, one a line."""
    text = (Path(__file__).parents[1] / "views" / revision / "comments.sql").read_text("utf-8")
    return (line.removesuffix(";") for line in text.splitlines())
