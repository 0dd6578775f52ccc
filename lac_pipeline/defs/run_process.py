"""Which process executes a run, written into a tag, so that another process can check whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from msgspec import Struct

_PROC = Path("/proc")


class RunProcess(Struct, frozen=True):
    """A process that executes a run.

    Attributes:
        run_id: the run. Dagster copies tags to the run that tries a failed one again: its process is another one.
        machine: where process numbers mean the same: host name and, on Linux, the process namespace of a container.
        pid: the process's number.
        started: when it began, in the kernel's ticks, since numbers are used again; empty where there is no /proc.
    """

    run_id: str
    machine: str
    pid: int
    started: str

    @classmethod
    def this(cls, run_id: str) -> RunProcess:
        """This process, for a run that it executes."""
        return cls(run_id, _machine(), os.getpid(), _started(os.getpid()))

    @classmethod
    def read(cls, tag: str | None, *, run_id: str) -> RunProcess | None:
        """The process in a run's tag; None where the tag is missing, of another form, or copied from another run."""
        fields = (tag or "").split(" ")
        if len(fields) != 4 or fields[0] != run_id or not fields[2].isdigit():
            return None
        return cls(fields[0], fields[1], int(fields[2]), fields[3])

    @property
    def tag(self) -> str:
        """The process as `read` takes it."""
        return f"{self.run_id} {self.machine} {self.pid} {self.started}"

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, as far as this process can know: of other machines and containers nothing is known."""
        if self.machine != _machine():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it runs, as another user
        return _started(self.pid) != self.started


def _machine() -> str:
    try:
        namespace = str((_PROC / "self" / "ns" / "pid").readlink())
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}/{namespace}"


def _started(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
