"""The names of URNs: stored once LinkedIn returned them, requested again when old, or later when it returned none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, ColumnElement, Engine, Text, and_, case, func, literal, select

from lac_pipeline.linkedin.records import NoName
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.postgres.unstorable import replaced
from lac_pipeline.postgres.upserting import insert
from lac_pipeline.warehouse.schema.base import AHEAD
from lac_pipeline.warehouse.schema.operational_tables import UrnName

REFRESH_AFTER = timedelta(days=30)
"""Age at which a name is requested again; also the longest wait for a name that LinkedIn does not return."""
RETRY_AFTER = timedelta(days=1)
"""The first wait for a name that LinkedIn does not return; it doubles at every miss."""
_LONGEST_URN = 500
_DOUBLINGS = 5  # 32 days, beyond REFRESH_AFTER


class UrnNames:
    """Names of companies, titles, industries, places and whatever else a URN stands for.

    Every method raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, urns: Iterable[str]) -> dict[str, str]:
        """Return the names that are known, by URN."""
        query = select(UrnName.urn, UrnName.name).where(_among(urns), UrnName.name.is_not(None))
        with translating_errors(), self._engine.connect() as connection:
            return {urn: name for urn, name in connection.execute(query) if name is not None}

    def due(self, urns: Iterable[str], *, at: datetime) -> list[str]:
        """Return the URNs to request: never named, named long ago, or missed and due again."""
        requested = list(dict.fromkeys(urn for urn in urns if _may_be_kept(urn)))
        query = select(UrnName.urn).where(_among(requested), _settled(at))
        with translating_errors(), self._engine.connect() as connection:
            settled = set(connection.scalars(query))
        return [urn for urn in requested if urn not in settled]

    def settled(self, urns: Iterable[str], *, at: datetime) -> Counter[NoName | None]:
        """Count those that are not due by what their last look-up gave: a reason, or None for a name."""
        query = select(UrnName.reason, func.count()).where(_among(urns), _settled(at)).group_by(UrnName.reason)
        with translating_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return Counter({None if reason is None else NoName(reason): count for reason, count in rows})

    def keep(self, names: Mapping[str, str | NoName], *, at: datetime) -> None:
        """Store what LinkedIn returned: a name, or why there is none, which leaves a known name unchanged."""
        rows = [
            {
                "urn": urn,
                "name": None if isinstance(name, NoName) else replaced(name),
                "reason": name.value if isinstance(name, NoName) else None,
                "first_seen": at,
                "checked_at": at,
                "misses": int(isinstance(name, NoName)),
                "due_at": at + (RETRY_AFTER if isinstance(name, NoName) else REFRESH_AFTER),
            }
            for urn, name in sorted(names.items())
        ]
        if not rows:
            return
        statement = insert(UrnName)
        incoming = statement.excluded
        doubled = RETRY_AFTER * func.power(2, func.least(UrnName.misses, _DOUBLINGS))
        waiting = incoming.checked_at + func.least(doubled, REFRESH_AFTER)
        statement = statement.on_conflict_do_update(
            index_elements=["urn"],
            set_={
                "name": func.coalesce(incoming.name, UrnName.name),
                "reason": incoming.reason,
                "checked_at": incoming.checked_at,
                "misses": case((incoming.reason.is_not(None), UrnName.misses + 1), else_=0),
                "due_at": case((incoming.reason.is_not(None), waiting), else_=incoming.due_at),
            },
        )
        with translating_errors(), self._engine.begin() as connection:
            connection.execute(statement, rows)


def _may_be_kept(urn: str) -> bool:
    """Whether LinkedIn may have a name for it: any other text in place of a URN is neither requested nor stored."""
    return urn.isascii() and urn.isprintable() and len(urn) <= _LONGEST_URN


def _settled(at: datetime) -> ColumnElement[bool]:
    """SQL condition: it need not be looked up yet; a look-up in the future was dated by a wrong clock."""
    return and_(UrnName.due_at > at, UrnName.checked_at <= at + AHEAD)


def _among(urns: Iterable[str]) -> ColumnElement[bool]:
    return UrnName.urn == func.any(literal([urn for urn in urns if _may_be_kept(urn)], ARRAY(Text)))
