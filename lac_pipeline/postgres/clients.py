"""PostgreSQL's own programs, `psql`, `pg_dump` and `pg_restore`: where they are, and how they find a server."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from psycopg import pq
from sqlalchemy import URL

from lac_pipeline.errors import ConfigError, EmbeddedServerError
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT
from lac_pipeline.postgres.embedded.binaries import bundled_programs
from lac_pipeline.postgres.url import write_url

_PLACES = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin", "/opt/homebrew/opt/postgresql@{major}/bin")
"""Where Debian, Red Hat and Homebrew keep the programs of each version beside those of others."""


def libpq_variables(url: URL) -> dict[str, str]:
    """The environment variables by which libpq, and so every program that uses it, connects as the URL says.

    Options for which libpq has no variable, such as keepalives, are left out.
    """
    options = pq.Conninfo.parse(write_url(url.set(drivername="postgresql")).encode())
    given = {option.envvar.decode(): option.val.decode() for option in options if option.envvar and option.val}
    return {**LIBPQ_ENVIRONMENT, **given}


def program_of(name: str, major: int) -> Path:
    """Find a program of the server's own version, so that what it writes can be read there; else the next newer one.

    Args:
        name: `pg_dump` or `pg_restore`.
        major: the server's major version.

    Raises:
        ConfigError: this machine has none that goes with such a server.
    """
    found = {version: program for program in _candidates(name, major) if (version := _major_of(program)) >= major}
    if not found:
        raise ConfigError(
            f"this machine has no {name} for PostgreSQL {major}",
            meaning="an older one refuses a newer server",
            fix=f"install the client programs of PostgreSQL {major}, or run {name} on the server's machine",
        )
    return found[min(found)]


def shell() -> Path:
    """Find `psql`: the person's own, which edits lines and keeps a history, else the one that comes with `lac`.

    Raises:
        EmbeddedServerError: there is neither.
    """
    own = shutil.which("psql")
    return Path(own) if own is not None else bundled_programs() / "psql"


def _candidates(name: str, major: int) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path is not None:
        yield Path(on_path)
    with contextlib.suppress(EmbeddedServerError):  # none comes for this platform
        yield bundled_programs() / name
    for place in _PLACES:
        program = Path(place.format(major=major)) / name
        if os.access(program, os.X_OK):
            yield program


def _major_of(program: Path) -> int:
    """The major version of a program, whose output is such as `pg_dump (PostgreSQL) 17.2 (Debian 17.2-1)`."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a program of PostgreSQL's
    words = done.stdout.split()
    number = words[2].split(".")[0] if len(words) > 2 else ""
    return int(number) if number.isdigit() else 0
