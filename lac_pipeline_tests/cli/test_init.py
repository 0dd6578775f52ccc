"""`lac init` writes what cannot be guessed; `lac doctor` finds everything that is wrong at once."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine
from sqlalchemy.schema import DropSchema

from lac_pipeline.settings import ENV_FILE, Settings, export
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline_tests.cli.conftest import Lac, run_lac


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who has just installed the package, in an empty folder."""
    for name in (*Settings.model_fields, ENV_FILE):
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("nothing_set")
def test_init_without_a_terminal(tmp_path: Path) -> None:
    """Without a terminal nothing is asked: the key and the first day are made, the to-do names what is missing."""
    said = run_lac("init")
    assert said.code == 0, said.error
    lines = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert lines["LINKEDIN_CLIENT_ID"] == lines["LINKEDIN_CLIENT_SECRET"] == ""
    assert Fernet(lines["LAC_SECRET_KEY"])
    assert lines["LAC_START_DATE"] < "2100"
    assert "1. put LINKEDIN_CLIENT_ID into .env" in said.out
    assert "6. lac up" in said.out
    assert lines["LAC_SECRET_KEY"] not in said.out


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


@pytest.mark.usefixtures("nothing_set")
def test_init_leaves_the_environments_settings_there(tmp_path: Path) -> None:
    """What the environment gives already is neither asked nor copied into the file."""
    export({"LINKEDIN_CLIENT_ID": "86abc", "LINKEDIN_CLIENT_SECRET": "s3cret", "LAC_SECRET_KEY": "given"})
    said = run_lac("init")
    assert (tmp_path / ".env").read_text().startswith("LAC_START_DATE=")
    assert "1. lac migrate" in said.out


def test_doctor_finds_nothing_wrong(signed_in: Lac, settings_given: dict[str, str]) -> None:
    """Where all is well, every subject is ok, the exit status is 0, and no secret is shown."""
    said = signed_in("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(said.out)}
    assert {name: finding for name, finding in findings.items() if finding["state"] not in ("ok", "warning")} == {}
    assert said.code == 0
    assert "520000001" in findings["ad accounts"]["found"]
    assert findings["LINKEDIN_CLIENT_SECRET"]["found"] == "********  (environment)"
    assert findings["LAC_LOOKBACK_DAYS"]["found"] == "3  (default)"
    assert findings["daemon"]["state"] == "warning"
    for secret in ("LINKEDIN_CLIENT_SECRET", "LAC_SECRET_KEY"):
        assert settings_given[secret] not in said.out


def test_doctor_tells_all_failures_at_once(lac: Lac, tmp_path: Path) -> None:
    """No database, a dead API version, an archive that cannot be written: all are found, each with its fix."""
    (tmp_path / "file").write_text("")
    export(
        {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "LINKEDIN_API_VERSION": "202508",
            "LAC_RAW_URL": str(tmp_path / "file" / "raw"),
        }
    )
    said = lac("doctor", "--json")
    failed = {finding["subject"]: finding for finding in json.loads(said.out) if finding["state"] == "failed"}
    assert set(failed) == {"database", "API version", "raw archive"}
    assert all(finding["fix"] for finding in failed.values())
    assert said.code == 1


def test_doctor_without_a_token(lac: Lac) -> None:
    """Nobody has signed in: the token fails with the command that mends it, and the rest is looked at."""
    said = lac("doctor")
    assert said.code == 1
    assert "FAIL  token" in said.out
    assert "run `lac auth login`" in said.out
    assert "ok    Dagster instance" in said.out


def test_doctor_on_an_empty_database(signed_in: Lac, engine: Engine) -> None:
    """A database without the schema is named, with `lac migrate`."""
    with engine.begin() as connection:
        connection.execute(DropSchema(SCHEMA, cascade=True))
    said = signed_in("doctor")
    assert said.code == 1
    assert "run `lac migrate`" in said.out


@pytest.mark.usefixtures("nothing_set")
def test_doctor_with_wrong_settings() -> None:
    """Each wrong setting is a finding with its own fix, and what depends on them is named as skipped."""
    export({"LOG_LEVEL": "LOUD"})
    said = run_lac("doctor", "--json")
    assert said.code == 1
    failed = {
        finding["found"].partition(" ")[0]: finding["fix"]
        for finding in json.loads(said.out)
        if finding["state"] == "failed"
    }
    assert list(failed) == ["LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET", "LOG_LEVEL:"]
    assert failed["LOG_LEVEL:"] == "correct LOG_LEVEL in .env or the environment"
    said = run_lac("doctor")
    assert "skip  everything else" in said.out


def test_doctor_sees_a_readable_env_file(signed_in: Lac, tmp_path: Path) -> None:
    """A `.env` that others may read is a warning with the command that mends it."""
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=INFO\n")
    file.chmod(0o644)
    export({ENV_FILE: str(file)})
    said = signed_in("doctor")
    assert f"fix: chmod 600 {file}" in said.out
    assert "INFO  (.env)" in said.out
