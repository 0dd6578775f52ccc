"""An embedded PostgreSQL server, for machines without one: started by the first user, stopped by the last.

Nothing is installed system-wide. Any number of processes may use one home at the same time: two file locks, which the
kernel releases when their process ends, decide who may start or stop the server, and show who uses it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from lac_pipeline import private
from lac_pipeline.errors import EmbeddedServerError
from lac_pipeline.postgres import databases
from lac_pipeline.postgres.connecting import refusal_state
from lac_pipeline.postgres.embedded.binaries import (
    RunAs,
    programs_for,
    run_as_for,
    unsupported_platform,
)
from lac_pipeline.postgres.embedded.cluster import CLEAN_ENVIRONMENT, OWNER, Cluster, exclusive, free_port, try_lock
from lac_pipeline.postgres.embedded.place import place_of, reachable_place
from lac_pipeline.postgres.url import server_url, write_url

DATABASE = "linkedin_ads"

_READY_WITHIN = 600.0  # seconds; replaying the log of a crash takes long, and the server reports it meanwhile
_RETRY_WITHIN = 20.0  # seconds; orphans of a killed server leave on their own
_STOP_WITHIN = 60  # seconds
_BUSY = ("57P03", "53300")
"""SQLSTATE of a server that starts, stops or recovers, and of one whose connections are all in use."""
_TRIES = 3
"""Starts that may fail before the failure counts: another process may take the port that was free a moment ago."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_wal_size": "256MB",
}


class EmbeddedServer:
    """PostgreSQL below a home folder, listening on a Unix socket and on 127.0.0.1.

    Over the socket, whose folder only its owner may enter, no password is needed; over TCP it is (SCRAM). As root the
    server runs as the owner of its data, at first as `nobody`; permissions of folders that are not ours never change.

    Args:
        home: where the server keeps everything, below `pg18/`; made where it does not exist. As root below a private
            folder, `pg18` is a link to a place that the server's user can reach.
        durable: False trades the safety of committed data for speed, for tests. They survive the end of the server's
            processes, but not that of the machine.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._home = home
        self._cluster = Cluster(place_of(home))
        self._durable = durable
        self._run_as = RunAs()
        self._process: subprocess.Popen[bytes] | None = None
        self._users: int | None = None
        self._owner_pid = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1, the same at every start unless another process took it."""
        return int(self._known("port"))

    def url(
        self, database: str = DATABASE, driver: str = "postgresql+psycopg", *, tcp: bool = False, flushed: bool = True
    ) -> str:
        """Write the URL of one of the server's databases.

        Args:
            database: its name; see `ensure_database`.
            driver: SQLAlchemy's dialect and driver, or plain `postgresql`.
            tcp: by 127.0.0.1 and password, for BI tools; otherwise by the Unix socket, without one.
            flushed: False for sessions whose commits do not wait until they are on disk; if the server or the machine
                crashes, the newest of them are lost, up to a second.
        """
        if tcp:
            host, password = "127.0.0.1", self._known("password")
        else:
            host, password = self._known("socket"), None
        url = server_url(host=host, port=self.port, user=OWNER, password=password, database=database)
        url = url if flushed else url.update_query_dict({"options": "-csynchronous_commit=off"})
        return write_url(url.set(drivername=driver))

    def ensure_database(self, name: str) -> bool:
        """Make a database unless it exists; True when it was made."""
        return databases.ensure_database(self.url(name))

    def start(self) -> bool:
        """Attach to the running server or start it; True when this call started it.

        Raises:
            EmbeddedServerError: it cannot run here, or does not start; the message ends with what PostgreSQL logged.
        """
        try:
            self._prepare_root()
            with exclusive(self._cluster.start_lock):
                started = not self._is_up()
                if started:
                    self._launch()
                self._register()
        except OSError as error:
            raise self._cluster.failure("the embedded database cannot be started", detail=str(error)) from error
        return started

    def release(self) -> bool:
        """End our use of the server; the last user stops it. True when it was stopped."""
        users, self._users = self._users, None
        if users is None:
            return False
        atexit.unregister(self.release)
        if os.getpid() != self._owner_pid:  # a fork shares the lock, and the server is its parent's to stop
            return False
        try:
            with exclusive(self._cluster.start_lock):
                last = try_lock(users, fcntl.LOCK_EX)
                if last:
                    self._stop()
        finally:
            os.close(users)
        if not last and self._process is not None:
            self._process.returncode = 0  # or Popen would warn that it outlives us, as other processes still use it
            self._process = None
        return last

    def _known(self, key: str) -> str:
        try:
            return self._cluster.state()[key]
        except KeyError:
            raise EmbeddedServerError(
                f"no embedded database has been started in {self._home}", fix="run `lac up`"
            ) from None

    def _prepare_root(self) -> None:
        self._run_as = run_as_for(self._cluster.data)
        if self._run_as.user is not None:
            self._cluster = Cluster(reachable_place(self._home, self._run_as.user))
        private.make_folder(self._cluster.root, mode=0o700 if self._run_as.user is None else 0o711)

    def _is_up(self) -> bool:
        """Whether the running server is ours: its data directory proves it, a process id in a file does not."""
        if not (self._cluster.data.exists() and {"port", "socket"} <= self._cluster.state().keys()):
            return False
        try:
            return self._await_ready() and self._serves_our_data()
        except psycopg.OperationalError:
            return False

    def _serves_our_data(self) -> bool:
        with self._connect() as connection:
            return connection.execute("SHOW data_directory").fetchone() == (str(self._cluster.data),)

    def _launch(self) -> None:
        programs = programs_for(self._run_as, root=self._cluster.root)
        if not self._cluster.data.exists():
            self._cluster.create(programs, self._run_as, durable=self._durable)
        self._cluster.check_version()
        self._cluster.defuse_stale_pid()
        self._cluster.remember(socket=str(self._cluster.make_socket_folder(self._run_as)))
        deadline = time.monotonic() + _RETRY_WITHIN
        tries = 1
        while (tail := self._spawn(programs)) is not None:
            leaving = self._cluster.has_pid_file() and time.monotonic() < deadline
            if tries >= _TRIES and not leaving:
                raise self._cluster.failure("the embedded PostgreSQL did not start", detail=tail)
            tries += 1
            time.sleep(0.1)
        self.ensure_database(DATABASE)

    def _spawn(self, programs: Path) -> str | None:
        """Run the server until it accepts connections; return its log if it ended instead."""
        remembered = self._cluster.state().get("port")
        port = free_port(None if remembered is None else int(remembered))
        self._cluster.remember(port=str(port))
        settings = {**_SETTINGS, **({} if self._durable else _NOT_DURABLE)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(self._cluster.data), "-p", str(port)]
        with private.open_to_append(self._cluster.log) as log:
            written = log.tell()
            self._process = self._popen([*command, "-k", self._known("socket"), *options], log.fileno())
        if self._await_ready():
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        return self._cluster.log_tail(since=written) or f"exit status {self._process.returncode}, nothing logged"

    def _popen(self, command: list[str], log: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - our own program with our own paths
                command,
                cwd=self._cluster.data,
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the database under us
                user=self._run_as.user,
                group=self._run_as.group,
                extra_groups=self._run_as.extra_groups,
            )
        except OSError as error:
            raise unsupported_platform(str(error)) from error

    def _await_ready(self) -> bool:
        """Wait while the server reports that it is busy; False once there is no server and none of ours is starting."""
        deadline = time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline:
            ended = self._process is None or self._process.poll() is not None
            error = self._refusal()
            if error is None:
                return True
            if ended and refusal_state(error) not in _BUSY:
                return self._refusal() is None
            time.sleep(0.01)
        return False

    def _refusal(self) -> psycopg.OperationalError | None:
        """Try to connect; return the refusal of the server, or the error of the system."""
        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            return error
        return None

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self._known("socket"), port=self.port, user=OWNER, dbname="postgres", connect_timeout=5
        )

    def _register(self) -> None:
        if self._users is not None:
            return
        self._users = os.open(self._cluster.users_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)  # it is locked exclusively only inside the start lock, which is ours
        self._owner_pid = os.getpid()
        atexit.register(self.release)

    def _stop(self) -> None:
        try:
            witness = self._connect()
        except psycopg.OperationalError:
            return
        # While the witness is connected the server lives, so the process id in the file that pg_ctl reads is its own.
        with contextlib.closing(witness):
            if self._serves_our_data():
                self._pg_ctl_stop()
        try:
            if self._process is not None:
                self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired as error:
            raise self._cluster.failure("the embedded PostgreSQL does not stop", detail=str(error)) from error

    def _pg_ctl_stop(self) -> None:
        programs = programs_for(self._run_as, root=self._cluster.root)
        subprocess.run(  # noqa: S603 - our own program with our own paths
            [programs / "pg_ctl", "-D", self._cluster.data, "-m", "fast", "-w", "-t", str(_STOP_WITHIN), "stop"],
            cwd=self._cluster.data,
            env=CLEAN_ENVIRONMENT,
            capture_output=True,
            check=False,
            user=self._run_as.user,
            group=self._run_as.group,
            extra_groups=self._run_as.extra_groups,
        )
