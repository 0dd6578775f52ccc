"""Processes that `lac up` and `lac demo` start and end together."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx

from lac_pipeline import private
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.commands.stack.supervise import GRACE_SECONDS
from lac_pipeline.errors import LacError
from lac_pipeline.printable import without_colours

HOST = "127.0.0.1"
START_SECONDS = 120.0


class Processes:
    """Child processes that end with this one; what they print goes to files below `logs`.

    Args:
        logs: the folder of those files.
        lock: an open file that stays open until the last child has ended, also where this process is killed.
    """

    def __init__(self, logs: Path, *, lock: int | None = None) -> None:
        self._logs = logs
        self._lock = () if lock is None else (lock,)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._reserved = contextlib.ExitStack()

    def __enter__(self) -> Self:
        private.make_folder(self._logs)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave a process behind
        for process in self._running.values():
            if process.stdin is not None:
                process.stdin.close()
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS + 10)
        self._reserved.close()

    def start(self, name: str, command: list[str]) -> None:
        """Start `python -m COMMAND...` on a leash."""
        leash = [sys.executable, "-m", "lac_pipeline.commands.stack.supervise", sys.executable, "-m", *command]
        with private.open_to_append(self.log(name)) as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own modules
                leash, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, pass_fds=self._lock
            )

    def reserve_port(self, requested: int) -> int:
        """Reserve a port for as long as the processes run: the requested one, or the next that is free."""
        return port_of(self._reserved.enter_context(reserved_port(requested)))

    def start_webserver(self, port: int) -> str:
        """Start the Dagster webserver; its URL, which is served a little later."""
        self.start("webserver", ["dagster_webserver", "-h", HOST, "-p", str(port), "-w", _workspace()])
        return f"http://{HOST}:{port}"

    def start_daemon(self) -> None:
        """Start the Dagster daemon: sensors, schedules and the run queue."""
        self.start("daemon", ["dagster._daemon", "run", "-w", _workspace()])

    def log(self, name: str) -> Path:
        """The file that holds what the process prints."""
        return self._logs / f"{name}.log"

    def await_url(self, name: str, url: str) -> None:
        """Wait until the process responds over HTTP.

        Raises:
            LacError: it ended, or has not responded in two minutes.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.require_alive(name)
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(url, timeout=5, trust_env=False)
                return
            time.sleep(0.1)
        raise LacError(f"{name} has not responded on {url} in {START_SECONDS:.0f} s", fix=f"read {self.log(name)}")

    def require_alive(self, name: str | None = None) -> None:
        """Check that one process, or all, still run.

        Raises:
            LacError: one has ended; the message carries the tail of what it printed.
        """
        for each, process in self._running.items():
            if name in (None, each) and process.poll() is not None:
                printed = without_colours(self.log(each).read_text(errors="replace"))
                tail = "\n".join(printed.splitlines()[-12:])
                raise LacError(f"{each} has stopped (exit status {process.returncode})", detail=tail)


def _workspace() -> str:
    return str(project_file("workspace.yaml"))


def reserved_port(requested: int) -> socket.socket:
    """Reserve the requested port of 127.0.0.1, or the first free one of the ninety-nine above it, or any.

    A server listens on its port only seconds after the port was chosen. So that another process does not choose it
    meanwhile, a UDP socket, on which nothing is sent, has the same number until it is closed or the process ends.

    Raises:
        OSError: no port at all is free.
    """
    for port in (*range(requested, requested + 100), 0):
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            reservation.bind(probe.getsockname())
            return reservation
        reservation.close()
    raise OSError("no port of 127.0.0.1 is free")


def port_of(reservation: socket.socket) -> int:
    """The port that is reserved."""
    return int(reservation.getsockname()[1])
