"""The parts of an error in `sync_log.errors`, named as the error class names them: summary, detail, meaning, fix.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
BEFORE, AFTER = ("what", "said", "means"), ("summary", "detail", "meaning")


def upgrade() -> None:
    _rename(BEFORE, AFTER)


def downgrade() -> None:
    _rename(AFTER, BEFORE)


def _rename(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Rename the keys of each error, in order, and say so in the comments."""
    jsonb = sa.dialects.postgresql.JSONB
    log = sa.table("sync_log", sa.column("errors", jsonb), schema=SCHEMA)
    function = sa.func.jsonb_array_elements(log.c.errors)
    elements = function.table_valued(sa.column("element", jsonb), with_ordinality="place").render_derived("elements")
    element = elements.c.element
    kept = element.op("-")(sa.cast(sa.literal(list(old)), sa.ARRAY(sa.Text)))
    pairs = [part for before, after in zip(old, new, strict=True) for part in (after, element[before])]
    renamed = kept.op("||")(sa.func.jsonb_build_object(*pairs))
    ordered = sa.dialects.postgresql.aggregate_order_by(renamed, elements.c.place)
    errors = sa.select(sa.func.jsonb_agg(ordered)).select_from(elements).scalar_subquery()
    op.execute(log.update().where(sa.func.jsonb_array_length(log.c.errors) > 0).values(errors=errors))
    comment = f"What failed: list of {{type, {', '.join(new)}, fix}}."
    for relation in ("sync_log", "account_syncs"):
        op.execute(f"COMMENT ON COLUMN {SCHEMA}.{relation}.errors IS '{comment}'")
