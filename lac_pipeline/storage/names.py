"""The names of URNs: kept once LinkedIn told them, asked again when they are old, or later when it did not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, ColumnElement, Engine, Text, case, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from lac_pipeline.storage.copy_text import storable
from lac_pipeline.storage.engine import translating_errors
from lac_pipeline.storage.ledgers import UrnName

REFRESH_AFTER = timedelta(days=30)
"""Age at which a name is asked again; also the longest wait for one that LinkedIn does not tell."""
RETRY_AFTER = timedelta(days=1)
"""The first wait for a name that LinkedIn does not tell; it doubles at every miss."""
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
        query = select(UrnName.urn, UrnName.name).where(
            UrnName.urn == func.any(_array(filter(_is_urn, urns))), UrnName.name.is_not(None)
        )
        with translating_errors(), self._engine.connect() as connection:
            return {urn: name for urn, name in connection.execute(query) if name is not None}

    def due(self, urns: Iterable[str], *, at: datetime) -> list[str]:
        """Return those to ask LinkedIn about: never asked, named long ago, or missed and due again."""
        asked = list(dict.fromkeys(urn for urn in urns if _is_urn(urn)))
        wanted = UrnName.urn == func.any(_array(asked))
        query = select(UrnName.urn).where(wanted, UrnName.checked_at > at - _patience())
        with translating_errors(), self._engine.connect() as connection:
            settled = set(connection.scalars(query))
        return [urn for urn in asked if urn not in settled]

    def keep(self, names: Mapping[str, str | None], *, at: datetime) -> None:
        """Keep what LinkedIn told; None is a miss, which leaves a name that is known already as it is."""
        rows = [
            {
                "urn": urn,
                "name": None if name is None else storable(name),
                "first_seen": at,
                "checked_at": at,
                "misses": int(name is None),
            }
            for urn, name in sorted(names.items())
        ]
        if not rows:
            return
        statement = insert(UrnName)
        told = statement.excluded.name
        statement = statement.on_conflict_do_update(
            index_elements=["urn"],
            set_={
                "name": func.coalesce(told, UrnName.name),
                "checked_at": statement.excluded.checked_at,
                "misses": case((told.is_(None), UrnName.misses + 1), else_=0),
            },
        )
        with translating_errors(), self._engine.begin() as connection:
            connection.execute(statement, rows)


def _is_urn(text: str) -> bool:
    """Whether LinkedIn may know a name for it: whatever else stands in place of a URN is not asked about nor kept."""
    return text.startswith("urn:") and text.isascii() and text.isprintable() and len(text) <= _LONGEST_URN


def _array(urns: Iterable[str]) -> ColumnElement[list[str]]:
    return literal(list(urns), ARRAY(Text))


def _patience() -> ColumnElement[timedelta]:
    """How long an answer counts: a month for a name, a day doubled at every miss for none."""
    doubled = RETRY_AFTER * func.power(2, func.least(UrnName.misses - 1, _DOUBLINGS))
    return case((UrnName.misses == 0, REFRESH_AFTER), else_=func.least(doubled, REFRESH_AFTER))
