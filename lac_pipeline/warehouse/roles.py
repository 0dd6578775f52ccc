"""Roles that may read the warehouse and change nothing in it: for analysts, dashboards, agents and dbt."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ARRAY, Connection, Engine, Text, column, func, inspect, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from lac_pipeline.errors import ConfigError, StorageError
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran import SCHEMAS
from lac_pipeline.warehouse.schema.lead_tables import LeadAnswerRow
from lac_pipeline.warehouse.schema.operational_tables import OAuthToken

SECRETS = (OAuthToken.__tablename__,)
"""Tables that no reader sees, although what is in them is encrypted."""
PERSONAL = (LeadAnswerRow.__tablename__,)
"""Tables of what members filled in, which a reader sees only if a person says so."""
_ROLES = table("pg_roles", column("rolname"), column("rolconfig", ARRAY(Text)))
_SEARCH_PATH = {"search_path": SCHEMA}
_READ_ONLY = {"default_transaction_read_only": "on", "statement_timeout": "5min"}
"""What keeps a person from changing or holding up anything, and keeps dbt from building its models."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that may read.

    Attributes:
        name: of the role.
        created: whether it was made just now.
        relations: how many tables and views of our schema it sees.
        builds: whether it may make schemas of its own in the database, as dbt does.
    """

    name: str
    created: bool
    relations: int
    builds: bool = False


class RoleStatement(ExecutableDDLElement):
    """A statement about a role, whose quoted name replaces `{role}` in the text.

    `{schema}` is our schema unless another is given, `{names}` are its named tables and views.
    """

    inherit_cache = False

    def __init__(self, text: str, role: str, *names: str, schema: str = SCHEMA, database: str = "") -> None:
        self.text = text
        self.role = role
        self.names = names
        self.schema = schema
        self.database = database


@compiles(RoleStatement, "postgresql")
def _role_statement(element: RoleStatement, compiler: DDLCompiler, **_: object) -> str:
    quote = compiler.preparer.quote_identifier
    names = ", ".join(f"{quote(element.schema)}.{quote(name)}" for name in element.names)
    words = {"schema": quote(element.schema), "database": quote(element.database), "names": names}
    return element.text.format(role=quote(element.role), **words)


def grant_reader(engine: Engine, name: str, *, personal: bool = False, builds: bool = False) -> Reader:
    """Let a role read all tables and views of our schemas, later ones too, but no table that holds secrets.

    A role that does not exist is made, without a password. Safe to run again: what it gives is what the role then has.

    Args:
        engine: as the user who loads the data.
        name: of the role.
        personal: whether it may read what members filled into lead forms.
        builds: whether it may make schemas of its own in the database, and write there: for dbt.

    Raises:
        ConfigError: the name is empty, or is that of the user who loads the data.
        StorageError: this user may not make roles or grant, or PostgreSQL reserves the name; nothing changed.
    """
    with translating_errors(), engine.begin() as connection:
        if not name.strip() or name == connection.scalar(select(func.current_user())):
            raise ConfigError(
                f"{name!r} cannot be a reader" if name.strip() else "a reader needs a name",
                meaning="the user who loads the data may write, and stays so",
                fix="choose another name, as in `lac grant-reader analyst`",
            )
        created = _make_role(connection, name, {**_SEARCH_PATH} if builds else {**_SEARCH_PATH, **_READ_ONLY})
        database = str(connection.scalar(select(func.current_database())))
        connection.execute(RoleStatement("GRANT CONNECT ON DATABASE {database} TO {role}", name, database=database))
        (_let_build if builds else _let_build_no_more)(connection, name, database)
        hidden = SECRETS if personal else (*SECRETS, *PERSONAL)
        seen = {schema: _grant(connection, name, schema, hidden=hidden) for schema in SCHEMAS}
        connection.execute(RoleStatement("REVOKE ALL ON {names} FROM {role}", name, *hidden))
        return Reader(name, created, seen[SCHEMA], builds=builds)


def _make_role(connection: Connection, name: str, settings: dict[str, str]) -> bool:
    if connection.scalar(select(_ROLES.c.rolname).where(_ROLES.c.rolname == name)) is not None:
        return False
    connection.execute(RoleStatement("CREATE ROLE {role} LOGIN", name))
    for setting, value in settings.items():
        connection.execute(RoleStatement(f"ALTER ROLE {{role}} SET {setting} = '{value}'", name))
    return True


def _let_build(connection: Connection, name: str, database: str) -> None:
    """Let a role make schemas in the database, and take back what a reader's role has against writing."""
    connection.execute(
        RoleStatement("GRANT CREATE, TEMPORARY ON DATABASE {database} TO {role}", name, database=database)
    )
    # Who may not pass a right on gets a mere warning from PostgreSQL.
    if not connection.scalar(select(func.has_database_privilege(name, database, "CREATE"))):
        raise StorageError(
            f"{name} may not make schemas in the database {database}",
            detail="the user who loads the data does not own the database, and may not pass that right on",
            meaning="dbt writes its models into schemas of its own; nothing was changed",
            fix=f'as an administrator: GRANT CREATE ON DATABASE "{database}" TO a role that was made by '
            "`lac grant-reader` without --dbt, or CREATE SCHEMA ... AUTHORIZATION that role",
        )
    configured = connection.scalar(select(_ROLES.c.rolconfig).where(_ROLES.c.rolname == name)) or []
    for setting, value in _READ_ONLY.items():
        if f"{setting}={value}" in configured:
            connection.execute(RoleStatement(f"ALTER ROLE {{role}} RESET {setting}", name))


def _let_build_no_more(connection: Connection, name: str, database: str) -> None:
    connection.execute(RoleStatement("REVOKE CREATE ON DATABASE {database} FROM {role}", name, database=database))


def _grant(connection: Connection, name: str, schema: str, *, hidden: tuple[str, ...]) -> int:
    inspector = inspect(connection)
    relations = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)} - {*hidden}
    for text in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}",
        "GRANT SELECT ON {names} TO {role}",
    ):
        connection.execute(RoleStatement(text, name, *sorted(relations), schema=schema))
    return len(relations)
