"""The files of an embedded PostgreSQL: data directory, remembered port and password, locks, log."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lac_pipeline import private
from lac_pipeline.errors import EmbeddedServerError
from lac_pipeline.postgres.embedded.binaries import RunAs, closed_directory
from lac_pipeline.postgres.embedded.place import MAJOR

OWNER = "lac"
CLEAN_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
"""What PostgreSQL's programs get to see: none of our secrets, none of libpq's PG* variables."""

_SOCKET_PATH_LIMIT = 100  # 107 bytes on Linux, 103 on macOS
_EMPTY_SERVER = 64 << 20  # bytes
_LOCK_WITHIN = 660.0  # seconds; longer than a start may take
_INITDB = (
    f"--username={OWNER} --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 "
    "--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --set=log_destination=stderr"
).split()


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lock the file exclusively; the kernel releases the lock when the process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_WITHIN
    try:
        while not try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"another process has locked {path} for {_LOCK_WITHIN:.0f} seconds")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, mode: int) -> bool:
    """Take the lock if no other process has it."""
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def free_port(requested: int | None) -> int:
    """Find a TCP port on 127.0.0.1: the requested port if it is free, else any."""
    for port in [requested] * (requested is not None) + [0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedServerError("no TCP port of 127.0.0.1 is free")


class Cluster:
    """The files of the server, by default in `<home>/pg18/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = self.root / "data"
        self.log = self.root / "postgres.log"
        self.start_lock = self.root / "start.lock"
        self.users_lock = self.root / "users.lock"
        self._state = self.root / "server.json"
        self._pid_file = self.data / "postmaster.pid"

    def state(self) -> dict[str, str]:
        """Read what is remembered between starts: `port`, `password`, `socket`; empty before the first start."""
        try:
            remembered: dict[str, str] = json.loads(self._state.read_text())
        except FileNotFoundError:
            return {}
        return remembered

    def remember(self, **values: str) -> None:
        """Add to what is remembered, readable by its owner alone."""
        private.replace(self._state, json.dumps({**self.state(), **values}).encode())

    def make_socket_folder(self, run_as: RunAs) -> Path:
        """Make the private folder of the Unix socket, elsewhere if its path would be too long for the kernel."""
        folder = self.root / "s"
        if len(str(folder / ".s.PGSQL.65535")) > _SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
            folder = _temporary(run_as) / f"lac-{os.geteuid()}-{digest}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            run_as.give(folder)
        owner = os.geteuid() if run_as.user is None else run_as.user
        if folder.is_symlink() or folder.stat().st_uid != owner:
            raise EmbeddedServerError(f"{folder} belongs to another user", fix=f"remove {folder}")
        return folder

    def create(self, programs: Path, run_as: RunAs, *, durable: bool) -> None:
        """Run `initdb` in a folder of its own and rename the result, so that a half-made directory is never visible.

        Raises:
            EmbeddedServerError: `initdb` failed.
        """
        work = Path(tempfile.mkdtemp(dir=self.root, prefix="initdb-"))
        try:
            password = secrets.token_urlsafe(24)
            secret = work / "password"
            secret.touch(mode=0o600)
            secret.write_text(password + "\n")
            run_as.give(secret)
            run_as.give(work)
            self._initdb([str(programs / "initdb"), *_INITDB], work, run_as, durable=durable)
            self.remember(password=password)
            (work / "data").rename(self.data)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _initdb(self, command: list[str], work: Path, run_as: RunAs, *, durable: bool) -> None:
        paths = [f"--pgdata={work / 'data'}", f"--pwfile={work / 'password'}"]
        done = subprocess.run(  # noqa: S603 - our own program with our own paths
            [*command, *paths, *([] if durable else ["--no-sync"])],
            cwd=work,
            env=CLEAN_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            user=run_as.user,
            group=run_as.group,
            extra_groups=run_as.extra_groups,
        )
        if done.returncode:
            raise self.failure("initdb could not make the embedded database", detail=done.stderr[-600:].strip())

    def check_version(self) -> None:
        """Refuse a data directory that these programs cannot open."""
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise EmbeddedServerError(
                f"{self.data} was written by PostgreSQL {found}, and this version of lac brings PostgreSQL {MAJOR}",
                fix=f"dump it with PostgreSQL {found} and restore it, or set LAC_HOME to a new folder",
            )

    def defuse_stale_pid(self) -> None:
        """Keep a left-over `postmaster.pid` from blocking the start.

        After a reboot its process id may be that of an unrelated process, and in a container it may be a zombie:
        PostgreSQL would refuse to start. Only the id is replaced, by that of a child that surely is gone; the
        shared-memory key on the file's other lines keeps guarding against orphans of the old server.
        """
        try:
            lines = self._pid_file.read_text().splitlines()
            serving = _serves(int(lines[0]), self.data)
        except (FileNotFoundError, ValueError, IndexError):
            return
        if not serving:
            gone = subprocess.Popen(["true"], env=CLEAN_ENVIRONMENT)  # noqa: S607 - any program that ends will do
            gone.wait()
            self._pid_file.write_text("\n".join([str(gone.pid), *lines[1:]]) + "\n")

    def has_pid_file(self) -> bool:
        """Whether there is a `postmaster.pid` while no server runs.

        A server that ends removes its own, so this one is of a server that was killed. PostgreSQL does not start, and
        leaves the file, while child processes of that server still have its shared memory.
        """
        return self._pid_file.exists()

    def log_tail(self, *, since: int = 0) -> str:
        """Read the last six lines that the server logged, not looking before the byte `since`."""
        try:
            written = self.log.read_bytes()[since:]
        except FileNotFoundError:
            return ""
        return "\n".join(written.decode(errors="replace").splitlines()[-6:])

    def failure(self, summary: str, *, detail: str) -> EmbeddedServerError:
        """Describe a failure of PostgreSQL, with the fix where it is known.

        Its programs tell of a full disk in words alone, and `initdb` removes what it had written: so the disk is full
        where it has less room than an empty server takes.
        """
        if (free := _free_below(self.root)) < _EMPTY_SERVER:
            meaning = f"the disk is full: {free >> 20} MB are free, and an empty server takes {_EMPTY_SERVER >> 20}"
            return EmbeddedServerError(summary, detail=detail, meaning=meaning, fix=f"free space below {self.root}")
        look = f"read {self.log}, or " if self.log.exists() else ""
        return EmbeddedServerError(
            summary, detail=detail, fix=f"{look}set DATABASE_URL to a PostgreSQL server, 15 or later"
        )


def _free_below(folder: Path) -> int:
    """How many bytes are free in a folder, or where it would be made."""
    made = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    return shutil.disk_usage(made).free


def _temporary(run_as: RunAs) -> Path:
    """The folder for temporary files, unless TMPDIR names one that the server's user may not enter."""
    folder = Path(tempfile.gettempdir())
    closed = run_as.user is not None and closed_directory(folder) is not None
    return Path("/tmp") if closed else folder  # noqa: S108 - a private folder with a name of its own is made in it


def _serves(pid: int, data: Path) -> bool:
    """Whether the living process is a PostgreSQL that works in this data directory."""
    process = Path(f"/proc/{pid}")
    try:
        return (process / "exe").readlink().name == "postgres" and (process / "cwd").readlink() == data
    except PermissionError:
        return (process / "comm").read_text().strip() == "postgres"
    except OSError:
        return False
