"""`lac init` writes what cannot be guessed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from lac_pipeline.settings import ENV_FILE, Settings, export
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac, run_lac


@pytest.mark.usefixtures("nothing_set")
def test_init_without_a_terminal(tmp_path: Path) -> None:
    """Without a terminal there is no prompt: the key and the first day are made, the to-do names what is missing."""
    result = run_lac("init")
    assert result.code == 0, result.error
    lines = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert lines["LINKEDIN_CLIENT_ID"] == lines["LINKEDIN_CLIENT_SECRET"] == ""
    assert Fernet(lines["LAC_SECRET_KEY"])
    assert lines["LAC_START_DATE"] < "2100"
    assert "1. put LINKEDIN_CLIENT_ID into .env" in result.out
    assert "6. lac up" in result.out
    assert lines["LAC_SECRET_KEY"] not in result.out


@pytest.mark.usefixtures("nothing_set")
def test_init_file_is_private(tmp_path: Path) -> None:
    """The file is readable by its owner alone, and no draft of it is left."""
    run_lac("init")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


@pytest.mark.usefixtures("nothing_set")
def test_init_never_overwrites(tmp_path: Path) -> None:
    """What a person wrote stays byte for byte; only what is missing or empty is filled."""
    mine = (
        "# mine\nLINKEDIN_CLIENT_ID=86abc\nLINKEDIN_CLIENT_SECRET='x y'\nLAC_SECRET_KEY=\nDATABASE_URL=postgresql://h/d"
    )
    (tmp_path / ".env").write_text(mine)
    run_lac("init")
    text = (tmp_path / ".env").read_text()
    assert text.splitlines()[:3] == mine.splitlines()[:3]
    assert text.count("LAC_SECRET_KEY=") == 1
    assert Fernet(text.partition("LAC_SECRET_KEY=")[2].splitlines()[0])
    assert Settings.load().linkedin_client_secret.get_secret_value() == "x y"


@pytest.mark.usefixtures("nothing_set")
def test_init_twice_changes_nothing(tmp_path: Path) -> None:
    """A second `lac init` leaves the file as it is, the key above all."""
    run_lac("init")
    once = (tmp_path / ".env").read_bytes()
    assert "nothing was changed" in run_lac("init").out
    assert (tmp_path / ".env").read_bytes() == once


def test_init_again_lists_only_what_is_missing(lac: Lac, world: World) -> None:
    """With everything set, a migrated database and a token, what is left is to look and to start."""
    export({ENV_FILE: ".env"})
    lac("init")
    again = lac("init").out
    assert "lac migrate" not in again
    assert "1. lac auth login" in again
    export({"LINKEDIN_ACCESS_TOKEN": world.token})
    assert "1. lac doctor" in lac("init").out


@pytest.mark.usefixtures("nothing_set")
def test_init_lists_no_sign_in_where_a_token_is_given(tmp_path: Path) -> None:
    """Settings that `lac simulator` printed, or a token of LinkedIn's own tool, need no sign-in."""
    (tmp_path / ".env").write_text("LINKEDIN_CLIENT_ID=86abc\nLINKEDIN_CLIENT_SECRET=x\nLINKEDIN_ACCESS_TOKEN=AQX\n")
    printed = run_lac("init").out
    assert "1. lac migrate" in printed
    assert "auth login" not in printed


def test_init_says_that_sign_in_requests_more(lac: Lac) -> None:
    """Where a chosen stream has an OAuth scope of its own, the step names it, and the setting without it."""
    export({ENV_FILE: ".env", "LAC_STREAMS": "default,lead_form_responses"})
    (step,) = [line for line in lac("init").out.splitlines() if "auth login" in line]
    assert "r_marketing_leadgen_automation for lead_form_responses" in step
    assert step.endswith("LAC_STREAMS=default")


@pytest.mark.usefixtures("nothing_set")
def test_init_leaves_the_environments_settings_there(tmp_path: Path) -> None:
    """A value that the environment has is neither prompted for nor copied into the file."""
    export({"LINKEDIN_CLIENT_ID": "86abc", "LINKEDIN_CLIENT_SECRET": "s3cret", "LAC_SECRET_KEY": "given"})
    result = run_lac("init")
    assert (tmp_path / ".env").read_text().startswith("LAC_START_DATE=")
    assert "1. lac migrate" in result.out
