"""Settings: all validated at once, each failure named with its fix."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lac_pipeline.errors import ConfigError
from lac_pipeline.settings import ENV_FILE, HISTORY, Settings


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test starts with the two settings that must be there, and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(ENV_FILE, "")
    monkeypatch.setenv("LAC_HOME", str(tmp_path))
    monkeypatch.setenv("LINKEDIN_CLIENT_ID", "86abc")
    monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", "s3cret")


def test_config_missing_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LINKEDIN_CLIENT_ID nothing starts; the error names it and says where to get it."""
    monkeypatch.delenv("LINKEDIN_CLIENT_ID")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert str(caught.value).splitlines()[0] == "missing setting: LINKEDIN_CLIENT_ID"
    assert "put LINKEDIN_CLIENT_ID into .env" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LINKEDIN_API_VERSION", "202613", "pattern"),
        ("LINKEDIN_API_URL", "api.linkedin.com", "pattern"),
        ("FRESHNESS_TTL_MINUTES", "0", "greater than or equal to 1"),
        ("FRESHNESS_TTL_MINUTES", "soon", "valid integer"),
        ("LAC_START_DATE", "2026-02-30", "valid date"),
        ("LAC_ACCOUNT_IDS", "510000001,abc", "valid integer"),
        ("LAC_METRICS", "impresions", "did you mean impressions"),
        ("DATABASE_URL", "mysql://db/x", "must begin with postgresql://"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("POSTGRES_PORT", "70000", "65535"),
    ],
)
def test_a_wrong_setting_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """The error names the variable, says what is wrong with it, and never shows a traceback's worth of it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"wrong setting: {name}") as caught:
        Settings.load()
    assert says in str(caught.value)


def test_all_wrong_settings_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person corrects the file once, not once per mistake."""
    monkeypatch.setenv("LINKEDIN_API_VERSION", "x")
    monkeypatch.setenv("LAC_LOOKBACK_DAYS", "-1")
    with pytest.raises(ConfigError, match="LINKEDIN_API_VERSION, LAC_LOOKBACK_DAYS"):
        Settings.load()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings' text nor an error about them carries a secret."""
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "AQX-very-secret")
    assert "very-secret" not in repr(Settings.load())
    assert "s3cret" not in repr(Settings.load())
    monkeypatch.setenv("DATABASE_URL", "mysql://lac:hunter2@db/x")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert "hunter2" not in str(caught.value)


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.env` gives what the environment does not."""
    file = tmp_path / "settings.env"
    file.write_text("LAC_LOOKBACK_DAYS=7\nLAC_RESTATEMENT_DAYS=30\n")
    monkeypatch.setenv(ENV_FILE, str(file))
    monkeypatch.setenv("LAC_LOOKBACK_DAYS", "5")
    settings = Settings.load()
    assert (settings.lac_lookback_days, settings.lac_restatement_days) == (5, 30)


def test_the_start_date_is_chosen_once(tmp_path: Path) -> None:
    """Without LAC_START_DATE the history begins 90 days before the first start, and stays there."""
    first = Settings.load().start_date
    assert first == datetime.now(UTC).date() - HISTORY
    (tmp_path / "start_date").write_text("2026-01-05\n")
    assert Settings.load().start_date == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("variables", "warehouse", "dagster"),
    [
        ({}, None, None),
        (
            {"POSTGRES_HOST": "db", "POSTGRES_PASSWORD": "p@ss/word"},
            "postgresql+psycopg://lac:p%40ss%2Fword@db:5432/linkedin_ads",
            "postgresql+psycopg2://lac:p%40ss%2Fword@db:5432/dagster",
        ),
        (
            {"DATABASE_URL": "postgresql://u:p@db:5433/ads?sslmode=require", "POSTGRES_HOST": "other"},
            "postgresql+psycopg://u:p@db:5433/ads?sslmode=require",
            "postgresql+psycopg2://u:p@db:5433/dagster?sslmode=require",
        ),
        (
            {"DATABASE_URL": "postgres://u@/ads?host=/run/pg"},
            "postgresql+psycopg://u@/ads?host=/run/pg",
            "postgresql+psycopg2://u@/dagster?host=/run/pg",
        ),
    ],
)
def test_database_urls(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], warehouse: str | None, dagster: str | None
) -> None:
    """DATABASE_URL wins over POSTGRES_*; Dagster's database is on the same server; neither means the embedded one."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert (settings.warehouse_url, settings.dagster_url) == (warehouse, dagster)
