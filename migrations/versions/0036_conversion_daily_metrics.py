"""Conversions by creative, rule and day, and a view of them with names and what they cost.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "conversion_daily_metrics"
VIEWS = Path(__file__).parents[1] / "views" / revision
TIME = sa.DateTime(timezone=True)
COUNTS = {
    "external_website_conversions": "Conversions by the account's rules, after a click on the ad or a view of it (a "
    "count, may be summed, in every API version, in the set core).",
    "external_website_post_click_conversions": "Conversions by the account's rules, after a click on the ad (a count, "
    "may be summed, in every API version, not in the set core).",
    "external_website_post_view_conversions": "Conversions by the account's rules, after a view of the ad without a "
    "click (a count, may be summed, in every API version, not in the set core).",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        _id("creative_id", "Creative (creatives.id; it may be gone there)."),
        _id("conversion_id", "Conversion rule (conversions.id; it may be unknown there)."),
        sa.Column(
            "date",
            sa.Date,
            nullable=False,
            comment="UTC day of the click or view that the conversions are credited to.",
        ),
        sa.Column(
            "account_id", sa.BigInteger, nullable=False, comment="Ad account (accounts.id), which names the currency."
        ),
        *(sa.Column(name, sa.BigInteger, comment=comment) for name, comment in COUNTS.items()),
        sa.Column(
            "conversion_value_in_local_currency",
            sa.Numeric,
            comment="Value that the account's rules give to the conversions (the account's currency, may be summed, in "
            "every API version, in the set core).",
        ),
        _own_time("created_at", "When the row was first loaded; never moves."),
        _own_time("updated_at", "When a value of the row last changed."),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint("creative_id", "conversion_id", "date", name=op.f("pk_conversion_daily_metrics")),
        schema=SCHEMA,
        comment="One row per creative, conversion rule and UTC day with conversions. They are those of "
        "creative_daily_metrics again, by rule: do not add the two. Days are those of the click or view that a "
        "conversion is credited to, so past days go on changing. Cost is of no rule, so there is none here.",
    )
    op.create_index(op.f("ix_conversion_daily_metrics_account_id_date"), TABLE, ["account_id", "date"], schema=SCHEMA)
    op.create_index(
        "ix_conversion_daily_metrics_stale",
        TABLE,
        ["account_id", "date"],
        schema=SCHEMA,
        postgresql_where=sa.column("stale_since").is_not(None),
    )
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    op.drop_table(TABLE, schema=SCHEMA)


def _id(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, autoincrement=False, nullable=False, comment=comment)


def _own_time(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
