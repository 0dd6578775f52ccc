"""The history of accounts, campaign groups, campaigns and creatives, and the views that name each day's.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
VIEWS = ("campaign_days", "creative_days")
ENTITIES = {
    "accounts": "account",
    "campaign_groups": "campaign group",
    "campaigns": "campaign",
    "creatives": "creative",
}
UNTRACKED = ("version_tag", "last_modified_by", "created_at", "updated_at", "fetched_at", "removed_at")


def upgrade() -> None:
    for table, entity in ENTITIES.items():
        _create(table, entity, _tracked(table))
    for view in VIEWS:
        op.execute((Path(__file__).parents[1] / "views" / revision / f"{view}.sql").read_text("utf-8"))


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {SCHEMA}.{view}")
    for entity in ENTITIES.values():
        op.drop_table(_history(entity), schema=SCHEMA)


def _history(entity: str) -> str:
    return f"{entity.replace(' ', '_')}_history"


def _tracked(table: str) -> list[sa.Column[object]]:
    """The columns of an entity table as the first migration made it, whose versions are kept."""
    reflected = sa.Table(table, sa.MetaData(), schema=SCHEMA, autoload_with=op.get_bind())
    return [column for column in reflected.columns if column.name not in UNTRACKED]


def _create(table: str, entity: str, tracked: list[sa.Column[object]]) -> None:
    history = _history(entity)
    op.create_table(
        history,
        *(
            sa.Column(one.name, one.type, nullable=one.nullable, autoincrement=False, comment=one.comment)
            for one in tracked
        ),
        sa.Column(
            "valid_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Since when it is so: LinkedIn's last modification, else the fetch that saw it first.",
        ),
        sa.Column(
            "valid_to",
            sa.DateTime(timezone=True),
            comment="When the next version began; NULL while it is so.",
        ),
        sa.Column("removed", sa.Boolean(), nullable=False, comment="Whether LinkedIn no longer returned it."),
        sa.PrimaryKeyConstraint("id", "valid_from", name=op.f(f"pk_{history}")),
        comment=f"One row per {entity} and version of it; exactly one, the current one, has no valid_to.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f(f"uq_{history}_open"), history, ["id"], unique=True, schema=SCHEMA, postgresql_where="valid_to IS NULL"
    )
    names = ", ".join(one.name for one in tracked)
    removed = "false" if table == "accounts" else "removed_at IS NOT NULL"
    op.execute(
        f"INSERT INTO {SCHEMA}.{history} ({names}, valid_from, removed) "  # noqa: S608  names of our own
        f"SELECT {names}, COALESCE(linkedin_last_modified_at, created_at), {removed} FROM {SCHEMA}.{table}"
    )
