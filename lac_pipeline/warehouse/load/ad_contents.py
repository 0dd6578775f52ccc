"""What ads say and where they lead, kept by the URN of the creative, post or message that says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import ARRAY, ColumnElement, Engine, Text, func, literal, select, tuple_

from lac_pipeline.models.ad_contents import AdContent
from lac_pipeline.models.landing_pages import UTM, LandingPage
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.postgres.unstorable import flaw_of, replaced
from lac_pipeline.postgres.upserting import Insert, insert
from lac_pipeline.warehouse.schema.tables import AdContentRow, table_of

_TABLE = table_of(AdContentRow)


class AdContents:
    """The rows of `ad_contents`. Every method raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stored(self, urns: Iterable[str]) -> set[str]:
        """Return those whose content is stored; of a text that PostgreSQL cannot hold there is none."""
        with translating_errors(), self._engine.connect() as connection:
            return set(connection.scalars(select(_TABLE.c.urn).where(_among(urns))))

    def keep(self, contents: Mapping[str, AdContent]) -> None:
        """Keep contents, also empty ones; a row that is equal already stays untouched."""
        rows = [{"urn": urn, **_values(content)} for urn, content in sorted(contents.items())]
        if not rows:
            return
        names = [*rows[0]]
        query = select(*(_TABLE.c[name] for name in names)).where(_among(contents))
        with translating_errors(), self._engine.begin() as connection:
            stored = {row["urn"]: dict(row) for row in connection.execute(query).mappings()}
            changed = [row for row in rows if row != stored.get(row["urn"])]
            if changed:
                connection.execute(_upsert(changed))


def _among(urns: Iterable[str]) -> ColumnElement[bool]:
    return _TABLE.c.urn == func.any(literal([urn for urn in urns if flaw_of(urn) is None], ARRAY(Text)))


def _upsert(rows: Sequence[Mapping[str, str | None]]) -> Insert:
    """One statement of the same text for any number of rows: each column is an array."""
    names = [*rows[0]]
    columns = (literal([row[name] for row in rows], ARRAY(Text)) for name in names)
    statement = insert(_TABLE).from_select(names, select(func.unnest(*columns).table_valued(*names).render_derived()))
    current, incoming = ([side[name] for name in names if name != "urn"] for side in (_TABLE.c, statement.excluded))
    return statement.on_conflict_do_update(
        index_elements=["urn"],
        set_={**{column.name: column for column in incoming}, "updated_at": func.now()},
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
