"""Reports that a person declares: one table for the rows of all of them.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "custom_reports"


def upgrade() -> None:
    op.create_table(
        TABLE,
        *_columns(),
        *_times(),
        sa.PrimaryKeyConstraint("report", "account_id", "date", "pivot_values", name=op.f("pk_custom_reports")),
        schema=SCHEMA,
        comment="One row per report, account, day or month, and combination of pivot values. The view report_<name> of "
        "each report has its columns by name, with their types: read that. Rows of a report that is declared no more, "
        "or was split otherwise before, stay; `lac reports` lists them. Two reports may hold the same activity: never "
        "add them up.",
    )
    op.create_index(
        "ix_custom_reports_stale",
        TABLE,
        ["account_id", "date"],
        schema=SCHEMA,
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )


def downgrade() -> None:
    # The views of the reports were made by loads, not by a migration; they go with the table that they read.
    op.drop_index("ix_custom_reports_stale", table_name=TABLE, schema=SCHEMA)
    op.execute(f"DROP TABLE {SCHEMA}.{TABLE} CASCADE")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("report", sa.Text(), nullable=False, comment="Its name in the file that LAC_REPORTS names."),
        sa.Column(
            "account_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Ad account (accounts.id), which names the currency.",
        ),
        sa.Column(
            "date",
            sa.Date(),
            nullable=False,
            comment="UTC day of the activity; of a MONTHLY report the first day of the whole month.",
        ),
        sa.Column(
            "pivot_values",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="The values of the pivots, in their order, as LinkedIn sends them, mostly URNs; (unknown) if "
            "empty.",
        ),
        sa.Column("granularity", sa.Text(), nullable=False, comment="DAILY or MONTHLY: what a row is about."),
        sa.Column(
            "pivots",
            sa.Text(),
            nullable=False,
            comment="LinkedIn's pivots in the order of pivot_values, with commas between.",
        ),
        sa.Column(
            "metrics",
            postgresql.JSONB(none_as_null=True),
            nullable=False,
            comment="The metrics that were read, by the names that they have as columns elsewhere, as exact numbers; "
            "null where LinkedIn gave none.",
        ),
    ]


def _times() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was first loaded; never moves.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When a value of the row last changed.",
        ),
        sa.Column(
            "stale_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
    ]
