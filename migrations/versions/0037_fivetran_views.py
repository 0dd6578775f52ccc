"""A schema that presents the tables as Fivetran's connector does, for dbt packages that are written for it.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads_fivetran"
VIEWS = Path(__file__).parents[1] / "views" / revision
# CREATE SCHEMA IF NOT EXISTS needs the right to make schemas even where an administrator has made this one.
MAKE_SCHEMA = f"""
DO $$
BEGIN
    IF to_regnamespace('{SCHEMA}') IS NULL THEN
        CREATE SCHEMA {SCHEMA};
        COMMENT ON SCHEMA {SCHEMA} IS 'linkedin_ads as Fivetran lays it out, for dbt packages.';
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute(MAKE_SCHEMA)
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    op.execute(f"DROP SCHEMA {SCHEMA}")
