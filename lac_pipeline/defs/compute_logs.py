"""Dagster's compute logs on this machine, whose helper processes ignore Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from dagster._core.storage.compute_log_manager import CapturedLogContext
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._serdes import ConfigurableClassData


class ShieldedComputeLogManager(LocalComputeLogManager):
    """Captures what runs print, as Dagster's own manager does.

    For each run it starts processes that copy what is captured to the terminal. Ctrl-C there is sent to them too, and
    each would print a traceback, or stop before it has copied the last lines.
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
        with ExitStack() as stack:
            with _blocked(signal.SIGINT):
                context = stack.enter_context(super().capture_logs(log_key))
            yield context


@contextmanager
def _blocked(number: signal.Signals) -> Iterator[None]:
    """Block a signal in this thread: processes that are started here never receive it, and this one does afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
