"""`lac dump`: a backup of the warehouse's database, by PostgreSQL's own program of the server's version."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lac_pipeline.commands.stack.environment import database
from lac_pipeline.commands.stack.foreground import run_in_foreground
from lac_pipeline.errors import LacError, StorageError
from lac_pipeline.postgres.clients import libpq_variables, program_of
from lac_pipeline.postgres.databases import major_version
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings, export
from lac_pipeline.warehouse.schema.fivetran import SCHEMAS


@dataclass(frozen=True, slots=True)
class Dumped:
    """A finished dump.

    Attributes:
        file: where it is.
        size: in bytes.
        version: the major version of the server, which can restore it.
    """

    file: Path
    size: int
    version: int


def dump(settings: Settings, file: Path) -> Dumped:
    """Dump our schemas in the custom format of pg_dump; a file that was there is replaced once the dump is whole.

    They may be of any version, so that a dump can be taken before a migration.

    Raises:
        ConfigError: this machine has no pg_dump for the server.
        DatabaseUnavailableError: PostgreSQL cannot be reached.
        StorageError: pg_dump failed, and printed why.
        LacError: the file cannot be written.
    """
    with database(settings) as url:
        version = major_version(url)
        export(libpq_variables(read_url(url)))
        with _written(file) as part:
            schemas = [f"--schema={schema}" for schema in SCHEMAS]
            command = [str(program_of("pg_dump", version)), "--format=custom", *schemas, f"--file={part}"]
            if status := run_in_foreground(command):
                raise StorageError("pg_dump failed", detail=f"exit status {status}", fix="see what it printed above")
    return Dumped(file, file.stat().st_size, version)


@contextmanager
def _written(file: Path) -> Iterator[Path]:
    """Yield a draft of the file beside it, of this process alone, and give it its name when the block ends."""
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.", suffix=".part")  # mode 0600
        os.close(descriptor)
        try:
            yield Path(name)
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise LacError(f"{file} cannot be written", detail=error.strerror, fix="name another file") from error
