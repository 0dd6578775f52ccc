"""`lac psql`: PostgreSQL's own shell on the warehouse's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lac_pipeline.commands.stack.environment import database
from lac_pipeline.commands.stack.foreground import become, run_in_foreground
from lac_pipeline.postgres.clients import libpq_variables, shell
from lac_pipeline.postgres.session_options import options_that_find
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings, export
from lac_pipeline.warehouse.schema.base import SCHEMA


def psql(settings: Settings, sql: str | None, *, csv: bool = False, warn: Callable[[str], None]) -> int:
    """Run the SQL, or what is typed or piped, and return the exit status of psql.

    The session finds our schema's tables without its name. The schema may be of any version, so that one can look
    before it is migrated.

    Args:
        settings: what the person set.
        sql: what is run; None to read it from the terminal or a pipe.
        csv: whether rows are printed as CSV.
        warn: prints that the session does not find the tables without the schema's name, and why.

    Raises:
        EmbeddedServerError: there is no psql, or the embedded server does not start.
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    with database(settings) as url:
        export(libpq_variables(read_url(url)))
        options = options_that_find(SCHEMA)
        if options is None:
            warn(_NO_PATH)
        else:
            export({"PGOPTIONS": options})
        command = [str(shell()), "--set=ON_ERROR_STOP=1", *_arguments(sql, csv=csv)]
        if settings.warehouse_url is not None:
            become(command)
        return run_in_foreground(command)


_NO_PATH = (
    f"the server, or a pooler before it, takes no search path for one session: write {SCHEMA}. before the name of a "
    f"table, or set the path of the role, as docs/operations.md describes under PgBouncer"
)


def _arguments(sql: str | None, *, csv: bool) -> Sequence[str]:
    return [*(["--csv"] if csv else []), *([] if sql is None else ["--command", sql])]
