"""Roles that may read the warehouse and nothing else: for analysts, dashboards and agents."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, column, func, inspect, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.lead_tables import LeadAnswerRow
from lac_pipeline.warehouse.schema.operational_tables import OAuthToken

SECRETS = (OAuthToken.__tablename__,)
"""Tables that no reader sees, although what is in them is encrypted."""
PERSONAL = (LeadAnswerRow.__tablename__,)
"""Tables of what members filled in, which a reader sees only if a person says so."""
_ROLES = table("pg_roles", column("rolname"))
_READ_ONLY = {"default_transaction_read_only": "on", "search_path": SCHEMA, "statement_timeout": "5min"}


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that may read: its name, whether it was made just now, and how many tables and views it sees."""

    name: str
    created: bool
    relations: int


class RoleStatement(ExecutableDDLElement):
    """A statement about a role, whose quoted name replaces `{role}` in the text."""

    inherit_cache = False

    def __init__(self, text: str, role: str, *names: str) -> None:
        self.text = text
        self.role = role
        self.names = names


@compiles(RoleStatement, "postgresql")
def _role_statement(element: RoleStatement, compiler: DDLCompiler, **_: object) -> str:
    quote = compiler.preparer.quote_identifier
    names = ", ".join(f"{quote(SCHEMA)}.{quote(name)}" for name in element.names)
    return element.text.format(role=quote(element.role), schema=quote(SCHEMA), names=names)


def grant_reader(engine: Engine, name: str, *, personal: bool = False) -> Reader:
    """Let a role read all tables and views of the schema, later ones too, but no table that holds secrets.

    A role that does not exist is made, without a password. Safe to run again: what it gives is what the role then has.

    Args:
        engine: as the user who loads the data.
        name: of the role.
        personal: whether it may read what members filled into lead forms.

    Raises:
        ConfigError: the name is empty, or is that of the user who loads the data.
        StorageError: this user may not make roles or grant, or PostgreSQL reserves the name.
    """
    with translating_errors(), engine.begin() as connection:
        if not name.strip() or name == connection.scalar(select(func.current_user())):
            raise ConfigError(
                f"{name!r} cannot be a reader" if name.strip() else "a reader needs a name",
                meaning="the user who loads the data may write, and stays so",
                fix="choose another name, as in `lac grant-reader analyst`",
            )
        created = _make_role(connection, name)
        return Reader(name, created, _grant(connection, name, hidden=SECRETS if personal else (*SECRETS, *PERSONAL)))


def _make_role(connection: Connection, name: str) -> bool:
    if connection.scalar(select(_ROLES.c.rolname).where(_ROLES.c.rolname == name)) is not None:
        return False
    connection.execute(RoleStatement("CREATE ROLE {role} LOGIN", name))
    for setting, value in _READ_ONLY.items():
        connection.execute(RoleStatement(f"ALTER ROLE {{role}} SET {setting} = '{value}'", name))
    return True


def _grant(connection: Connection, name: str, *, hidden: tuple[str, ...]) -> int:
    inspector = inspect(connection)
    relations = {*inspector.get_table_names(SCHEMA), *inspector.get_view_names(SCHEMA)} - {*hidden}
    for text in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}",
    ):
        connection.execute(RoleStatement(text, name))
    connection.execute(RoleStatement("GRANT SELECT ON {names} TO {role}", name, *sorted(relations)))
    connection.execute(RoleStatement("REVOKE ALL ON {names} FROM {role}", name, *hidden))
    return len(relations)
