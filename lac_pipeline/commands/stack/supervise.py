"""Run a command that ends when its starter does, even when the starter is killed without a chance to clean up.

Started as `python -m lac_pipeline.commands.stack.supervise COMMAND...` with a pipe as standard input. The kernel closes
the pipe when the starter dies; the command, and all that it started, is then ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

GRACE_SECONDS = 20.0


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Signal the command's whole process group to end, and kill what is left of it after a while."""
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input does; its exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave_it_to_the_pipe)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our starter's
    threading.Thread(target=_watch, args=(process,), daemon=True).start()
    status = process.wait()
    _signal_group(process.pid, signal.SIGKILL)
    return status


def _leave_it_to_the_pipe(_number: int, _frame: FrameType | None) -> None:
    """Ignore signals: the parent stops us by closing stdin."""


def _watch(process: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):  # unbuffered: a thread inside Python's own reader would crash the end of this process
        pass
    end_group(process)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
