"""Audiences by campaign, and which campaigns were read when.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "campaign_demographics"
TIME = sa.DateTime(timezone=True)
COMMENT = (
    "One row per campaign, month, pivot type and segment, for campaigns with at least 300 impressions in the month; "
    "LinkedIn returns nothing for others. Never sum it to a campaign or an account, nor over pivot types: LinkedIn "
    "adds noise to each metric, leaves out segments under 3 events, and does so for each campaign by itself, so sums "
    "differ from audience_demographics. Months are whole, also that of LAC_START_DATE, of which the daily tables hold "
    "only the later days. A segment's cost is not adjusted for over-delivery and may add up to more than was spent: "
    "never take it for spend."
)


WHOLE_MONTHS = "Months are whole, also that of LAC_START_DATE, of which the daily tables hold only the later days."
STALE = (
    "Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), so that the row "
    "stayed as it was; NULL while it is as LinkedIn last returned it."
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column(
            "campaign_id",
            sa.BigInteger,
            autoincrement=False,
            nullable=False,
            comment="Campaign (campaigns.id; it may be gone there).",
        ),
        sa.Column("month", sa.Date, nullable=False, comment=f"First UTC day of the month. {WHOLE_MONTHS}"),
        sa.Column("pivot_type", sa.Text, nullable=False, comment="What it is split by, such as MEMBER_INDUSTRY."),
        sa.Column(
            "segment",
            sa.Text,
            nullable=False,
            comment="The segment as LinkedIn sends it, mostly a URN; urn_names has its name.",
        ),
        sa.Column(
            "account_id", sa.BigInteger, nullable=False, comment="Ad account (accounts.id), which names the currency."
        ),
        *_metrics(),
        _time("created_at", "When the row was first loaded; never moves."),
        _time("updated_at", "When a value of the row last changed."),
        sa.Column("stale_since", TIME, comment=STALE),
        sa.PrimaryKeyConstraint("campaign_id", "month", "pivot_type", "segment", name=op.f("pk_campaign_demographics")),
        schema=SCHEMA,
        comment=COMMENT,
    )
    op.create_index(op.f("ix_campaign_demographics_account_id_month"), TABLE, ["account_id", "month"], schema=SCHEMA)
    op.create_index(
        "ix_campaign_demographics_stale",
        TABLE,
        ["account_id", "month"],
        schema=SCHEMA,
        postgresql_where=sa.column("stale_since").is_not(None),
    )
    op.create_table(
        "entity_reads",
        sa.Column("asset", sa.Text, nullable=False, comment="Table, such as campaign_demographics."),
        sa.Column("account_id", sa.BigInteger, autoincrement=False, nullable=False, comment="Ad account."),
        sa.Column("entity_id", sa.BigInteger, autoincrement=False, nullable=False, comment="Campaign."),
        sa.Column("pivot_type", sa.Text, nullable=False, comment="What it is split by, such as MEMBER_INDUSTRY."),
        sa.Column("read_at", TIME, nullable=False, comment="Start of the sync that read it last."),
        sa.Column("window_start", sa.Date, nullable=False, comment="First UTC day that was read."),
        sa.PrimaryKeyConstraint("asset", "account_id", "entity_id", "pivot_type", name=op.f("pk_entity_reads")),
        schema=SCHEMA,
        comment="One row per table that is requested entity by entity, account, entity and pivot: when it was last "
        "read, so that a sync goes on where the one before it stopped.",
    )


def downgrade() -> None:
    op.drop_table("entity_reads", schema=SCHEMA)
    op.drop_table(TABLE, schema=SCHEMA)


def _metrics() -> list[sa.Column[object]]:
    """The metrics of the account's audiences, with the same types and comments."""
    known = {"account_id", "month", "pivot_type", "segment", "created_at", "updated_at", "stale_since"}
    columns = sa.inspect(op.get_bind()).get_columns("audience_demographics", schema=SCHEMA)
    return [
        sa.Column(column["name"], column["type"], comment=column["comment"])
        for column in columns
        if column["name"] not in known
    ]


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
