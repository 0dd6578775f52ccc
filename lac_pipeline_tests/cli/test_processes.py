"""The processes that `lac up` starts: what is shown of one that ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from lac_pipeline.commands.stack.processes import Processes
from lac_pipeline.errors import LacError

COLOURED = "print('\\x1b[31mERROR\\x1b[0m - no such table'); raise SystemExit(3)"


def test_what_a_process_printed_last_is_shown_without_colour_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster colours its log, also where no terminal shows it; an error is plain text."""
    (tmp_path / "coloured.py").write_text(COLOURED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Processes(tmp_path / "logs") as processes:
        processes.start("webserver", ["coloured"])
        with pytest.raises(LacError) as ended:
            processes.await_url("webserver", "http://127.0.0.1:1")
    assert ended.value.summary == "webserver has stopped (exit status 3)"
    assert ended.value.detail == "ERROR - no such table"
