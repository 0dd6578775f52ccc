"""What runs print is kept for the UI, and shown in the terminal as well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PRINTING = """
import os, sys
from lac_pipeline.defs.compute_logs import ShieldedComputeLogManager
manager = ShieldedComputeLogManager(sys.argv[1])
with manager.capture_logs(["run", "compute_logs", "step"]):
    print("by Python")
    sys.stdout.flush()
    os.write(1, b"by a library in C\\n")
    print("a fault", file=sys.stderr)
print("afterwards")
"""


def test_what_is_captured_is_printed_too(tmp_path: Path) -> None:
    """Both streams are in their files to the last line, and where they would have gone without them."""
    printed = subprocess.run([sys.executable, "-c", PRINTING, tmp_path], capture_output=True, text=True, check=True)
    captured = "by Python\nby a library in C\n"
    assert printed.stdout == f"{captured}afterwards\n"
    assert printed.stderr == "a fault\n"
    assert {file.name: file.read_text() for file in tmp_path.rglob("step.*")} == {
        "step.out": captured,
        "step.err": "a fault\n",
        "step.complete": "",
    }


def test_a_closed_terminal_ends_no_run(tmp_path: Path) -> None:
    """A run goes on, and its log is kept, when its terminal is closed."""
    command = [sys.executable, "-c", PRINTING.replace('print("afterwards")', ""), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 0
    assert [file.read_text() for file in tmp_path.rglob("step.out")] == ["by Python\nby a library in C\n"]


def test_a_line_is_shown_while_the_run_goes_on(tmp_path: Path) -> None:
    """What a run prints is in the terminal before the run ends."""
    waiting = PRINTING.replace('    print("a fault"', '    sys.stdin.readline()\n    print("a fault"')
    command = [sys.executable, "-c", waiting, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "by Python\n"
        print("go on", file=process.stdin, flush=True)
        assert process.stdout.read() == "by a library in C\nafterwards\n"
    assert process.returncode == 0
