"""Results of checks for each ad account, kept until they are mended.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "check_states"
DIFFERING_DAYS = """
INSERT INTO linkedin_ads.check_states (
    account_id, asset, check_name, severity, passed, window_start, window_end, facts, run_id, evaluated_at
)
SELECT
    account_id, asset, 'reconciliation', 'error', false, min(date), max(date) + 1,
    jsonb_build_object(
        'compared', count(*),
        'differing', count(*),
        'differences', jsonb_path_query_array(
            jsonb_agg(
                jsonb_build_object(
                    'day', date, 'metric', metric, 'linkedin', linkedin_total::text, 'ours', our_total::text
                )
                ORDER BY date, metric
            ),
            '$[0 to 19]'
        )
    ),
    run_id, checked_at
FROM linkedin_ads.reconciliations AS failed
WHERE NOT passed AND date IS NOT NULL AND NOT EXISTS (
    SELECT FROM linkedin_ads.reconciliations AS later
    WHERE later.account_id = failed.account_id
      AND later.asset = failed.asset
      AND later.checked_at > failed.checked_at
      AND later.window_start <= failed.date
      AND later.window_end > failed.date
)
GROUP BY account_id, asset, run_id, checked_at
"""
"""The days that differed from LinkedIn's totals before this table was made, and were not compared again since."""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the result."),
        sa.Column(
            "account_id",
            sa.BigInteger(),
            nullable=True,
            comment="Ad account; NULL for what is about the table or the list of accounts as a whole.",
        ),
        sa.Column(
            "asset", sa.Text(), nullable=False, comment="Table that was checked, such as campaign_daily_metrics."
        ),
        sa.Column("check_name", sa.Text(), nullable=False, comment="Name of the check, such as reconciliation."),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="error (the numbers are wrong, or may be) or warning."
        ),
        sa.Column(
            "passed", sa.Boolean(), nullable=True, comment="Whether it passed; NULL where it could not be evaluated."
        ),
        sa.Column(
            "window_start",
            sa.Date(),
            nullable=True,
            comment="First UTC day that the result is about; NULL for all that is stored.",
        ),
        sa.Column(
            "window_end",
            sa.Date(),
            nullable=True,
            comment="UTC day after the last one; NULL for all that is stored.",
        ),
        sa.Column(
            "facts",
            postgresql.JSONB(none_as_null=True),
            nullable=False,
            comment="The numbers behind the result, different for each check.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Dagster run that evaluated it."),
        sa.Column(
            "evaluated_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was evaluated.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_states")),
        comment="One row per result of a check about an ad account that holds now: the newest, and each that "
        "failed and was not mended by a later evaluation of the same days.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_check_states_account_id_asset_check_name"),
        TABLE,
        ["account_id", "asset", "check_name"],
        schema=SCHEMA,
    )
    op.execute(DIFFERING_DAYS)


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
