"""Settings: all validated at once, each failure named with its fix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from sqlalchemy import make_url

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ConfigError, SettingsError
from lac_pipeline.home import DEMO_SETTINGS, HISTORY
from lac_pipeline.postgres.url import checked_database_url, read_url, server_url, write_url
from lac_pipeline.setting_faults import allowed_words
from lac_pipeline.settings import ENV_FILE, Settings


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


@pytest.mark.parametrize("started", [True, False])
def test_where_nothing_is_set_the_demo_of_the_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, started: bool
) -> None:
    """After the demo was stopped its data are still there, and the error shows how to reach them."""
    for name in ("LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET", "LAC_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    if started:
        DEMO_SETTINGS.parent.mkdir(parents=True)
        DEMO_SETTINGS.write_text("{}")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert ("`lac --demo status`" in str(caught.value)) == started


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LINKEDIN_API_VERSION", "202613", "'202613' is not a version of the Marketing API"),
        (
            "LINKEDIN_API_URL",
            "api.linkedin.com",
            "'api.linkedin.com' is not a URL that begins with http:// or https://",
        ),
        ("FRESHNESS_TTL_MINUTES", "0", "'0' is not a whole number from 1 to 100000"),
        ("FRESHNESS_TTL_MINUTES", "soon", "'soon' is not a whole number from 1 to 100000"),
        ("LAC_START_DATE", "2026-02-30", "'2026-02-30' is not a day of the calendar, such as 2026-01-31"),
        ("LAC_ACCOUNT_IDS", "510000001,abc", "'abc' is not the number of an ad account"),
        ("LAC_CAMPAIGN_DEMOGRAPHICS_CALLS", "-1", "'-1' is not a whole number of at least 1"),
        ("LAC_LEAD_ANSWERS", "perhaps", "'perhaps' is not true or false"),
        ("LAC_RUN_RETENTION_DAYS", "1.5", "'1.5' is not a whole number from 0 to 3650"),
        ("LINKEDIN_MAX_CONCURRENCY", "\x1b[31m4", "'\\x1b[31m4' is not a whole number from 1 to 64"),
        ("LINKEDIN_REQUESTS_PER_SECOND", "nan", "'nan' is not a number above 0 and of at most 100"),
        ("LINKEDIN_REQUESTS_PER_SECOND", "1e999", "'1e999' is not a number above 0 and of at most 100"),
        ("LAC_STREAMS", "default,campain_groups", "did you mean campaign_groups"),
        ("LAC_METRICS", "impresions", "did you mean impressions"),
        ("LAC_MEMBER_PIVOTS", "MEMBER_COMPANI", "did you mean MEMBER_COMPANY"),
        ("LAC_BREAKDOWNS", "IMPRESION_DEVICE_TYPE", "did you mean IMPRESSION_DEVICE_TYPE"),
        ("DATABASE_URL", "mysql://db/x", "must begin with postgresql://"),
        ("LOG_LEVEL", "LOUD", "'LOUD' is not DEBUG, INFO, WARNING or ERROR"),
        ("POSTGRES_PORT", "70000", "'70000' is not a whole number from 1 to 65535"),
        ("POSTGRES_PORT", "abc", "'abc' is not a whole number from 1 to 65535"),
        ("POSTGRES_PORT", "9" * 5000, "a value of 5000 characters is not a whole number from 1 to 65535"),
    ],
)
def test_a_wrong_setting_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """The error names the variable, says what is wrong with it, and never shows a traceback's worth of it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"wrong setting: {name}") as caught:
        Settings.load()
    assert f"{name}: " in str(caught.value)
    assert says in str(caught.value)


def test_every_setting_that_is_no_text_names_what_it_may_be() -> None:
    """No refusal is left to the words of a library: a number, a day, a choice, and a text of a certain form."""
    texts = {str, SecretStr, Path, NoneType}
    for name, field in Settings.model_fields.items():
        kinds = {get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in options_of(field.annotation)}
        patterns = "pattern=" in f"{field.annotation}{field.metadata}"
        assert (allowed_words(field) is None) == (kinds <= texts and not patterns), name


def options_of(kind: object) -> tuple[object, ...]:
    """The types of a union, or the one type."""
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("POSTGRES_PORT", "correct POSTGRES_PORT in .env or the environment, or remove it; the default is 5432"),
        ("LAC_LEAD_ANSWERS", "correct LAC_LEAD_ANSWERS in .env or the environment, or remove it; the default is false"),
        ("LAC_START_DATE", "correct LAC_START_DATE in .env or the environment, or remove it"),
    ],
)
def test_the_fix_of_a_wrong_setting_names_its_default(monkeypatch: pytest.MonkeyPatch, name: str, fix: str) -> None:
    """What has a default may also be removed."""
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert [fault.fix for fault in caught.value.faults] == [fix]


@pytest.mark.parametrize("value", ["ftp://lac:hunter2@files/raw", f"AQX{'x' * 300}"])
def test_what_may_hold_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A URL with a login, or a token in the wrong place, is described by its length."""
    monkeypatch.setenv("LINKEDIN_API_URL", value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert f"a value of {len(value)} characters is not a URL" in str(caught.value)
    assert value[:9] not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://lac:hunter@2@db/ads", "seems to hold @: in a user or password write @ as %40"),
        ("postgresql://lac:hunter/2@db/ads", "seems to hold /"),
        ("postgresql://lac:hunter?2@db/ads", "seems to hold ?"),
        ("postgresql://lac:hunter2@db", "names no database"),
        ("postgresql://lac:hunter2@db:5432/?sslmode=require", "names no database"),
        ("postgresql://lac:hunter2@db:fivefour/ads", "a port number must follow"),
        ("postgresql://lac:hunter2:db/ads", "an @ has to follow them"),
        ("postgresql://lac:hunter[2@db/ads", "cannot be read; in a user or password write @ as %40"),
        ("postgresql://lac:hunter@db/2@db/ads?sslmode=require", "seems to hold /"),
    ],
)
def test_a_database_url_that_is_misread_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, says: str) -> None:
    """What a URL would be taken for in error is named, with how to write it, and no part of the password is shown."""
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ConfigError, match="wrong setting: DATABASE_URL") as caught:
        Settings.load()
    assert says in str(caught.value)
    assert "hunter" not in str(caught.value)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_an_encoded_password_is_never_refused(password: str) -> None:
    """Percent-encoded, every password makes a URL that is accepted and read back whole."""
    url = checked_database_url(f"postgresql://lac:{quote(password, safe='')}@db:5432/ads?sslmode=require")
    assert make_url(url).password == password


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
HOSTS = ["db.example.com", "10.0.0.7", "::1", "/run/a b/pg", "@lac"]


def connection_parameters(text: str) -> dict[str, object]:
    """What SQLAlchemy, and so Dagster, hands to libpq for this URL."""
    url = make_url(text)
    _, parameters = url.get_dialect()().create_connect_args(url)
    return {name: str(value) for name, value in parameters.items()}


@given(user=TEXT, password=TEXT, database=TEXT, host=st.sampled_from(HOSTS), options=st.none() | TEXT)
def test_a_url_of_any_parts_is_read_alike_by_all(
    user: str, password: str, database: str, host: str, options: str | None
) -> None:
    """We, SQLAlchemy's drivers and libpq read the same login, place, database and options from a URL that we write."""
    url = server_url(host=host, port=5433, user=user, password=password, database=database)
    url = url.update_query_dict({"options": options} if options else {})
    meant = {"user": user, "password": password, "dbname": database, "host": host, "port": "5433"}
    meant |= {"options": options} if options else {}
    written = write_url(url)
    assert read_url(written) == url
    assert connection_parameters(write_url(url.set(drivername="postgresql+psycopg2"))) == meant
    assert conninfo_to_dict(written) == meant


def test_one_line_for_each_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding stands on a line of its own, and so does each fix, below the first."""
    monkeypatch.delenv("LINKEDIN_CLIENT_ID")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    lines = str(caught.value).splitlines()
    assert lines[1] == "  why:    LINKEDIN_CLIENT_ID is not set"
    assert lines[2] == "          LOG_LEVEL: 'LOUD' is not DEBUG, INFO, WARNING or ERROR"
    assert lines[3].startswith("  fix:    put LINKEDIN_CLIENT_ID into .env")
    assert lines[4] == "          correct LOG_LEVEL in .env or the environment, or remove it; the default is INFO"
    assert max(map(len, lines)) <= 120


def test_all_wrong_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person corrects the file once, not once per mistake."""
    monkeypatch.setenv("LINKEDIN_API_VERSION", "x")
    monkeypatch.setenv("LAC_LOOKBACK_DAYS", "-1")
    with pytest.raises(SettingsError, match="LINKEDIN_API_VERSION, LAC_LOOKBACK_DAYS") as caught:
        Settings.load()
    version, days = caught.value.faults
    assert (version.name, days.name) == ("LINKEDIN_API_VERSION", "LAC_LOOKBACK_DAYS")
    assert (days.reason, days.fix) == tuple(
        f"{part}".splitlines()[1] for part in (caught.value.meaning, caught.value.fix)
    )


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


def test_a_blank_before_the_archives_url_makes_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The raw archive is in the bucket that is named, and not in a folder of its name."""
    monkeypatch.setenv("LAC_RAW_URL", " s3://bucket/raw")
    assert Settings.load().raw_url == "s3://bucket/raw"


def test_the_start_date_is_chosen_once(tmp_path: Path) -> None:
    """Without LAC_START_DATE the history begins 90 days before the first start, and stays there."""
    first = Settings.load().start_date
    assert first == utc_now().date() - HISTORY
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
            {"POSTGRES_HOST": "/run/pg", "POSTGRES_USER": "a@b", "POSTGRES_DB": "my ads", "POSTGRES_PORT": "5433"},
            "postgresql+psycopg://a%40b@/?host=/run/pg&port=5433&dbname=my%20ads",
            "postgresql+psycopg2://a%40b@/dagster?host=/run/pg&port=5433",
        ),
        (
            {"POSTGRES_HOST": "[::1]", "DAGSTER_POSTGRES_DB": "50% dagster"},
            "postgresql+psycopg://lac@[::1]:5432/linkedin_ads",
            "postgresql+psycopg2://lac@[::1]:5432/?dbname=50%25%20dagster",
        ),
        (
            {"DATABASE_URL": "postgresql://u:p@db/my%20ads?options=-c%20role%3Dx&sslrootcert=/etc/ca/root.crt"},
            "postgresql+psycopg://u:p@db/?options=-c%20role%3Dx&sslrootcert=/etc/ca/root.crt&dbname=my%20ads",
            "postgresql+psycopg2://u:p@db/dagster?options=-c%20role%3Dx&sslrootcert=/etc/ca/root.crt",
        ),
        (
            {"DATABASE_URL": "postgresql:///?dbname=ads&host=/run/pg&user=me@corp"},
            "postgresql+psycopg:///ads?host=/run/pg&user=me%40corp",
            "postgresql+psycopg2:///dagster?host=/run/pg&user=me%40corp",
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
