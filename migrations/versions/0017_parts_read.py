"""Which metrics and pivots an attempt read, and which metrics are in the set core.

What earlier attempts read is derived from their rows: a metric that may be summed was read if each day with rows has a
value, another one if any row has. An attempt without rows stays unknown. Every pivot was read, as none could be left
out.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
DAYS = {"campaign_daily_metrics": "date", "creative_daily_metrics": "date", "audience_demographics": "month"}
PIVOTS = (
    "MEMBER_COMPANY",
    "MEMBER_COMPANY_SIZE",
    "MEMBER_COUNTRY_V2",
    "MEMBER_INDUSTRY",
    "MEMBER_JOB_FUNCTION",
    "MEMBER_JOB_TITLE",
    "MEMBER_REGION_V2",
    "MEMBER_SENIORITY",
    "MEMBER_DESIGNATED_MARKET_AREA",
)
CORE = frozenset(
    "impressions clicks cost_in_local_currency cost_in_usd landing_page_clicks total_engagements likes comments shares "
    "follows one_click_leads one_click_lead_form_opens external_website_conversions "
    "conversion_value_in_local_currency video_views video_completions sends opens".split()
)
NOT_ADDITIVE = ("average_", "cost_per_", "approximate_", "audience_penetration")
IN_CORE, NOT_IN_CORE = " In the set core.", " Not in the set core."
METRIC = "LinkedIn's "
"""How the comment of each metric's column begins."""
STATUS = (
    "running; success; partial (loaded, but records were rejected, a pivot was not read, or nothing was pruned); "
    "failed; skipped."
)
OLD_STATUS = "running; success; partial (loaded, but records were rejected or nothing was pruned); failed; skipped."


def upgrade() -> None:
    op.add_column(
        "sync_log",
        sa.Column(
            "parts",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="What was asked for: columns of metrics, and member pivots; NULL for entities, for attempts that "
            "did not load, and where it is not known.",
        ),
        schema=SCHEMA,
    )
    for relation in ("sync_log", "account_syncs"):
        _comment(relation, "status", STATUS)
    for asset, day in DAYS.items():
        _derive(asset, day)
    for relation, name, comment in _metric_comments():
        _comment(relation, name, comment + (IN_CORE if name in CORE else NOT_IN_CORE))


def downgrade() -> None:
    for relation, name, comment in _metric_comments():
        _comment(relation, name, comment.removesuffix(NOT_IN_CORE).removesuffix(IN_CORE))
    for relation in ("sync_log", "account_syncs"):
        _comment(relation, "status", OLD_STATUS)
    op.drop_column("sync_log", "parts", schema=SCHEMA)


def _derive(asset: str, day: str) -> None:
    """Write into each attempt that loaded rows of an asset which metrics these rows have."""
    names = [name for relation, name, _ in _metric_comments() if relation == asset]
    facts = sa.table(asset, *map(sa.column, ("account_id", day, *names)), schema=SCHEMA)
    log = sa.table(
        "sync_log",
        *map(sa.column, ("account_id", "asset", "started_at", "status", "partition_start", "partition_end")),
        sa.column("parts", sa.ARRAY(sa.Text)),
        schema=SCHEMA,
    )
    has = (sa.func.bool_or(facts.c[name].is_not(None)).label(name) for name in names)
    days = sa.select(facts.c.account_id, facts.c[day].label("day"), *has).group_by(facts.c.account_id, facts.c[day])
    rows = days.subquery("days")
    known = [sa.case((_every(name)(rows.c[name]), sa.literal(name, sa.Text))) for name in names]
    read = sa.func.array_remove(postgresql.array(known), sa.null())
    pivots = sa.literal(list(PIVOTS) if asset == "audience_demographics" else [], sa.ARRAY(sa.Text))
    keys = (log.c.account_id, log.c.asset, log.c.started_at)
    derived = (
        sa.select(*keys, sa.func.array_cat(read, pivots).label("parts"))
        .join(
            rows,
            sa.and_(
                rows.c.account_id == log.c.account_id,
                rows.c.day >= log.c.partition_start,
                rows.c.day < log.c.partition_end,
            ),
        )
        .where(log.c.asset == asset, log.c.status.in_(("success", "partial")))
        .group_by(*keys)
        .subquery("derived")
    )
    same = [log.c[key.name] == derived.c[key.name] for key in keys]
    op.execute(log.update().values(parts=derived.c.parts).where(*same))


def _every(name: str) -> type[sa.sql.functions.Function[bool]]:
    """What is asked of the days: of a metric that may be summed every one of them, of another one any."""
    return sa.func.bool_or if name.startswith(NOT_ADDITIVE) else sa.func.bool_and


def _metric_comments() -> list[tuple[str, str, str]]:
    """The columns of metrics in tables and views, each with its comment."""
    relation, space = (
        sa.table("pg_class", *map(sa.column, ("oid", "relname", "relnamespace"))),
        sa.table("pg_namespace", *map(sa.column, ("oid", "nspname"))),
    )
    attribute = sa.table("pg_attribute", *map(sa.column, ("attrelid", "attname", "attnum")))
    description = sa.table("pg_description", *map(sa.column, ("objoid", "objsubid", "description")))
    query = (
        sa.select(relation.c.relname, attribute.c.attname, description.c.description)
        .join(space, space.c.oid == relation.c.relnamespace)
        .join(attribute, attribute.c.attrelid == relation.c.oid)
        .join(
            description,
            sa.and_(description.c.objoid == relation.c.oid, description.c.objsubid == attribute.c.attnum),
        )
        .where(space.c.nspname == SCHEMA, description.c.description.startswith(METRIC, autoescape=True))
        .order_by(relation.c.relname, attribute.c.attnum)
    )
    found = [(str(row[0]), str(row[1]), str(row[2])) for row in op.get_bind().execute(query)]
    metrics = {name for table, name, _ in found if table == "campaign_daily_metrics"}
    return [one for one in found if one[1] in metrics]


def _comment(relation: str, name: str, comment: str) -> None:
    column = sa.Column(name, comment=comment)
    sa.Table(relation, sa.MetaData(), column, schema=SCHEMA)
    op.execute(sa.schema.SetColumnComment(column))
