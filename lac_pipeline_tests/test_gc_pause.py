"""When Python's collector runs in a process of `lac`."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = (
    "import gc\nfrom lac_pipeline.gc_pause import leave_libraries_alone, libraries_are_loaded\n"
    "collected = []\ngc.callbacks.append(lambda phase, _: collected.append(phase))\n"
    "{begin}objects = [[] for _ in range(400_000)]\n"
    "print(len(collected) == 0)\nlibraries_are_loaded()\nprint(gc.get_freeze_count() > 400_000)\n"
    "collected.clear()\nmore = [[] for _ in range(100_000)]\nprint(len(collected) > 0)\n"
)


@pytest.mark.parametrize(
    ("begin", "waits", "leaves_alone"), [("leave_libraries_alone()\n", True, True), ("", False, False)]
)
def test_collections_wait_until_the_libraries_are_loaded(*, begin: str, waits: bool, leaves_alone: bool) -> None:
    """A process of `lac` collects nothing before, and what was made before never; another process stays as it is."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(begin=begin)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(waits), str(leaves_alone), "True"]
