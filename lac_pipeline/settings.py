"""Every setting, read from the environment and `.env` and validated at once; nothing else reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lac_pipeline.allowed_values import Allowed
from lac_pipeline.errors import ConfigError, UnknownNameError
from lac_pipeline.home import DEMO_SETTINGS, remembered_start
from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION
from lac_pipeline.linkedin.metrics import Metric, allowed, parse_selection
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.postgres.url import checked_database_url, read_url, server_url, write_url
from lac_pipeline.setting_faults import settings_error
from lac_pipeline.setting_types import ApiVersion, Days, DaysOrNever, HttpUrl, LeadAnswersKeptDays, Minutes, WebhookUrl
from lac_pipeline.streams import STREAMS, Catalogue, Report, Stream, declare, reports_chosen_by
from lac_pipeline.streams.custom_reports import read_reports
from lac_pipeline.streams.leads import RESPONSES_KEPT_DAYS

DAYS_OF_MONTH = 31
ENV_FILE = "LAC_ENV_FILE"
"""Names the file to read instead of `.env`; empty: none. `lac demo` reads none, or it would reach for real accounts."""


class Settings(BaseSettings):
    """What a person can set; a name here is the environment variable's, in lower case.

    Raises:
        SettingsError: from `Settings.load()`, naming every setting that is missing or wrong, and the fix.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    linkedin_client_id: str = Field(min_length=1, description="Your LinkedIn app's client id.")
    linkedin_client_secret: SecretStr = Field(min_length=1, description="Your LinkedIn app's client secret.")
    linkedin_redirect_uri: HttpUrl = Field(
        "http://localhost:8765/callback",
        description="Where LinkedIn sends the browser after the sign-in, as registered in your app.",
    )
    linkedin_access_token: SecretStr | None = Field(
        None, description="An access token; it is used instead of the one that `lac auth login` stored."
    )
    linkedin_refresh_token: SecretStr | None = Field(
        None, description="Renews the access token, for apps that have one."
    )
    linkedin_api_url: HttpUrl = Field("https://api.linkedin.com", description="The API's base URL.")
    linkedin_oauth_url: HttpUrl = Field("https://www.linkedin.com", description="The OAuth server's base URL.")
    linkedin_api_version: ApiVersion = Field(DEFAULT_VERSION, description="The Marketing API version, `YYYYMM`.")
    linkedin_requests_per_second: float = Field(
        5.0, gt=0, le=100, description="The most requests a second for one ad account; for all together ten times that."
    )
    linkedin_max_concurrency: int = Field(4, ge=1, le=64, description="How many requests a run may have open at once.")
    linkedin_max_response_mb: int = Field(
        32, ge=1, le=1024, description="The largest response that is read from LinkedIn, in MB, sent or unpacked."
    )

    postgres_host: str | None = Field(
        None, description="The host of a PostgreSQL server; if unset, an embedded server is started."
    )
    postgres_port: int = Field(5432, ge=1, le=65535, description="The server's port.")
    postgres_user: str = Field("lac", description="The role that loads.")
    postgres_password: SecretStr | None = Field(None, description="That role's password.")
    postgres_db: str = Field("linkedin_ads", description="The database that holds schema `linkedin_ads`.")
    database_url: SecretStr | None = Field(None, description="A `postgresql://` URL, used instead of `POSTGRES_*`.")
    dagster_postgres_db: str = Field("dagster", description="Dagster's own database, on the same server.")

    freshness_ttl_minutes: Minutes = Field(240, description="How long entities and metrics stay fresh.")
    demographics_ttl_minutes: Minutes = Field(10_080, description="How long demographics stay fresh: a week.")
    lac_start_date: date | None = Field(
        None, description="The first day that is loaded; if unset, 90 days before the first start."
    )
    lac_lookback_days: Days = Field(3, description="How many days before the last sync a refresh reads again.")
    lac_accounts_per_run: int = Field(10, ge=1, le=100, description="How many accounts may share a run.")
    lac_restatement_days: Days = Field(90, description="How many days back the weekly restatement reads again.")
    lac_run_retention_days: DaysOrNever = Field(
        0,
        description="How many days Dagster keeps a run that is over, if no partition shows it; 0: for ever.",
    )
    lac_account_ids: Annotated[tuple[int, ...], NoDecode, Allowed("the number of an ad account")] = Field(
        (),
        description="The ad accounts that are loaded and reported, separated by commas; if unset, all that the "
        "token can see. Rows of other accounts stay.",
    )
    lac_streams: str = Field(
        "default",
        description="The streams that are loaded: `default`, `all`, or their names separated by commas. A stream "
        "brings the streams that it needs. Rows of other streams stay. `all` includes `lead_form_responses`: its OAuth "
        "scope is given only to apps in LinkedIn's Lead Sync program, and others cannot sign in with it.",
    )
    lac_metrics: str = Field("core", description="`core`, `all`, or LinkedIn's names of metrics separated by commas.")
    lac_member_pivots: str = Field(
        "all", description="The audience splits that are loaded: `all`, or MEMBER_* pivots separated by commas."
    )
    lac_breakdowns: str = Field(
        "IMPRESSION_DEVICE_TYPE",
        description="What `campaign_daily_breakdowns` splits each campaign's days by: LinkedIn's pivots separated by "
        "commas, or `all`. Each costs requests of its own.",
    )
    lac_campaign_demographics: str = Field(
        "",
        validate_default=True,
        description="MEMBER_* pivots by which each campaign is split, a call for each campaign.",
    )
    lac_campaign_demographics_calls: int = Field(
        100, ge=1, description="The most calls for these on a UTC day, in all."
    )
    lac_reports: Path | None = Field(
        None, description="A TOML file that declares reports of your own; each is an asset and a view."
    )
    lac_lead_answers: bool = Field(
        False, description="Whether `lead_form_responses` loads what members filled in too, which is personal data."
    )
    lac_lead_answers_days: LeadAnswersKeptDays = Field(
        RESPONSES_KEPT_DAYS, description="How many days after a lead form was sent its lead answers are deleted."
    )
    lac_raw_url: str | None = Field(None, description="Where raw responses are stored: a folder, `s3://` or `gs://`.")
    lac_home: Path = Field(
        Path(".lac"), description="The folder of the embedded database, the raw archive and Dagster's home."
    )
    lac_secret_key: SecretStr | None = Field(None, description="Encrypts stored tokens; `lac init` makes it.")
    lac_alert_webhook: WebhookUrl | None = Field(
        None, description="An `https://` URL to which alerts are posted as Slack's JSON; if unset, none are sent."
    )
    lac_reader_url: SecretStr | None = Field(
        None, description="`postgresql://` URL of the role that agents read as (`lac mcp`); see `lac grant-reader`."
    )
    lac_documents_url: HttpUrl | None = Field(None, description="Where `LAC_RAW_URL` is served, for links in the UI.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The level from which on messages are logged."
    )

    @field_validator("lac_account_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("lac_streams", "lac_metrics")
    @classmethod
    def _known_names(cls, value: str, info: ValidationInfo) -> str:
        try:
            _ = STREAMS.chosen(value) if info.field_name == "lac_streams" else parse_selection(value)
        except (ConfigError, UnknownNameError) as error:
            raise ValueError(f"{error.summary}; {error.meaning}; {error.fix}") from error
        return value

    @field_validator("lac_member_pivots", "lac_breakdowns", "lac_campaign_demographics")
    @classmethod
    def _known_pivots(cls, value: str, info: ValidationInfo) -> str:
        try:
            for report in reports_chosen_by(str(info.field_name)):
                report.chosen(value, version=info.data.get("linkedin_api_version", DEFAULT_VERSION))
            STREAMS.refuse_unopened(info.data.get("lac_streams", ""), setting=str(info.field_name), value=value)
        except ConfigError as error:
            raise ValueError(f"{error.summary}; {error.fix}") from error
        return value

    @field_validator("lac_reports")
    @classmethod
    def _loadable_reports(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        path = value.expanduser().absolute()
        try:
            read_reports(path, version=info.data.get("linkedin_api_version", DEFAULT_VERSION))
        except ConfigError as error:
            raise ValueError("\n".join(filter(None, (error.summary, error.detail)))) from error
        return path

    @field_validator("database_url", "lac_reader_url")
    @classmethod
    def _postgresql_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            checked_database_url(value.get_secret_value())
        return value

    def model_post_init(self, _context: object, /) -> None:
        """Make the declared reports known by their names in this process, as the streams of the catalogue are."""
        declare(self.reports)

    @classmethod
    def load(cls) -> Self:
        """Read the environment and `.env` in the current folder.

        Raises:
            SettingsError: naming every setting that is missing or wrong.
        """
        try:
            return cls(_env_file=os.environ.get(ENV_FILE, ".env") or None)
        except ValidationError as error:
            raise settings_error(error, cls.model_fields, demo=DEMO_SETTINGS.exists() and not given()) from None

    @cached_property
    def home(self) -> Path:
        """`LAC_HOME` as an absolute path."""
        return self.lac_home.expanduser().resolve()

    @cached_property
    def streams(self) -> Catalogue:
        """The streams that `LAC_STREAMS` names or other settings open, their parents, and those of `LAC_REPORTS`."""
        return STREAMS.chosen(self.lac_streams, opened=STREAMS.opened_by(self)).with_reports(self.reports)

    @cached_property
    def reports(self) -> tuple[Stream, ...]:
        """The reports that the file of `LAC_REPORTS` declares."""
        if self.lac_reports is None:
            return ()
        return read_reports(self.lac_reports, version=self.linkedin_api_version)

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics that `LAC_METRICS` names."""
        return parse_selection(self.lac_metrics)

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """What a load of each report reads: the columns of its metrics, and its pivots where it has several."""
        parts: dict[str, tuple[str, ...]] = {}
        for stream in self.streams:
            if stream.report is not None:
                several = stream.report.pivot_column is not None
                pivots = self.pivots_of(stream.report) if several else ()
                pivots = (stream.report.split,) if stream.report.known_by else pivots
                parts[stream.name] = (*(metric.column for metric in self.metrics_of(stream)), *pivots)
        return parts

    def pivots_of(self, report: Report) -> tuple[str, ...]:
        """The pivots of a report that are read: those that its setting chooses and the API version supports."""
        text = "all" if report.chosen_by is None else str(getattr(self, report.chosen_by.attribute))
        return report.chosen(text, version=self.linkedin_api_version)

    def metrics_of(self, stream: Stream) -> tuple[Metric, ...]:
        """The metrics of a report that are read: those that LinkedIn gives of its own, or else of `LAC_METRICS`.

        Not each of its pivots need have all of them: `Report.reads` says which one has which.

        Raises:
            KeyError: the stream is no report.
        """
        if stream.report is None:
            raise KeyError(stream.name)
        report, days = stream.report, DAYS_OF_MONTH if stream.monthly else 1
        chosen = report.metrics or self.metrics
        read = {
            metric
            for pivot in self.pivots_of(report)
            for metric in allowed(chosen, pivots=report.requested(pivot), version=self.linkedin_api_version, days=days)
            if report.reads(metric, pivot)
        }
        return tuple(metric for metric in chosen if metric in read)

    @cached_property
    def start_date(self) -> date:
        """The first UTC day loaded: `LAC_START_DATE`, or the day that the first start wrote down; it never moves."""
        return self.lac_start_date or remembered_start(self.home / "start_date")

    def excludes(self, account_id: int) -> bool:
        """Whether `LAC_ACCOUNT_IDS` is set and leaves this ad account out: it is not loaded, and its data stay."""
        return bool(self.lac_account_ids) and account_id not in self.lac_account_ids

    @property
    def raw_url(self) -> str:
        """Where the raw archive lives; with a blank before it `s3://bucket` would be a folder."""
        return (self.lac_raw_url or "").strip() or str(self.home)

    @property
    def warehouse_url(self) -> str | None:
        """The warehouse's SQLAlchemy URL for psycopg 3; None where the embedded server is to be used."""
        return self._database(None, "postgresql+psycopg")

    @property
    def dagster_url(self) -> str | None:
        """The URL of Dagster's own storage, which needs psycopg 2; None where the embedded server is to be used."""
        return self._database(self.dagster_postgres_db, "postgresql+psycopg2")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the value of every secret setting."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))

    @property
    def tokens(self) -> Tokens | None:
        """The tokens that the environment gives, if any."""
        if self.linkedin_access_token is None:
            return None
        return Tokens(access=self.linkedin_access_token, refresh=self.linkedin_refresh_token)

    def _database(self, name: str | None, driver: str) -> str | None:
        """The URL of a database of the server: the named one, or that which DATABASE_URL or POSTGRES_DB names."""
        given = _text(self.database_url)
        if given is not None:
            url = read_url(given)
        elif self.postgres_host is not None:
            url = server_url(
                host=self.postgres_host,
                port=self.postgres_port,
                user=self.postgres_user,
                password=_text(self.postgres_password),
                database=self.postgres_db,
            )
        else:
            return None
        return write_url(url.set(drivername=driver, database=name or url.database))


def env_file() -> Path | None:
    """The file that settings are read from beside the environment, whether or not it is there; None: no file."""
    name = os.environ.get(ENV_FILE, ".env")
    return Path(name).absolute() if name else None


def given() -> dict[str, tuple[str, str]]:
    """What the person set, by setting: the value as text, and `environment` or `.env`; the environment wins."""
    file = env_file()
    written = dotenv_values(file) if file is not None and file.exists() else {}
    found: dict[str, tuple[str, str]] = {}
    for values, origin in ((written, ".env"), (os.environ, "environment")):
        found |= {name.upper(): (value, origin) for name, value in values.items() if value}
    return {name.upper(): found[name.upper()] for name in Settings.model_fields if name.upper() in found}


def export(variables: Mapping[str, str]) -> None:
    """Put variables into this process's environment, for Dagster's instance and for the processes started from here."""
    os.environ.update(variables)


def isolate(variables: Mapping[str, str]) -> None:
    """Drop every setting of the person's from this process's environment, and set these instead.

    No `.env` is read, and no proxy is used for this machine's own addresses.
    """
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            os.environ.pop(spelling, None)
    export({**variables, ENV_FILE: "", "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"})


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
