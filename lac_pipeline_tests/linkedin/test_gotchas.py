"""The documentation of LinkedIn's behaviour, and of the simulator's, names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {"linkedin.md": 60, "simulator.md": 90}
"""The pages, and how many tests each names at least."""


@pytest.mark.parametrize("page", PAGES)
def test_every_gotcha_is_pinned_by_a_test_that_exists(page: str) -> None:
    """A test that is renamed or dropped must leave the page too."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / page).read_text(encoding="utf-8")))
    files = (ROOT / "lac_pipeline_tests").rglob("test_*.py")
    written = set(re.findall(r"def (test_\w+)\(", "".join(path.read_text(encoding="utf-8") for path in files)))
    assert len(named) >= PAGES[page]
    assert sorted(named - written) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_gotcha_is_without_a_test(page: str) -> None:
    """Each line of a table that names tests names one."""
    tables = re.split(r"\n\n", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    pinned = [table for table in tables if re.match(r"\|.*\| (Pinned|Shown) by \|\n", table)]
    lines = [line for table in pinned for line in table.splitlines()[2:]]
    assert len(lines) > 30
    assert [line for line in lines if "`test_" not in line.split("|")[-2]] == []
