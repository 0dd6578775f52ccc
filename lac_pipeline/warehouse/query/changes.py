"""What changed later: days whose numbers LinkedIn restated, and new versions of entities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Select, Table, Text, cast, func, literal, null, select, union_all

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.tables import HISTORIES
from lac_pipeline.warehouse.schema.views.restatements_by_day import VIEW as RESTATEMENTS

MOST = 200
"""So many of each are listed, the newest first."""


class NewVersion(NamedTuple):
    """A version of an entity that began.

    Attributes:
        asset: the entity's table.
        entity: its id, or its key where that has several columns.
        name: its name in that version.
        since: when the version began: LinkedIn's last modification, else the fetch that saw it first.
        removed: whether LinkedIn no longer returns the entity.
    """

    asset: str
    entity: str
    name: str | None
    since: datetime
    removed: bool


def new_versions(engine: Engine, account_id: int, *, since: date) -> list[NewVersion]:
    """List the versions of an account's entities that began on or after a UTC day, the newest first.

    Raises:
        StorageError: the query failed.
    """
    each = (_versions(asset, history, account_id, since) for asset, history in HISTORIES.items())
    versions = union_all(*each).subquery()
    query = select(versions).order_by(versions.c.since.desc(), versions.c.asset, versions.c.entity).limit(MOST)
    with translating_errors(), engine.connect() as connection:
        return [NewVersion._make(row) for row in connection.execute(query)]


def restated_days(engine: Engine, account_id: int, *, since: date) -> list[dict[str, Any]]:
    """List the days of an account whose numbers were seen to change since a UTC day, as `restatements_by_day` does.

    Raises:
        StorageError: the query failed.
    """
    view = RESTATEMENTS.selectable
    seen = view.c.last_seen_at
    query = select(view).where(view.c.account_id == account_id, seen >= since).order_by(seen.desc()).limit(MOST)
    with translating_errors(), engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _versions(asset: str, history: Table, account_id: int, since: date) -> Select[Any]:
    columns = history.c
    account = columns.account_id if "account_id" in columns else columns.id
    key = [cast(part, Text) for part in history.primary_key if part is not columns.valid_from]
    return select(
        literal(asset, Text).label("asset"),
        func.concat_ws(", ", *key).label("entity"),
        (columns.name if "name" in columns else cast(null(), Text)).label("name"),
        columns.valid_from.label("since"),
        columns.removed.label("removed"),
    ).where(account == account_id, columns.valid_from >= since)
