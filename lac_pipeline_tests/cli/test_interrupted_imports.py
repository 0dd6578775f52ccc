"""Ctrl-C while a command loads its libraries."""

from __future__ import annotations

import os
import subprocess
import sys

IMPORTS = """
import signal, sys

class Library:
    def find_spec(self, name, *_):
        if name == "sqlalchemy":
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt as interrupt:
                raise ValueError("a schema could not be built") from interrupt

sys.meta_path.insert(0, Library())
sys.argv = ["lac", "status"]
from lac_pipeline.cli import main
main()
"""
"""As of pydantic, which takes an interrupt that comes while it builds the validator of a model for an error of it."""


def test_what_a_library_makes_of_an_interrupt_is_no_failure() -> None:
    """The command says that it was interrupted, and exits 130."""
    ended = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        env=os.environ | {"DATABASE_URL": "postgresql://lac@127.0.0.1:1/lac"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "interrupted; what was not finished left nothing behind\n"
