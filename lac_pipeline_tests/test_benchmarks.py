"""The benchmarks run to their end; what they measure is judged on a quiet machine, not here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = {
    "api_calls": ("--streams",),
    "memory": ("--days", "2"),
    "replay": ("--rounds", "1", "--days", "5"),
    "scaling": ("--accounts", "3", "--campaigns", "4", "--creatives", "8", "--days", "5"),
    "thousand_accounts": ("--accounts", "3", "--minutes", "0.1", "--ticks", "4"),
    "validate": ("500",),
}
"""The arguments with which a benchmark takes less time; the others have none."""
TEXTS = {path.stem: path.read_text() for path in (ROOT / "benchmarks").glob("*.py")}
BENCHMARKS = sorted(
    name
    for name, code in TEXTS.items()
    if '__name__ == "__main__"' in code and not any(f'"benchmarks.{name}"' in other for other in TEXTS.values())
)
"""Those that a person starts; others are started by these, with what they have prepared."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_to_its_end(name: str) -> None:
    """It prints its figures and exits 0, or 1 where this machine does not keep what it promises."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *SMALL.get(name, ())]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    assert "Traceback" not in ended.stderr
    assert ended.returncode in {0, 1}, ended.stderr
    assert ended.stdout
