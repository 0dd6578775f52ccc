"""`lac doctor` finds everything that is wrong at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.schema import DropSchema

from lac_pipeline.settings import ENV_FILE, export
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.check_results import Check, CheckState, NotCompared
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.reconciliation import NOT_YET
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import Lac, run_lac


def test_doctor_finds_nothing_wrong(signed_in: Lac, settings_given: dict[str, str]) -> None:
    """Where all is well, every subject is ok, the exit status is 0, and no secret is shown."""
    result = signed_in("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(result.out)}
    assert {name: finding for name, finding in findings.items() if finding["state"] not in ("ok", "warning")} == {}
    assert result.code == 0
    assert "520000001" in findings["ad accounts"]["found"]
    assert findings["LINKEDIN_CLIENT_SECRET"]["found"] == "********  (environment)"
    assert findings["LAC_LOOKBACK_DAYS"]["found"] == "3  (default)"
    assert findings["daemon"]["state"] == "warning"
    for secret in ("LINKEDIN_CLIENT_SECRET", "LAC_SECRET_KEY"):
        assert settings_given[secret] not in result.out


def test_doctor_shows_all_failures_at_once(lac: Lac, tmp_path: Path) -> None:
    """No database, a dead API version, an archive that cannot be written: all are found, each with its fix."""
    (tmp_path / "file").write_text("")
    export(
        {
            "DATABASE_URL": "postgresql://lac@127.0.0.1:1/none",
            "LINKEDIN_API_VERSION": "202508",
            "LAC_RAW_URL": str(tmp_path / "file" / "raw"),
        }
    )
    result = lac("doctor", "--json")
    failed = {finding["subject"]: finding for finding in json.loads(result.out) if finding["state"] == "failed"}
    assert set(failed) == {"database", "API version", "raw archive"}
    assert all(finding["fix"] for finding in failed.values())
    assert result.code == 1


def test_doctor_without_a_token(lac: Lac) -> None:
    """Without a sign-in the token fails with the command that fixes it, and the rest is checked."""
    result = lac("doctor")
    assert result.code == 1
    assert "FAIL  token" in result.out
    assert "run `lac auth login`" in result.out
    assert "ok    Dagster instance" in result.out


def test_doctor_names_streams_that_the_token_does_not_open(lac: Lac, world: World) -> None:
    """Each stream that needs another OAuth scope than the token has is named, with what to do."""
    access, _ = world.authorize(("r_ads",))
    export({"LINKEDIN_ACCESS_TOKEN": access})
    findings = [finding for finding in json.loads(lac("doctor", "--json").out) if finding["subject"] == "OAuth scopes"]
    reports = [stream for stream in STREAMS.chosen("default") if stream.report is not None]
    left = {False: ("failed", "cannot be loaded"), True: ("warning", "is skipped")}
    expected = [(*left[stream.spared], stream.name) for stream in reports]
    assert [(finding["state"], finding["found"]) for finding in findings] == [
        (state, f"{name} needs the OAuth scope r_ads_reporting, and {then}") for state, then, name in expected
    ]


def test_doctor_names_days_that_were_not_compared(signed_in: Lac, engine: Engine) -> None:
    """What a run that ended between load and check left is a warning, with the command that compares it."""
    signed_in("plan", "--account", "520000001")  # which makes it known
    days = DateWindow(date(2026, 11, 1), date(2026, 11, 4))
    asset, reason = "campaign_daily_metrics", NotCompared(NOT_YET)
    CheckStates(engine).record(
        [CheckState(Check.RECONCILIATION, asset, 520000001, None, reason, days, run_id="killed")]
    )
    result = signed_in("doctor", "--json")
    [finding] = [load for load in json.loads(result.out) if load["subject"] == "numbers"]
    assert (result.code, finding["state"]) == (0, "warning")
    assert f"{days}, {asset}, reconciliation: not compared with LinkedIn's totals" in finding["found"]
    assert "lac sync --account 520000001 --since 2026-11-01 --until 2026-11-03 --force" in finding["fix"]


def test_doctor_on_an_empty_database(signed_in: Lac, engine: Engine) -> None:
    """A database without the schema is named, with `lac migrate`."""
    with engine.begin() as connection:
        connection.execute(DropSchema(SCHEMA, cascade=True))
    result = signed_in("doctor")
    assert result.code == 1
    assert "run `lac migrate`" in result.out


@pytest.mark.usefixtures("nothing_set")
def test_doctor_and_sync_name_lead_answers_that_are_not_loaded(lac: Lac) -> None:
    """Lead answers come with their stream alone, and who allows them without it reads so."""
    export({"LAC_LEAD_ANSWERS": "true"})
    found = json.loads(lac("doctor", "--json").out)
    (idle,) = [each for each in found if each["subject"] == "LAC_LEAD_ANSWERS" and each["state"] != "ok"]
    assert (idle["state"], "add lead_form_responses to LAC_STREAMS" in idle["fix"]) == ("warning", True)
    assert "LAC_LEAD_ANSWERS=true has no effect" in lac("sync", "--account", "all").error
    assert "requests the OAuth scope" not in str(found)
    export({"LAC_STREAMS": "all"})
    found = json.loads(lac("doctor", "--json").out)
    assert [each["state"] for each in found if each["subject"] == "LAC_LEAD_ANSWERS"] == ["ok"]
    (wider,) = [each["found"] for each in found if each["subject"] == "sign-in"]
    assert "r_marketing_leadgen_automation for lead_form_responses" in wider


def test_doctor_with_wrong_settings() -> None:
    """Each wrong setting is a finding with its own fix, and what depends on them is named as skipped."""
    export({"LOG_LEVEL": "LOUD"})
    result = run_lac("doctor", "--json")
    assert result.code == 1
    failed = {finding["subject"]: finding["fix"] for finding in json.loads(result.out) if finding["state"] == "failed"}
    assert list(failed) == ["LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET", "LOG_LEVEL"]
    assert failed["LOG_LEVEL"] == "correct LOG_LEVEL in .env or the environment, or remove it; the default is INFO"
    result = run_lac("doctor")
    assert "skip  everything else" in result.out


def test_doctor_without_any_settings_names_lac_init() -> None:
    """Where nothing is set yet, the fix is `lac init`; where a setting is only wrong, it is not."""
    (rest,) = [found for found in json.loads(run_lac("doctor", "--json").out) if found["state"] == "skipped"]
    assert "lac init" in rest["fix"]
    export({"LINKEDIN_CLIENT_ID": "86abc", "LINKEDIN_CLIENT_SECRET": "s3cret", "LOG_LEVEL": "LOUD"})
    (rest,) = [found for found in json.loads(run_lac("doctor", "--json").out) if found["state"] == "skipped"]
    assert rest["fix"] == "fix the settings first"


def test_doctor_sees_a_readable_env_file(signed_in: Lac, tmp_path: Path) -> None:
    """A `.env` that others may read is a warning with the command that fixes it."""
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=INFO\n")
    file.chmod(0o644)
    export({ENV_FILE: str(file)})
    result = signed_in("doctor")
    assert f"fix: chmod 600 {file}" in result.out
    assert "INFO  (.env)" in result.out
