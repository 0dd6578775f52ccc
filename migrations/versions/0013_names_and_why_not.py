"""Why LinkedIn has no name for a URN, and when it is looked up again.

Posts and messages without a name are forgotten: among them are some that were never looked up.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "urn_names"
NAME_SOURCE = "Where name comes from: creative, post, message, headline, id."
OLD_NAME_SOURCE = "Where name comes from: creative, reference or id, for example."
COMMENT = (
    "One row per URN that LinkedIn answered about: companies, titles, industries, places, company sizes, and the posts "
    "and messages behind creatives."
)
OLD_COMMENT = "One row per URN that was ever looked up: companies, titles, industries, places."
NAMES = sa.table(
    TABLE,
    sa.column("urn", sa.Text),
    sa.column("name", sa.Text),
    sa.column("reason", sa.Text),
    sa.column("first_seen", sa.DateTime(timezone=True)),
    sa.column("checked_at", sa.DateTime(timezone=True)),
    sa.column("misses", sa.Integer),
    sa.column("due_at", sa.DateTime(timezone=True)),
    schema=SCHEMA,
)
DAY, MONTH = sa.cast("1 day", sa.Interval), sa.cast("30 days", sa.Interval)
WAIT = sa.func.least(DAY * sa.func.power(2, sa.func.least(NAMES.c.misses - 1, 5)), MONTH)


def upgrade() -> None:
    op.add_column(
        TABLE,
        sa.Column(
            "reason",
            sa.Text(),
            nullable=True,
            comment="Why the last look-up gave no name: not_found, forbidden, refused, or unnamed (it is there, and "
            "has none); NULL where it gave one.",
        ),
        schema=SCHEMA,
    )
    op.add_column(
        TABLE,
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True, comment="When it is to be looked up again."),
        schema=SCHEMA,
    )
    contents = NAMES.c.urn.regexp_match("^urn:li:(share|ugcPost|adInMailContent):")
    op.execute(NAMES.delete().where(NAMES.c.name.is_(None), contents))
    missed = NAMES.c.misses > 0
    op.execute(
        NAMES.update().values(
            reason=sa.case((missed, "not_found")), due_at=NAMES.c.checked_at + sa.case((missed, WAIT), else_=MONTH)
        )
    )
    op.alter_column(TABLE, "due_at", nullable=False, schema=SCHEMA)
    op.create_check_constraint(
        op.f("ck_urn_names_reason"),
        TABLE,
        "reason IN ('not_found', 'forbidden', 'refused', 'unnamed')",
        schema=SCHEMA,
    )
    op.alter_column(
        TABLE,
        "misses",
        comment="Look-ups in a row without a name.",
        existing_comment="Look-ups in a row without an answer.",
        schema=SCHEMA,
    )
    op.create_table_comment(TABLE, COMMENT, existing_comment=OLD_COMMENT, schema=SCHEMA)
    _comment_name_source(NAME_SOURCE)


def downgrade() -> None:
    _comment_name_source(OLD_NAME_SOURCE)
    op.create_table_comment(TABLE, OLD_COMMENT, existing_comment=COMMENT, schema=SCHEMA)
    op.alter_column(
        TABLE,
        "misses",
        comment="Look-ups in a row without an answer.",
        existing_comment="Look-ups in a row without a name.",
        schema=SCHEMA,
    )
    op.drop_constraint(op.f("ck_urn_names_reason"), TABLE, schema=SCHEMA)
    op.drop_column(TABLE, "due_at", schema=SCHEMA)
    op.drop_column(TABLE, "reason", schema=SCHEMA)


def _comment_name_source(comment: str) -> None:
    for table in ("creatives", "creative_history"):
        op.execute(f"COMMENT ON COLUMN {SCHEMA}.{table}.name_source IS '{comment}'")
