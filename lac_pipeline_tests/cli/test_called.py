"""Hints name the command as it can be typed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lac_pipeline.cli.terminal import called
from lac_pipeline_tests.cli.terminal import terminal as typed


@pytest.mark.parametrize(
    ("program", "found", "name"),
    [
        (".venv/bin/lac", None, ".venv/bin/lac"),
        (".venv/bin/lac", "/usr/bin/lac", ".venv/bin/lac"),
        ("/usr/bin/lac", "/usr/bin/lac", "lac"),
        ("/src/lac_pipeline/__main__.py", None, "python -m lac_pipeline"),
        ("/src/lac_pipeline/__main__.py", "/usr/bin/lac", "lac"),
        ("/usr/bin/pytest", None, "lac"),
    ],
)
def test_the_name_is_what_can_be_typed(program: str, found: str | None, name: str) -> None:
    """A script that the shell does not find by its name is named by its path."""
    assert called([program, "status"], found=found) == name


def test_an_errors_fix_is_typed_like_the_command(tmp_path: Path) -> None:
    """Where `lac` is not in PATH, the fix begins with what was typed."""
    with typed("lac", "status", folder=tmp_path, variables={"PATH": "/usr/bin:/bin"}) as person:
        assert person.end() == 1
    assert "`python -m lac_pipeline init` writes a .env" in person.text
