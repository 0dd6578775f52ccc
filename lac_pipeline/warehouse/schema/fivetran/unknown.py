"""What the numbers name and no finder returns: campaigns and creatives that were deleted at LinkedIn.

Their days stay in LinkedIn's totals and in the daily tables. The packages look for the account of a creative in its
campaign, and for that of a campaign in its newest version: without a row, spend would have no account and no name. So
each gets one, under a campaign and a group of the account that stand for the unknown and have its negative id.

The recursive query walks along the primary key, from one id to the next, and reads no other row of the numbers.
"""

from __future__ import annotations

from lac_pipeline.warehouse.schema.base import SCHEMA

UNKNOWN = "(unknown)"
"""The name of the campaign and of the group that stand for the unknown ones of an account."""


_WITH_NUMBERS = """SELECT n.id, f.account_id, f.created_at
        FROM (
            WITH RECURSIVE n (id) AS (
                SELECT min({key}) FROM {schema}.{table}
                UNION ALL
                SELECT (SELECT min(f.{key}) FROM {schema}.{table} f WHERE f.{key} > n.id) FROM n WHERE n.id IS NOT NULL
            )
            SELECT n.id FROM n WHERE n.id IS NOT NULL
        ) n
        CROSS JOIN LATERAL (
            SELECT f.account_id, f.created_at FROM {schema}.{table} f WHERE f.{key} = n.id ORDER BY f.date LIMIT 1
        ) f"""
_NAMED = "SELECT n.{key}, n.account_id, n.created_at FROM {schema}.{table} n WHERE n.{key} IS NOT NULL"
_WITHOUT_VERSION = """SELECT DISTINCT ON (u.id) u.id, u.account_id, u.created_at
    FROM (
        {named}
    ) u (id, account_id, created_at)
    WHERE NOT EXISTS (SELECT FROM {schema}.{history} h WHERE h.id = u.id)
    ORDER BY u.id, u.created_at"""
_ACCOUNTS = """SELECT -a.id AS id, a.id AS account_id, a.created_at
    FROM {schema}.accounts a
    WHERE a.id IN (
        SELECT x.account_id FROM ({campaigns}) x
        UNION ALL
        SELECT x.account_id FROM ({creatives}) x
        UNION ALL
        SELECT r.account_id FROM {schema}.creatives r WHERE r.campaign_id IS NULL
        UNION ALL
        SELECT c.account_id FROM {schema}.campaigns c WHERE c.campaign_group_id IS NULL
    )"""
_VERSIONS = "SELECT v.id, v.valid_from, v.account_id, NULL::text AS name FROM {schema}.{history} v"
_PLACEHOLDERS = "SELECT x.id, x.created_at, x.account_id, {name} FROM ({unknown}) x"


def _with_numbers(key: str, table: str) -> str:
    return _WITH_NUMBERS.format(key=key, table=table, schema=SCHEMA)


def _named_by(key: str, table: str) -> str:
    return _NAMED.format(key=key, table=table, schema=SCHEMA)


def _without_version(history: str, *named: str) -> str:
    return _WITHOUT_VERSION.format(named="\n        UNION ALL\n        ".join(named), history=history, schema=SCHEMA)


UNKNOWN_CREATIVES = _without_version("creative_history", _with_numbers("creative_id", "creative_daily_metrics"))
"""Creatives without a version: id, account_id, and created_at, when their first day was loaded."""
UNKNOWN_CAMPAIGNS = _without_version(
    "campaign_history", _with_numbers("campaign_id", "campaign_daily_metrics"), _named_by("campaign_id", "creatives")
)
"""The same of campaigns, those that creatives name included."""
UNKNOWN_GROUPS = _without_version("campaign_group_history", _named_by("campaign_group_id", "campaigns"))
"""The same of campaign groups that campaigns name."""
ACCOUNTS_WITH_UNKNOWN = _ACCOUNTS.format(schema=SCHEMA, campaigns=UNKNOWN_CAMPAIGNS, creatives=UNKNOWN_CREATIVES)
"""The campaign and the group that stand for the unknown ones of an account: id, account_id and created_at."""


def versions(history: str, *placeholders: str) -> str:
    """The keys of all versions and of all placeholders: (id, valid_from, account_id, name)."""
    return "\n    UNION ALL\n    ".join((_VERSIONS.format(schema=SCHEMA, history=history), *placeholders))


def placeholder(unknown: str, name: str = "x.id::text") -> str:
    """The keys of entities without a version, for `versions`, with the SQL of their name: else their id."""
    return _PLACEHOLDERS.format(name=name, unknown=unknown)
