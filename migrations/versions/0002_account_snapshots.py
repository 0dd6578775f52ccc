"""The latest snapshot document of each ad account.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"


def upgrade() -> None:
    op.create_table(
        "account_snapshots",
        sa.Column(
            "account_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Ad account (accounts.id), which names the currency.",
        ),
        sa.Column(
            "as_of", sa.Date(), nullable=False, comment="Last UTC day of its periods: the newest one loaded in full."
        ),
        sa.Column("schema_version", sa.Text(), nullable=False, comment="Version of the document's JSON schema."),
        sa.Column(
            "document",
            postgresql.JSONB(),
            nullable=False,
            comment="The document; docs/snapshot.md tells what is in it.",
        ),
        _now("created_at", "When the row was first loaded; never moves."),
        _now("updated_at", "When a value of the row last changed."),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_snapshots")),
        comment="One row per ad account: its latest snapshot, a document for agents and reports.",
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("account_snapshots", schema=SCHEMA)


def _now(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), comment=comment)
