"""Whether a database can be used: it is in UTF-8, and its schema does not belong to another program."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sqlalchemy import Engine, func, inspect, select

from lac_pipeline.errors import StorageError, UnsuitableDatabaseError
from lac_pipeline.postgres.databases import ENCODING, encoding_of
from lac_pipeline.postgres.engine import takes_no_changes, translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.tables import Base

VERSION_TABLE = "alembic_version"
"""Where Alembic notes the revision; who has none in the schema did not make it by our migrations."""

DAGSTERS_TABLES = frozenset({"runs", "event_logs", "jobs", "instigators", "instance_info"})
"""Any of them shows that Dagster has been in a database; it makes them before it notes its revision."""

_MAY_MAKE_TABLES = func.has_schema_privilege(func.current_schema(), "CREATE")
_SHOWN = 10  # names of a foreign schema


def require_encoding(engine: Engine) -> None:
    """Refuse a database that would keep a name as something else, or not at all.

    Raises:
        UnsuitableDatabaseError: its encoding is not UTF-8.
    """
    found = encoding_of(engine)
    if found != ENCODING:
        raise UnsuitableDatabaseError(
            f"the database {engine.url.database} cannot hold every name: its encoding is {found}",
            meaning="nothing was written; names in other scripts and emoji need UTF-8, and an encoding never changes",
            fix="name a database that does not exist yet (POSTGRES_DB and DAGSTER_POSTGRES_DB, or the end of "
            "DATABASE_URL), and run `lac migrate`, which makes it in UTF-8",
        )


def _require_dagsters_own(engine: Engine, found: AbstractSet[str]) -> None:
    """Refuse a database in which another program keeps the revision of its schema, as Alembic has it."""
    if (
        VERSION_TABLE not in found or found & DAGSTERS_TABLES
    ):  # empty, or Dagster's, perhaps half-made by another process
        return
    raise UnsuitableDatabaseError(
        f"the database {engine.url.database}, named for Dagster, is another program's",
        detail=f"it holds {listed(found)}, and none of Dagster's tables",
        meaning="nothing was written: Dagster would take the other program's revision for its own",
        fix="set DAGSTER_POSTGRES_DB to a database that does not exist yet; it is made in UTF-8",
    )


def require_writable(engine: Engine) -> None:
    """Refuse a server, database or user that takes no changes, before any change.

    Raises:
        StorageError: every transaction is read-only.
    """
    query = select(func.current_setting("transaction_read_only"), func.pg_is_in_recovery())
    with translating_errors(), engine.connect() as connection:
        read_only, standby = connection.execute(query).one()
    if read_only == "on":
        raise takes_no_changes("transaction_read_only is on" + ("; the server is a standby" if standby else ""))


def require_room_for_dagster(engine: Engine) -> None:
    """Refuse a database of another program, or one where Dagster's tables are missing and this user cannot make them.

    Dagster would write the revision of its own schema over the other program's. Since PostgreSQL 15 only the owner of a
    database may make tables in its schema `public`.

    Raises:
        UnsuitableDatabaseError: naming the tables that are not Dagster's.
        StorageError: it takes no changes, or naming the schema and the right.
    """
    found = {*inspect(engine).get_table_names()}
    _require_dagsters_own(engine, found)
    if found >= DAGSTERS_TABLES:
        return
    require_writable(engine)
    query = select(func.current_schema(), func.current_user(), _MAY_MAKE_TABLES)
    with engine.connect() as connection:
        schema, user, allowed = connection.execute(query).one()
    if allowed:
        return
    name, schema = engine.url.database, schema or "public"
    raise StorageError(
        f"user {user} may not make tables in the database {name}, which is named for Dagster",
        detail=f"no right CREATE on schema {schema}",
        meaning="Dagster keeps its runs and events there, and its tables are missing; nothing was written",
        fix=f'as an administrator, in the database {name}: GRANT USAGE, CREATE ON SCHEMA {schema} TO "{user}"',
    )


def require_own_schema(engine: Engine, *, revision: str | None, known: AbstractSet[str]) -> None:
    """Refuse a schema that another program, such as another loader of LinkedIn's data, has filled.

    Args:
        engine: on the database.
        revision: what stands in the schema's version table, if there is one.
        known: the revisions of this code's migrations.

    Raises:
        UnsuitableDatabaseError: naming the tables that are not ours.
    """
    if revision in known:
        return
    found = relations(engine)
    ours = {table.name for table in Base.metadata.tables.values()}
    if not found or (revision is not None and ours <= found):  # empty, or made by a later version of this code
        return
    raise UnsuitableDatabaseError(
        f"the schema {SCHEMA} of the database {engine.url.database} is another program's",
        detail=f"it holds {listed(found)}, none of them made by a migration of lac",
        meaning="nothing was written: two loaders in one schema would overwrite each other's tables",
        fix="give lac a database of its own: name one that does not exist yet (POSTGRES_DB, or the end of "
        "DATABASE_URL), such as lac_linkedin_ads, and run `lac migrate`, which makes it",
    )


def relations(engine: Engine) -> set[str]:
    """The tables and views that are in our schema."""
    inspector = inspect(engine)
    return {*inspector.get_table_names(SCHEMA), *inspector.get_view_names(SCHEMA)} - {VERSION_TABLE}


def listed(names: AbstractSet[str]) -> str:
    """The first names in a line, and how many more there are."""
    shown = sorted(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"{', '.join(shown[:_SHOWN])}{more}"
