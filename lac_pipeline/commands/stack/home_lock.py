"""The lock that lets one `lac up` or `lac demo` run in a home: two daemons would request every run twice.

The kernel keeps the lock while the process, or a process that it started, lives. So no stale lock is left, however the
process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lac_pipeline.commands.stack.supervise import GRACE_SECONDS
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.errors import LacError
from lac_pipeline.home import make_home, unwritable_home

LOCK = "up.lock"
_LOOK_AGAIN = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class HomeLock:
    """The lock of a home, while this process has it.

    Attributes:
        descriptor: of the lock's file; a child that inherits it keeps the home locked.
    """

    descriptor: int

    def announce(self, url: str | None = None) -> None:
        """Write down who runs here and, once it is known, where its UI is, for a second one to name."""
        text = json.dumps({"process": RunProcess.this(LOCK).tag, "url": url})
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)


@contextmanager
def home_lock(home: Path) -> Iterator[HomeLock]:
    """Lock the home; where the one before was killed, wait until the processes that it had started have ended.

    Raises:
        LacError: another one runs here; its address is named.
        ConfigError: the home cannot be written.
    """
    try:
        make_home(home)
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable_home(home, error) from error
    try:
        _take(descriptor, home)
        lock = HomeLock(descriptor)
        lock.announce()
        yield lock
    finally:
        os.close(descriptor)


def _take(descriptor: int, home: Path) -> None:
    deadline = time.monotonic() + GRACE_SECONDS + 10
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        process, url = _announced(descriptor)
        if process is None or not process.is_gone or time.monotonic() > deadline:
            raise _running(home, process, url)
        time.sleep(_LOOK_AGAIN)


def announced_url(home: Path) -> str | None:
    """The address of the UI of what runs in the home; None where nothing does, or its UI is not there yet."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        process, url = _announced(descriptor)
    finally:
        os.close(descriptor)
    return url if process is not None and not process.is_gone else None


def is_taken(home: Path) -> bool:
    """Whether something runs in the home, or is starting or stopping there."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _announced(descriptor: int) -> tuple[RunProcess | None, str | None]:
    try:
        kept = json.loads(os.pread(descriptor, 4096, 0))
        return RunProcess.read(kept["process"], run_id=LOCK), kept["url"]
    except (ValueError, KeyError, TypeError):  # it has not written yet
        return None, None


def _running(home: Path, process: RunProcess | None, url: str | None) -> LacError:
    who = "another process" if process is None else f"process {process.pid}"
    return LacError(
        f"lac already runs in {home}",
        detail=f"{who}, its UI is at {url}" if url else f"{who}, which is starting or stopping",
        meaning="a second one would request everything from LinkedIn twice; nothing was started",
        fix="use that one, stop it with Ctrl-C first, or set LAC_HOME and the database to others",
    )
