"""`lac psql`: PostgreSQL's own shell on the warehouse's database."""

from __future__ import annotations

from collections.abc import Sequence

from lac_pipeline.commands.stack.environment import database
from lac_pipeline.commands.stack.foreground import become, run_in_foreground
from lac_pipeline.postgres.clients import libpq_variables, shell
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings, export


def psql(settings: Settings, sql: str | None, *, csv: bool = False) -> int:
    """Run the SQL, or what is typed or piped, and return the exit status of psql.

    The schema may be of any version, so that one can look before it is migrated.

    Raises:
        EmbeddedServerError: there is no psql, or the embedded server does not start.
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    with database(settings) as url:
        export(libpq_variables(read_url(url)))
        command = [str(shell()), "--set=ON_ERROR_STOP=1", *_arguments(sql, csv=csv)]
        if settings.warehouse_url is not None:
            become(command)
        return run_in_foreground(command)


def _arguments(sql: str | None, *, csv: bool) -> Sequence[str]:
    return [*(["--csv"] if csv else []), *([] if sql is None else ["--command", sql])]
