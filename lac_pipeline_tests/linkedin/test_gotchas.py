"""The documentation of LinkedIn's behaviour names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_gotcha_is_held_by_a_test_that_exists() -> None:
    """A test that is renamed or dropped must leave docs/linkedin.md too."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "linkedin.md").read_text(encoding="utf-8")))
    written = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert len(named) > 30
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
