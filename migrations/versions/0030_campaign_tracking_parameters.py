"""What LinkedIn appends to landing pages, by ad account and by campaign.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "campaign_tracking_parameters"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column(
            "ad_entity",
            sa.Text,
            nullable=False,
            comment="URN of the ad account or of the campaign that they are set for.",
        ),
        sa.Column("account_id", sa.BigInteger, nullable=False, comment="Ad account (accounts.id)."),
        sa.Column(
            "campaign_id",
            sa.BigInteger,
            comment="Campaign (campaigns.id); NULL where they are set for the whole ad account.",
        ),
        sa.Column(
            "dynamic_value_parameters",
            JSONB,
            comment="Names of parameters, and what LinkedIn fills in: ACCOUNT_ID, CAMPAIGN_GROUP_NAME, CREATIVE_ID "
            "and the like.",
        ),
        sa.Column("custom_value_parameters", JSONB, comment="Names of parameters, and the text of each."),
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
        sa.PrimaryKeyConstraint("ad_entity", name=op.f("pk_campaign_tracking_parameters")),
        schema=SCHEMA,
        comment="One row per ad account or campaign for which parameters such as utm_source are set, which LinkedIn "
        "appends to landing pages. Those of a campaign take the place of the account's and of what a creative's own "
        "link names. LinkedIn gives them for each campaign by itself, none for message ads.",
    )
    op.create_index(op.f("ix_campaign_tracking_parameters_account_id"), TABLE, ["account_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
