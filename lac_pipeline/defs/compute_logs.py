"""Dagster's compute logs on this machine, copied to the terminal without a process for it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from pathlib import Path
from threading import Event, Thread
from typing import Any, TextIO

from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._serdes import ConfigurableClassData
from dagster._utils import ensure_file, touch_file

COPIED_EVERY = 0.05  # seconds: a person sees no delay, and a look costs a tenth of a millisecond
GIVEN_UP_AFTER = 5.0  # seconds that a terminal may block at the end of a run


class ShieldedComputeLogManager(LocalComputeLogManager):
    """Captures what runs print, as Dagster's own manager does, and copies it to where it would have gone.

    Dagster's starts four processes for each run to do the copying. Ctrl-C in a terminal is sent to them too, and each
    would print a traceback, or stop before it has copied the last lines.
    """

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> ShieldedComputeLogManager:
        """Make the manager that `dagster.yaml` describes."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Capture what is printed within the context."""
        out, err = (
            self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[kind])
            for kind in (ComputeIOType.STDOUT, ComputeIOType.STDERR)
        )
        with _captured(sys.stdout, out), _captured(sys.stderr, err):
            yield CapturedLogContext(log_key)
        touch_file(self.complete_artifact_path(log_key))  # type: ignore[no-untyped-call]


@contextmanager
def _captured(stream: TextIO, path: str) -> Iterator[None]:
    """Write what is printed to a stream into a file, and copy it to the stream; one that is no file is left alone."""
    ensure_file(path)
    try:
        descriptor = os.dup(stream.fileno())
    except (UnsupportedOperation, OSError):
        yield
        return
    with _copied(Path(path), descriptor), redirect_to_file(stream, path):
        yield


@contextmanager
def _copied(path: Path, descriptor: int) -> Iterator[None]:
    """Copy a file to a descriptor while it grows, and its rest at the end."""
    ended = Event()

    def copy() -> None:
        with suppress(OSError), path.open("rb") as source, open(descriptor, "wb") as target:
            over = False
            while not over:
                over = ended.wait(COPIED_EVERY)
                shutil.copyfileobj(source, target)
                target.flush()

    thread = Thread(target=copy, name="compute logs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(GIVEN_UP_AFTER)
