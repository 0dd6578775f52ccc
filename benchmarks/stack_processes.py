"""The processes of a running stack: which they are, what CPU they have taken, what memory they hold (from /proc)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dagster_storage import TICKS

SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
NAMES = {"dagster_webserver": "webserver", "dagster._daemon": "daemon", "api grpc": "code server"}
"""What a process is whose command line contains the word."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the stack, by what it is."""

    name: str
    pid: int

    @property
    def megabytes(self) -> float:
        """The memory that is its own alone.

        Raises:
            OSError: it has ended; the daemon replaces its code server now and then.
        """
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


def descendants(pid: int, but: Collection[int] = ()) -> Iterator[int]:
    """The living processes that a process started, and those that they did; without some, and what these started."""
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):  # it has ended meanwhile
            for child in {int(child) for child in (thread / "children").read_text().split()}.difference(but):
                yield child
                yield from descendants(child, but)


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind, so that its CPU seconds are found.

    Dagster's daemon replaces its code server now and then; the process that forks its runs outlives it for a while.
    """
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cpu_of(pids: Sequence[int]) -> float:
    """CPU seconds of processes, and of those that they started and that have ended."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def stack_processes() -> list[Process]:
    """The webserver, the daemon and the code servers that this process has started; not the runs that these fork."""
    found: dict[int, Process] = {}
    for pid in descendants(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        name = next((name for word, name in NAMES.items() if word in command), None)
        forked = parent in found and found[parent].name == name
        if name is not None and not forked and "stack.supervise" not in command:
            found[pid] = Process(name, pid)
    return list(found.values())


def memory() -> Mapping[Process, float]:
    """The memory of each process of the stack in MB, without those that end meanwhile."""
    megabytes: dict[Process, float] = {}
    for process in stack_processes():
        with suppress(OSError):
            megabytes[process] = process.megabytes
    return megabytes


def grown(before: Mapping[Process, float]) -> Iterator[tuple[str, float, float]]:
    """The name of each process that still runs, and its MB before and now."""
    now = memory()
    for process, megabytes in before.items():
        if process in now:
            yield process.name, megabytes, now[process]
