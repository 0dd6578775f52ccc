"""A row of a report is known by the report's form, too, so that a report that changes its form keeps the old rows.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TABLE = "custom_reports"
KEY = "pk_custom_reports"
COLUMNS = ["report", "account_id", "date", "pivot_values"]
FORM = ["granularity", "pivots"]


def upgrade() -> None:
    op.drop_constraint(KEY, TABLE, schema=SCHEMA, type_="primary")
    op.create_primary_key(KEY, TABLE, [*COLUMNS, *FORM], schema=SCHEMA)


def downgrade() -> None:
    # Where two forms of a report have a row of the same key, the one that was loaded last is the one that counts.
    op.execute(f"""
        DELETE FROM {SCHEMA}.{TABLE} older USING {SCHEMA}.{TABLE} newer
        WHERE (older.report, older.account_id, older.date, older.pivot_values)
            = (newer.report, newer.account_id, newer.date, newer.pivot_values)
          AND (older.updated_at, older.ctid) < (newer.updated_at, newer.ctid)
    """)  # noqa: S608 - names of our own
    op.drop_constraint(KEY, TABLE, schema=SCHEMA, type_="primary")
    op.create_primary_key(KEY, TABLE, COLUMNS, schema=SCHEMA)
