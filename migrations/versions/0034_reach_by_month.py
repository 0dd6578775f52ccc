"""Reach by month, and views of reach and of breakdowns.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "reach_by_month"
VIEWS = Path(__file__).parents[1] / "views" / revision
TIME = sa.DateTime(timezone=True)
KEY = {
    "account_id": (sa.BigInteger(), "Ad account (accounts.id)."),
    "month": (sa.Date(), "First UTC day of the month; months are whole."),
    "level": (sa.Text(), "What the row is about: account, campaign_group or campaign."),
    "entity_id": (
        sa.BigInteger(),
        "Its id: in accounts, campaign_groups or campaigns, by level; it may be gone there.",
    ),
}
METRICS = {
    "impressions": (sa.BigInteger(), "Times the ad was shown; of a message ad, times it was sent", "a count, may"),
    "approximate_member_reach": (
        sa.BigInteger(),
        "Distinct members who saw the ad, as LinkedIn estimates for ranges of at most 92 days",
        "members, must not",
    ),
    "audience_penetration": (
        sa.Numeric(),
        "Part of the target audience that saw the ad, as LinkedIn estimates for ranges of at most 92 days",
        "a share from 0 to 1, must not",
    ),
}
SINCE = {"audience_penetration": "since API version 202411"}


def upgrade() -> None:
    op.create_table(
        TABLE,
        *(
            sa.Column(name, kind, autoincrement=False, nullable=False, comment=comment)
            for name, (kind, comment) in KEY.items()
        ),
        *(_metric(name, *metric) for name, metric in METRICS.items()),
        _time("created_at", "When the row was first loaded; never moves."),
        _time("updated_at", "When a value of the row last changed."),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint(*KEY, name=op.f(f"pk_{TABLE}")),
        schema=SCHEMA,
        comment="One row per account, month, level and entity with activity: LinkedIn's estimate of distinct members. "
        "Reach is never summed: a member whom two campaigns or two months reach counts in both, and once in the reach "
        "of the account or of a longer time. Choose the level that is meant; for longer times than a month there is "
        "none here. The month that still runs holds its days so far; reach_and_frequency says which.",
    )
    op.create_index(
        f"ix_{TABLE}_stale",
        TABLE,
        ["account_id", "month"],
        schema=SCHEMA,
        postgresql_where=sa.column("stale_since").is_not(None),
    )
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    op.drop_table(TABLE, schema=SCHEMA)


def _metric(name: str, kind: sa.types.TypeEngine[object], meaning: str, sums: str) -> sa.Column[object]:
    since, core = SINCE.get(name, "in every API version"), "in" if name == "impressions" else "not in"
    return sa.Column(name, kind, comment=f"{meaning} ({sums} be summed, {since}, {core} the set core).")


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
