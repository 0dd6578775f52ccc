"""What ads say and where they lead, kept by the URN of the creative, post or message that says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import ARRAY, Engine, Text, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert

from lac_pipeline.models.ad_contents import AdContent
from lac_pipeline.models.landing_pages import UTM, LandingPage
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.postgres.unstorable import replaced
from lac_pipeline.warehouse.schema.tables import AdContentRow, table_of

_TABLE = table_of(AdContentRow)
_ROWS_AT_ONCE = 1_000  # PostgreSQL takes 65,535 values in a statement


class AdContents:
    """The rows of `ad_contents`. Every method raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stored(self, urns: Iterable[str]) -> set[str]:
        """Return those whose content is stored."""
        among = _TABLE.c.urn == func.any(literal([*urns], ARRAY(Text)))
        with translating_errors(), self._engine.connect() as connection:
            return set(connection.scalars(select(_TABLE.c.urn).where(among)))

    def keep(self, contents: Mapping[str, AdContent]) -> None:
        """Keep contents, also empty ones; a row that is equal already stays untouched."""
        rows = [{"urn": urn, **_values(content)} for urn, content in sorted(contents.items())]
        if not rows:
            return
        with translating_errors(), self._engine.begin() as connection:
            for at in range(0, len(rows), _ROWS_AT_ONCE):
                connection.execute(_upsert(rows[at : at + _ROWS_AT_ONCE]))


def _upsert(rows: Sequence[Mapping[str, str | None]]) -> Insert:
    statement = insert(_TABLE).values(rows)
    names = [name for name in rows[0] if name != "urn"]
    current, incoming = ([side[name] for name in names] for side in (_TABLE.c, statement.excluded))
    return statement.on_conflict_do_update(
        index_elements=["urn"],
        set_={**dict(zip(names, incoming, strict=True)), "updated_at": func.now()},
        where=tuple_(*current).is_distinct_from(tuple_(*incoming)),
    )


def _values(content: AdContent) -> dict[str, str | None]:
    page = LandingPage.of(content.landing_page or "")
    values = {
        **asdict(content),
        "landing_page_host": page.host,
        "landing_page_path": page.path,
        **{name: page.utm.get(name) for name in UTM},
    }
    return {name: None if value is None else replaced(value) for name, value in values.items()}
