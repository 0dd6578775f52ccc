"""The options of a `psql` session in which a schema's tables are found without its name.

Nothing else depends on the search path: migrations, views and loads name the schema.
"""

from __future__ import annotations

import psycopg
from psycopg import pq

from lac_pipeline.postgres.engine import CONNECT_TIMEOUT

_PATH = "SELECT current_setting('search_path'), %s = ANY (current_schemas(false))"


def options_that_find(schema: str) -> str | None:
    """Return the libpq options of a session that finds the schema's tables first, then what it finds without them.

    The server is the one that libpq's environment variables name; the options in `PGOPTIONS` are kept. A search path
    that names the schema already stays as it is.

    A pooler in transaction mode shares a session among its clients, so that a `SET search_path` would reach others.
    Options at the start of a connection cannot do that: a pooler forwards them, refuses them or ignores them.

    Args:
        schema: a name that needs no quotes.

    Returns:
        The options; None if the server, or a pooler before it, does not apply a search path to a new connection.
    """
    given = _given_options()
    try:
        path, found = _search_path(schema, given)
    except psycopg.Error:
        return given  # psql then reports why there is no connection, or asks for a password
    if found:
        return given
    extended = ", ".join(filter(None, (schema, path)))
    options = f"{given} -c search_path={_escaped(extended)}".strip()
    try:
        applied, _ = _search_path(schema, options)
    except psycopg.Error:
        return None
    return options if applied == extended else None


def _given_options() -> str:
    defaults = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
    return (defaults[b"options"] or b"").decode()


def _search_path(schema: str, options: str) -> tuple[str, bool]:
    """The search path of a new connection, and whether the schema is in it and exists."""
    with psycopg.connect(options=options or None, connect_timeout=CONNECT_TIMEOUT) as connection:
        path, found = connection.execute(_PATH, [schema]).fetchone() or ("", False)
    return str(path), bool(found)


def _escaped(value: str) -> str:
    """Write a value so that the server, which splits options at blanks, reads it as it is."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
