"""The metric appointmentsScheduled, which LinkedIn gives since version 202605 of its API.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLES = ("campaign_daily_metrics", "creative_daily_metrics", "audience_demographics")
COMMENT = "LinkedIn's appointmentsScheduled. A count."


def upgrade() -> None:
    for table in TABLES:
        column = sa.Column("appointments_scheduled", sa.BigInteger(), comment=COMMENT)
        op.add_column(table, column, schema=SCHEMA)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "appointments_scheduled", schema=SCHEMA)
