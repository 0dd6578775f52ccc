"""Hints name the command as it can be typed again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lac_pipeline.cli.terminal import called, recalled
from lac_pipeline.home import DEMO_HOME, DEMO_SETTINGS
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


@pytest.mark.parametrize(
    ("text", "typed_here"),
    [
        ("run `lac migrate`", "run `./lac --demo migrate`"),
        ("`lac sync --account 5` or `lac status`", "`./lac --demo sync --account 5` or `./lac --demo status`"),
        ("`lac --demo psql`", "`./lac --demo psql`"),
        (
            "start it with `lac demo`; `lac init` writes `.env`",
            "start it with `./lac demo`; `./lac init` writes `.env`",
        ),
        ("`lacquer` and lac status", "`lacquer` and lac status"),
    ],
)
def test_a_fix_of_a_command_about_the_demo_is_about_the_demo(text: str, typed_here: str) -> None:
    """Beside real settings, the command of a fix would read or write the real database."""
    assert recalled(text, name="./lac", of_demo="./lac --demo") == typed_here


def test_the_next_step_of_a_command_about_the_demo(database_url: str, tmp_path: Path) -> None:
    """A demo that has no tables yet is migrated by `lac --demo migrate`, whatever database `.env` names."""
    settings = {"LINKEDIN_CLIENT_ID": "86abc", "LINKEDIN_CLIENT_SECRET": "s3cret", "DATABASE_URL": database_url}
    (tmp_path / DEMO_HOME).mkdir(parents=True)
    (tmp_path / DEMO_SETTINGS).write_text(json.dumps(settings))
    with typed("lac", "--demo", "status", folder=tmp_path, variables={"PATH": "/usr/bin:/bin"}) as person:
        assert person.end() == 1
    assert "run `python -m lac_pipeline --demo migrate`" in person.text


def test_an_errors_fix_is_typed_like_the_command(tmp_path: Path) -> None:
    """Where `lac` is not in PATH, the fix begins with what was typed."""
    with typed("lac", "status", folder=tmp_path, variables={"PATH": "/usr/bin:/bin"}) as person:
        assert person.end() == 1
    assert "`python -m lac_pipeline init` writes a .env" in person.text
