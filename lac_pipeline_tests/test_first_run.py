"""The first minute: `lac demo`, from an empty folder to a filled UI, to Ctrl-C, and again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lac_pipeline.operations.processes import HOST, free_port

PROJECT = Path(__file__).parents[1]
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="looks for left-over processes in /proc")


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`lac demo` in a folder; Ctrl-C and a clean end when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lac_pipeline", "demo", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()


def until_ready(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What the demo printed up to the UI's address, and that address."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if found := re.search(r"The Dagster UI: (http://\S+)", line):
            return printed, found[1]
    raise AssertionError(f"the demo ended early:\n{printed}")


def spend_in(printed: str) -> str:
    """The table of spend by campaign."""
    return printed[printed.index("spend by campaign") :].split("The Dagster UI", maxsplit=1)[0]


def left_over(folder: Path) -> list[str]:
    """The command lines of processes that still work for this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words and int(process.name) != os.getpid():
            found.append(words.split(b"\0")[0].decode())
    return found


@LINUX_ONLY
def test_the_demo_from_an_empty_folder_and_again(reachable_path: Path) -> None:
    """Real runs load three accounts; Ctrl-C leaves no process; the second start shows the same and loads nothing."""
    with demo(reachable_path, "--port", str(free_port(3100))) as process:
        printed, url = until_ready(process)
        runs = httpx.post(f"{url}/graphql", json={"query": "{ runsOrError { ... on Runs { count } } }"}, timeout=30)
        assert runs.json()["data"]["runsOrError"]["count"] >= 9
    assert process.returncode == 0
    assert left_over(reachable_path) == []
    assert printed.count("audience_demographics") == 3
    assert "EUR" in spend_in(printed)
    assert "JPY" in spend_in(printed)

    with demo(reachable_path) as process:
        again, _ = until_ready(process)
    assert again.count("data_fresh_") == 9
    assert "inserted   " not in again.split("spend by campaign")[0].split("seconds")[1]
    assert spend_in(again) == spend_in(printed)
    assert left_over(reachable_path) == []


def test_a_port_that_is_taken_is_passed_over() -> None:
    """Where another program listens already, the next free port is used."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
