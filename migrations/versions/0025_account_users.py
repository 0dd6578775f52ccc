"""Who has a role on an ad account, with every version of it.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account_users",
        *_key(),
        _role(),
        sa.Column("version_tag", sa.Text, comment="LinkedIn's version of the record."),
        *_stamps(),
        _time("created_at", "When the row was first loaded; never moves."),
        _time("updated_at", "When a value of the row last changed."),
        _time("fetched_at", "Start of the last fetch that loaded LinkedIn's record of the row."),
        sa.Column("removed_at", TIME, comment="Since when LinkedIn no longer returns the row; NULL while it does."),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint("account_id", "user_urn", name=op.f("pk_account_users")),
        schema=SCHEMA,
        comment="One row per ad account and member with a role on it. LinkedIn gives no names of members, and shows "
        "all of them to a token of an account manager alone; to others their own role.",
    )
    op.create_table(
        "account_user_history",
        *_key(),
        sa.Column(
            "valid_from",
            TIME,
            nullable=False,
            comment="Since when it is so: LinkedIn's last modification, else the fetch that saw it first.",
        ),
        sa.Column("valid_to", TIME, comment="When the next version began; NULL while it is so."),
        _role(),
        *_stamps(),
        sa.Column("removed", sa.Boolean, nullable=False, comment="Whether LinkedIn no longer returned it."),
        sa.PrimaryKeyConstraint("account_id", "user_urn", "valid_from", name=op.f("pk_account_user_history")),
        schema=SCHEMA,
        comment="One row per account user and version of it; exactly one, the current one, has no valid_to.",
    )
    op.create_index(
        "uq_account_user_history_open",
        "account_user_history",
        ["account_id", "user_urn"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.column("valid_to").is_(None),
    )


def downgrade() -> None:
    op.drop_table("account_user_history", schema=SCHEMA)
    op.drop_table("account_users", schema=SCHEMA)


def _key() -> list[sa.Column[object]]:
    return [
        sa.Column(
            "account_id", sa.BigInteger, autoincrement=False, nullable=False, comment="Ad account (accounts.id)."
        ),
        sa.Column("user_urn", sa.Text, nullable=False, comment="URN of the member, who has no name here."),
    ]


def _role() -> sa.Column[str]:
    roles = "ACCOUNT_BILLING_ADMIN, ACCOUNT_MANAGER, CAMPAIGN_MANAGER, CREATIVE_MANAGER or VIEWER."
    return sa.Column("role", sa.Text, comment=roles)


def _stamps() -> list[sa.Column[object]]:
    return [
        sa.Column("linkedin_created_at", TIME, comment="When the role was given at LinkedIn."),
        sa.Column("linkedin_last_modified_at", TIME, comment="When it was last changed at LinkedIn."),
    ]


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
