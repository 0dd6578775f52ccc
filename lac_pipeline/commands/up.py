"""`lac up`: the databases, Dagster's webserver and its daemon, which end with this process."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from lac_pipeline.commands.stack.address import shown_address
from lac_pipeline.commands.stack.environment import environment, place_note
from lac_pipeline.commands.stack.home_lock import HomeLock, home_lock
from lac_pipeline.commands.stack.processes import Processes
from lac_pipeline.errors import LacError
from lac_pipeline.postgres.sole_user import sole_user
from lac_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs in a home.

    Attributes:
        settings: as they are once the databases run.
        processes: the children, none at first.
        lock: keeps a second stack out of the home.
        place_note: where the embedded database is, if it is not below LAC_HOME.
    """

    settings: Settings
    processes: Processes
    lock: HomeLock
    place_note: str | None

    @property
    def database(self) -> str:
        """Where the warehouse's database is, without the password."""
        return shown_address(self.settings)

    def start_ui(self, port: int) -> str:
        """Start Dagster's webserver, and return the UI's address, which responds a little later.

        Args:
            port: the UI's; the next free one if it is taken.
        """
        url = self.processes.start_webserver(self.processes.reserve_port(port))
        self.lock.announce(url)
        return url

    def serve(self, url: str) -> None:
        """Start Dagster's daemon, and wait until the UI responds.

        Raises:
            LacError: a process ended, or the UI does not respond.
        """
        self.processes.start_daemon()
        self.processes.await_url("webserver", f"{url}/server_info")

    def watch(self) -> NoReturn:
        """Wait until a process ends that should not.

        Raises:
            LacError: it has; the message carries the tail of what it printed.
        """
        while True:
            self.processes.require_alive()
            time.sleep(1)


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Lock the home, start or find the databases, bring the schema to head; at the end every child is ended.

    Raises:
        LacError: the home, or Dagster's database, is in use by another stack.
        StorageError: PostgreSQL cannot be used.
    """
    given = Settings.load()
    with (
        home_lock(given.home) as lock,
        environment(given, migrated=True) as settings,
        _dagster_to_itself(settings),
        Processes(settings.home / "logs", lock=lock.descriptor) as processes,
    ):
        yield Stack(settings, processes, lock, place_note(given))


@contextmanager
def _dagster_to_itself(settings: Settings) -> Iterator[None]:
    """Keep other stacks, of other homes or machines, out of Dagster's database: two daemons request every run twice."""
    name = f"lac up on {socket.gethostname()}, process {os.getpid()}"
    with sole_user(str(settings.dagster_url), name=name) as other:
        if other is not None:
            raise LacError(
                f"another lac up works in the Dagster database {settings.dagster_postgres_db}",
                detail=other,
                meaning="two daemons in one database ask LinkedIn for everything twice; nothing was started",
                fix="stop that one, or set DAGSTER_POSTGRES_DB to a database of this one's own, and LAC_ACCOUNT_IDS on "
                "each to its own accounts",
            )
        yield
